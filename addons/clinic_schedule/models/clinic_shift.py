from odoo import Command, api, fields, models
from odoo.exceptions import UserError, ValidationError

from .clinic_appointment import MOVING

# What a visit depends on: the shift must hold it.
TIMES = {
    "start",
    "stop",
    "day",
    "day_to",
    "hour_from",
    "hour_to",
    "branch_id",
    "specialist_id",
    "active",
}


class ClinicShift(models.Model):
    _name = "clinic.shift"
    _description = "Shift"
    _inherit = ["clinic.wall.hours.mixin"]
    _order = "start, specialist_id"
    _check_company_auto = True

    specialist_id = fields.Many2one(
        "clinic.specialist", required=True, index=True, ondelete="cascade"
    )
    branch_id = fields.Many2one(
        "clinic.branch", required=True, index=True, ondelete="restrict"
    )
    room_id = fields.Many2one(
        "clinic.room",
        domain="[('branch_id', '=', branch_id)]",
        ondelete="restrict",
        help="Leave empty to take whichever suitable room of the branch is free.",
    )
    company_id = fields.Many2one(related="branch_id.company_id", store=True, index=True)
    start = fields.Datetime(required=True, index=True)
    stop = fields.Datetime(required=True)
    template_id = fields.Many2one(
        "clinic.shift.template", readonly=True, index=True, ondelete="set null"
    )
    template_day = fields.Date(readonly=True)
    active = fields.Boolean(
        default=True,
        help="Archive a shift to call it off: a deleted one comes back when the weekly "
        "templates are applied again.",
    )
    note = fields.Char(help="For whoever books into this shift; nothing medical here.")
    strands = fields.Char(compute="_compute_strands")
    local_time = fields.Char(compute="_compute_local_time", string="Hours")
    hours = fields.Float(compute="_compute_hours", store=True, string="Length, Hours")

    _stop_after_start = models.Constraint(
        "CHECK(stop > start)", "A shift must end after it starts."
    )
    _specialist_no_overlap = models.Constraint(
        "EXCLUDE USING gist (specialist_id WITH =, tsrange(start, stop) WITH &&)"
        " WHERE (active)",
        "The specialist has another shift at this time.",
    )
    _template_day_uniq = models.UniqueIndex(
        "(template_id, template_day) WHERE template_id IS NOT NULL",
        "This shift has been made from the weekly template already.",
    )

    @api.depends("start", "stop", "branch_id.tz", "specialist_id.name")
    @api.depends_context("lang")
    def _compute_local_time(self):
        for shift in self:
            shift.local_time = ""
            branch = shift.branch_id
            if not (branch and shift.start and shift.stop):
                continue
            stop = branch._localize(shift.stop)
            shift.local_time = f"{branch._format_local(shift.start)}–{stop:%H:%M}"

    @api.depends("start", "stop")
    def _compute_hours(self):
        for shift in self:
            span = shift.stop - shift.start if shift.start and shift.stop else None
            shift.hours = span.total_seconds() / 3600 if span else 0.0

    @api.depends("specialist_id", "local_time")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for shift in self:
            shift.display_name = (
                f"{shift.specialist_id.name or ''} {shift.local_time or ''}".strip()
            )

    @api.depends("day", "hour_from", "hour_to", "branch_id")
    @api.depends_context("lang")
    def _compute_strands(self):
        """Say which visits would be left outside, while a shift is being edited."""
        for shift in self:
            shift.strands = False
            saved = shift._origin
            if not (saved.active and shift.day and 0 <= shift.hour_from < 24):
                continue
            names = ("day", "hour_from", "hour_to")
            wall = {name: shift[name] for name in names}
            span = saved._from_wall({**wall, "branch_id": shift.branch_id.id})
            outside = saved._visits_inside().filtered(
                lambda visit, shift=shift, span=span: (
                    not (
                        shift.branch_id._origin == visit.branch_id
                        and span["start"] <= visit.start
                        and visit.stop <= span["stop"]
                    )
                )
            )
            # Visits that were outside before are no news.
            outside -= outside.filtered("must_move")
            if outside:
                shift.strands = self._visit_words(outside)

    @api.model_create_multi
    def create(self, vals_list):
        shifts = super().create(vals_list)
        shifts._settle(shifts._stranded_before())
        return shifts

    def write(self, vals):
        rooms = {shift: shift.room_id for shift in self}
        if not vals.keys() & TIMES:
            result = super().write(vals)
            self._follow_room(rooms)
            return result
        visits = self._visits_inside()
        result = super().write(vals)
        # Not by the next read: a shift made after this one must find it moved.
        self.flush_recordset()
        self._settle(visits | self._stranded_before())
        self._follow_room(rooms)
        return result

    def unlink(self):
        visits = self._visits_inside()
        result = super().unlink()
        self._settle(visits)
        return result

    # Visits -----------------------------------------------------------------

    def _settle(self, visits):
        """Open and close to-dos; not while a template changes many shifts at once."""
        if visits and not self.env.context.get("clinic_shifts_in_motion"):
            self.env["clinic.rebooking"]._sync(visits)

    def _follow_room(self, rooms):
        """Take the visits along into the new room of their shift where it is free.

        The others stay in the room they have: it is theirs in the ledger.
        """
        for shift, old in rooms.items():
            room = shift.room_id
            if not old or not room or old == room or not shift.active:
                continue
            for visit in shift._visits_inside().filtered(
                lambda v, old=old: v.room_id == old
            ):
                try:
                    with self.env.cr.savepoint():
                        # sudo: the room follows the shift, not the user's own visits
                        visit.sudo().reschedule(visit.start, room_id=room.id)
                except UserError:
                    continue

    @api.model
    def _visit_words(self, visits):
        words = ", ".join(f"{visit.name} ({visit.local_time})" for visit in visits[:10])
        if len(visits) > 10:
            words = self.env._(
                "%(visits)s and %(count)s more", visits=words, count=len(visits) - 10
            )
        return words

    def action_open_call_off(self):
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "clinic_schedule.action_clinic_shift_call_off"
        )
        action["context"] = {"default_shift_ids": [Command.set(self.ids)]}
        return action

    def _visits_inside(self):
        """Return the visits ahead that lie in these shifts, at least in part."""
        # sudo: who may change shifts strands visits, seen by him or not
        visits_sudo = self.env["clinic.appointment"].sudo()
        spans = self.filtered("active")
        if not spans:
            return visits_sudo
        found = visits_sudo.search(
            [
                ("specialist_id", "in", spans.specialist_id.ids),
                ("state", "in", MOVING),
                ("start", "<", max(spans.mapped("stop"))),
                ("stop", ">", min(spans.mapped("start"))),
                ("stop", ">", fields.Datetime.now()),
            ]
        )
        by_specialist = spans.grouped("specialist_id")
        return found.filtered(
            lambda visit: any(
                shift.start < visit.stop and visit.start < shift.stop
                for shift in by_specialist.get(visit.specialist_id, ())
            )
        )

    def _week_state(self):
        """Return what a weekly template says of a shift, to compare with it."""
        self.ensure_one()
        return {
            "specialist_id": self.specialist_id.id,
            "branch_id": self.branch_id.id,
            "room_id": self.room_id.id,
            "template_id": self.template_id.id,
            "start": self.start,
            "stop": self.stop,
        }

    def _stranded_before(self):
        """Return the visits to move that these shifts may save."""
        # sudo: to-dos are settled by the schedule, whoever changes it
        todos_sudo = self.env["clinic.rebooking"].sudo()
        return todos_sudo.search(
            [
                ("state", "=", "open"),
                ("specialist_id", "in", self.specialist_id.ids),
            ]
        ).appointment_id

    @api.constrains("room_id", "branch_id")
    def _check_room(self):
        for shift in self:
            if shift.room_id and shift.room_id.branch_id != shift.branch_id:
                raise ValidationError(
                    self.env._(
                        "Room %(room)s is not in branch %(branch)s. Choose a room of "
                        "that branch.",
                        room=shift.room_id.name,
                        branch=shift.branch_id.name,
                    )
                )
