import logging
from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from ..tools.shift_plan import Changes, plan_changes, template_days
from .clinic_wall_hours_mixin import wall_moment

_logger = logging.getLogger(__name__)

WEEKDAYS = [
    ("0", "Monday"),
    ("1", "Tuesday"),
    ("2", "Wednesday"),
    ("3", "Thursday"),
    ("4", "Friday"),
    ("5", "Saturday"),
    ("6", "Sunday"),
]
# What the shifts follow from.
WEEK = {
    "specialist_id",
    "branch_id",
    "room_id",
    "weekday",
    "hour_from",
    "hour_to",
    "parity",
    "date_from",
    "date_to",
    "active",
}
MAX_DAYS = 400
_DAY, _WEEK = timedelta(days=1), timedelta(days=7)


def _clock(hour):
    minutes = round(hour * 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


@dataclass
class Plan:
    """What a change of a template does to its shifts, by day of the template."""

    template: models.Model
    changes: Changes
    by_day: dict

    def removed(self):
        return self._shifts(self.changes.remove)

    def touched(self):
        return self._shifts([*self.changes.remove, *self.changes.write])

    def _shifts(self, days):
        return self.template.env["clinic.shift"].browse(
            self.by_day[day].id for day in days
        )

    def clashes(self, want, but):
        """Return the other shifts of the specialist in the way of a wanted one."""
        return (
            self.template.env["clinic.shift"].search(
                [
                    ("specialist_id", "=", want["specialist_id"]),
                    ("start", "<", want["stop"]),
                    ("stop", ">", want["start"]),
                    ("template_id", "!=", self.template.id),
                ]
            )
            - but
        )

    def stranded(self):
        """Return the visits ahead that the change leaves without a shift."""
        visits = self.touched()._visits_inside()
        spans = [
            (want["specialist_id"], want["branch_id"], want["start"], want["stop"])
            for wants in (self.changes.write, self.changes.create)
            for want in wants.values()
            if not self.clashes(want, but=self.touched())
        ]
        others = self.template.env["clinic.shift"].search(
            [
                ("specialist_id", "in", visits.specialist_id.ids),
                ("stop", ">", fields.Datetime.now()),
            ]
        )
        spans += [
            (shift.specialist_id.id, shift.branch_id.id, shift.start, shift.stop)
            for shift in others - self.touched()
        ]
        return visits.filtered(
            lambda visit: (
                not any(
                    specialist_id == visit.specialist_id.id
                    and branch_id == visit.branch_id.id
                    and start <= visit.start
                    and visit.stop <= stop
                    for specialist_id, branch_id, start, stop in spans
                )
            )
        ).sorted("start")


class ClinicShiftTemplate(models.Model):
    """The usual week of a specialist, in wall time of the branch."""

    _name = "clinic.shift.template"
    _description = "Weekly Template"
    _order = "specialist_id, weekday, hour_from"
    _check_company_auto = True

    specialist_id = fields.Many2one(
        "clinic.specialist", required=True, index=True, ondelete="cascade"
    )
    branch_id = fields.Many2one(
        "clinic.branch", required=True, index=True, ondelete="cascade"
    )
    room_id = fields.Many2one(
        "clinic.room",
        domain="[('branch_id', '=', branch_id)]",
        ondelete="restrict",
        help="Leave empty to take whichever suitable room of the branch is free.",
    )
    company_id = fields.Many2one(related="branch_id.company_id", store=True, index=True)
    weekday = fields.Selection(WEEKDAYS, required=True, default="0")
    hour_from = fields.Float(string="From", required=True, default=9.0, aggregator=None)
    hour_to = fields.Float(string="To", required=True, default=15.0, aggregator=None)
    parity = fields.Selection(
        [("all", "Every week"), ("odd", "Odd weeks"), ("even", "Even weeks")],
        string="Weeks",
        required=True,
        default="all",
        help="By the ISO number of the week.",
    )
    date_from = fields.Date(string="Valid From")
    date_to = fields.Date(string="Valid To")
    active = fields.Boolean(default=True)
    shift_ids = fields.One2many("clinic.shift", "template_id")

    _hours_range = models.Constraint(
        "CHECK(hour_from >= 0 AND hour_to <= 24 AND hour_from < hour_to)",
        "The hours of a weekly template run from 0:00 to 24:00 and end after they "
        "begin.",
    )
    _dates_range = models.Constraint(
        "CHECK(date_from IS NULL OR date_to IS NULL OR date_from <= date_to)",
        "The template must be valid to a date not before the date it is valid from.",
    )

    @api.depends("specialist_id", "weekday", "hour_from", "hour_to")
    def _compute_display_name(self):
        for template in self:
            template.display_name = " ".join(
                (template.specialist_id.name or "", template._words())
            ).strip()

    def _words(self):
        """Return weekday and hours for people."""
        names = dict(self._fields["weekday"]._description_selection(self.env))
        return (
            f"{names.get(self.weekday, '')} "
            f"{_clock(self.hour_from)}–{_clock(self.hour_to)}"
        )

    @api.constrains("room_id", "branch_id")
    def _check_room(self):
        for template in self:
            if template.room_id and template.room_id.branch_id != template.branch_id:
                raise ValidationError(
                    self.env._(
                        "Room %(room)s is not in branch %(branch)s. Choose a room of "
                        "that branch.",
                        room=template.room_id.name,
                        branch=template.branch_id.name,
                    )
                )

    # Changes -----------------------------------------------------------------

    def write(self, vals):
        """A change of the week goes on to the shifts that are still to come."""
        if not vals.keys() & WEEK:
            return super().write(vals)
        plans = [(template, template._plan_change(vals)) for template in self]
        result = super().write(vals)
        self.flush_recordset()
        visits = self.env["clinic.appointment"].sudo()
        for template, plan in plans:
            visits |= template._apply_plan(plan)
        self.env["clinic.shift"].with_env(self.env)._settle(visits)
        return result

    def unlink(self):
        """Without the template, its shifts to come are nobody's plan any more."""
        plans = [
            (template, template._plan_change({"active": False})) for template in self
        ]
        visits = self.env["clinic.appointment"].sudo()
        for template, plan in plans:
            visits |= template._apply_plan(plan)
        result = super().unlink()
        self.env["clinic.rebooking"]._sync(visits)
        return result

    def _plan_change(self, vals, day=None):
        """Return what a change would do to the shifts to come, without doing it.

        :param vals: new values, as for :meth:`write`.
        :param day: the first day it applies to; by default today in the branch.
        :return: a :class:`Plan`
        """
        self.ensure_one()
        now = fields.Datetime.now()
        today = self.branch_id._localize(now).date()
        first = max(day or today, today)
        shifts = (
            self.env["clinic.shift"]
            .with_context(active_test=False)
            .search(
                [
                    ("template_id", "=", self.id),
                    ("template_day", ">=", first),
                    ("stop", ">", now),
                ]
            )
        )
        horizon = today + timedelta(weeks=self._horizon_weeks())
        # A template that has made nothing yet is left to the night's generation.
        last = max([horizon, *shifts.mapped("template_day")]) if shifts else None
        by_day = {shift.template_day: shift for shift in shifts}
        old, new = {}, {}
        if shifts:
            old = self._wanted(first, last)
            new = self._wanted(first, last, vals)
            new = {day: want for day, want in new.items() if want["stop"] > now}
        changes = plan_changes(
            old,
            new,
            {day: shift._week_state() for day, shift in by_day.items()},
            frozenset(day for day, shift in by_day.items() if not shift.active),
        )
        return Plan(self, changes, by_day)

    def _end(self, last_day):
        """Let the template end with a day; one that has not begun yet is archived."""
        for template in self:
            if template.date_from and template.date_from > last_day:
                template.write({"active": False})
            else:
                template.write({"date_to": last_day})

    def _continue_as(self, day, vals):
        """Let a template end before a day and go on from then with other values.

        :return: the template that goes on.
        """
        self.ensure_one()
        week = {**self._week_vals(), "date_from": day, **vals}
        motion = self.with_context(clinic_shifts_in_motion=True)
        visits = self._plan_change({"date_to": day - _DAY}).touched()._visits_inside()
        motion.write({"date_to": day - _DAY})
        successor = self.create(week)
        today = fields.Date.today()
        successor.with_context(clinic_shifts_in_motion=True)._generate(
            day, max(day, today + timedelta(weeks=self._horizon_weeks()))
        )
        self.env["clinic.rebooking"]._sync(visits)
        return successor

    def action_open_change(self):
        self.ensure_one()
        return self._open_change_wizard("change")

    def action_open_end(self):
        self.ensure_one()
        return self._open_change_wizard("end")

    def _open_change_wizard(self, action):
        window = self.env["ir.actions.act_window"]._for_xml_id(
            "clinic_schedule.action_clinic_shift_template_change"
        )
        window["context"] = {
            "default_template_id": self.id,
            "default_action": action,
            "active_id": self.id,
        }
        return window

    def _wanted(self, first, last, vals=None):
        return {
            shift.pop("template_day"): shift
            for shift in self._prepare_shift_vals_list(first, last, vals)
        }

    def _apply_plan(self, plan):
        """Change the shifts; return the visits that may have been hit."""
        shifts = self.env["clinic.shift"].with_context(clinic_shifts_in_motion=True)
        visits = plan.touched()._visits_inside()
        shifts.browse(plan.removed().ids).unlink()
        for day, want in plan.changes.write.items():
            shift = shifts.browse(plan.by_day[day].id)
            if plan.clashes(want, but=plan.touched()):
                continue
            shift.write(want)
        made = shifts.browse()
        for day, want in plan.changes.create.items():
            if not plan.clashes(want, but=plan.removed()):
                made |= shifts.create({**want, "template_day": day})
        return visits | (plan.touched().exists() | made)._stranded_before()

    # Generation --------------------------------------------------------------

    def _generate(self, date_from, date_to):
        """Make the missing shifts of these templates from day to day, both included.

        What exists is left alone: a shift of the same template and day (archived ones
        too: it was called off), and any shift of the specialist at that time.

        :return: the new shifts
        """
        date_to = min(date_to, date_from + timedelta(days=MAX_DAYS))
        wanted = [
            vals
            for template in self.filtered("active")
            for vals in template._prepare_shift_vals_list(date_from, date_to)
        ]
        if not wanted:
            return self.env["clinic.shift"]
        made, taken = self._existing(
            min(vals["start"] for vals in wanted), max(vals["stop"] for vals in wanted)
        )
        missing = []
        for vals in wanted:
            if (vals["template_id"], vals["template_day"]) in made:
                continue
            spans = taken[vals["specialist_id"]]
            if any(s < vals["stop"] and vals["start"] < e for s, e in spans):
                _logger.info(
                    "Weekly template %s skips %s: the specialist has a shift then.",
                    vals["template_id"],
                    vals["template_day"],
                )
                continue
            spans.append((vals["start"], vals["stop"]))
            missing.append(vals)
        return self.env["clinic.shift"].create(missing)

    def _existing(self, start, stop):
        """Return what is there: template days made, and time taken by specialist."""
        Shift = self.env["clinic.shift"].with_context(active_test=False)
        made = {
            (shift.template_id.id, shift.template_day)
            for shift in Shift.search_fetch(
                [("template_id", "in", self.ids), ("start", ">=", start - _WEEK)],
                ["template_id", "template_day"],
            )
        }
        taken = defaultdict(list)
        for shift in Shift.search_fetch(
            [
                ("active", "=", True),
                ("specialist_id", "in", self.specialist_id.ids),
                ("start", "<", stop),
                ("stop", ">", start),
            ],
            ["specialist_id", "start", "stop"],
        ):
            taken[shift.specialist_id.id].append((shift.start, shift.stop))
        return made, taken

    def _prepare_shift_vals_list(self, date_from, date_to, vals=None):
        """Return the values of the shifts the template asks for.

        :param vals: values the template is about to get.
        """
        self.ensure_one()
        week = {**self._week_vals(), **(vals or {})}
        if not week["active"]:
            return []
        branch = self.env["clinic.branch"].browse(week["branch_id"])
        return [
            {
                "specialist_id": week["specialist_id"],
                "branch_id": week["branch_id"],
                "room_id": week["room_id"],
                "template_id": self.id,
                "template_day": day,
                "start": branch._to_utc(wall_moment(day, week["hour_from"])),
                "stop": branch._to_utc(wall_moment(day, week["hour_to"])),
            }
            for day in template_days(
                int(week["weekday"]),
                week["parity"],
                date_from,
                date_to,
                fields.Date.to_date(week["date_from"]),
                fields.Date.to_date(week["date_to"]),
            )
        ]

    def _week_vals(self):
        """Return what the shifts follow from, as plain values."""
        self.ensure_one()
        return {
            "specialist_id": self.specialist_id.id,
            "branch_id": self.branch_id.id,
            "room_id": self.room_id.id,
            "weekday": self.weekday,
            "hour_from": self.hour_from,
            "hour_to": self.hour_to,
            "parity": self.parity,
            "date_from": self.date_from,
            "date_to": self.date_to,
            "active": self.active,
        }

    @api.model
    def _horizon_weeks(self):
        return int(
            # sudo: a plain parameter that any scheduler may use
            self.env["ir.config_parameter"]
            .sudo()
            .get_param("clinic_schedule.horizon_weeks", 8)
        )

    @api.model
    def _cron_generate(self):
        today = fields.Date.today()
        self.search(Domain.TRUE)._generate(
            today, today + timedelta(weeks=self._horizon_weeks())
        )

    def action_generate(self):
        """Make the shifts up to the horizon; for the selected templates."""
        today = fields.Date.context_today(self)
        shifts = self._generate(today, today + timedelta(weeks=self._horizon_weeks()))
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._("Shifts made: %(count)s.", count=len(shifts)),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }
