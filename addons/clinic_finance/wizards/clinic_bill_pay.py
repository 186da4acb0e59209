from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, UserError


class ClinicBillPay(models.TransientModel):
    """Approved bills paid at once: one payment each, or one a supplier.

    Of each bill the whole rest is paid, or a part: then the rest stays in the queue.
    """

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
    line_ids = fields.One2many(
        "clinic.bill.pay.line",
        "wizard_id",
        string="Sums",
        compute="_compute_line_ids",
        store=True,
        readonly=False,
    )
    left_out = fields.Char(compute="_compute_payable")
    total = fields.Monetary(compute="_compute_total")
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

    @api.depends("request_ids", "company_id")
    def _compute_line_ids(self):
        for wizard in self:
            wizard.line_ids = [
                Command.clear(),
                *(
                    Command.create({"request_id": one.id, "amount": one.amount_left})
                    for one in wizard.payable_ids._origin
                ),
            ]

    @api.depends("line_ids.amount")
    def _compute_total(self):
        for wizard in self:
            wizard.total = sum(wizard.line_ids.mapped("amount"))

    def action_pay(self):
        """Register the payments; show them."""
        self.ensure_one()
        payments = self._pay()
        action = payments._get_records_action(name=self.env._("Payments of Bills"))
        if len(payments) > 1:
            suppliers = self.env.ref("account.view_account_supplier_payment_tree")
            action["views"] = [(suppliers.id, "list"), (False, "form")]
        return action

    def _pay(self):
        if not self.env.user.has_group("account.group_account_invoice"):
            raise AccessError(self.env._("Bills are paid by accountants."))
        requests = self.payable_ids
        # What is not to be paid now is set to zero, or its line is taken out.
        lines = self.line_ids.filtered(
            lambda line: line.amount and line.request_id in requests
        )
        requests = lines.request_id
        if not requests:
            raise UserError(self.env._("None of these bills is approved and unpaid."))
        requests._meet_payers()
        lines._check_amounts()
        requests._ensure_bills()
        parts = lines.filtered("is_part")
        payments = self._register_payments((lines - parts).request_id.move_id)
        for part in parts:
            # Paid apart, whatever the supplier: the rest of the bill stays open.
            payments |= self._register_payments(
                part.request_id.move_id,
                amount=part.amount,
                payment_difference_handling="open",
            )
        return payments

    def _register_payments(self, moves, **values):
        """Pay these vendor bills by Odoo's own means; return the payments."""
        if not moves:
            return self.env["account.payment"]
        register = (
            self.env["account.payment.register"]
            .with_context(active_model="account.move", active_ids=moves.ids)
            .create(
                {
                    "journal_id": self.journal_id.id,
                    "payment_date": self.date,
                    "group_payment": self.by_supplier,
                    **values,
                }
            )
        )
        return register._create_payments()


class ClinicBillPayLine(models.TransientModel):
    """How much of a bill is paid now."""

    _name = "clinic.bill.pay.line"
    _description = "Bill Being Paid"

    wizard_id = fields.Many2one(
        "clinic.bill.pay", required=True, ondelete="cascade", index=True
    )
    request_id = fields.Many2one(
        "clinic.bill.request", string="Bill", required=True, ondelete="cascade"
    )
    currency_id = fields.Many2one(related="request_id.currency_id")
    partner_id = fields.Many2one(related="request_id.partner_id")
    number = fields.Char(related="request_id.number")
    description = fields.Char(related="request_id.description")
    date_due = fields.Date(related="request_id.date_due")
    amount_left = fields.Monetary(related="request_id.amount_left")
    amount = fields.Monetary(
        string="Pay Now", help="Less than is left: the rest stays in the queue."
    )
    is_part = fields.Boolean(compute="_compute_is_part")

    _amount_not_negative = models.Constraint(
        "CHECK(amount >= 0)", "The sum of a payment cannot be below zero."
    )

    @api.depends("amount", "amount_left")
    def _compute_is_part(self):
        for line in self:
            line.is_part = (
                line.currency_id.compare_amounts(line.amount, line.amount_left) < 0
            )

    def _check_amounts(self):
        """Raise if more is to be paid than is left of a bill."""
        beyond = self.filtered(
            lambda line: (
                line.currency_id.compare_amounts(line.amount, line.amount_left) > 0
            )
        )
        if beyond:
            raise UserError(
                self.env._(
                    "More than is left to pay: %(bills)s.",
                    bills="; ".join(
                        f"{line.request_id.display_name}: "
                        f"{line.currency_id.format(line.amount_left)}"
                        for line in beyond
                    ),
                )
            )
