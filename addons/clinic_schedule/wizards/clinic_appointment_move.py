from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Date

from ..tools.windows import to_minutes

LONGEST_VISIT_HOURS = 8


class ClinicAppointmentMove(models.TransientModel):
    _name = "clinic.appointment.move"
    _description = "Move a Visit"
    _inherit = ["clinic.slot.picker.mixin"]

    appointment_id = fields.Many2one(
        "clinic.appointment", required=True, ondelete="cascade"
    )
    patient_id = fields.Many2one(related="appointment_id.patient_id")
    old_time = fields.Char(related="appointment_id.local_time", string="Now At")
    hand_over = fields.Boolean(
        help="To another specialist: who can and is free at the same time comes first."
    )

    @api.model
    def default_get(self, fields):
        values = super().default_get(fields)
        visit = self.env["clinic.appointment"].browse(
            values.get("appointment_id") or self.env.context.get("active_id") or ()
        )
        if visit:
            today = Date.context_today(self)
            values.update(
                appointment_id=visit.id,
                service_id=visit.service_id.id,
                specialist_id=visit.specialist_id.id,
                date_from=max(visit.day, today),
            )
            if values.get("hand_over"):
                values["specialist_id"] = False
        return values

    def _picker_patient(self):
        super()._picker_patient()
        return self.appointment_id.patient_id

    def _picker_moving(self):
        super()._picker_moving()
        return self.appointment_id

    def _picker_specialists(self, service, specialist):
        found = super()._picker_specialists(service, specialist)
        return found - self.appointment_id.specialist_id if self.hand_over else found

    def _best_offers(self, ranked):
        return super()._best_offers(self._elsewhere(ranked))

    def _soonest_offers(self, ranked):
        return super()._soonest_offers(self._elsewhere(ranked))

    def _elsewhere(self, ranked):
        """Return the windows without the time the visit has: nobody moves there."""
        visit = self.appointment_id
        own = (to_minutes(visit.start), visit.specialist_id.id)
        return [
            item for item in ranked if (item[0].start, item[0].specialist_id) != own
        ]

    @api.depends("appointment_id", "hand_over")
    def _compute_offers(self):
        return super()._compute_offers()

    def _get_offers(self):
        offers = super()._get_offers()
        if self.hand_over and self.service_id:
            offers["mode"] = "hand_over"
            offers["best"] = self._same_time_offers()
        return offers

    def _same_time_offers(self):
        """Return who else can do it, and is free, at the very time of the visit."""
        visit = self.appointment_id
        visits = self.env["clinic.appointment"]
        specialists = self._picker_specialists(self.service_id, self.specialist_id)
        # Who waits at the desk already is not sent to another branch.
        waiting = visit.state == "arrived"
        here = self.branch_id or (waiting and visit.branch_id) or self.branch_id
        slots = visits._find_slots(
            dict.fromkeys(specialists, self.service_id),
            visit.start,
            visit.start + timedelta(hours=LONGEST_VISIT_HOURS),
            branch_ids=here.ids,
            patient=visit.patient_id,
            moving=visit,
            step=1,
        )
        wanted = to_minutes(visit.start)
        same = [slot for slot in slots if slot.start == wanted]
        return [
            self._worded_offer(slot, score, reasons, self._local_start(slot))
            for slot, score, reasons in visits._rank(same, visit.patient_id)
        ]

    def action_move(self):
        """Move the visit; a refusal stays in the dialog, with what is free instead."""
        self.ensure_one()
        specialist, room, start = self._parse_chosen()
        try:
            with self.env.cr.savepoint():
                self.appointment_id.reschedule(
                    start, specialist_id=specialist.id, room_id=room.id or None
                )
        except UserError as error:
            if not hasattr(error, "alternatives"):
                raise
            self.write({"refusal": self._refusal_values(error), "chosen": False})
            action = self.env["ir.actions.act_window"]._for_xml_id(
                "clinic_schedule.action_clinic_appointment_move"
            )
            return {**action, "res_id": self.id}
        return self.appointment_id._change_toast()
