from odoo import fields, models

from ..tools import sheet


class ClinicMeasure(models.Model):
    """Something that is measured: by a nurse, in a visit, by the patient at home.

    The code unites the values of visits, of the nurses' room and of the patient into
    one course over time, and fields of templates with the same code share its norms.
    """

    _name = "clinic.measure"
    _description = "Measurement"
    _inherit = ["clinic.norm.mixin"]
    _order = "sequence, name, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(
        required=True,
        help="Fields of visit templates with this code take part in the same course "
        "of values and share the norms by sex and age.",
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    unit_id = fields.Many2one("clinic.unit", ondelete="restrict")
    minimum = fields.Float(
        string="Least Possible",
        digits=False,
        help="A smaller number is refused as a slip.",
    )
    maximum = fields.Float(
        string="Greatest Possible",
        digits=False,
        help="A greater number is refused as a slip.",
    )
    low = fields.Float(string="Norm From", digits=False)
    high = fields.Float(string="Norm To", digits=False)
    critical_low = fields.Float(string="Critical Below", digits=False)
    critical_high = fields.Float(string="Critical Above", digits=False)
    range_ids = fields.One2many(
        "clinic.reference.range",
        "measure_id",
        string="Norms by Sex and Age",
        copy=True,
    )
    norm_source = fields.Char(
        string="Source of the Norms",
        translate=True,
        help="What the norms rest on. Those that come along are customary values: the "
        "chief physician confirms them or sets those of the clinic.",
    )
    is_home = fields.Boolean(
        string="By the Patient", help="Patients may enter it in their account."
    )

    _code_uniq = models.Constraint(
        "UNIQUE(code)", "There is a measurement with this code already."
    )

    def copy_data(self, default=None):
        vals_list = super().copy_data(default=default)
        for vals in vals_list:
            vals["code"] = self.env._("%s_copy", vals["code"])
        return vals_list

    def _sheet_item(self):
        """Return what the calculator must know of the number."""
        self.ensure_one()
        return sheet.Item("number", (), *sheet.bounds(self.minimum, self.maximum))

    def _schema(self, patient=None, day=None):
        """Return what the form must know, with the norms of the patient."""
        self.ensure_one()
        item = self._sheet_item()
        low, high, critical_low, critical_high = self._norms(patient, day)
        return {
            "code": self.code,
            "name": self.name,
            "part": "vitals",
            "kind": "number",
            "required": False,
            "choices": [],
            "unit": self.unit_id.name or "",
            "minimum": item.minimum,
            "maximum": item.maximum,
            "low": low,
            "high": high,
            "critical_low": critical_low,
            "critical_high": critical_high,
        }

    def _prepare_observation_vals(self, number, patient, when):
        """Return what is kept of a measured number."""
        self.ensure_one()
        return {
            "measure_id": self.id,
            "sequence": self.sequence,
            "part": "vitals",
            "code": self.code,
            "name": self.name,
            "kind": "number",
            "unit_id": self.unit_id.id,
            "value_number": number,
            "effective": when,
            **self._judge(
                number, patient, fields.Datetime.context_timestamp(self, when).date()
            ),
        }
