from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_amount

from .clinic_appointment import MOVING

FOUND = 8
STATE_METHODS = (
    "action_confirm",
    "action_arrive",
    "action_start",
    "action_fulfil",
    "action_noshow",
)


class ClinicBoardActions(models.AbstractModel):
    """What can be done on the board. Refusals are answers here, not errors."""

    _inherit = "clinic.board"

    @api.model
    def get_visit(self, visit_id):
        """Return what the card of a visit opens to, with the buttons of the user."""
        visit = self.env["clinic.appointment"].browse(visit_id).exists()
        if not visit:
            raise UserError(self.env._("This visit does not exist any more."))
        visit.check_access("read")
        patient = visit.patient_id
        return {
            "id": visit.id,
            "number": visit.name,
            "patient_id": patient.id,
            "patient": patient.name or "",
            "patient_number": patient.patient_number or "",
            "phone": visit.contact_phone or "",
            "age": patient.age if patient.birthdate_date else False,
            "service": visit.service_id.name or "",
            "service_id": visit.service_id.id,
            "specialist": visit.specialist_id.name or "",
            "room": visit.room_id.name or "",
            "time": visit.local_time,
            "minutes": visit.duration,
            "state": visit.state,
            "state_label": visit._state_label(),
            "note": visit.note or "",
            "price": self._visit_price(visit),
            "facts": self._visit_facts(visit),
            "actions": visit._board_actions(),
            "can_move": visit.has_access("write") and visit.state in MOVING,
        }

    @api.model
    def _visit_price(self, visit):
        """Return the price for people to read. Extend it where prices are kept."""
        amount = visit.service_id.list_price
        return format_amount(self.env, amount, visit.company_id.currency_id)

    @api.model
    def _visit_facts(self, visit):
        """Return rows ``{"icon", "text", "tone"}`` on the visit. Extend, call super."""
        return []

    @api.model
    def move_visit(self, visit_id, start, specialist_id=None, room_id=None):
        """Move a visit; return ``{"ok": True, …}`` or why not and what is free.

        :param start: naive UTC, ``YYYY-MM-DD HH:MM:SS``.
        """
        visit = self.env["clinic.appointment"].browse(visit_id)
        old = self._where(visit)
        if visit.series_id and visit.state != "hold":
            # One of many: the user is asked which of them.
            action = visit.action_open_series_move(start, specialist_id, room_id)
            return {"ok": True, "undo": False, "action": action}
        return self._attempt(
            visit,
            lambda: visit.reschedule(
                start, specialist_id=specialist_id, room_id=room_id
            ),
            {"method": "move_visit", "args": [visit_id, *old]},
        )

    @api.model
    def resize_visit(self, visit_id, minutes):
        """Make a visit longer or shorter; answers like :meth:`move_visit`."""
        visit = self.env["clinic.appointment"].browse(visit_id)
        old = visit.duration
        return self._attempt(
            visit,
            lambda: visit.set_duration(minutes),
            {"method": "resize_visit", "args": [visit_id, old]},
        )

    @api.model
    def run(self, visit_id, method):
        """Bring a visit into another state; answers like :meth:`move_visit`."""
        if method not in STATE_METHODS:
            raise UserError(self.env._("The board does not know this button."))
        visit = self.env["clinic.appointment"].browse(visit_id)
        return self._attempt(visit, getattr(visit, method))

    @api.model
    def undo(self, change_ids):
        """Take changes back, all or none; answers like :meth:`move_visit`.

        :param change_ids: an id, or several in the order they were made: the last is
            taken back first, for it may stand in the way of the others.
        """
        visits = self.env["clinic.appointment"]
        if isinstance(change_ids, int):
            change_ids = [change_ids]
        return self._attempt(
            visits, lambda: [visits.undo(one) for one in reversed(change_ids)]
        )

    @api.model
    def _where(self, visit):
        return [str(visit.start), visit.specialist_id.id, visit.room_id.id or None]

    @api.model
    def _attempt(self, visit, change, undo=None):
        """Do it, or undo it all and tell why not, with what is free instead."""
        before = self._last_change(visit)
        try:
            with self.env.cr.savepoint():
                change()
        except UserError as error:
            return {
                "ok": False,
                "message": getattr(error, "sentence", None) or str(error),
                "alternatives": [
                    self._alternative(visit, slot)
                    for slot in getattr(error, "alternatives", ())
                ],
            }
        after = self._last_change(visit)
        if after and after != before:
            undo = {"method": "undo", "args": [after]}
        return {"ok": True, "undo": undo or False}

    @api.model
    def _last_change(self, visit):
        """Return the id of the last change that can be taken back, if kept at all."""
        if not visit:
            return 0
        # sudo: only its number is read; who may take it back is checked there
        changes_sudo = self.env["clinic.appointment.change"].sudo()
        return changes_sudo.search(
            [("appointment_id", "=", visit.id)], order="id desc", limit=1
        ).id

    @api.model
    def _alternative(self, visit, slot):
        branch = self.env["clinic.branch"].browse(slot["branch_id"])
        specialist = self.env["clinic.specialist"].browse(slot["specialist_id"])
        label = branch._format_local(fields.Datetime.to_datetime(slot["start"]))
        if specialist != visit.specialist_id:
            label = f"{label}, {specialist.name}"
        return {
            "label": label,
            "start": slot["start"],
            "specialist_id": slot["specialist_id"],
            "room_id": slot["room_id"],
        }

    @api.model
    def search_patients(self, text):
        """Return patients by phone in any spelling, name or number, for the panel."""
        text = (text or "").strip()
        if len(text) < 2:
            return []
        patients = self.env["res.partner"].search(
            [("is_patient", "=", True), ("display_name", "ilike", text)], limit=FOUND
        )
        return [
            {
                "id": patient.id,
                "name": patient.name,
                "phone": patient.clinic_phone_display or "",
                "age": patient.age if patient.birthdate_date else False,
                "number": patient.patient_number or "",
            }
            for patient in patients
        ]

    @api.model
    def get_waitlist(self, branch_id, day):
        """Return the waiting list for the panel; nothing where there is none."""
        waiting = self.env["clinic.waitlist"]
        if not waiting.has_access("read"):
            return []
        return waiting.board_entries(branch_id, day)

    @api.model
    def book_waiting(self, entry_id, start, specialist_id, room_id=None):
        """Book an entry of the waiting list; answers like :meth:`move_visit`."""
        entry = self.env["clinic.waitlist"].browse(entry_id)
        visits = self.env["clinic.appointment"]
        booked = []
        answer = self._attempt(
            visits,
            lambda: booked.append(entry.book_at(specialist_id, start, room_id=room_id)),
        )
        change_id = self._last_change(visits.browse(booked))
        if change_id:
            answer["undo"] = {"method": "undo", "args": [change_id]}
        return answer
