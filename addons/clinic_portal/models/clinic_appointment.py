from datetime import datetime, timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from odoo.addons.clinic_schedule.tools.windows import from_minutes

from ..tools.grouping import Window

HOLD_MINUTES = 15
LEAD_MINUTES = 30

OPEN_STATES = ("hold", "booked", "confirmed", "arrived", "in_progress")
CANCELLABLE_STATES = ("hold", "booked", "confirmed")


class ClinicAppointment(models.Model):
    _inherit = "clinic.appointment"

    @api.model
    def _clinic_web_offers(self, services, start, stop, branch_ids, per_day=None):
        """Return :class:`~..tools.grouping.Window` for people to choose from, by time.

        :param services: the service to look for, by specialist
        :param per_day: at most so many of one specialist's day
        """
        earliest = fields.Datetime.now() + timedelta(minutes=LEAD_MINUTES)
        # up to the next five-minute mark: nobody comes at 13:38
        earliest += -(earliest - datetime.min) % timedelta(minutes=5)
        found = self._find_slots(services, max(start, earliest), stop, branch_ids)
        slots = self._pick_offers(found, per_day)
        branches = {
            branch.id: branch
            for branch in self.env["clinic.branch"].browse({s.branch_id for s in slots})
        }
        service_ids = {s.id: service.id for s, service in services.items()}
        windows = []
        for slot in slots:
            begins = from_minutes(slot.start)
            windows.append(
                Window(
                    service_id=service_ids[slot.specialist_id],
                    specialist_id=slot.specialist_id,
                    branch_id=slot.branch_id,
                    start=begins,
                    local=branches[slot.branch_id]._localize(begins),
                )
            )
        return windows

    @api.model
    def _clinic_web_is_free(self, service, specialist, branch, start):
        """Tell whether exactly this window is among those to be booked now."""
        # A day around: the ends of the search are no ends of a free window.
        slots = self._find_slots(
            {specialist: service},
            start - timedelta(days=1),
            start + timedelta(days=1),
            branch.ids,
        )
        return any(from_minutes(slot.start) == start for slot in slots)

    @api.model
    def _clinic_web_book(self, patient, service, specialist, start, hold):
        """Book for a patient from the website; return the appointment.

        Price, duration, room and branch are the server's: nothing of them is taken
        from the visitor.
        """
        self._clinic_web_check_share(patient, specialist, start)
        return self._book(
            {
                "patient_id": patient.id,
                "service_id": service.id,
                "specialist_id": specialist.id,
                "start": start,
                "hold_minutes": HOLD_MINUTES if hold else None,
                "origin": "web",
            }
        )

    @api.model
    def _clinic_web_check_share(self, patient, specialist, start):
        """Refuse to give one patient more of the schedule than one needs."""
        limit = self.env["clinic.portal.attempt"]._get_limit
        now = fields.Datetime.now()
        ahead = self.search(
            Domain("patient_id", "=", patient.id)
            & Domain("start", ">", now)
            & (
                Domain("state", "in", ("booked", "confirmed"))
                | Domain("state", "=", "hold") & Domain("hold_until", ">", now)
            )
        )
        same_day = ahead.filtered(
            lambda visit: (
                visit.specialist_id == specialist
                and visit.day == visit.branch_id._localize(start).date()
            )
        )
        if limit("same_day") and len(same_day) >= limit("same_day"):
            raise UserError(
                self.env._(
                    "You have visits to this specialist on that day already. If you "
                    "need one more, please call us."
                )
            )
        if limit("ahead") and len(ahead) >= limit("ahead"):
            raise UserError(
                self.env._(
                    "You have many visits ahead already. If you need one more, please "
                    "call us."
                )
            )

    @api.model
    def _clinic_family_domain(self, partner):
        """Return the domain of the visits a person may see: own and the wards'."""
        return Domain("patient_id", "in", partner._clinic_family().ids)

    def _clinic_is_held(self):
        """Tell whether the window is still kept for a payment."""
        self.ensure_one()
        return (
            self.state == "hold"
            and bool(self.hold_until)
            and self.hold_until > fields.Datetime.now()
        )

    def _clinic_can_cancel(self):
        self.ensure_one()
        if self.state == "hold":
            return self._clinic_is_held()
        return self.state in CANCELLABLE_STATES and self.start > fields.Datetime.now()

    def _clinic_can_confirm(self):
        self.ensure_one()
        return self.state == "booked" and self.start > fields.Datetime.now()

    def _clinic_can_pay_later(self):
        """Tell whether a held window may become a booking without money."""
        self.ensure_one()
        later = self.service_id.prepayment in ("none", "after")
        return self._clinic_is_held() and later and self.prepay_state != "asked"

    def _clinic_web_cancel(self, reason=None):
        """Cancel on the patient's word."""
        for appointment in self:
            if not appointment._clinic_can_cancel():
                raise UserError(
                    self.env._(
                        "This visit cannot be cancelled on the website any more. "
                        "Please call the branch."
                    )
                )
        self.action_cancel(reason or self.env._("Cancelled by the patient"))

    def _clinic_web_confirm(self):
        for appointment in self:
            if not appointment._clinic_can_confirm():
                raise UserError(
                    self.env._("There is nothing to confirm: the visit has changed.")
                )
        self.action_confirm()

    def _clinic_web_pay_later(self):
        for appointment in self:
            if not appointment._clinic_can_pay_later():
                raise UserError(
                    self.env._(
                        "The time kept for you has run out, or this service is paid "
                        "in advance only."
                    )
                )
        self.action_confirm()

    def _clinic_web_pay_from_balance(self):
        """Book a held window with money that is on the account already."""
        for appointment in self:
            if not (appointment._clinic_is_held() and appointment._is_covered()):
                raise UserError(
                    self.env._(
                        "The time kept for you has run out, or the money on the "
                        "account is not enough."
                    )
                )
        self.action_confirm()
