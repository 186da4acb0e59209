from babel.dates import format_datetime

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import babel_locale_parse
from odoo.tools.misc import get_lang

from ..models.clinic_appointment_series import PLAN_FIELDS
from ..models.clinic_series_judge import Party
from ..models.clinic_series_rule_mixin import WEEKDAYS
from ..tools import series

SKIP = "skip"


class ClinicSeriesPlan(models.TransientModel):
    """Shows what each date of wanted regular visits would meet, then books.

    Nothing is written before “Book”: the preview is computed. ``choices`` says of
    single dates (by day) that another window is taken, or that the date is left out.
    """

    _name = "clinic.series.plan"
    _description = "New Regular Visits"
    _inherit = ["clinic.series.rule.mixin"]

    patient_id = fields.Many2one(
        "res.partner",
        domain=[("is_patient", "=", True)],
        help="Search by phone in any spelling, by name or by number.",
    )
    source_id = fields.Many2one(
        "clinic.appointment", help="The visit that is repeated: the first of them."
    )
    series_id = fields.Many2one(
        "clinic.appointment.series", help="The regular visits that get more dates."
    )
    branch_id = fields.Many2one(
        compute="_compute_branch_id", store=True, readonly=False
    )
    note = fields.Text(help="For the reception. Nothing medical here.")
    preview = fields.Json(compute="_compute_preview")
    choices = fields.Json(default=dict)

    @api.model
    def default_get(self, fields):
        values = super().default_get(fields)
        context = self.env.context
        if values.get("series_id"):
            values.update(self._defaults_of_series(values["series_id"]))
        elif values.get("source_id"):
            values.update(self._defaults_of_visit(values["source_id"]))
        elif context.get("default_chosen"):
            values.update(self._defaults_of_window(context["default_chosen"]))
        return {key: values[key] for key in values if key in self._fields}

    @api.model
    def _defaults_of_series(self, series_id):
        """More of the same: from the day after the last date, by the rule in force."""
        record = self.env["clinic.appointment.series"].browse(series_id)
        names = ("patient_id", "service_id", "specialist_id", "branch_id", "room_id")
        values = {name: record[name].id for name in names}
        values.update({name: record[name] for name in (*WEEKDAYS, "hour", "every")})
        values["date_from"] = record._next_day() or fields.Date.context_today(self)
        return values

    @api.model
    def _defaults_of_visit(self, visit_id):
        visit = self.env["clinic.appointment"].browse(visit_id)
        visit.check_access("read")
        names = ("patient_id", "service_id", "specialist_id", "branch_id")
        return {
            **{name: visit[name].id for name in names},
            **self._defaults_of_moment(visit.branch_id, visit.start),
        }

    @api.model
    def _defaults_of_window(self, key):
        """The window clicked on in the booking dialog gives day, hour and person."""
        window = self.env["clinic.appointment.series"]._parse_key(key)
        visits = self.env["clinic.appointment"]
        specialist = self.env["clinic.specialist"].browse(window["specialist_id"])
        shift = visits._shift_at(specialist, window["start"], window["start"])
        branch = shift.branch_id or specialist.branch_ids[:1]
        return {
            "specialist_id": specialist.id,
            "branch_id": branch.id,
            **self._defaults_of_moment(branch, window["start"]),
        }

    @api.model
    def _defaults_of_moment(self, branch, start):
        local = branch._localize(start)
        minute = local.hour * 60 + local.minute
        return {"date_from": local.date(), **self._rule_vals(local.date(), minute)}

    @api.depends("specialist_id")
    def _compute_branch_id(self):
        for wizard in self:
            branches = wizard.specialist_id.branch_ids
            if wizard.branch_id not in branches or not wizard.branch_id:
                wizard.branch_id = branches[:1] or wizard.branch_id

    @api.onchange("patient_id")
    def _onchange_patient_id(self):
        """Begin with the patient's own specialist, day and hour, as far as known."""
        if not self.patient_id or self.specialist_id:
            return
        habits = self.env["clinic.appointment"]._habits(self.patient_id._origin)
        specialists = self.env["clinic.specialist"].browse(habits.specialist_ids)
        if len(specialists) == 1 and (
            not self.service_id or specialists._can_do(self.service_id)
        ):
            self.specialist_id = specialists
        if habits.weekday is not None and not any(self[day] for day in WEEKDAYS):
            self[WEEKDAYS[habits.weekday]] = True
            self.hour = (habits.minute or 0) / 60

    @api.onchange("service_id")
    def _onchange_service_id(self):
        """A specialist who does not do the service was not meant."""
        if self.specialist_id and not self.specialist_id._can_do(self.service_id):
            able = self.service_id._clinic_specialists()
            self.specialist_id = able if len(able) == 1 else False

    # The preview -------------------------------------------------------------

    @api.depends(*PLAN_FIELDS)
    @api.depends_context("lang")
    def _compute_preview(self):
        for wizard in self:
            wizard.preview = wizard._get_preview()

    def _get_preview(self):
        """Return the dates with what is to be said of each, for the screen."""
        self.ensure_one()
        hint = self._what_is_missing()
        if hint:
            return {"rows": [], "hint": hint}
        try:
            dates = self._occurrences()
        except ValidationError as error:
            return {"rows": [], "hint": error.args[0]}
        party = self._party()
        source = self.source_id._origin
        known = self._known_days()
        asked = [item for item in dates if item.day not in known]
        verdicts = self.env["clinic.series.judge"]._judge(
            party,
            {item.day: item.start for item in asked},
            taken_days=set(known),
        )
        rows = []
        for item in dates:
            if item.day in known:
                if source:
                    rows.append(self._row(item.start, booked=True))
            else:
                rows.append(self._row(item.start, verdicts[item.day], item.day))
        return {"rows": rows, "hint": ""}

    def _what_is_missing(self):
        if not self.patient_id:
            return self.env._("Choose the patient.")
        if not self.service_id or not self.specialist_id:
            return self.env._("Choose the service and the specialist.")
        if not self.branch_id:
            return self.env._("Choose the branch.")
        if not self.specialist_id._can_do(self.service_id):
            return self.env._("This specialist does not provide the service.")
        if not self.date_from or not any(self[day] for day in WEEKDAYS):
            return self.env._("Choose the days of the week and the time.")
        return ""

    def _occurrences(self):
        return series.occurrences(self._rule(), self.branch_id._tz())

    def _known_days(self):
        """Return the days that are not asked for: the visit repeated, former dates."""
        if self.series_id:
            return set(self.series_id.line_ids.mapped("day"))
        source = self.source_id._origin
        return {source.day} if source else set()

    def _party(self):
        return Party(
            self.patient_id._origin,
            self.service_id._origin,
            self.specialist_id._origin,
            self.branch_id._origin,
            self.room_id._origin,
        )

    def _row(self, start, verdict=None, day=None, booked=False):
        local = self.branch_id._localize(start)
        locale = babel_locale_parse(get_lang(self.env).code)
        pattern = "EEE d MMMM" if locale.language == "ru" else "EEE d MMMM"
        row = {
            "id": str(day or local.date()),
            "day": format_datetime(
                local, pattern, tzinfo=self.branch_id._tz(), locale=locale
            ),
            "time": f"{local:%H:%M}",
            "ok": booked or verdict.ok,
            "booked": booked,
            "words": "",
            "choices": [],
        }
        if booked:
            row["words"] = self.env._("booked already")
        else:
            row["words"] = verdict.words
            row["choices"] = verdict.choices
            row["past"] = verdict.code == series.PAST
        return row

    # Booking -----------------------------------------------------------------

    def action_book(self):
        """Write the series, book what is good, keep the rest to be settled."""
        self.ensure_one()
        missing = self._what_is_missing()
        if missing:
            raise UserError(missing)
        record = self._get_series()
        lines = record.line_ids.filtered(
            lambda line: line.state == "to_do" and not line.appointment_id
        )
        chosen = {}
        for line in lines:
            choice = (self.choices or {}).get(str(line.day))
            if choice == SKIP:
                line._skip("skipped")
            elif choice:
                chosen[line] = record._parse_key(choice)
        lines = lines.filtered(lambda line: line.state == "to_do")
        done, failed = lines._book_wanted(chosen)
        notification = record._notify(done, failed)
        notification["params"]["next"] = {
            "type": "ir.actions.act_window",
            "res_model": record._name,
            "res_id": record.id,
            "views": [(False, "form")],
        }
        return notification

    def _get_series(self):
        """Return the series with lines for all the dates wanted, nothing booked yet."""
        if self.series_id:
            self.series_id._extend(self._occurrences())
            return self.series_id
        names = ("patient_id", "service_id", "specialist_id", "branch_id", "room_id")
        record = self.env["clinic.appointment.series"].create(
            {
                **{name: self[name].id for name in names},
                **{name: self[name] for name in (*WEEKDAYS, "hour", "every")},
                "date_from": self.date_from,
                "end_type": self.end_type,
                "count": self.count,
                "date_until": self.date_until,
                "note": self.note,
            }
        )
        if self.source_id:
            record._adopt(self.source_id)
        return record
