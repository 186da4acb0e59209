from odoo import api, fields, models
from odoo.fields import Domain

MONEY_GROUPS = (
    "clinic_finance.group_payment_viewer,"
    "account.group_account_invoice,account.group_account_readonly"
)


class ResPartner(models.Model):
    _inherit = "res.partner"

    clinic_balance = fields.Monetary(
        string="Account Balance",
        compute="_compute_clinic_balance",
        compute_sudo=True,
        search="_search_clinic_balance",
        currency_field="clinic_currency_id",
        groups=MONEY_GROUPS,
        help="Above zero: the clinic holds the patient's money. Below zero: the "
        "patient owes. Counted from the books for the person who pays: invoices of a "
        "child paid by a parent are on the parent's account.",
    )
    clinic_to_pay = fields.Monetary(
        string="To Pay from the Account",
        compute="_compute_clinic_to_pay",
        currency_field="clinic_currency_id",
        groups=MONEY_GROUPS,
        help="What is owed by the balance; nothing if the clinic holds money.",
    )
    clinic_currency_id = fields.Many2one(
        "res.currency", compute="_compute_clinic_currency_id"
    )
    clinic_invoice_ids = fields.One2many(
        "account.move",
        "partner_id",
        string="Clinic Invoices",
        domain=[
            ("move_type", "in", ("out_invoice", "out_refund")),
            ("state", "=", "posted"),
        ],
        readonly=True,
        groups=MONEY_GROUPS,
    )
    clinic_patient_invoice_ids = fields.One2many(
        "account.move",
        "clinic_patient_id",
        string="Invoices for the Patient",
        domain=[("state", "=", "posted")],
        readonly=True,
        groups=MONEY_GROUPS,
    )
    clinic_payment_ids = fields.One2many(
        "account.payment",
        "partner_id",
        string="Payments",
        domain=[
            ("partner_type", "=", "customer"),
            ("state", "in", ("in_process", "paid")),
        ],
        readonly=True,
        groups=MONEY_GROUPS,
    )
    clinic_match_ids = fields.One2many(
        "clinic.payment.match",
        "partner_id",
        string="Matches",
        readonly=True,
        groups=MONEY_GROUPS,
    )

    @api.depends_context("company")
    def _compute_clinic_currency_id(self):
        self.clinic_currency_id = self.env.company.currency_id

    @api.depends_context("company")
    def _compute_clinic_balance(self):
        balances = self._clinic_balances(self.env.company)
        for partner in self:
            partner.clinic_balance = balances.get(partner.id, 0.0)

    @api.depends("clinic_balance")
    def _compute_clinic_to_pay(self):
        for partner in self:
            partner.clinic_to_pay = max(-partner.clinic_balance, 0.0)

    def _clinic_balances(self, company):
        """Return {partner id: balance in ``company``}, from one query."""
        groups = self.env["account.move.line"]._read_group(
            self._clinic_open_items_domain(company),
            ["partner_id"],
            ["amount_residual:sum"],
        )
        return {
            partner.id: company.currency_id.round(-residual)
            for partner, residual in groups
        }

    def _clinic_balance_in(self, company):
        """Return the balance now; the field keeps its first value in a transaction."""
        self.ensure_one()
        return self._clinic_balances(company).get(self.id, 0.0)

    def _search_clinic_balance(self, operator, value):
        compare = {
            "in": lambda balance: balance in value,
            "<": lambda balance: balance < value,
            "<=": lambda balance: balance <= value,
            ">": lambda balance: balance > value,
            ">=": lambda balance: balance >= value,
        }.get(operator)
        if not compare:
            return NotImplemented
        # Sudo: the balance itself is shown to whoever may see this field.
        everybody = self.sudo().browse()
        groups = (
            self.env["account.move.line"]
            .sudo()
            ._read_group(
                everybody._clinic_open_items_domain(self.env.company, anybody=True),
                ["partner_id"],
                ["amount_residual:sum"],
            )
        )
        balances = {partner.id: -residual for partner, residual in groups}
        if compare(0.0):
            return Domain(
                "id", "not in", [i for i, bal in balances.items() if not compare(bal)]
            )
        return Domain("id", "in", [i for i, bal in balances.items() if compare(bal)])

    def _clinic_open_items_domain(self, companies=None, anybody=False):
        """Return the domain of what is open on the customers' account.

        :param companies: in which of them; none: wherever the user may look
        :param anybody: of everybody, not of these people only
        """
        whose = (
            Domain("partner_id", "!=", False)
            if anybody
            else Domain("partner_id", "in", self.ids)
        )
        where = Domain.TRUE
        if companies is not None:
            where = Domain("company_id", "in", companies.ids)
        return (
            whose
            & where
            & Domain(
                [
                    ("parent_state", "=", "posted"),
                    ("account_type", "=", "asset_receivable"),
                    ("reconciled", "=", False),
                ]
            )
        )

    # Buttons -----------------------------------------------------------------

    def action_clinic_account(self):
        """Open the personal account of this person."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "clinic_finance.action_clinic_account"
        )
        form = self.env.ref("clinic_finance.view_clinic_account_form")
        return {**action, "res_id": self.id, "views": [(form.id, "form")]}

    def action_clinic_payer_account(self):
        """Open the account of who pays for this person."""
        self.ensure_one()
        return self._clinic_payer().commercial_partner_id.action_clinic_account()

    def action_clinic_take_payment(self):
        """Open the payment screen for this person's account."""
        self.ensure_one()
        payer = self._clinic_payer().commercial_partner_id
        return self.env["clinic.payment.wizard"]._open(
            default_partner_id=payer.id, default_patient_id=self.id
        )
