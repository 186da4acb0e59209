from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError


class ClinicBillPay(models.TransientModel):
    """Approved bills paid at once: one payment each, or one a supplier."""

    _name = "clinic.bill.pay"
    _description = "Pay Bills"

    request_ids = fields.Many2many("clinic.bill.request", string="Bills")
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    payable_ids = fields.Many2many(
        "clinic.bill.request", compute="_compute_payable", string="To Be Paid"
    )
    left_out = fields.Char(compute="_compute_payable")
    total = fields.Monetary(compute="_compute_payable")
    journal_id = fields.Many2one(
        "account.journal",
        string="Pay From",
        required=True,
        domain="[('type', 'in', ('bank', 'cash')), ('company_id', '=', company_id)]",
        default=lambda self: self._default_journal(),
    )
    date = fields.Date(required=True, default=fields.Date.context_today)
    by_supplier = fields.Boolean(
        string="One Payment a Supplier", help="Otherwise each bill is paid apart."
    )

    @api.model
    def _default_journal(self):
        return self.env["account.journal"].search(
            [
                *self.env["account.journal"]._check_company_domain(self.env.company),
                ("type", "=", "bank"),
                ("id", "!=", self.env.company.clinic_card_journal_id.id),
            ],
            limit=1,
        )

    @api.depends("request_ids", "company_id")
    def _compute_payable(self):
        for wizard in self:
            payable = wizard.request_ids.filtered(
                lambda one, wizard=wizard: (
                    one.state == "approved" and one.company_id == wizard.company_id
                )
            )
            wizard.payable_ids = payable
            rest = wizard.request_ids - payable
            wizard.left_out = ", ".join(rest.mapped("display_name"))
            wizard.total = sum(payable.mapped("amount_left"))

    def action_pay(self):
        """Register the payments; show them."""
        self.ensure_one()
        payments = self._pay()
        return payments._get_records_action(name=self.env._("Payments of Bills"))

    def _pay(self):
        if not self.env.user.has_group("account.group_account_invoice"):
            raise AccessError(self.env._("Bills are paid by accountants."))
        requests = self.payable_ids
        if not requests:
            raise UserError(self.env._("None of these bills is approved and unpaid."))
        requests._meet_payers()
        moves = requests._ensure_bills()
        register = (
            self.env["account.payment.register"]
            .with_context(active_model="account.move", active_ids=moves.ids)
            .create(
                {
                    "journal_id": self.journal_id.id,
                    "payment_date": self.date,
                    "group_payment": self.by_supplier,
                }
            )
        )
        return register._create_payments()
