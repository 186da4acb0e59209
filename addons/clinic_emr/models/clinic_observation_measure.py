from odoo import fields, models

SOURCES = [("clinic", "Clinic"), ("patient", "Patient")]


class ClinicObservation(models.Model):
    """Who measured it, and the norm of that day."""

    _inherit = "clinic.observation"

    measure_id = fields.Many2one(
        "clinic.measure",
        string="Measurement",
        index="btree_not_null",
        ondelete="restrict",
    )
    source = fields.Selection(
        SOURCES,
        required=True,
        default="clinic",
        readonly=True,
        help="What the patient enters is shown apart from what the clinic measured.",
    )
    reference = fields.Char(
        string="Norm", readonly=True, help="By sex and age, as it stood on that day."
    )
