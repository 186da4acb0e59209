from babel.dates import get_day_names

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import babel_locale_parse, format_date
from odoo.tools.misc import get_lang

from ..tools import series

# Monday first, as datetime.weekday() counts.
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DEFAULT_COUNT = 12


class ClinicSeriesRuleMixin(models.AbstractModel):
    """When and with whom a regular comes, in the wall time of the branch."""

    _name = "clinic.series.rule.mixin"
    _description = "Rule of Regular Visits"

    service_id = fields.Many2one(
        "product.product", domain=[("is_clinic_service", "=", True)]
    )
    service_specialty_ids = fields.Many2many(related="service_id.specialty_ids")
    specialist_id = fields.Many2one("clinic.specialist")
    branch_id = fields.Many2one("clinic.branch")
    room_id = fields.Many2one(
        "clinic.room",
        domain="[('branch_id', '=', branch_id)]",
        help="Leave empty to take whichever suitable room is free each time.",
    )
    mon = fields.Boolean("Monday")
    tue = fields.Boolean("Tuesday")
    wed = fields.Boolean("Wednesday")
    thu = fields.Boolean("Thursday")
    fri = fields.Boolean("Friday")
    sat = fields.Boolean("Saturday")
    sun = fields.Boolean("Sunday")
    hour = fields.Float(
        string="Time",
        default=10.0,
        aggregator=None,
        help="On the clock of the branch, the same in summer and in winter.",
    )
    every = fields.Integer(
        string="Every, Weeks", default=1, required=True, aggregator=None
    )
    date_from = fields.Date(
        string="From Day", required=True, default=fields.Date.context_today
    )
    end_type = fields.Selection(
        [("count", "After some visits"), ("until", "On a day")],
        string="Ends",
        required=True,
        default="count",
    )
    count = fields.Integer(
        string="Number of Visits", default=DEFAULT_COUNT, aggregator=None
    )
    date_until = fields.Date(string="Until Day")
    rule_words = fields.Char(compute="_compute_rule_words", string="When")

    @api.depends(*WEEKDAYS, "hour", "every")
    @api.depends_context("lang")
    def _compute_rule_words(self):
        locale = babel_locale_parse(get_lang(self.env).code)
        names = get_day_names("abbreviated", "stand-alone", locale)
        for record in self:
            days = ", ".join(
                names[number] for number, day in enumerate(WEEKDAYS) if record[day]
            )
            minute = record._minute()
            values = {
                "days": days,
                "time": f"{minute // 60:02d}:{minute % 60:02d}",
                "weeks": record.every,
            }
            if not days:
                record.rule_words = False
            elif record.every == 1:
                record.rule_words = self.env._("%(days)s at %(time)s", **values)
            else:
                record.rule_words = self.env._(
                    "%(days)s at %(time)s, every %(weeks)s weeks", **values
                )

    def _minute(self):
        """Return the wall time as minutes of the day."""
        return round(self.hour * 60)

    def _rule(self):
        """Return the :class:`~..tools.series.Rule`; ValidationError if it has none."""
        self.ensure_one()
        try:
            return series.Rule(
                frozenset(n for n, day in enumerate(WEEKDAYS) if self[day]),
                self._minute(),
                self.date_from,
                self.every,
                until=self.date_until or None if self.end_type == "until" else None,
                count=self.count if self.end_type == "count" else None,
            )
        except series.RuleError as error:
            raise ValidationError(self._rule_error_words(error.code)) from error

    def _rule_error_words(self, code):
        _ = self.env._
        return {
            "weekdays": _("Choose at least one day of the week."),
            "minute": _("The time of regular visits is between 0:00 and 23:59."),
            "every": _("Visits repeat every week, or every so many weeks."),
            "endless": _("Say on which day the visits end, or after how many."),
            "count": _("Say how many visits are wanted: at least one."),
            "until": _(
                "The visits end before they begin (%(day)s). Choose a later last day.",
                day=format_date(self.env, self.date_from),
            ),
        }[code]

    @api.model
    def _rule_vals(self, day, minute):
        """Return the values of a weekly rule on the weekday of ``day``."""
        values = dict.fromkeys(WEEKDAYS, False)
        values.update({WEEKDAYS[day.weekday()]: True, "hour": minute / 60})
        return values
