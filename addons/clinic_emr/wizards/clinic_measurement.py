from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..models.clinic_medical_mixin import MEDICAL_GROUPS
from ..models.clinic_medical_record_readers import PRESENT_STATES


class ClinicMeasurement(models.TransientModel):
    """Measured values of a patient, entered in one dialog.

    A nurse measures whoever is in the clinic and learns nothing of the record by that;
    a specialist measures those he treats. What is typed does not stay here.
    """

    _name = "clinic.measurement"
    _description = "Entering of Measurements"

    appointment_id = fields.Many2one("clinic.appointment", readonly=True)
    record_id = fields.Many2one(
        "clinic.medical.record", readonly=True, groups=MEDICAL_GROUPS
    )
    patient_name = fields.Char(string="Patient", compute="_compute_patient")
    patient_caption = fields.Char(string="Sex and Age", compute="_compute_patient")
    sheet = fields.Json(compute="_compute_sheet", store=True, readonly=False)

    @api.depends("appointment_id", "record_id")
    def _compute_patient(self):
        for one in self:
            # as the current user: a dialog may be opened with any id
            patient = one._patient()
            one.patient_name = patient.name
            one.patient_caption = patient._clinic_caption() if patient else False

    @api.depends("appointment_id", "record_id")
    def _compute_sheet(self):
        """All measurements with the norms of the patient, and what was entered."""
        measures = self.env["clinic.measure"].search([])
        for one in self:
            patient = one._patient()
            lines = one._entered()
            one.sheet = {
                "items": [
                    measure._schema(patient, fields.Date.context_today(one))
                    for measure in measures
                ],
                "values": {line.code: line.value_number for line in lines},
            }

    @api.model
    def _action_open(self, **context):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Measurements"),
            "res_model": self._name,
            "views": [(False, "form")],
            "target": "new",
            "context": context,
        }

    def _patient(self):
        self.ensure_one()
        if self.appointment_id:
            self.appointment_id.check_access("read")
            return self.appointment_id.patient_id
        if self.record_id:
            self.record_id.check_access("read")
        return self.record_id.patient_id

    def _check_may_measure(self):
        """Raise unless the patient is here (nurses) or treated (specialists)."""
        self.ensure_one()
        patient = self._patient()
        is_here = self.appointment_id.state in PRESENT_STATES
        if self.env.user.has_group("clinic_base.group_nurse") and is_here:
            return
        if not self.appointment_id or self.env.user.has_group(
            "clinic_base.group_specialist"
        ):
            record = self.record_id or self.env["clinic.medical.record"].search(
                [("patient_id", "=", patient.id)]
            )
            if record and record.is_treated_by_me:
                return
        raise UserError(
            self.env._(
                "Measurements are entered while the patient is in the clinic: the "
                "reception marks the arrival."
            )
        )

    def _encounter_sudo(self):
        """Return the visit that is being written now, in sudo mode."""
        # sudo: whose visit it is, is not the nurse's to read; the values go into it
        visits = self.appointment_id.sudo().encounter_ids
        return visits.filtered(lambda visit: visit.state == "in_progress")[:1]

    def _entered(self):
        """Return what the current user has entered already today."""
        self.ensure_one()
        record_sudo = (
            self.env["clinic.medical.record"]
            .sudo()
            .search([("patient_id", "=", self._patient().id)])
        )
        return record_sudo and record_sudo._measures_of_the_day(
            "clinic", fields.Datetime.now(), self._encounter_sudo()
        )

    def action_save(self):
        """Keep what was measured."""
        self.ensure_one()
        self._check_may_measure()
        values = (self.sheet or {}).get("values")
        values = values if isinstance(values, dict) else {}
        if not any(value not in (None, "") for value in values.values()):
            raise ValidationError(self.env._("Enter at least one value."))
        record_sudo = self.env["clinic.medical.record"]._of_patients_sudo(
            self._patient()
        )
        record_sudo.with_env(self.env)._add_measures(
            values, encounter=self._encounter_sudo()
        )
        # values stay in the record only
        self.sheet = False
        return {"type": "ir.actions.act_window_close"}
