from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ..tools import sheet
from .clinic_encounter_template_item import KINDS, PARTS

# what is measured anew in each visit and never taken over
FRESH_KINDS = ("number", "scale", "date")
INTERPRETATIONS = [
    ("low", "Low"),
    ("normal", "Normal"),
    ("high", "High"),
    ("critical", "Critical"),
]


class ClinicObservation(models.Model):
    """One value of a visit: measured, chosen or noted in a typed field.

    It keeps the label, unit and norms' verdict of its day: an old visit reads as it
    was written, whatever has become of the template.
    """

    _name = "clinic.observation"
    _description = "Observation"
    _inherit = ["clinic.record.part"]
    _order = "effective desc, sequence, id"
    _part_moment = "effective"

    item_id = fields.Many2one(
        "clinic.encounter.template.item",
        string="Field of the Template",
        index="btree_not_null",
        ondelete="restrict",
    )
    sequence = fields.Integer()
    part = fields.Selection(PARTS, default="vitals")
    code = fields.Char(required=True, help="The same code in all versions and visits.")
    name = fields.Char(required=True)
    kind = fields.Selection(KINDS, required=True, default="number")
    value_text = fields.Text()
    value_number = fields.Float(digits=False)
    value_date = fields.Date()
    value_boolean = fields.Boolean()
    value = fields.Char(compute="_compute_value")
    unit_id = fields.Many2one("clinic.unit", ondelete="restrict")
    interpretation = fields.Selection(INTERPRETATIONS)
    effective = fields.Datetime(
        string="Measured at", required=True, default=fields.Datetime.now
    )
    performer_id = fields.Many2one(
        "res.users",
        string="Entered by",
        readonly=True,
        default=lambda self: self.env.user,
        ondelete="restrict",
    )

    _code_once = models.UniqueIndex(
        "(encounter_id, code) WHERE encounter_id IS NOT NULL",
        "This value is in the visit already.",
    )
    # the course of one value over time
    _course_idx = models.Index("(record_id, code, effective DESC)")

    @api.depends(
        "kind", "value_text", "value_number", "value_date", "value_boolean", "unit_id"
    )
    @api.depends_context("lang")
    def _compute_value(self):
        words = self._value_words()
        decimal_point = self.env["res.lang"]._get_data(code=self.env.lang).decimal_point
        for line in self:
            if line.kind in sheet.NUMBERS:
                number = sheet.format_number(line.value_number)
                number = number.replace(".", decimal_point or ".")
                line.value = " ".join(filter(None, [number, line.unit_id.name]))
            elif line.kind == "date":
                line.value = format_date(self.env, line.value_date)
            elif line.kind == "boolean":
                line.value = words["yes"] if line.value_boolean else words["no"]
            elif line.kind in sheet.SIDES:
                line.value = words.get(line.value_text, line.value_text)
            else:
                line.value = ", ".join((line.value_text or "").splitlines())

    @api.model
    def _value_words(self):
        """Return the words of the codes that sides and yes/no are kept in."""
        return {
            "yes": self.env._("yes"),
            "no": self.env._("no"),
            "right": self.env._("right"),
            "left": self.env._("left"),
            "both": self.env._("both sides"),
            "OD": self.env._("right eye (OD)"),
            "OS": self.env._("left eye (OS)"),
            "OU": self.env._("both eyes (OU)"),
        }

    @api.model_create_multi
    def create(self, vals_list):
        observations = super().create(vals_list)
        observations.encounter_id._check_not_locked()
        return observations

    def write(self, vals):
        self.encounter_id._check_not_locked()
        if {"record_id", "encounter_id"} & set(vals) and not self.env.su:
            raise UserError(
                self.env._("A value can't be moved to another visit or patient.")
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_locked(self):
        self.encounter_id._check_not_locked()

    def _json_value(self):
        """Return the value as the form of the visit takes and gives it."""
        self.ensure_one()
        if self.kind in sheet.NUMBERS:
            return self.value_number
        if self.kind == "date":
            return fields.Date.to_string(self.value_date)
        if self.kind == "boolean":
            return self.value_boolean
        if self.kind == "multi":
            return (self.value_text or "").splitlines()
        return self.value_text

    def _fits(self, encounter):
        """Return whether another visit may take the value over as it is."""
        self.ensure_one()
        item = encounter.template_version_id.item_ids.filtered(
            lambda item: item.code == self.code
        )
        if not item or item.kind != self.kind or self.kind in FRESH_KINDS:
            return False
        try:
            sheet.read_value(item._sheet_item(), self._json_value())
        except sheet.SheetError:
            return False
        return True
