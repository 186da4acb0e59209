from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from odoo.addons.clinic_schedule.models.clinic_appointment import AHEAD


class ClinicCorporatePayment(models.TransientModel):
    """One payment of an employer or insurer for the visits of many people.

    The register says what the money is for: its invoices are paid line by line, what
    is left over stays on the payer's account.
    """

    _name = "clinic.corporate.payment"
    _description = "Payment by a Register"

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    partner_id = fields.Many2one("res.partner", string="Payer", required=True)
    payment_id = fields.Many2one(
        "account.payment",
        string="Money That Is There",
        help="A payment that has come already, by a bank statement for instance. "
        "Empty: it is booked here.",
        domain="[('id', 'in', open_payment_ids)]",
    )
    open_payment_ids = fields.Many2many(
        "account.payment", compute="_compute_open_payment_ids"
    )
    number = fields.Char(string="Payment Order No.")
    date = fields.Date(default=fields.Date.context_today, required=True)
    journal_id = fields.Many2one(
        "account.journal",
        string="Bank",
        default=lambda self: self._default_journal_id(),
        domain="[('type', '=', 'bank'), ('company_id', '=', company_id)]",
    )
    amount = fields.Monetary(compute="_compute_amount", store=True, readonly=False)
    line_ids = fields.One2many(
        "clinic.corporate.payment.line",
        "wizard_id",
        compute="_compute_line_ids",
        store=True,
        readonly=False,
    )
    with_planned = fields.Boolean(
        string="Also Visits Ahead",
        help="Choose what is not provided yet, too: where the payer pays in advance.",
    )
    amount_chosen = fields.Monetary(string="Chosen", compute="_compute_amount_chosen")
    amount_left = fields.Monetary(
        string="Beyond the Register",
        compute="_compute_amount_chosen",
        help="It pays what else is open of this payer, the oldest first; the rest "
        "stays on the account.",
    )

    def _default_journal_id(self):
        domain = [("type", "=", "bank"), ("company_id", "=", self.env.company.id)]
        journals = self.env["account.journal"].search(domain)
        cards = self.env.company.clinic_card_journal_id
        return (journals - cards)[:1] or journals[:1]

    @api.depends("partner_id", "company_id")
    def _compute_open_payment_ids(self):
        for wizard in self:
            items = wizard._open_items().filtered(lambda i: i.amount_residual < 0)
            wizard.open_payment_ids = items.move_id.origin_payment_id

    @api.depends("partner_id", "company_id", "with_planned")
    def _compute_line_ids(self):
        """List what is open; a register is of what was provided."""
        for wizard in self:
            items = wizard._open_items().filtered(
                lambda item: item.amount_residual > 0 and item.move_id.is_invoice()
            )
            wizard.line_ids = [
                Command.clear(),
                *(
                    Command.create(
                        {
                            "item_id": item.id,
                            "chosen": wizard.with_planned
                            or not self._is_ahead(item.move_id),
                        }
                    )
                    for item in items.sorted(
                        lambda i: (i.date_maturity or i.date, i.id)
                    )
                ),
            ]

    @api.model
    def _is_ahead(self, invoice):
        """Tell whether nothing of the invoice has been provided yet."""
        # Sudo: the state of a visit, asked for a document the user reads.
        visits_sudo = invoice.sudo().clinic_appointment_ids
        return bool(visits_sudo) and all(visit.state in AHEAD for visit in visits_sudo)

    @api.depends("payment_id", "line_ids.chosen", "line_ids.amount_due")
    def _compute_amount(self):
        for wizard in self:
            if wizard.payment_id:
                money = wizard.payment_id._clinic_receivable()
                wizard.amount = -sum(money.mapped("amount_residual"))
            else:
                wizard.amount = wizard._chosen_sum()

    @api.depends("amount", "line_ids.chosen", "line_ids.amount_due")
    def _compute_amount_chosen(self):
        for wizard in self:
            wizard.amount_chosen = wizard._chosen_sum()
            wizard.amount_left = max(wizard.amount - wizard.amount_chosen, 0.0)

    def _chosen_sum(self):
        return sum(self.line_ids.filtered("chosen").mapped("amount_due"))

    def _open_items(self):
        """Return the open items of the payer, invoices and money."""
        self.ensure_one()
        if not self.partner_id:
            return self.env["account.move.line"]
        return self.env["account.move.line"].search(
            self.partner_id.commercial_partner_id._clinic_open_items_domain(
                self.company_id
            )
        )

    # Paying ------------------------------------------------------------------

    def action_pay(self):
        """Book the payment by the register and open it."""
        self.ensure_one()
        payment = self._pay()
        return {
            "type": "ir.actions.act_window",
            "res_model": "account.payment",
            "res_id": payment.id,
            "views": [
                (self.env.ref("clinic_finance.view_clinic_payment_form").id, "form")
            ],
        }

    def _pay(self):
        """Return the payment; the same payment order again gives the first one."""
        self.check_access("write")
        compare = self.currency_id.compare_amounts
        if compare(self.amount, 0) <= 0:
            raise UserError(self.env._("Enter the amount of the payment order."))
        payment = self.payment_id
        if not payment:
            payment, is_new = self._book()
            if not is_new:
                return payment
        self._match(payment, self.line_ids.filtered("chosen").item_id)
        return payment

    def _book(self):
        """Return (payment, whether it is new)."""
        if not self.number or not self.journal_id:
            raise UserError(
                self.env._("Enter the number of the payment order and the bank.")
            )
        payer = self.partner_id.commercial_partner_id
        key = f"{payer.id}:{self.number.strip()}:{self.date}"
        # Sudo: orders are written by the code alone; the screen is an accountant's.
        intents_sudo = self.env["clinic.payment.intent"].sudo()
        vals = {
            "payment_type": "inbound",
            "partner_type": "customer",
            "partner_id": payer.id,
            "company_id": self.company_id.id,
            "date": self.date,
            "amount": self.amount,
            "currency_id": self.currency_id.id,
            "journal_id": self.journal_id.id,
            "memo": self.env._(
                "Payment order %(number)s of %(date)s, by a register",
                number=self.number.strip(),
                date=fields.Date.to_string(self.date),
            ),
            "clinic_key": f"corporate:{key}",
        }
        intent = intents_sudo._claim(
            "corporate", self.company_id, {key: intents_sudo._payment_payload(vals)}
        )[key]
        if intent.payment_id:
            return intent.payment_id, False
        payment = self.env["account.payment"].create(vals)
        payment.with_context(clinic_match_later=False).action_post()
        intent._done(payment)
        return payment, True

    def _match(self, payment, items):
        """Pay these invoices from the payment, in their order, then what is left."""
        money = payment._clinic_receivable()
        pairs = [
            (item.id, credit.id)
            for item in items
            for credit in money
            if not item.reconciled and item.account_id == credit.account_id
        ]
        lines = items | money
        lines.with_context(
            clinic_match_plan=dict.fromkeys(pairs, "link")
        )._reconcile_plan(
            [lines.browse(pair).with_prefetch(lines.ids) for pair in pairs]
        )
        # Sudo: the rest is matched by the rules, which write their own log.
        payment.partner_id.sudo()._clinic_allocate()


class ClinicCorporatePaymentLine(models.TransientModel):
    _name = "clinic.corporate.payment.line"
    _description = "Line of a Payment Register"

    wizard_id = fields.Many2one(
        "clinic.corporate.payment", required=True, ondelete="cascade", index=True
    )
    item_id = fields.Many2one("account.move.line", required=True, readonly=True)
    chosen = fields.Boolean(string="Pay", default=True)
    move_id = fields.Many2one(related="item_id.move_id", string="Invoice")
    patient_id = fields.Many2one(related="item_id.move_id.clinic_patient_id")
    date_maturity = fields.Date(related="item_id.date_maturity", string="Due")
    currency_id = fields.Many2one(related="item_id.company_currency_id")
    amount_due = fields.Monetary(related="item_id.amount_residual", string="To Pay")
    is_ahead = fields.Boolean(string="Visit Ahead", compute="_compute_is_ahead")

    @api.depends("item_id")
    def _compute_is_ahead(self):
        for line in self:
            line.is_ahead = line.wizard_id._is_ahead(line.move_id)
