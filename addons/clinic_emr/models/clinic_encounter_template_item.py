from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..tools import sheet

KINDS = [
    ("heading", "Heading"),
    ("text", "Text"),
    ("choice", "One of a list"),
    ("multi", "Several of a list"),
    ("number", "Numeric value"),
    ("scale", "Scale"),
    ("side", "Side of the body"),
    ("eye", "Eye"),
    ("tooth", "Teeth"),
    ("date", "Date"),
    ("boolean", "Yes or no"),
]
PARTS = [
    ("complaint", "Complaints"),
    ("anamnesis", "History"),
    ("vitals", "Measurements"),
    ("examination", "Examination"),
    ("recommendations", "Recommendations"),
]
# the longest scale that is still a row of buttons
MAX_SCALE = 20


class ClinicEncounterTemplateItem(models.Model):
    """A typed field of a visit."""

    _name = "clinic.encounter.template.item"
    _description = "Field of a Visit Template"
    _order = "version_id, sequence, id"

    version_id = fields.Many2one(
        "clinic.encounter.template.version",
        required=True,
        index=True,
        ondelete="cascade",
    )
    sequence = fields.Integer(default=10)
    part = fields.Selection(PARTS, required=True, default="examination")
    name = fields.Char(string="Label", required=True, translate=True)
    code = fields.Char(
        required=True,
        compute="_compute_code",
        store=True,
        readonly=False,
        precompute=True,
        help="Stays the same from version to version, so that values can be compared.",
    )
    kind = fields.Selection(KINDS, required=True, default="text")
    required = fields.Boolean(help="The visit can't be finished without it.")
    choices = fields.Text(translate=True, help="One a line.")
    default_value = fields.Char(
        string="Usual", translate=True, help="Stands in a new visit at once."
    )
    unit_id = fields.Many2one("clinic.unit", ondelete="restrict")
    minimum = fields.Float(string="Least Possible")
    maximum = fields.Float(string="Greatest Possible")
    low = fields.Float(string="Norm From")
    high = fields.Float(string="Norm To")
    critical_low = fields.Float(string="Critical Below")
    critical_high = fields.Float(string="Critical Above")

    _code_uniq = models.Constraint(
        "UNIQUE(version_id, code)", "Two fields of a template have the same code."
    )

    @api.depends("version_id")
    def _compute_code(self):
        """The next free number of the version; only an own code is ever changed."""
        for item in self:
            if not item.code:
                taken = set((item.version_id.item_ids - item).mapped("code"))
                number = len(taken) + 1
                while f"field_{number}" in taken:
                    number += 1
                item.code = f"field_{number}"

    @api.constrains("kind", "choices")
    def _check_choices(self):
        for item in self:
            if item.kind in ("choice", "multi") and not sheet.parse_choices(
                item.choices
            ):
                raise ValidationError(
                    self.env._(
                        "%(field)s: write the choices, one a line.", field=item.name
                    )
                )

    @api.constrains("kind", "minimum", "maximum")
    def _check_scale(self):
        for item in self:
            if (
                item.kind == "scale"
                and not 0 < item.maximum - item.minimum <= MAX_SCALE
            ):
                raise ValidationError(
                    self.env._(
                        "%(field)s: a scale goes from the least to the greatest value, "
                        "at most %(most)s steps.",
                        field=item.name,
                        most=MAX_SCALE,
                    )
                )

    @api.constrains("default_value", "kind", "choices", "minimum", "maximum")
    def _check_default_value(self):
        for item in self.filtered("default_value"):
            try:
                sheet.read_value(item._sheet_item(), item._usual_value())
            except ValueError as error:
                raise ValidationError(
                    self.env._(
                        "%(field)s: the usual value does not fit the field.",
                        field=item.name,
                    )
                ) from error

    @api.model_create_multi
    def create(self, vals_list):
        items = super().create(vals_list)
        items.version_id._check_not_used()
        return items

    def write(self, vals):
        self.version_id._check_not_used()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        self.version_id._check_not_used()

    def _sheet_item(self):
        """Return what the calculator must know of the field."""
        self.ensure_one()
        minimum, maximum = (
            (self.minimum, self.maximum)
            if self.kind == "scale"
            else sheet.bounds(self.minimum, self.maximum)
        )
        return sheet.Item(
            self.kind, sheet.parse_choices(self.choices), minimum, maximum
        )

    def _usual_value(self):
        """Return the usual value as the form gives it."""
        self.ensure_one()
        if self.kind == "multi":
            return list(sheet.parse_choices(self.default_value.replace(";", "\n")))
        if self.kind == "boolean":
            return self.default_value.strip().lower() in ("1", "yes", "да")
        if self.kind in sheet.NUMBERS:
            return float(self.default_value.replace(",", "."))
        return self.default_value

    def _schema(self, patient=None, day=None):
        """Return what the form of the visit must know of the field.

        :param patient: whose norms by sex and age, on that day
        """
        self.ensure_one()
        item = self._sheet_item()
        low, high, critical_low, critical_high = self._norms(patient, day)
        return {
            "code": self.code,
            "name": self.name,
            "part": self.part,
            "kind": self.kind,
            "required": self.required,
            "choices": list(item.choices),
            "unit": self.unit_id.name or "",
            "minimum": item.minimum,
            "maximum": item.maximum,
            "low": low,
            "high": high,
            "critical_low": critical_low,
            "critical_high": critical_high,
        }
