from uuid import uuid4

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools.misc import clean_context

from ..models.account_payment_earmark import OVER


class ClinicPaymentWizard(models.TransientModel):
    """Money taken at the desk, in cash or by card.

    The key is made once, with the screen. Whatever is sent twice (a double click, a
    retry after a broken connection) carries the same key, and the database keeps one
    payment a key.
    """

    _name = "clinic.payment.wizard"
    _description = "Take Payment"

    partner_id = fields.Many2one("res.partner", string="Payer", required=True)
    patient_id = fields.Many2one("res.partner", readonly=True)
    appointment_id = fields.Many2one("clinic.appointment", readonly=True)
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    amount_due = fields.Monetary(
        string="To Pay",
        compute="_compute_amount_due",
        help="For the visit; without one, all the payer owes.",
    )
    # Kept from the moment the screen was opened: somebody may pay meanwhile.
    due_seen = fields.Monetary(
        string="To Pay When Opened",
        compute="_compute_due_seen",
        store=True,
        readonly=False,
    )
    balance = fields.Monetary(string="Account", compute="_compute_amount_due")
    amount = fields.Monetary(compute="_compute_amount", store=True, readonly=False)
    method = fields.Selection(
        [("cash", "Cash"), ("card", "Card by terminal")], default="cash", required=True
    )
    cash_given = fields.Monetary(string="Given")
    cash_change = fields.Monetary(string="Change", compute="_compute_cash_change")
    advance = fields.Monetary(
        string="Stays on the Account", compute="_compute_cash_change"
    )
    can_hold = fields.Boolean(compute="_compute_can_hold")
    hold = fields.Boolean(
        string="Only for This Visit",
        compute="_compute_hold",
        store=True,
        readonly=False,
        help="The money waits for this visit and pays nothing else, until the visit is "
        "over or cancelled.",
    )
    note = fields.Char()
    date = fields.Date(
        required=True,
        default=fields.Date.context_today,
        help="Another day than today can be entered by an accountant only.",
    )
    key = fields.Char(required=True, default=lambda self: str(uuid4()), readonly=True)

    @api.depends("appointment_id", "partner_id", "company_id")
    def _compute_amount_due(self):
        for wizard in self:
            payer = wizard.partner_id.commercial_partner_id
            # Sudo: shown to who takes the payment, as the account screen does.
            balance = payer.sudo()._clinic_balance_in(wizard.company_id)
            wizard.balance = balance
            wizard.amount_due = (
                wizard.appointment_id.amount_due
                if wizard.appointment_id
                else max(-balance, 0.0)
            )

    @api.depends("appointment_id", "partner_id", "company_id")
    def _compute_due_seen(self):
        for wizard in self:
            wizard.due_seen = wizard.amount_due

    @api.depends("appointment_id")
    def _compute_can_hold(self):
        for wizard in self:
            visit = wizard.appointment_id
            wizard.can_hold = bool(visit) and visit.state not in OVER

    # Apart from can_hold: what the cashier ticked outlives a look at that.
    @api.depends("appointment_id")
    def _compute_hold(self):
        for wizard in self:
            visit = wizard.appointment_id
            # What is invoiced after the visit has nothing yet that could be paid.
            wizard.hold = wizard.can_hold and visit.payment_state == "later"

    @api.depends("amount_due", "appointment_id")
    def _compute_amount(self):
        for wizard in self:
            is_ahead = wizard.hold and not wizard.amount_due
            visit = wizard.appointment_id
            wizard.amount = visit.amount_total if is_ahead else wizard.amount_due

    @api.depends("amount", "amount_due", "cash_given", "method")
    def _compute_cash_change(self):
        for wizard in self:
            wizard.advance = max(wizard.amount - wizard.amount_due, 0.0)
            wizard.cash_change = (
                max(wizard.cash_given - wizard.amount, 0.0)
                if wizard.method == "cash" and wizard.cash_given
                else 0.0
            )

    @api.constrains("method", "cash_given", "amount")
    def _check_cash_given(self):
        for wizard in self:
            if (
                wizard.method == "cash"
                and wizard.cash_given
                and wizard.currency_id.compare_amounts(wizard.cash_given, wizard.amount)
                < 0
            ):
                raise ValidationError(
                    self.env._(
                        "The patient gave %(given)s, which is less than %(amount)s. "
                        "Correct the amount if only a part is paid.",
                        given=wizard.currency_id.format(wizard.cash_given),
                        amount=wizard.currency_id.format(wizard.amount),
                    )
                )

    @api.model
    def _open(self, **defaults):
        """Return the action that opens this screen with ``default_*`` values."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Take Payment"),
            "res_model": self._name,
            "view_mode": "form",
            "target": "new",
            "context": defaults,
        }

    def action_pay(self):
        """Book the payment and say what it did."""
        self.ensure_one()
        self._check_still_due()
        payment_sudo = self._take()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self._result_message(payment_sudo),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    def _check_still_due(self):
        """Raise if somebody has paid since the screen was opened.

        Of two cashiers at once the later one gets here after the first has paid. More
        than what is due is taken on purpose only, not from an old screen.
        """
        self.ensure_one()
        compare = self.currency_id.compare_amounts
        if (
            compare(self.amount_due, self.due_seen) >= 0
            or compare(self.amount, self.amount_due) <= 0
        ):
            return
        if self._is_repeated():
            return
        raise UserError(
            self.env._(
                "Somebody has paid since this window was opened: %(due)s is left to "
                "pay, not %(seen)s. Close the window and look again; "
                "nothing was taken.",
                due=self.currency_id.format(self.amount_due),
                seen=self.currency_id.format(self.due_seen),
            )
        )

    def _is_repeated(self):
        """Tell whether one of these has taken its money: it gets its payment back."""
        # Sudo: a payment that is known by the key of this screen.
        return bool(
            self.env["account.payment"]
            .sudo()
            .search_count([("clinic_key", "in", self.mapped("key"))], limit=1)
        )

    def _take(self):
        """Book and match; return the payments (in sudo mode), the same for a repeat.

        Works on several screens at once, as imports and generators need it.
        """
        self.env["res.partner"]._check_clinic_may_take_payments()
        self._check_date()
        for wizard in self:
            if wizard.currency_id.compare_amounts(wizard.amount, 0) <= 0:
                raise UserError(
                    self.env._("Enter the amount taken: it must be more than zero.")
                )
        self.appointment_id.check_access("read")
        # Sudo after the checks: the desk takes money, it does not keep the books.
        # The defaults of this screen are not meant for what is made from it.
        context = clean_context(self.env.context)
        return self.with_env(self.env(su=True, context=context))._take_sudo()

    def _check_date(self):
        today = fields.Date.context_today(self)
        if any(wizard.date > today for wizard in self):
            raise UserError(self.env._("A payment cannot be taken in the future."))
        is_accountant = self.env.su or self.env.user.has_group(
            "account.group_account_invoice"
        )
        if not is_accountant and any(wizard.date != today for wizard in self):
            raise AccessError(
                self.env._("Only an accountant can enter a payment of another day.")
            )

    def _take_sudo(self):
        payments = self.env["account.payment"]
        for company, wizards in self.grouped("company_id").items():
            payments |= self.env["clinic.payment.intent"]._take(
                "desk",
                company,
                {wizard.key: wizard._prepare_payment_vals() for wizard in wizards},
            )
        return payments

    def _prepare_payment_vals(self):
        """Return the values of the payment to create."""
        self.ensure_one()
        branch = self.appointment_id.branch_id
        journal = self.company_id._clinic_journals(branch)[self.method]
        if not journal:
            raise UserError(
                self.env._(
                    "No journal is chosen for this way of paying. Ask the "
                    "administrator to choose it in the settings of Invoicing."
                )
            )
        memo = " ".join(filter(None, [self.appointment_id.name, self.note]))
        return {
            "payment_type": "inbound",
            "partner_type": "customer",
            "partner_id": self.partner_id.commercial_partner_id.id,
            "company_id": self.company_id.id,
            "date": self.date,
            "amount": self.amount,
            "currency_id": self.currency_id.id,
            "journal_id": journal.id,
            "memo": memo,
            "clinic_key": self.key,
            "clinic_patient_id": self.patient_id.id,
            "clinic_appointment_id": self.appointment_id.id,
            "clinic_held_for_id": (
                self.appointment_id.id if self.hold and self.can_hold else False
            ),
        }

    def _result_message(self, payment):
        """Return what the cashier wants to know: taken, paid, change."""
        amount = self.currency_id.format(payment.amount)
        if self.appointment_id.payment_state == "paid":
            message = self.env._(
                "Taken: %(amount)s. The visit is paid in full.", amount=amount
            )
        elif self.appointment_id.amount_due:
            message = self.env._(
                "Taken: %(amount)s. Still to pay for the visit: %(due)s.",
                amount=amount,
                due=self.currency_id.format(self.appointment_id.amount_due),
            )
        else:
            message = self.env._("Taken: %(amount)s.", amount=amount)
        if self.cash_change:
            change = self.currency_id.format(self.cash_change)
            message += " " + self.env._("Change: %(change)s.", change=change)
        return message
