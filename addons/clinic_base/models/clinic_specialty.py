from odoo import fields, models


class ClinicSpecialty(models.Model):
    _name = "clinic.specialty"
    _description = "Medical Specialty"
    _order = "sequence, name"

    name = fields.Char(required=True, translate=True)
    code = fields.Char()
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    description = fields.Text(
        translate=True, help="Shown to patients who choose a specialist."
    )
    specialist_ids = fields.Many2many(
        "clinic.specialist",
        "clinic_specialist_clinic_specialty_rel",
        "clinic_specialty_id",
        "clinic_specialist_id",
        string="Specialists",
    )

    _code_uniq = models.UniqueIndex(
        "(code) WHERE code IS NOT NULL", "Another specialty has this code already."
    )
