from odoo import api, fields, models
from odoo.exceptions import UserError


class ClinicAppointmentCancel(models.TransientModel):
    _name = "clinic.appointment.cancel"
    _description = "Cancel a Visit"

    appointment_ids = fields.Many2many(
        "clinic.appointment",
        required=True,
        default=lambda self: self.env.context.get("active_ids"),
    )
    summary = fields.Text(compute="_compute_summary")
    reason_id = fields.Many2one(
        "clinic.cancel.reason",
        required=True,
        default=lambda self: self.env["clinic.cancel.reason"].search([], limit=1),
    )
    needs_details = fields.Boolean(related="reason_id.needs_details")
    details = fields.Char(help="Nothing medical: everybody at the desk reads it.")

    @api.depends("appointment_ids")
    def _compute_summary(self):
        for wizard in self:
            wizard.summary = "\n".join(
                f"{visit.patient_id.name}: {visit.local_time}, "
                f"{visit.specialist_id.name}"
                for visit in wizard.appointment_ids
            )

    def action_cancel(self):
        """Cancel the visits and say so, with a way back."""
        self.ensure_one()
        if self.needs_details and not (self.details or "").strip():
            raise UserError(self.env._("Write in a few words why."))
        visits = self.appointment_ids
        visits.action_cancel(self.details, reason_id=self.reason_id.id)
        return visits._change_toast()
