from datetime import timedelta

from odoo import api, fields, models

NURSE = "clinic_base.group_nurse"


class ClinicAppointment(models.Model):
    """What a nurse does for whoever is in the clinic: measures, takes consents."""

    _inherit = "clinic.appointment"

    measured_by_me = fields.Char(
        string="Measured",
        compute="_compute_measured_by_me",
        groups=NURSE,
        help="What the current user has measured in this patient today.",
    )

    @api.depends("patient_id")
    @api.depends_context("uid", "lang")
    def _compute_measured_by_me(self):
        starts = [visit.start for visit in self if visit.start]
        since = min(starts, default=fields.Datetime.now()) - timedelta(days=1)
        # one's own values are no look into the record
        lines = self.env["clinic.observation"].search(
            [
                ("patient_id", "in", self.patient_id.ids),
                ("performer_id", "=", self.env.uid),
                ("measure_id", "!=", False),
                ("effective", ">=", since),
            ],
            order="sequence, id",
        )
        for visit in self:
            visit.measured_by_me = "; ".join(
                f"{line.name}: {line.value}"
                for line in lines
                if line.patient_id == visit.patient_id
                and visit.branch_id._localize(line.effective).date() == visit.day
            )

    def action_measure(self):
        """Open the dialog of measurements."""
        self.ensure_one()
        return self.env["clinic.measurement"]._action_open(
            default_appointment_id=self.id
        )
