from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from .clinic_medical_mixin import MEDICAL_GROUPS


class ClinicAppointment(models.Model):
    _inherit = "clinic.appointment"

    patient_caption = fields.Char(
        string="Sex and Age", compute="_compute_patient_caption"
    )
    encounter_ids = fields.One2many(
        "clinic.encounter", "appointment_id", string="Visits", groups=MEDICAL_GROUPS
    )
    has_encounter = fields.Boolean(
        compute="_compute_has_encounter", groups=MEDICAL_GROUPS
    )

    @api.depends("patient_id.gender", "patient_id.birthdate_date")
    @api.depends_context("lang")
    def _compute_patient_caption(self):
        for appointment in self:
            appointment.patient_caption = appointment.patient_id._clinic_caption()

    @api.depends("encounter_ids")
    def _compute_has_encounter(self):
        # sudo: that a visit is written down is no secret among medical staff
        for appointment in self:
            appointment.has_encounter = bool(appointment.sudo().encounter_ids)

    def action_open_encounter(self):
        """Open the visit; the specialist's first click begins it."""
        self.ensure_one()
        self.env["clinic.encounter"].check_access("read")
        # sudo: a visit of somebody else's patient must be found to be refused
        encounter = self.sudo().encounter_ids.with_env(self.env)
        if encounter:
            encounter.check_access("read")
            return encounter.action_open()
        return self._start_encounters().action_open()

    def action_open_medical_record(self):
        """Open the patient's whole medical record."""
        self.ensure_one()
        return self.patient_id.action_clinic_medical_record()

    def _start_encounters(self, when=None):
        """Begin the visits of the current user's own appointments and return them.

        :param when: the moment they began, naive UTC; by default when the appointment
            was started
        """
        self._check_can_start_encounter()
        self.filtered(lambda visit: visit.state == "arrived").action_start()
        return self.env["clinic.encounter"]._open(self, when=when)

    def _check_can_start_encounter(self):
        """Refuse other people's appointments and those whose patient is not here."""
        is_specialist = self.env.user.has_group("clinic_base.group_specialist")
        for appointment in self:
            if not self.env.su and not (
                is_specialist and appointment.specialist_id.user_id == self.env.user
            ):
                raise AccessError(
                    self.env._(
                        "Only the specialist who receives the patient may do this."
                    )
                )
            if appointment.state in ("hold", "booked", "confirmed"):
                raise UserError(
                    self.env._(
                        "%(patient)s has not arrived yet: the reception marks the "
                        "arrival, then the visit can begin.",
                        patient=appointment.patient_id.name,
                    )
                )
            if appointment.state in ("cancelled", "noshow"):
                raise UserError(
                    self.env._(
                        "The appointment of %(patient)s did not take place, there is "
                        "no visit to write.",
                        patient=appointment.patient_id.name,
                    )
                )
