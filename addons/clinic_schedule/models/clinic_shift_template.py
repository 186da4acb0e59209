import logging
from collections import defaultdict
from datetime import datetime, time, timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

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
MAX_DAYS = 400
_WEEK = timedelta(days=7)


def _clock(hour):
    minutes = round(hour * 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


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

    def _prepare_shift_vals_list(self, date_from, date_to):
        """Return the values of the shifts the template asks for."""
        self.ensure_one()
        first = max(date_from, self.date_from or date_from)
        last = min(date_to, self.date_to or date_to)
        day = first + timedelta(days=(int(self.weekday) - first.weekday()) % 7)
        vals_list = []
        while day <= last:
            odd = day.isocalendar().week % 2 == 1
            if self.parity == "all" or (self.parity == "odd") == odd:
                vals_list.append(
                    {
                        "specialist_id": self.specialist_id.id,
                        "branch_id": self.branch_id.id,
                        "room_id": self.room_id.id,
                        "template_id": self.id,
                        "template_day": day,
                        "start": self._moment(day, self.hour_from),
                        "stop": self._moment(day, self.hour_to),
                    }
                )
            day += timedelta(days=7)
        return vals_list

    def _moment(self, day, hour):
        """Return a wall time of the branch as naive UTC, whatever the clock does."""
        wall = datetime.combine(day, time()) + timedelta(minutes=round(hour * 60))
        return self.branch_id._to_utc(wall)

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
