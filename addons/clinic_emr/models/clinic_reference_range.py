from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..tools import norms, sheet

GENDERS = [("male", "Men"), ("female", "Women")]
AGE_UNITS = [("year", "years"), ("month", "months"), ("day", "days")]
BOUNDS = ("low", "high", "critical_low", "critical_high")


class ClinicReferenceRange(models.Model):
    """The norm of a value for a sex and a span of ages (FHIR ``referenceRange``)."""

    _name = "clinic.reference.range"
    _description = "Norm by Sex and Age"
    _order = "gender nulls first, age_days, id"

    measure_id = fields.Many2one("clinic.measure", index=True, ondelete="cascade")
    item_id = fields.Many2one(
        "clinic.encounter.template.item",
        string="Field of a Template",
        index="btree_not_null",
        ondelete="cascade",
    )
    gender = fields.Selection(GENDERS, string="Sex", help="Empty: for both.")
    age_from = fields.Integer(
        string="From the Age of", aggregator=None, help="This age included."
    )
    age_to = fields.Integer(
        string="Under the Age of",
        aggregator=None,
        help="This age is no longer included. 0: without limit.",
    )
    age_unit = fields.Selection(AGE_UNITS, required=True, default="year")
    age_days = fields.Integer(compute="_compute_age_days", store=True)
    low = fields.Float(string="Norm From", digits=False)
    high = fields.Float(string="Norm To", digits=False)
    critical_low = fields.Float(string="Critical Below", digits=False)
    critical_high = fields.Float(string="Critical Above", digits=False)

    _one_owner = models.Constraint(
        "CHECK((measure_id IS NULL) <> (item_id IS NULL))",
        "A norm belongs to a measurement or to a field of a template.",
    )
    _ages = models.Constraint(
        "CHECK(age_from >= 0 AND (age_to = 0 OR age_to > age_from))",
        "A span of ages ends after it begins.",
    )

    @api.depends("age_from", "age_unit")
    def _compute_age_days(self):
        days = {"day": 1, "month": 30, "year": 365}
        for one in self:
            one.age_days = one.age_from * days[one.age_unit or "year"]

    @api.depends("gender", "age_from", "age_to", "age_unit")
    @api.depends_context("lang")
    def _compute_display_name(self):
        genders = dict(self._fields["gender"]._description_selection(self.env))
        units = dict(self._fields["age_unit"]._description_selection(self.env))
        for one in self:
            ages = f"{one.age_from}–{one.age_to or '…'} {units.get(one.age_unit, '')}"
            one.display_name = ", ".join(filter(None, [genders.get(one.gender), ages]))

    @api.constrains(*BOUNDS)
    def _check_bounds(self):
        for one in self:
            pairs = [(one.low, one.high), (one.critical_low, one.critical_high)]
            for low, high in (sheet.bounds(*pair) for pair in pairs):
                if low is not None and high is not None and low > high:
                    raise ValidationError(
                        self.env._(
                            "%(norm)s: the lower bound is above the upper one.",
                            norm=one.display_name,
                        )
                    )

    @api.model_create_multi
    def create(self, vals_list):
        ranges = super().create(vals_list)
        ranges.item_id.version_id._check_not_used()
        return ranges

    def write(self, vals):
        self.item_id.version_id._check_not_used()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        self.item_id.version_id._check_not_used()

    def _norm(self):
        """Return what the calculator must know."""
        self.ensure_one()
        low, high = sheet.bounds(self.low, self.high)
        critical_low, critical_high = sheet.bounds(
            self.critical_low, self.critical_high
        )
        return norms.Norm(
            low,
            high,
            critical_low,
            critical_high,
            sex=self.gender or None,
            age_from=self.age_from,
            age_to=self.age_to,
            age_unit=self.age_unit,
        )
