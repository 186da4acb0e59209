from odoo import fields, models

LINE_KINDS = [
    ("examination", "Examination"),
    ("laboratory", "Laboratory test"),
    ("diagnostic", "Diagnostic test"),
    ("procedure", "Procedure"),
    ("medication", "Prescription"),
    ("check", "Check"),
]
SECTIONS = [
    ("complaint", "Complaints"),
    ("anamnesis", "History of the Illness"),
    ("examination", "Examination"),
    ("recommendations", "Recommendations"),
]


class ClinicCareStandardLine(models.Model):
    _name = "clinic.care.standard.line"
    _description = "Line of a Treatment Standard"
    _order = "standard_id, sequence, id"

    standard_id = fields.Many2one(
        "clinic.care.standard", required=True, index=True, ondelete="cascade"
    )
    sequence = fields.Integer(default=10)
    kind = fields.Selection(LINE_KINDS, required=True, default="examination")
    name = fields.Char(string="What Is to Be Done", required=True)
    service_id = fields.Many2one(
        "product.product",
        domain=[("is_clinic_service", "=", True)],
        ondelete="restrict",
        help="Ticked by itself when this service is ordered or is the visit's own.",
    )
    substance = fields.Char(
        help="Ticked by itself when a medicine with this substance is prescribed; of "
        "several, separated by commas, any will do."
    )
    section = fields.Selection(
        SECTIONS, help="Ticked by itself when this part of the visit is written."
    )
    observation_code = fields.Char(
        string="Value", help="Ticked by itself when this value is measured."
    )
    required = fields.Boolean(
        default=True, help="Missing it makes the record incomplete."
    )
    interval_days = fields.Integer(
        string="Repeat Every, Days",
        help="Reminds of it when it has not been done for so long. 0: once.",
    )

    _interval_not_negative = models.Constraint(
        "CHECK(interval_days >= 0)", "The interval can't be negative."
    )

    def _substances(self):
        """Return the substances any of which will do, in small letters."""
        self.ensure_one()
        names = (self.substance or "").lower().split(",")
        return {name.strip() for name in names} - {""}
