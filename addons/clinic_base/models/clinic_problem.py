from odoo import fields, models


class ClinicProblem(models.Model):
    _name = "clinic.problem"
    _description = "Problem Category"
    _order = "sequence, name"

    name = fields.Char(
        required=True, translate=True, help="In the patient's words, not the doctor's."
    )
    description = fields.Text(translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    specialty_ids = fields.Many2many(
        "clinic.specialty",
        string="Specialties",
        help="The specialties that deal with it.",
    )
