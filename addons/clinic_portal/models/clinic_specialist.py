from odoo import fields, models


class ClinicSpecialist(models.Model):
    """What visitors of the website see of a specialist."""

    _inherit = "clinic.specialist"

    on_website = fields.Boolean(
        string="On the Website",
        default=True,
        help="Switched off, the specialist is neither shown nor offered there.",
    )
    languages = fields.Char(
        translate=True, help="In which one receives patients, e.g. Russian, English."
    )
