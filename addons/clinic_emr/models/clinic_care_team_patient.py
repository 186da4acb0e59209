from odoo import fields, models


class ClinicCareTeamPatient(models.Model):
    """A patient of a care team."""

    _name = "clinic.care.team.patient"
    _description = "Patient of a Care Team"
    _rec_name = "team_id"

    team_id = fields.Many2one(
        "clinic.care.team", required=True, index=True, ondelete="cascade"
    )
    patient_id = fields.Many2one(
        "res.partner",
        required=True,
        index=True,
        ondelete="cascade",
        domain=[("is_patient", "=", True)],
    )
    patient_number = fields.Char(related="patient_id.patient_number")
    note = fields.Char()

    _once = models.Constraint(
        "UNIQUE(team_id, patient_id)", "This patient is in the team already."
    )
