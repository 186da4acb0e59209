from odoo import fields, models


class ClinicBookingWizard(models.TransientModel):
    _inherit = "clinic.booking.wizard"

    referral_id = fields.Many2one("clinic.referral", readonly=True)

    def _prepare_visit_vals(self, patient, service, place):
        vals = super()._prepare_visit_vals(patient, service, place)
        referral = self.referral_id
        if referral and (patient, service) == (
            referral.patient_id,
            referral.service_id,
        ):
            vals["referral_id"] = referral.id
        return vals
