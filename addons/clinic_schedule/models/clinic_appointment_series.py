from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..tools import series
from ..tools.claims import Row, Thing
from .clinic_appointment import AHEAD
from .clinic_claim import PATIENT, SPECIALIST
from .clinic_series_judge import Party
from .clinic_series_rule_mixin import WEEKDAYS

# One key of PostgreSQL's advisory locks, apart from those of the ledger (two numbers).
SERIES_LOCK = 7_321_001
# For whom, with whom and when: what the dates of a series follow from.
PLAN_FIELDS = (
    "patient_id",
    "service_id",
    "specialist_id",
    "branch_id",
    "room_id",
    *WEEKDAYS,
    "hour",
    "every",
    "date_from",
    "end_type",
    "count",
    "date_until",
)
# What a user may give to a new series; the rest follows from it.
PLANNED = {*PLAN_FIELDS, "note"}


class ClinicAppointmentSeries(models.Model):
    """Visits of a regular: one day and hour, again and again.

    The rule is in the wall time of the branch and says what holds *from now on*; the
    lines are its dates, each with what became of it. A line keeps the moment wanted by
    the rule; the visit may be elsewhere. Past and attended visits are never touched.
    """

    _name = "clinic.appointment.series"
    _description = "Regular Visits"
    _inherit = ["clinic.series.rule.mixin", "mail.thread"]
    _order = "id desc"
    _check_company_auto = True
    _mail_post_access = "read"

    name = fields.Char(string="Number", readonly=True, copy=False, default="/")
    patient_id = fields.Many2one(
        "res.partner",
        required=True,
        index=True,
        ondelete="restrict",
        domain=[("is_patient", "=", True)],
    )
    patient_phone = fields.Char(
        related="patient_id.clinic_contact_phone", string="Phone"
    )
    service_id = fields.Many2one(required=True, ondelete="restrict")
    specialist_id = fields.Many2one(required=True, index=True, ondelete="restrict")
    specialist_user_id = fields.Many2one(
        related="specialist_id.user_id", store=True, index=True
    )
    branch_id = fields.Many2one(required=True, index=True, ondelete="restrict")
    room_id = fields.Many2one(ondelete="set null")
    company_id = fields.Many2one(related="branch_id.company_id", store=True, index=True)
    state = fields.Selection(
        [("running", "Running"), ("ended", "Ended")],
        required=True,
        readonly=True,
        default="running",
        index=True,
        copy=False,
    )
    note = fields.Text(help="For the reception. Nothing medical here.")
    line_ids = fields.One2many(
        "clinic.appointment.series.line", "series_id", string="Dates"
    )
    appointment_ids = fields.One2many("clinic.appointment", "series_id")
    line_count = fields.Integer(compute="_compute_counts", string="Dates in All")
    booked_count = fields.Integer(compute="_compute_counts", string="Booked")
    todo_count = fields.Integer(compute="_compute_counts", string="To Settle")
    last_day = fields.Date(compute="_compute_counts")

    _every_positive = models.Constraint(
        "CHECK(every > 0)", "Visits repeat every week, or every so many weeks."
    )
    _hour_range = models.Constraint(
        "CHECK(hour >= 0 AND hour < 24)",
        "The time of regular visits is between 0:00 and 23:59.",
    )

    # Computes ----------------------------------------------------------------

    @api.depends("line_ids.state", "line_ids.day")
    def _compute_counts(self):
        groups = self.env["clinic.appointment.series.line"]._read_group(
            [("series_id", "in", self.ids)],
            ["series_id", "state"],
            ["__count", "day:max"],
        )
        counts = {
            (record, state): (count, last) for record, state, count, last in groups
        }
        for record in self:
            of_state = {
                state: counts.get((record._origin, state), (0, False))
                for state in ("booked", "to_do", "skipped")
            }
            record.booked_count = of_state["booked"][0]
            record.todo_count = of_state["to_do"][0]
            record.line_count = sum(count for count, _last in of_state.values())
            days = [last for _count, last in of_state.values() if last]
            record.last_day = max(days, default=False)

    @api.depends("name", "rule_words")
    @api.depends_context("lang")
    def _compute_display_name(self):
        # No patient: the name of a linked record is shown without a look at rights.
        for record in self:
            words = (record.name or "", record.rule_words or "")
            record.display_name = " · ".join(word for word in words if word)

    # CRUD --------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        """Create series with the dates of their rules as to-dos; nothing is booked.

        ``action_book`` books them. A user may give the rule only, and only for those
        whom he may book.
        """
        prepared = [
            {
                **(vals if self.env.su else self._only_planned(vals)),
                "name": self.env["ir.sequence"].next_by_code(self._name),
            }
            for vals in vals_list
        ]
        records = super(
            ClinicAppointmentSeries, self.with_context(mail_create_nosubscribe=True)
        ).create(prepared)
        for record in records:
            record._check_may_plan()
            record._check_plan()
            record._add_lines(record._occurrences())
        return records.with_env(self.env)

    @api.model
    def _parse_key(self, key):
        """Return the values of a visit for the key of an offered window."""
        try:
            specialist_id, room_id, start = key.split("|")
            return {
                "specialist_id": int(specialist_id),
                "room_id": int(room_id) or None,
                "start": fields.Datetime.to_datetime(start),
            }
        except (AttributeError, ValueError):
            raise UserError(self.env._("Choose a free time first.")) from None

    @api.model
    def _only_planned(self, vals):
        return {key: value for key, value in vals.items() if key in PLANNED}

    def write(self, vals):
        refused = vals.keys() & (PLANNED | {"name", "state", "line_ids"}) - {"note"}
        if refused and not self.env.su:
            raise UserError(
                self.env._(
                    "The rule of regular visits is changed by the buttons, which show "
                    "first what it would mean for each date."
                )
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_without_visits(self):
        kept = self.filtered("appointment_ids")
        if kept:
            raise UserError(
                self.env._(
                    "End these regular visits instead of deleting them: %(names)s.",
                    names=", ".join(kept.mapped("name")),
                )
            )

    # Rights and rules --------------------------------------------------------

    def _check_may_plan(self):
        """Raise AccessError unless the user may book the specialists of these."""
        for specialist in self.specialist_id:
            self.env["clinic.appointment"]._check_may_book(specialist)

    def _check_plan(self):
        self.ensure_one()
        self.env["clinic.appointment"]._get_service(self.service_id.id)
        if not self.patient_id.is_patient:
            raise UserError(self.env._("Choose the patient the visits are for."))
        if not self.specialist_id._can_do(self.service_id):
            raise UserError(
                self.env._(
                    "%(specialist)s does not provide “%(service)s”. Choose another "
                    "specialist or another service.",
                    specialist=self.specialist_id.name,
                    service=self.service_id.name,
                )
            )
        if self.room_id and self.room_id.branch_id != self.branch_id:
            raise ValidationError(
                self.env._(
                    "Room %(room)s is not in branch %(branch)s. Choose a room of "
                    "that branch.",
                    room=self.room_id.name,
                    branch=self.branch_id.name,
                )
            )

    # Dates -------------------------------------------------------------------

    def _occurrences(self):
        """Return the dates of the rule, as :class:`~..tools.series.Occurrence`."""
        self.ensure_one()
        return series.occurrences(self._rule(), self.branch_id._tz())

    def _add_lines(self, occurrences):
        """Add to-dos for the dates that have no line yet; return the new lines."""
        self.ensure_one()
        known = set(self.line_ids.mapped("day"))
        # sudo: lines are written by these methods only, after a look at the rights
        return (
            self.env["clinic.appointment.series.line"]
            .sudo()
            .create(
                [
                    {"series_id": self.id, "day": item.day, "start": item.start}
                    for item in occurrences
                    if item.day not in known
                ]
            )
            .with_env(self.env)
        )

    def _next_day(self):
        """Return the first day after the last date, if there are dates."""
        self.ensure_one()
        last = max(self.line_ids.mapped("day"), default=None)
        return last and last + timedelta(days=1)

    def _extend(self, occurrences):
        """Add dates to the end; an ended series runs again."""
        self.ensure_one()
        self._check_may_plan()
        lines = self._add_lines(occurrences)
        if lines:
            # sudo: the rule is written by these methods only, rights were checked
            self.sudo().state = "running"
        return lines

    def _adopt(self, visit):
        """Make a booked visit one of the dates: the one that is repeated."""
        self.ensure_one()
        visit.check_access("write")
        if visit.series_id:
            raise UserError(
                self.env._("This visit is one of regular visits already: extend them.")
            )
        line = self.line_ids.filtered(lambda line: line.day == visit.day)
        # sudo: lines and the tie are written by these methods only
        if not line:
            line = self._add_lines([series.Occurrence(visit.day, visit.start)])
        line.sudo().write({"appointment_id": visit.id, "state": "booked"})
        visit.sudo().series_id = self

    def _open_lines(self):
        """Return the dates ahead that can still be changed, by time."""
        now = fields.Datetime.now()
        return self.line_ids.filtered(
            lambda line: (
                line.appointment_id.state in AHEAD and line.appointment_id.start > now
                if line.appointment_id
                else line.state == "to_do" and line.start > now
            )
        ).sorted("start")

    def _party(self):
        """Return whom, what and where the visits are for, to judge dates by."""
        self.ensure_one()
        return Party(
            self.patient_id,
            self.service_id,
            self.specialist_id,
            self.branch_id,
            self.room_id,
        )

    def _judge(self, wishes, **options):
        """Return a verdict for each wanted moment of this series; see the judge."""
        return self.env["clinic.series.judge"]._judge(self._party(), wishes, **options)

    # Booking -----------------------------------------------------------------

    def action_book(self):
        """Book all dates that are free as wanted; the others stay to be settled."""
        self._check_may_plan()
        lines = self.line_ids.filtered(
            lambda line: line.state == "to_do" and not line.appointment_id
        )
        return self._notify(*lines._book_wanted())

    def _take_turns(self, starts, specialists):
        """Queue up so that many visits taken one after another deadlock with nobody.

        Whoever takes several days does it here: one at a time, and in the order of
        the ledger before anything of a single day is waited for.
        """
        self.env.cr.execute("SELECT pg_advisory_xact_lock(%s)", (SERIES_LOCK,))
        things = [
            *(Thing(SPECIALIST, specialist_id) for specialist_id in specialists),
            *(Thing(PATIENT, patient.id) for patient in self.patient_id),
        ]
        day = timedelta(days=1)
        # sudo: nobody has rights on the ledger; who may book may claim
        self.env["clinic.claim"].sudo()._lock(
            [
                Row(thing, start, start + day / 24)
                for thing in things
                for start in set(starts)
            ]
        )

    def _move_lines(self, targets, specialist, room, chosen):
        """Move dates and their visits, each by the rules of a single move.

        Later ones first where they go later, so that none waits for a time its own
        neighbour is about to leave. What is refused stays at its old time.

        :param targets: :class:`~..tools.series.Occurrence` by line.
        :param chosen: values of another window by line; None to leave it where it is.
        :return: ``(lines moved, lines left)``
        """
        self.ensure_one()
        lines = self.env["clinic.appointment.series.line"].browse()
        moved = failed = lines
        chosen_vals = [vals for vals in chosen.values() if vals]
        self._take_turns(
            [
                *(line.appointment_id.start or line.start for line in targets),
                *(target.start for target in targets.values()),
                *(vals["start"] for vals in chosen_vals),
            ],
            {
                specialist.id,
                self.specialist_id.id,
                *(vals["specialist_id"] for vals in chosen_vals),
            },
        )
        later = any(target.start > line.start for line, target in targets.items())
        for line in sorted(targets, key=lambda line: line.start, reverse=later):
            if line in chosen and chosen[line] is None:
                continue
            vals = chosen.get(line) or {
                "start": targets[line].start,
                "specialist_id": specialist.id,
                "room_id": room.id or None,
            }
            if line._move_to(targets[line], vals):
                moved |= line
            else:
                failed |= line
        moved.appointment_id._tell_once()
        return moved.sorted("start"), failed.sorted("start")

    def _change_rule(self, days, minute, specialist, room):
        """Let the rule follow its dates: what is added later is at the new time."""
        self.ensure_one()
        old = self.rule_words
        weekdays = {
            (number + days) % 7 for number, day in enumerate(WEEKDAYS) if self[day]
        }
        # sudo: the rule is written by these methods only, the rights were checked
        self.sudo().write(
            {
                **{day: n in weekdays for n, day in enumerate(WEEKDAYS)},
                "hour": minute / 60,
                "specialist_id": specialist.id,
                "room_id": room.id,
            }
        )
        if old != self.rule_words:
            self._message_log(
                body=self.env._(
                    "Changed from %(old)s to %(new)s.", old=old, new=self.rule_words
                )
            )

    def _notify(self, done, failed):
        """Return the notification of what was booked or moved, and what was not."""
        if not failed:
            message = self.env._("Done: %(count)s.", count=len(done))
        else:
            message = self.env._(
                "Done: %(count)s. To settle: %(rest)s (%(days)s).",
                count=len(done),
                rest=len(failed),
                days=", ".join(line.day_words for line in failed[:10]),
            )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning" if failed else "success",
                "message": message,
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def _end_if_over(self):
        """A series nothing of which is ahead any more has ended."""
        over = self.filtered(lambda s: s.state == "running" and not s._open_lines())
        over.sudo().state = "ended"

    # Screens -----------------------------------------------------------------

    def action_open_extend(self):
        """Open the dialog of more dates by the same rule."""
        self.ensure_one()
        self._check_may_plan()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "clinic_schedule.action_clinic_series_plan"
        )
        action["name"] = self.env._("More Visits")
        action["context"] = {
            "default_series_id": self.id,
            "dialog_size": "extra-large",
        }
        return action

    def action_open_end(self):
        """Cancel what is ahead, after a question for the reason; or just end it."""
        self.ensure_one()
        self._check_may_plan()
        ahead = self._open_lines().appointment_id
        if not ahead:
            self.line_ids.filtered(lambda line: line.state == "to_do")._skip("ended")
            self.sudo().state = "ended"
            return True
        action = ahead[:1].action_open_cancel()
        action["context"] = {
            **action["context"],
            "default_appointment_ids": ahead[:1].ids,
            "default_series_scope": "all",
        }
        return action

    def action_open_change(self):
        """Open the dialog that moves what is ahead to another day, hour or person."""
        self.ensure_one()
        self._check_may_plan()
        line = self._open_lines().filtered("appointment_id")[:1]
        if not line:
            raise UserError(self.env._("No booked visit is ahead: nothing to move."))
        return line.appointment_id.action_open_series_move(
            line.appointment_id.start, line.appointment_id.specialist_id.id, scope="all"
        )

    def action_open_visits(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "clinic_schedule.action_clinic_appointment"
        )
        action["domain"] = [("series_id", "=", self.id)]
        action["context"] = {}
        return action

    # Jobs --------------------------------------------------------------------

    @api.model
    def _cron_settle(self):
        """Book the dates whose schedule has been made meanwhile; drop the past ones."""
        Line = self.env["clinic.appointment.series.line"]
        now = fields.Datetime.now()
        open_lines = [("state", "=", "to_do"), ("appointment_id", "=", False)]
        Line.search([*open_lines, ("start", "<=", now)])._skip(series.PAST)
        waiting = Line.search(
            [
                *open_lines,
                ("reason", "=", series.NOT_YET),
                ("start", ">", now + timedelta(minutes=30)),
                ("series_id.state", "=", "running"),
            ]
        )
        for lines in waiting.grouped("series_id").values():
            lines._book_wanted()
