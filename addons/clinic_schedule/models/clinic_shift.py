from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .clinic_appointment import AHEAD

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
    local_time = fields.Char(compute="_compute_local_time", string="Hours")
    calendar_title = fields.Char(compute="_compute_local_time")
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
            shift.local_time = shift.calendar_title = ""
            branch = shift.branch_id
            if not (branch and shift.start and shift.stop):
                continue
            start, stop = branch._localize(shift.start), branch._localize(shift.stop)
            shift.local_time = f"{branch._format_local(shift.start)}–{stop:%H:%M}"
            shift.calendar_title = (
                f"{start:%H:%M}–{stop:%H:%M} {shift.specialist_id.name or ''}"
            )

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

    @api.model_create_multi
    def create(self, vals_list):
        shifts = super().create(vals_list)
        self.env["clinic.rebooking"]._sync(shifts._stranded_before())
        return shifts

    def write(self, vals):
        if not vals.keys() & TIMES:
            return super().write(vals)
        visits = self._visits_inside()
        result = super().write(vals)
        # Not by the next read: a shift made after this one must find it moved.
        self.flush_recordset()
        self.env["clinic.rebooking"]._sync(visits | self._stranded_before())
        return result

    def unlink(self):
        visits = self._visits_inside()
        result = super().unlink()
        self.env["clinic.rebooking"]._sync(visits)
        return result

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
                ("state", "in", AHEAD),
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
