from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

# A request to pay is of use for so long.
PAY_NOTICE_DAYS = 3


class ClinicAppointmentPrepay(models.Model):
    """Prepayment that was asked of a visit, by a rule or by the patient's block.

    A blocked patient's booking is held until it is paid in advance, whichever way it
    was made; an urgent visit is booked all the same.
    """

    _inherit = "clinic.appointment"

    is_urgent = fields.Boolean(
        string="Urgent",
        tracking=True,
        help="Is received without prepayment; no rule cancels it.",
    )
    prepay_state = fields.Selection(
        [("asked", "Asked"), ("met", "Paid"), ("waived", "Not insisted on")],
        string="Prepayment",
        readonly=True,
        copy=False,
    )
    prepay_asked_at = fields.Datetime(
        string="Prepayment Asked", readonly=True, copy=False
    )
    prepay_until = fields.Datetime(
        string="To Be Paid Before", readonly=True, copy=False
    )
    is_suspended = fields.Boolean(
        string="On Hold for Payment",
        readonly=True,
        copy=False,
        help="The patient is not received until the visit is paid, or somebody who may "
        "decides otherwise.",
    )
    cancelled_by_rule = fields.Boolean(readonly=True, copy=False)
    decision_ids = fields.One2many(
        "clinic.finance.decision",
        "appointment_id",
        string="Decisions",
        readonly=True,
        groups="clinic_finance.group_payment_viewer",
    )
    prepay_words = fields.Char(compute="_compute_prepay_words")
    can_waive = fields.Boolean(compute="_compute_can_waive")

    # The database itself refuses it: whoever paid keeps the visit.
    _rule_spares_paid = models.Constraint(
        "CHECK(cancelled_by_rule IS NOT TRUE OR (is_urgent IS NOT TRUE"
        " AND payment_state IS DISTINCT FROM 'paid'"
        " AND payment_state IS DISTINCT FROM 'partial'))",
        "A paid or urgent visit is never cancelled by a rule.",
    )

    @api.depends("prepay_state", "prepay_until", "is_suspended", "amount_due", "state")
    @api.depends_context("lang")
    def _compute_prepay_words(self):
        for visit in self:
            visit.prepay_words = visit._prepay_sentence()

    def _prepay_sentence(self):
        """Return what the desk is to know of a prepayment that was asked."""
        self.ensure_one()
        ahead = self.state in ("hold", "booked", "confirmed")
        if self.prepay_state != "asked" or not ahead or self.is_urgent:
            return ""
        until = self.hold_until if self.state == "hold" else self.prepay_until
        when = self.branch_id._format_local(until) if until else ""
        if self.state == "hold":
            return self.env._(
                "Booked only with prepayment: the time is kept until %(when)s. Take "
                "the payment or send the link.",
                when=when,
            )
        if self.is_suspended:
            return self.env._("On hold: the patient is received once it is paid.")
        return self.env._("To be paid in advance, before %(when)s.", when=when)

    @api.depends("prepay_state", "state")
    def _compute_can_waive(self):
        may = self.env["clinic.finance.decision"]._may_override()
        for visit in self:
            visit.can_waive = may and bool(visit._prepay_sentence())

    def write(self, vals):
        if vals.get("state", "cancelled") != "cancelled":
            vals = {**vals, "cancelled_by_rule": False}
        return super().write(vals)

    # Booking ------------------------------------------------------------------

    @api.model
    def book(
        self,
        patient_id,
        service_id,
        specialist_id,
        start,
        room_id=None,
        hold_minutes=None,
        note=None,
        complaint=None,
        past_reason=None,
        *,
        is_urgent=False,
    ):
        """Book as everywhere; an urgent visit needs no prepayment, whatever is owed.

        :param is_urgent: for people in a hurry only: no rule cancels such a visit.
        """
        values = {
            "hold_minutes": hold_minutes,
            "note": note,
            "complaint": complaint,
            "past_reason": past_reason,
        }
        if not is_urgent:
            return super().book(
                patient_id, service_id, specialist_id, start, room_id, **values
            )
        values.update(
            patient_id=patient_id,
            service_id=service_id,
            specialist_id=specialist_id,
            start=start,
            room_id=room_id,
            is_urgent=True,
        )
        return self._book({key: value or None for key, value in values.items()}).id

    def _prepare_booking_vals(self, vals, allow_past):
        """Hold for payment what a blocked patient books, by whatever way."""
        asks = self._asks_prepayment(vals) and not allow_past
        if asks and not vals.get("hold_minutes"):
            vals = {**vals, "hold_minutes": self._block_hold_minutes(vals)}
        prepared = super()._prepare_booking_vals(vals, allow_past)
        if asks:
            now = fields.Datetime.now()
            prepared.update(
                prepay_state="asked",
                prepay_asked_at=now,
                prepay_until=prepared["hold_until"],
            )
        return prepared

    @api.model
    def _asks_prepayment(self, vals):
        """Tell whether this booking needs a prepayment because of a block."""
        patient = self.env["res.partner"].browse(vals.get("patient_id") or ())
        service = self.env["product.product"].browse(vals.get("service_id") or ())
        if not patient or not service or vals.get("is_urgent"):
            return False
        # Who stands at the desk pays there: a past or begun time is no booking ahead.
        if self._to_moment(vals.get("start")) <= fields.Datetime.now():
            return False
        if not patient.sudo()._financially_blocked(self.env.company):
            return False
        # Nothing to pay, nothing to ask for.
        return bool(service.sudo()._clinic_price(patient))

    @api.model
    def _block_hold_minutes(self, vals):
        """Return for how long the time is kept: the setting, or until the visit."""
        start = fields.Datetime.to_datetime(vals["start"])
        left = int((start - fields.Datetime.now()).total_seconds() // 60)
        return max(1, min(self.env.company.clinic_block_hold_minutes, left))

    def _after_book(self):
        result = super()._after_book()
        asked = self.filtered(lambda visit: visit.prepay_state == "asked")
        if asked:
            # Sudo: whoever books needs no rights on documents and decisions.
            asked.sudo()._after_block_asked()
        return result

    def _after_block_asked(self):
        """Book at once what the account covers; ask for money for the rest (sudo)."""
        for visit in self:
            if visit._is_covered():
                visit.prepay_state = "met"
                visit.action_confirm()
                continue
            self.env["clinic.finance.decision"]._log(
                "prepayment",
                visit.patient_id,
                visit,
                note=self.env._("The patient is blocked: booked with prepayment only."),
            )
            visit._send_payment_notice("pay_request")

    def _after_payment(self, payment):
        for visit in self:
            if visit.prepay_state == "asked" and visit._is_covered(payment):
                visit.write({"prepay_state": "met", "is_suspended": False})
        return super()._after_payment(payment)

    def _move(self, state, force=False, at=None, **vals):
        if state == "booked":
            self._check_prepaid()
        return super()._move(state, force=force, at=at, **vals)

    def _check_prepaid(self):
        """Raise if a hold that needs a prepayment is to be booked without it."""
        # Sudo: whoever confirms needs not see the account, only that it suffices.
        unpaid = self.sudo().filtered(
            lambda visit: (
                visit.state == "hold"
                and visit.prepay_state == "asked"
                and not visit.is_urgent
                and visit.payment_state != "paid"
                and not visit._is_covered()
            )
        )
        if unpaid:
            raise UserError(
                self.env._(
                    "Visit %(names)s is booked only with prepayment: take the payment "
                    "or send the payment link.",
                    names=", ".join(unpaid.mapped("name")),
                )
            )

    def _check_move(self, state):
        if state == "arrived":
            held = self.filtered(
                lambda visit: visit.state == "hold" and visit.prepay_state == "asked"
            )
            if held:
                raise UserError(
                    self.env._(
                        "%(names)s comes only with prepayment: book the time, take the "
                        "payment, then receive the patient.",
                        names=", ".join(held.patient_id.mapped("name")),
                    )
                )
        return super()._check_move(state)

    def _check_can_arrive(self):
        super()._check_can_arrive()
        held = self.sudo().filtered(
            lambda visit: (
                visit.is_suspended
                and not visit.is_urgent
                and visit.amount_due
                and visit.payment_state != "paid"
            )
        )
        if held:
            raise UserError(
                self.env._(
                    "%(names)s is on hold until it is paid: %(amount)s. Take the "
                    "payment first, or ask the accountant or the director.",
                    names=", ".join(held.mapped("name")),
                    amount=held.currency_id[:1].format(sum(held.mapped("amount_due"))),
                )
            )

    # By rules and by hand -------------------------------------------------------

    def _ask_prepayment(self, hours):
        """Ask for the prepayment within ``hours``, not later than the visit (sudo)."""
        now = fields.Datetime.now()
        for visit in self:
            visit.write(
                {
                    "prepay_state": "asked",
                    "prepay_asked_at": now,
                    "prepay_until": min(now + timedelta(hours=hours), visit.start),
                }
            )
            visit._send_payment_notice("pay_request")

    def _waive_prepayment(self):
        """Insist no more on the prepayment; a hold becomes a booking (sudo)."""
        self.write({"prepay_state": "waived", "is_suspended": False})
        self.filtered(lambda visit: visit.state == "hold").action_confirm()

    def _waive(self, reason):
        """Book or receive without prepayment, by hand; the reason is written down."""
        decisions = self.env["clinic.finance.decision"]
        decisions._check_may_override()
        reason = (reason or "").strip()
        if not reason:
            raise UserError(self.env._("Say why the prepayment is not insisted on."))
        for visit_sudo in self.sudo():
            if not visit_sudo._prepay_sentence():
                raise UserError(
                    self.env._(
                        "No prepayment is asked of %(name)s.", name=visit_sudo.name
                    )
                )
            visit_sudo._waive_prepayment()
            visit_sudo.decision_ids.filtered(
                lambda d: d.state == "done" and d.action in ("prepayment", "suspend")
            ).write(
                {
                    "state": "overridden",
                    "override_reason": reason,
                    "overridden_by_id": self.env.uid,
                    "overridden_at": fields.Datetime.now(),
                }
            )
            decisions._log("waive", visit_sudo.patient_id, visit_sudo, note=reason)

    def _send_payment_notice(self, kind, occurrence=""):
        """Write to the payer, with the link by which the visit is paid (sudo)."""
        now = fields.Datetime.now()
        for visit in self:
            if not visit.amount_due:
                continue
            url = visit.payment_url
            until = visit.prepay_until
            # numbers and dates as who reads them writes them
            payer_sudo = visit.patient_id.sudo()._notice_recipient("email")
            reader = visit.with_context(lang=payer_sudo.lang or self.env.lang)
            self.env["clinic.notice"]._notify(
                kind,
                visit,
                body_values={
                    "link": url,
                    "amount": reader.currency_id.format(visit.amount_due),
                    "until": reader.branch_id._format_local(until) if until else "",
                },
                occurrence=occurrence or str(visit.notice_serial),
                # Also of a visit that has been: the debt is no less for that.
                expires=max(visit.start, now + timedelta(days=PAY_NOTICE_DAYS)),
            )

    def action_waive_prepayment(self):
        """Ask for the reason, then insist no more on the prepayment."""
        self.ensure_one()
        self.env["clinic.finance.decision"]._check_may_override()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "clinic_finance.action_clinic_finance_override"
        )
        action["context"] = {"default_appointment_id": self.id}
        return action
