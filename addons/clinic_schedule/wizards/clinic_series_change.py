from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.clinic_series_judge import Party
from ..tools import series

SKIP = "skip"
SCOPES = [
    ("this", "This visit only"),
    ("following", "This visit and the following"),
    ("all", "All visits ahead"),
]


class ClinicSeriesChange(models.TransientModel):
    """Moves one visit of regular visits, the following too, or all that are ahead.

    Every date moves by as many days as the visit itself, to the same wall time. What
    cannot be moved stays where it is and is named. Past and attended visits never move.
    """

    _name = "clinic.series.change"
    _description = "Move Regular Visits"

    appointment_id = fields.Many2one(
        "clinic.appointment", required=True, ondelete="cascade"
    )
    series_id = fields.Many2one(related="appointment_id.series_id")
    patient_id = fields.Many2one(related="appointment_id.patient_id")
    service_id = fields.Many2one(related="appointment_id.service_id")
    service_specialty_ids = fields.Many2many(related="service_id.specialty_ids")
    branch_id = fields.Many2one(related="appointment_id.branch_id")
    old_time = fields.Char(related="appointment_id.local_time", string="Now At")
    scope = fields.Selection(SCOPES, required=True, default="this")
    start = fields.Datetime(help="Where the visit goes, if chosen by a window.")
    day = fields.Date(
        string="New Day",
        required=True,
        compute="_compute_wall",
        store=True,
        readonly=False,
        precompute=True,
    )
    hour = fields.Float(
        string="New Time",
        required=True,
        compute="_compute_wall",
        store=True,
        readonly=False,
        precompute=True,
        help="On the clock of the branch, the same in summer and in winter.",
    )
    specialist_id = fields.Many2one("clinic.specialist", required=True)
    room_id = fields.Many2one(
        "clinic.room",
        domain="[('branch_id', '=', branch_id)]",
        help="Leave empty to take whichever suitable room is free each time.",
    )
    preview = fields.Json(compute="_compute_preview")
    choices = fields.Json(default=dict)

    @api.model
    def default_get(self, fields):
        values = super().default_get(fields)
        visit = self.env["clinic.appointment"].browse(
            values.get("appointment_id") or self.env.context.get("active_id") or ()
        )
        if visit:
            values.setdefault("appointment_id", visit.id)
            values["specialist_id"] = (
                values.get("specialist_id") or visit.specialist_id.id
            )
            values["start"] = values.get("start") or visit.start
        return values

    @api.depends("start", "appointment_id")
    def _compute_wall(self):
        for wizard in self:
            start = wizard.start or wizard.appointment_id.start
            if start:
                local = wizard.appointment_id.branch_id._localize(start)
                wizard.day = local.date()
                wizard.hour = (local.hour * 60 + local.minute) / 60

    # The preview -------------------------------------------------------------

    @api.depends("appointment_id", "scope", "day", "hour", "specialist_id", "room_id")
    @api.depends_context("lang")
    def _compute_preview(self):
        for wizard in self:
            wizard.preview = wizard._get_preview()

    def _get_preview(self):
        self.ensure_one()
        if not self.specialist_id or not self.day:
            return {"rows": [], "hint": self.env._("Choose the new day and time.")}
        if not self.specialist_id._can_do(self.service_id):
            return {
                "rows": [],
                "hint": self.env._("This specialist does not provide the service."),
            }
        lines = self._lines()
        targets = self._targets(lines)
        if self._changes_nothing(targets):
            return {"rows": [], "hint": self.env._("Choose the new day and time.")}
        others = self.series_id.line_ids - lines
        verdicts = self.env["clinic.series.judge"]._judge(
            self._party(),
            {line: target.start for line, target in targets.items()},
            moving=lines.appointment_id,
            taken_days={line.day for line in others if line.state == "booked"},
        )
        return {
            "rows": [
                self._row(line, targets[line], verdicts[line]) for line in targets
            ],
            "hint": "",
        }

    def _changes_nothing(self, targets):
        return (
            self.specialist_id == self.appointment_id.specialist_id
            and not self.room_id
            and all(target.start == line.start for line, target in targets.items())
            and targets.get(self._line()).start == self.appointment_id.start
        )

    def _line(self):
        return self.appointment_id._origin.sudo().series_line_ids[:1].sudo(False)

    def _lines(self):
        """Return the dates to move, by time; nothing that is past or attended."""
        line = self._line()
        ahead = self.series_id._origin._open_lines()
        if self.scope == "this":
            return ahead & line
        if self.scope == "following":
            return ahead.filtered(lambda other: other.day >= line.day)
        return ahead

    def _targets(self, lines):
        """Return the wanted :class:`~..tools.series.Occurrence` by line."""
        shift = self.day - self.appointment_id.day
        minute = round(self.hour * 60)
        if not 0 <= minute < 24 * 60:
            raise UserError(
                self.env._("The time of regular visits is between 0:00 and 23:59.")
            )
        zone = self.branch_id._tz()
        return {
            line: series.Occurrence(
                line.day + shift, series.to_utc(line.day + shift, minute, zone)
            )
            for line in lines
        }

    def _party(self):
        return Party(
            self.patient_id._origin,
            self.service_id._origin,
            self.specialist_id._origin,
            self.branch_id._origin,
            self.room_id._origin,
        )

    def _row(self, line, target, verdict):
        words = self.branch_id._format_local(target.start)
        day, _space, time = words.rpartition(" ")
        return {
            "id": str(line.id),
            "day": day,
            "time": time,
            "was": line.visit_words or line.day_words,
            "ok": verdict.ok,
            "booked": False,
            "open": not line.appointment_id,
            "words": verdict.words,
            "choices": verdict.choices,
            "past": verdict.code == series.PAST,
        }

    # The change --------------------------------------------------------------

    def action_move(self):
        """Move what can be moved, all in one transaction; name what stays."""
        self.ensure_one()
        self.series_id._check_may_plan()
        lines = self._lines()
        if not lines:
            raise UserError(self.env._("Nothing of these visits is ahead any more."))
        # Before the visit itself moves and with it what it is measured from.
        shift = self.day - self.appointment_id.day
        targets = self._targets(lines)
        moved, failed = self.series_id._move_lines(
            targets, self.specialist_id, self.room_id, self._parse_choices(lines)
        )
        if self.scope != "this":
            self.series_id._change_rule(
                shift.days, round(self.hour * 60), self.specialist_id, self.room_id
            )
        return self._notify(moved, failed)

    def _parse_choices(self, lines):
        """Return the window chosen by line; None for what is to stay."""
        choices = self.choices or {}
        return {
            line: (
                None
                if choices[str(line.id)] == SKIP
                else self.series_id._parse_key(choices[str(line.id)])
            )
            for line in lines
            if choices.get(str(line.id))
        }

    def _notify(self, moved, failed):
        kept = failed.filtered("visit_words")
        if kept:
            message = self.env._(
                "Moved: %(count)s. Left at the old time: %(days)s.",
                count=len(moved),
                days=", ".join(kept[:10].mapped("visit_words")),
            )
        else:
            message = self.env._("Moved: %(count)s.", count=len(moved))
        unbooked = failed - kept
        if unbooked:
            message += " " + self.env._(
                "Dates without a visit as yet: %(days)s.",
                days=", ".join(unbooked[:10].mapped("day_words")),
            )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning" if failed else "success",
                "sticky": bool(failed),
                "message": message,
                "next": {"type": "ir.actions.act_window_close"},
            },
        }
