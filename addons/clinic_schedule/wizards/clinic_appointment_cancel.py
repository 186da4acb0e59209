from odoo import api, fields, models


class ClinicAppointmentCancel(models.TransientModel):
    _name = "clinic.appointment.cancel"
    _description = "Cancel a Visit"

    appointment_ids = fields.Many2many(
        "clinic.appointment",
        required=True,
        default=lambda self: self.env.context.get("active_ids"),
    )
    summary = fields.Text(compute="_compute_summary")
    preset = fields.Selection(
        [
            ("patient", "The patient asked"),
            ("late", "The patient cannot come in time"),
            ("clinic", "The clinic cannot hold the visit"),
            ("mistake", "Booked by mistake"),
            ("other", "Other"),
        ],
        string="Reason",
        required=True,
        default="patient",
    )
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
        self.ensure_one()
        labels = dict(self._fields["preset"]._description_selection(self.env))
        words = [labels[self.preset] if self.preset != "other" else "", self.details]
        reason = ": ".join(word for word in words if word)
        self.appointment_ids.action_cancel(reason or labels["other"])
        return {"type": "ir.actions.act_window_close"}
