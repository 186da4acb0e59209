from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ClinicPriceProgramme(models.Model):
    """Prices of a company's employees or of an insurer's policies, and who pays."""

    _name = "clinic.price.programme"
    _description = "Price Programme"
    _inherit = ["mail.thread"]
    _order = "sequence, name, id"
    _check_company_auto = True

    name = fields.Char(required=True, tracking=True)
    sequence = fields.Integer(
        default=10, help="Of several programmes of a patient the first that fits holds."
    )
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    kind = fields.Selection(
        [("corporate", "Corporate"), ("insurance", "Insurance")],
        required=True,
        default="corporate",
        tracking=True,
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Payer",
        required=True,
        index=True,
        ondelete="restrict",
        tracking=True,
        domain=[("is_patient", "=", False)],
        help="The employer or insurer: gets the invoices of what the programme covers.",
    )
    contract = fields.Char(help="Number and date of the contract.")
    date_from = fields.Date(
        string="From", required=True, default=fields.Date.context_today, tracking=True
    )
    date_to = fields.Date(string="To", tracking=True, help="Inclusive.")
    branch_ids = fields.Many2many(
        "clinic.branch",
        "clinic_price_programme_branch_rel",
        "programme_id",
        "branch_id",
        string="Branches",
        help="Empty: in every branch.",
    )
    # What it costs
    pricelist_id = fields.Many2one(
        "product.pricelist",
        string="Price List",
        check_company=True,
        index="btree_not_null",
        tracking=True,
        help="Prices of the contract; a service that is not on it costs what it costs "
        "everybody.",
    )
    discount = fields.Float(
        string="Discount, %", digits=(5, 2), tracking=True, aggregator=None
    )
    # What is covered
    service_ids = fields.Many2many(
        "product.product",
        "clinic_price_programme_service_rel",
        "programme_id",
        "service_id",
        string="Covered Services",
        domain=[("is_clinic_service", "=", True)],
        help="Empty, with no categories either: every service.",
    )
    category_ids = fields.Many2many(
        "product.category",
        "clinic_price_programme_categ_rel",
        "programme_id",
        "category_id",
        string="Covered Categories",
    )
    excluded_service_ids = fields.Many2many(
        "product.product",
        "clinic_price_programme_except_rel",
        "programme_id",
        "service_id",
        string="Not Covered",
        domain=[("is_clinic_service", "=", True)],
    )
    coverage = fields.Float(
        string="Payer's Share, %",
        digits=(5, 2),
        default=100.0,
        tracking=True,
        aggregator=None,
        help="The rest is paid by the patient. 0: prices only, the patient pays all.",
    )
    visit_limit = fields.Monetary(
        string="At Most per Visit", help="0: no limit.", tracking=True
    )
    member_limit = fields.Monetary(
        string="At Most per Patient",
        tracking=True,
        help="For the whole time of the membership; 0: no limit.",
    )
    member_visits = fields.Integer(
        string="Visits per Patient",
        tracking=True,
        help="For the whole time of the membership; 0: no limit.",
    )
    member_ids = fields.One2many(
        "clinic.price.programme.member", "programme_id", string="Patients"
    )
    member_count = fields.Integer(compute="_compute_member_count")
    note = fields.Text()

    _period_ok = models.Constraint(
        "CHECK(date_to IS NULL OR date_to >= date_from)",
        "A programme must not end before it begins.",
    )
    _amounts_ok = models.Constraint(
        "CHECK(COALESCE(discount, 0) BETWEEN 0 AND 100"
        " AND COALESCE(coverage, 0) BETWEEN 0 AND 100"
        " AND COALESCE(visit_limit, 0) >= 0 AND COALESCE(member_limit, 0) >= 0"
        " AND COALESCE(member_visits, 0) >= 0)",
        "Percentages lie between 0 and 100, limits are not below zero.",
    )

    def _compute_member_count(self):
        counts = dict(
            self.env["clinic.price.programme.member"]._read_group(
                [("programme_id", "in", self.ids)], ["programme_id"], ["__count"]
            )
        )
        for programme in self:
            programme.member_count = counts.get(programme._origin, 0)

    @api.constrains("partner_id")
    def _check_payer(self):
        for programme in self:
            if programme.partner_id.is_patient:
                raise ValidationError(
                    self.env._(
                        "“%(payer)s” is a patient. A programme is paid by a company; "
                        "who pays for a person is the payer on the patient's card.",
                        payer=programme.partner_id.name,
                    )
                )

    def action_view_members(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "clinic_finance.action_clinic_price_programme_member"
        )
        action["domain"] = [("programme_id", "=", self.id)]
        action["context"] = {"default_programme_id": self.id}
        return action
