from odoo import api, fields, models
from odoo.exceptions import UserError

PAYMENT_STATES = [
    ("none", "Nothing to pay"),
    ("not_paid", "Not paid"),
    ("partial", "Partly paid"),
    ("paid", "Paid"),
    ("reversed", "Credited"),
]
# Nothing stands for the price: a booking needs a document of its own.
LOST = ("none", "reversed")


class ClinicAppointment(models.Model):
    _inherit = "clinic.appointment"

    invoice_id = fields.Many2one(
        "account.move",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
    )
    invoice_ids = fields.One2many(
        "account.move",
        "clinic_appointment_id",
        string="Invoices and Credit Notes",
        readonly=True,
        groups="clinic_finance.group_payment_viewer,account.group_account_invoice",
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    amount_total = fields.Monetary(
        string="Price", compute="_compute_payment_state", store=True
    )
    amount_due = fields.Monetary(
        string="To Pay", compute="_compute_payment_state", store=True
    )
    payment_state = fields.Selection(
        PAYMENT_STATES,
        string="Payment",
        compute="_compute_payment_state",
        store=True,
        index=True,
    )
    hold_expired = fields.Boolean(
        readonly=True,
        copy=False,
        help="Released because it was not paid in time. A payment that still comes "
        "takes the same time again, if it is free.",
    )
    payment_url = fields.Char(
        compute="_compute_payment_url",
        string="Payment Link",
        help="Whoever opens it sees the invoice and can pay it online.",
        groups="clinic_finance.group_payment_viewer,account.group_account_invoice,"
        "clinic_base.group_callcenter",
    )

    # Serves the list of unpaid visits.
    _unpaid_idx = models.Index("(day) WHERE amount_due > 0")

    @api.depends(
        "invoice_id.state",
        "invoice_id.payment_state",
        "invoice_id.amount_total",
        "invoice_id.amount_residual",
    )
    def _compute_payment_state(self):
        for visit in self:
            invoice = visit.invoice_id
            visit.payment_state = state = visit._get_payment_state()
            visit.amount_total = invoice.amount_total
            visit.amount_due = (
                invoice.amount_residual if state in ("not_paid", "partial") else 0.0
            )

    def _get_payment_state(self):
        invoice = self.invoice_id
        if not invoice:
            return "none"
        if invoice.state == "cancel" or invoice.payment_state == "reversed":
            return "reversed"
        if invoice.payment_state in ("paid", "in_payment"):
            return "paid"
        return "partial" if invoice.payment_state == "partial" else "not_paid"

    @api.depends("invoice_id", "amount_due")
    def _compute_payment_url(self):
        for visit in self:
            # Sudo: the link is made of the invoice's token, nothing else is shown.
            invoice_sudo = visit.sudo().invoice_id
            visit.payment_url = (
                invoice_sudo._clinic_payment_url() if visit.amount_due else False
            )

    # Charging ----------------------------------------------------------------

    def _arrival_dues(self):
        super()._arrival_dues()
        # Sudo: whoever receives the patient says what is to be paid for this visit.
        due = self.sudo().amount_due
        return self.currency_id.format(due) if due else ""

    def _prepare_invoice_vals(self):
        """Dated not later than the visit, due on its day; in advance: at once."""
        today = fields.Date.context_today(self)
        day = min(today, self.day)
        return {
            **super()._prepare_invoice_vals(),
            "clinic_appointment_id": self.id,
            "invoice_origin": self.name,
            "invoice_date": day,
            "invoice_payment_term_id": False,
            "invoice_date_due": (
                day if self.service_id.prepayment == "full" else max(day, self.day)
            ),
        }

    def _ensure_invoices(self):
        """Give each of these a living invoice; called in sudo mode."""
        for company, visits in self.grouped("company_id").items():
            visits = visits.with_company(company)
            visits.invoice_id.filtered(
                lambda move: move.state == "cancel"
            ).button_draft()
            new = visits.filtered(lambda visit: visit.payment_state in LOST)
            for visit_id, invoice in new._create_invoices().items():
                self.browse(visit_id).invoice_id = invoice

    def _post_invoices(self):
        """Post the drafts and let money already on the account pay them (sudo)."""
        drafts = self.invoice_id.filtered(lambda move: move.state == "draft")
        drafts._post(soft=False)
        drafts.partner_id._clinic_allocate()

    def _release_invoices(self):
        """Drop the drafts, credit what was posted; money paid stays on the account.

        A posted document is never erased: a credit note takes it back. What had been
        paid is unmatched first and becomes an advance, for the next unpaid visit if
        there is one.
        """
        drafts = self.invoice_id.filtered(lambda move: move.state == "draft")
        drafts.button_cancel()
        posted = self.invoice_id.filtered(
            lambda move: move.state == "posted" and move.payment_state != "reversed"
        )
        today = fields.Date.context_today(self)
        for company, moves in posted.grouped("company_id").items():
            moves.with_company(company)._reverse_moves(
                [
                    {
                        "invoice_date": today,
                        "date": today,
                        "ref": self.env._(
                            "Cancellation of visit %(visit)s, invoice %(invoice)s",
                            visit=move.clinic_appointment_id.name,
                            invoice=move.name,
                        ),
                    }
                    for move in moves
                ],
                cancel=True,
            )
        posted.partner_id._clinic_allocate()

    # Life of a visit ---------------------------------------------------------
    # Sudo in these hooks: who books or cancels a visit is no accountant, and the
    # documents follow from the visit alone.

    def _after_book(self):
        result = super()._after_book()
        visits_sudo = self.sudo()
        visits_sudo._ensure_invoices()
        visits_sudo.filtered(lambda visit: visit.state != "hold")._post_invoices()
        return result

    def _after_confirm_hold(self):
        result = super()._after_confirm_hold()
        visits_sudo = self.sudo()
        visits_sudo._ensure_invoices()
        visits_sudo._post_invoices()
        return result

    def _after_cancel(self):
        result = super()._after_cancel()
        self.sudo()._release_invoices()
        return result

    def _after_noshow(self):
        result = super()._after_noshow()
        self.sudo().filtered(
            lambda visit: not visit._keeps_invoice()
        )._release_invoices()
        return result

    def _after_restore(self, state):
        """The cancellation is taken back, and so is what it did to the documents.

        A cancelled draft lives again; beside a posted invoice that was credited there
        comes a new one, paid by the money on the account.
        """
        result = super()._after_restore(state)
        visits_sudo = self.sudo()
        visits_sudo._ensure_invoices()
        visits_sudo.filtered(lambda visit: visit.state != "hold")._post_invoices()
        return result

    def _after_reschedule(self, old):
        result = super()._after_reschedule(old)
        invoice_sudo = self.sudo().invoice_id
        if invoice_sudo.state == "draft":
            vals = self.sudo()._prepare_invoice_vals()
            invoice_sudo.invoice_date_due = vals["invoice_date_due"]
        return result

    def _expire(self):
        over = super()._expire()
        over.sudo().hold_expired = True
        return over

    def _keeps_invoice(self):
        """Tell whether the invoice outlives the patient's not coming."""
        self.ensure_one()
        policy = self.company_id.clinic_noshow_policy
        return policy == "always" or (
            policy == "prepaid" and self.service_id.prepayment == "full"
        )

    # Money arrives -----------------------------------------------------------

    def _after_payment(self, payment):
        """Called in sudo mode on the visits a posted ``payment`` was made for.

        A paid hold becomes a booking. A payment after the hold has gone takes the
        same time again if it is free; otherwise, as for a visit cancelled meanwhile,
        the money stays on the account and both sides are told.
        """
        for visit in self:
            if visit.state == "hold":
                if visit._is_covered(payment):
                    visit.action_confirm()
            elif visit.state == "cancelled" and not visit._take_again(payment):
                visit._tell_money_is_kept(payment)

    def _is_covered(self, payment=None):
        """Tell whether the account, or this payment alone, covers the visit."""
        self.ensure_one()
        invoice = self.invoice_id
        lives = invoice.state == "posted" and self.payment_state != "reversed"
        due = invoice.amount_residual if lives else invoice.amount_total
        if self.currency_id.is_zero(due):
            return True
        payer = self._get_charge_partner().commercial_partner_id
        available = payer._clinic_balance_in(self.company_id)
        if payment:
            receivable = payment.move_id.line_ids.filtered(
                lambda line: line.account_type == "asset_receivable"
            )
            available = max(available, -sum(receivable.mapped("amount_residual")))
        return self.currency_id.compare_amounts(available, due) >= 0

    def _take_again(self, payment):
        """Claim the time of a released hold once more; tell whether it worked."""
        self.ensure_one()
        if not self.hold_expired or not self._is_covered(payment):
            return False
        wanted = {
            "patient_id": self.patient_id.id,
            "service_id": self.service_id.id,
            "specialist_id": self.specialist_id.id,
            "start": self.start,
        }
        try:
            with self.env.cr.savepoint():
                plan = self._plan(wanted)
                self.write(
                    {
                        **self._claim_again(plan),
                        "hold_expired": False,
                        "cancel_reason": False,
                        "cancelled_at": False,
                    }
                )
                self._after_confirm_hold()
        except UserError:
            return False
        self._tell_patient(
            self.env._(
                "Your payment came after the time kept for it had run out. The time "
                "was still free: your visit on %(time)s is booked.",
                time=self.local_time,
            )
        )
        return True

    def _tell_money_is_kept(self, payment):
        """Write to the patient kindly, and ask the reception to call."""
        self.ensure_one()
        amount = payment.currency_id.format(payment.amount)
        self._tell_patient(
            self.env._(
                "Your payment of %(amount)s has arrived, thank you. The visit it was "
                "for is no longer booked; the money is safe on your account with us. "
                "We will call you to choose another time, or will return it.",
                amount=amount,
            )
        )
        self.activity_schedule(
            "mail.mail_activity_data_call",
            summary=self.env._("Paid, but not booked: offer another time"),
            note=self.env._(
                "%(amount)s came after the time had been released. It is on the "
                "account of the payer.",
                amount=amount,
            ),
            user_id=self._get_desk_user().id,
        )

    def _tell_patient(self, body):
        payer = self._get_charge_partner()
        self.message_post(
            body=body,
            partner_ids=(self.patient_id | payer).ids,
            author_id=self.company_id.partner_id.id,
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
        )

    def _get_desk_user(self):
        """Return who at the reception calls: who booked, else the first of them."""
        reception = self.env.ref("clinic_base.group_reception")
        desk = reception.all_user_ids.filtered(
            lambda user: user.active and self.company_id in user.company_ids
        )
        return self.create_uid & desk or desk.sorted("id")[:1]

    # The portal --------------------------------------------------------------

    def _portal_payment_values(self):
        """Return what a page needs to offer the standard payment form for a visit.

        Empty when nothing is to be paid. Otherwise: ``invoice`` (in sudo mode),
        ``amount``, ``currency``, ``access_token``, ``transaction_route`` (for the
        form), ``payment_url`` (Odoo's own page), ``can_pay`` (False while a payment is
        being processed) and ``covered`` (the money on the account is enough).
        """
        self.ensure_one()
        visit_sudo = self.sudo()
        invoice_sudo = visit_sudo.invoice_id
        if not visit_sudo.amount_due:
            return {}
        return {
            "invoice": invoice_sudo,
            "amount": visit_sudo.amount_due,
            "currency": visit_sudo.currency_id,
            "access_token": invoice_sudo._portal_ensure_token(),
            "transaction_route": f"/invoice/transaction/{invoice_sudo.id}",
            "payment_url": invoice_sudo._clinic_payment_url(),
            "can_pay": invoice_sudo._has_to_be_paid(),
            "covered": visit_sudo._is_covered(),
        }

    # Buttons -----------------------------------------------------------------

    def _board_actions(self):
        buttons = super()._board_actions()
        takes = self.env.user.has_group("clinic_finance.group_payment_taker")
        if takes and self.amount_due and self.state not in ("cancelled", "noshow"):
            buttons.append(
                {
                    "name": "action_take_payment",
                    "label": self.env._("Take Payment"),
                    "icon": "fa-rub",
                    "kind": "open",
                }
            )
        return buttons

    def action_take_payment(self):
        """Open the payment screen for this visit."""
        self.ensure_one()
        payer = self._get_charge_partner().commercial_partner_id
        return self.env["clinic.payment.wizard"]._open(
            default_partner_id=payer.id,
            default_patient_id=self.patient_id.id,
            default_appointment_id=self.id,
            default_company_id=self.company_id.id,
        )

    def action_view_invoice(self):
        """Open the invoice: accountants in Odoo's screen, the desk in a plain one."""
        self.ensure_one()
        is_accountant = self.env.user.has_group("account.group_account_invoice")
        form = self.env.ref(
            "account.view_move_form"
            if is_accountant
            else "clinic_finance.view_clinic_invoice_form"
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Invoice"),
            "res_model": "account.move",
            "res_id": self.invoice_id.id,
            "views": [(form.id, "form")],
            "target": "current" if is_accountant else "new",
        }

    def action_payment_link(self):
        """Show the payment link, ready to be copied."""
        self.ensure_one()
        if not self.payment_url:
            raise UserError(self.env._("Nothing is to be paid for this visit."))
        form = self.env.ref("clinic_finance.view_clinic_appointment_payment_link")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Payment Link"),
            "res_model": self._name,
            "res_id": self.id,
            "views": [(form.id, "form")],
            "target": "new",
        }
