from datetime import timedelta

from odoo import models
from odoo.exceptions import UserError, ValidationError

from .clinic_appointment import MOVING

# A visit that goes on may take longer, too; where it began is history.
STRETCHABLE = (*MOVING, "in_progress")
MAX_DURATION = 12 * 60


class ClinicAppointment(models.Model):
    _name = "clinic.appointment"
    _inherit = ["clinic.appointment", "clinic.board.mixin"]

    def _board_fields(self):
        return super()._board_fields() | {
            "state",
            "hold_until",
            "patient_id",
            "service_id",
            "note",
        }

    def _board_spans(self):
        yield from super()._board_spans()
        for visit in self:
            yield visit.branch_id, visit.start, visit.stop

    def set_duration(self, minutes):
        """Make a visit longer or shorter, its start stays; return True.

        :param minutes: the new length; what it takes goes through the ledger.
        :raise UserError: in one sentence, with what is free instead.
        """
        self.ensure_one()
        self.check_access("write")
        self._check_may_book(self.specialist_id)
        if not isinstance(minutes, int) or not 0 < minutes <= MAX_DURATION:
            raise ValidationError(
                self.env._("A visit takes from 1 minute to 12 hours.")
            )
        if self.state not in STRETCHABLE:
            raise UserError(
                self.env._(
                    "The length of appointment %(name)s cannot be changed any more: it "
                    "is in the state “%(state)s”.",
                    name=self.name,
                    state=self._state_label(),
                )
            )
        names = ("start", "stop", "duration", "specialist_id", "room_id", "local_time")
        old = {name: self[name] for name in names}
        plan = self._plan(
            {
                "patient_id": self.patient_id.id,
                "service_id": self.service_id.id,
                "specialist_id": self.specialist_id.id,
                "start": self.start,
                "room_id": self.room_id.id,
                "duration": minutes,
            },
            allow_past=True,
            moving=self,
        )
        # sudo: the right to write was checked; the time itself only changes here
        self.sudo().write(
            {
                "plan": plan,
                "stop": self.start + timedelta(minutes=minutes),
                "duration": minutes,
            }
        )
        self._message_log(
            body=self.env._(
                "Length changed: %(minutes)s minutes, till %(stop)s.",
                minutes=minutes,
                stop=self.branch_id._format_local(self.stop),
            )
        )
        self._after_reschedule(old)
        return True

    def _board_actions(self):
        """Return the buttons of the visit on the board, for the present user.

        Each ``{"name", "label", "icon", "kind"}``: of the kind ``state`` the board
        calls the method and offers to undo it, of the kind ``open`` the method returns
        an action. Extend, call super.
        """
        self.ensure_one()
        if not self.has_access("write"):
            return []
        _ = self.env._
        buttons = []

        def add(name, label, icon, kind="state"):
            buttons.append({"name": name, "label": label, "icon": icon, "kind": kind})

        if self.state == "hold":
            add("action_confirm", _("Book"), "fa-check")
        if self.state == "booked":
            add("action_confirm", _("Confirmed by the Patient"), "fa-phone")
        if self.state in ("booked", "confirmed") and self.is_today:
            add("action_arrive", _("Arrived"), "fa-map-marker")
        treats = self.env.user.has_group("clinic_base.group_specialist")
        if self.state == "arrived" and treats:
            add("action_start", _("Start"), "fa-play")
        if self.state in ("arrived", "in_progress") and treats:
            add("action_fulfil", _("Done"), "fa-flag-checkered")
        if self.state in ("booked", "confirmed") and self.has_begun:
            add("action_noshow", _("Did Not Come"), "fa-user-times")
        if self.state in ("booked", "confirmed", "arrived"):
            add("action_open_hand_over", _("Hand Over"), "fa-user-md", "open")
        if self.state in MOVING:
            add("action_open_cancel", _("Cancel the Visit"), "fa-times", "open")
        return buttons
