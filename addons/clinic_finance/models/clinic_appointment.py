from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

PAYMENT_STATES = [
    ("none", "Nothing to pay"),
    ("later", "After the visit"),
    ("not_paid", "Not paid"),
    ("partial", "Partly paid"),
    ("paid", "Paid"),
    ("programme", "By a programme"),
    ("reversed", "Credited"),
]


class ClinicAppointment(models.Model):
    _inherit = "clinic.appointment"

    invoice_id = fields.Many2one(
        "account.move",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        help="The first one that stands. Services added later, and other payers, "
        "have their own.",
    )
    invoice_ids = fields.Many2many(
        "account.move",
        "clinic_appointment_invoice_rel",
        "appointment_id",
        "move_id",
        string="Invoices and Credit Notes",
        readonly=True,
        copy=False,
        groups="clinic_finance.group_payment_viewer,account.group_account_invoice",
    )
    charge_ids = fields.One2many(
        "clinic.charge", "appointment_id", string="Services of the Visit", readonly=True
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
        "state",
        "invoice_ids.state",
        "invoice_ids.payment_state",
        "invoice_ids.amount_total",
        "invoice_ids.amount_residual",
    )
    def _compute_payment_state(self):
        for visit in self:
            covered, own, due = visit._payment_figures()
            posts = visit.state == "hold" or visit._posts_invoice()
            visit.amount_total = covered + own
            visit.amount_due = due if posts else 0.0
            visit.payment_state = visit._get_payment_state(covered, own, due, posts)

    def _payment_figures(self):
        """Return (what a programme pays, what the patient's side pays, how much of
        that is still to be paid).
        """
        self.ensure_one()
        covered = own = due = 0
        living = self.invoice_ids.filtered(
            lambda move: move.move_type == "out_invoice" and move.state != "cancel"
        )
        for move in living:
            share, open_share = move._clinic_shares().get(self._origin, (0, 0))
            if move.clinic_is_covered:
                covered += share
            else:
                own += share
                due += open_share
        return covered / 100, own / 100, due / 100

    def _get_payment_state(self, covered, own, due, posts):
        if not self.invoice_ids:
            return "none"
        if self.currency_id.is_zero(own):
            return "reversed" if self.currency_id.is_zero(covered) else "programme"
        if self.currency_id.is_zero(due):
            return "paid"
        if not posts:
            return "later"
        return "partial" if self.currency_id.compare_amounts(due, own) else "not_paid"

    @api.depends("invoice_id", "amount_due")
    def _compute_payment_url(self):
        for visit in self:
            # Sudo: the link is made of the invoice's token, nothing else is shown.
            invoice_sudo = visit.sudo()._invoice_to_pay()
            visit.payment_url = (
                invoice_sudo._clinic_payment_url() if visit.amount_due else False
            )

    def _invoice_to_pay(self):
        """Return the document to pay next: the one that stands and is open."""
        self.ensure_one()
        return (
            self.invoice_ids.filtered(
                lambda move: (
                    move.move_type == "out_invoice"
                    and move.state in ("draft", "posted")
                    and move.amount_residual
                    and not move.clinic_is_covered
                )
            ).sorted("id")[:1]
            or self.invoice_id
        )

    # Charging ----------------------------------------------------------------

    def _arrival_dues(self):
        super()._arrival_dues()
        # Sudo: whoever receives the patient says what is to be paid for this visit.
        due = self.sudo().amount_due
        return self.currency_id.format(due) if due else ""

    # Life of a visit ---------------------------------------------------------
    # Sudo in these hooks: who books or cancels a visit is no accountant, and the
    # documents follow from the visit alone.

    def _after_book(self):
        result = super()._after_book()
        self.sudo()._invoice()
        return result

    def _after_confirm_hold(self):
        result = super()._after_confirm_hold()
        self.sudo()._invoice()
        return result

    def _move(self, state, force=False, at=None, **vals):
        result = super()._move(state, force=force, at=at, **vals)
        if state == "fulfilled":
            self.sudo()._after_fulfil()
        return result

    def _after_restore(self, state):
        """The cancellation is taken back, and so is what it did to the documents.

        A cancelled draft lives again; beside a posted invoice that was credited there
        comes a new one, paid by the money on the account.
        """
        result = super()._after_restore(state)
        self.sudo()._invoice()
        return result

    def _after_reschedule(self, old):
        result = super()._after_reschedule(old)
        self.sudo()._move_due_dates(old)
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

    def _meet_payers(self):
        """Wait for whoever brings money for these visits at this moment.

        Called before anything is written. The desk first books the visit and then
        posts its invoice, an online payment does it the other way round: without a
        place where they meet, each would wait for the other.
        """
        if self:
            self.env.cr.execute(
                SQL(
                    "SELECT FROM clinic_appointment WHERE id IN %s"
                    " ORDER BY id FOR NO KEY UPDATE",
                    tuple(self.ids),
                )
            )

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
            elif visit.state == "cancelled" and not visit.amount_due:
                # What is due on a cancelled visit is its fee: that is simply paid.
                if not visit._take_again(payment):
                    visit._tell_money_is_kept(payment)

    def _is_covered(self, payment=None):
        """Tell whether the account, or this payment alone, books the visit.

        A deposit is enough where a deposit is asked.
        """
        self.ensure_one()
        due = self._due_to_book()
        if self.currency_id.is_zero(due):
            return True
        payer = self._get_private_payer().commercial_partner_id
        available = payer._clinic_balance_in(self.company_id)
        if payment:
            receivable = payment.move_id.line_ids.filtered(
                lambda line: line.account_type == "asset_receivable"
            )
            available = max(available, -sum(receivable.mapped("amount_residual")))
        return self.currency_id.compare_amounts(available, due) >= 0

    def _due_to_book(self):
        """Return what is still missing for a held window to become a booking."""
        self.ensure_one()
        total = sum(
            charge.amount
            for charge in self.charge_ids
            if not charge.is_covered
            and (charge.state != "dropped" or charge.dropped_with_visit)
        )
        needed = (
            min(self.deposit_amount, total)
            if self.service_id.prepayment == "deposit"
            else total
        )
        _covered, own, due = self._payment_figures()
        paid = own - due
        return max(self.currency_id.round(needed - paid), 0.0)

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
        written = self.with_context(lang=self._charge_lang())
        self._tell_patient(
            written.env._(
                "Your payment came after the time kept for it had run out. The time "
                "was still free: your visit on %(time)s is booked.",
                time=written.local_time,
            )
        )
        return True

    def _tell_money_is_kept(self, payment):
        """Write to the patient kindly, and ask the reception to call."""
        self.ensure_one()
        # The news comes from a provider or a cron, who have no language.
        written = self.with_context(lang=self._charge_lang())
        currency = payment.currency_id
        self._tell_patient(
            written.env._(
                "Your payment of %(amount)s has arrived, thank you. The visit it was "
                "for is no longer booked; the money is safe on your account with us. "
                "We will call you to choose another time, or will return it.",
                amount=currency.with_env(written.env).format(payment.amount),
            )
        )
        desk = self._get_desk_user()
        asked = self.with_context(lang=desk.lang or self.env.lang)
        asked.activity_schedule(
            "mail.mail_activity_data_call",
            summary=asked.env._("Paid, but not booked: offer another time"),
            note=asked.env._(
                "%(amount)s came after the time had been released. It is on the "
                "account of the payer.",
                amount=currency.with_env(asked.env).format(payment.amount),
            ),
            user_id=desk.id,
        )

    def _tell_patient(self, body):
        # Never to an insurer or employer: whether somebody comes is not theirs to know.
        payer = self._get_private_payer()
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
        invoice_sudo = visit_sudo._invoice_to_pay()
        if not visit_sudo.amount_due:
            return {}
        if visit_sudo.state == "hold":
            amount = visit_sudo._due_to_book()
        else:
            amount = invoice_sudo.amount_residual
        return {
            "invoice": invoice_sudo,
            "amount": amount,
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
        if takes and self.amount_due:
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
        payer = self._get_private_payer().commercial_partner_id
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
