from odoo import api, fields, models
from odoo.fields import Date


class ClinicAppointmentMove(models.TransientModel):
    _name = "clinic.appointment.move"
    _description = "Move a Visit"
    _inherit = ["clinic.slot.picker.mixin"]

    appointment_id = fields.Many2one(
        "clinic.appointment", required=True, ondelete="cascade"
    )
    patient_id = fields.Many2one(related="appointment_id.patient_id")
    old_time = fields.Char(related="appointment_id.local_time", string="Now At")

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
        return values

    def _picker_patient(self):
        super()._picker_patient()
        return self.appointment_id.patient_id

    def _picker_moving(self):
        super()._picker_moving()
        return self.appointment_id

    @api.depends("appointment_id")
    def _compute_offers(self):
        return super()._compute_offers()

    def action_move(self):
        self.ensure_one()
        specialist, room, start = self._parse_chosen()
        self.appointment_id.reschedule(
            start, specialist_id=specialist.id, room_id=room.id or None
        )
        return self.appointment_id._change_toast()
