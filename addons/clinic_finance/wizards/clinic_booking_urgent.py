from odoo import fields, models


class ClinicBookingWizard(models.TransientModel):
    """Urgent visits are booked whatever the patient owes."""

    _inherit = "clinic.booking.wizard"

    is_urgent = fields.Boolean(
        string="Urgent", help="Booked without prepayment, whatever the patient owes."
    )

    def _prepare_visit_vals(self, patient, service, place):
        vals = super()._prepare_visit_vals(patient, service, place)
        return {**vals, "is_urgent": True} if self.is_urgent else vals
