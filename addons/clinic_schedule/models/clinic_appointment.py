from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import SQL

from ..tools.claims import DeviceNeed, Group, Limit
from .clinic_claim import (
    DEVICE,
    PATIENT,
    ROOM,
    SPECIALIST,
    ClaimClash,
    Order,
    Thing,
    Wanted,
)

STATES = [
    ("hold", "On hold"),
    ("booked", "Booked"),
    ("confirmed", "Confirmed"),
    ("arrived", "Arrived"),
    ("in_progress", "In progress"),
    ("fulfilled", "Fulfilled"),
    ("cancelled", "Cancelled"),
    ("noshow", "Did not come"),
]
# Which state may follow which: the whole life of an appointment.
MOVES = {
    "hold": {"booked", "cancelled"},
    "booked": {"confirmed", "arrived", "cancelled", "noshow"},
    "confirmed": {"arrived", "cancelled", "noshow"},
    "arrived": {"in_progress", "fulfilled", "cancelled"},
    "in_progress": {"fulfilled"},
    "fulfilled": set(),
    "cancelled": set(),
    "noshow": set(),
}
AHEAD = ("hold", "booked", "confirmed")
# Who waits at the clinic already can still be received by another specialist.
MOVING = (*AHEAD, "arrived")
FREE = ("cancelled", "noshow")
STAMPS = {
    "arrived": "arrived_at",
    "in_progress": "started_at",
    "fulfilled": "fulfilled_at",
    "cancelled": "cancelled_at",
}
# What a user may give to a new appointment, and change of a later one; the rest
# follows from the rules or is reached by the buttons.
BOOKABLE = {
    "patient_id",
    "service_id",
    "specialist_id",
    "start",
    "room_id",
    "origin",
    "note",
    "complaint",
    "past_reason",
}
MOVABLE = {"start", "specialist_id", "room_id"}
PROTECTED = {
    "name",
    "patient_id",
    "service_id",
    "branch_id",
    "company_id",
    "duration",
    "day",
    "device_ids",
    "past_reason",
    "state",
    "hold_until",
    "cancel_reason",
    "cancel_reason_id",
    "cancelled_side",
    "access_token",
    *STAMPS.values(),
}
MAX_HOLD_MINUTES = 24 * 60


@dataclass(frozen=True)
class Plan:
    """A visit that obeys the rules of the clinic; only the ledger may still say no."""

    patient: models.Model
    service: models.Model
    specialist: models.Model
    branch: models.Model
    start: datetime
    stop: datetime
    lanes: tuple[Thing, ...] = ()
    devices: tuple[DeviceNeed, ...] = ()
    # Minutes before and after, by column of the ledger.
    buffers: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    group_size: int = 1
    day: date | None = None
    limit: Limit | None = None
    company_id: int | None = None
    # What the rules read, by which a refusal finds other times without reading again.
    member: object | None = None
    asker: object | None = None

    @property
    def things(self):
        return [
            Thing(SPECIALIST, self.specialist.id),
            Thing(PATIENT, self.patient.id),
        ]

    @property
    def order(self):
        """Return what the visit takes, for the ledger."""
        return Order(
            self.start,
            self.stop,
            tuple(self.things),
            tuple(self.lanes),
            self.devices,
            self.buffers,
            Group(self._session_key(), self.group_size)
            if self.group_size > 1
            else None,
            self.limit,
        )

    def _session_key(self):
        """Return what all visits of a group session have in common, and no others."""
        return (
            f"{self.service.id}/{self.branch.id or 0}"
            f"/{self.start:%Y%m%d%H%M}-{self.stop:%Y%m%d%H%M}"
        )


class ClinicAppointment(models.Model):
    """A visit of a patient to a specialist.

    ``create`` and ``write`` keep the ledger (``clinic.claim``) in step, whoever calls
    them; ``_book`` and ``reschedule`` add the rules of the clinic. A user's own create
    or write of a time comes through the same methods.
    """

    _name = "clinic.appointment"
    _description = "Appointment"
    _inherit = [
        "portal.mixin",
        "mail.thread",
        "mail.activity.mixin",
        "clinic.billable.mixin",
    ]
    _order = "start desc, id desc"
    _check_company_auto = True

    name = fields.Char(string="Number", readonly=True, copy=False, default="/")
    patient_id = fields.Many2one(
        "res.partner",
        required=True,
        index=True,
        ondelete="restrict",
        domain=[("is_patient", "=", True)],
    )
    patient_phone = fields.Char(
        related="patient_id.clinic_phone_display", string="Phone"
    )
    specialist_id = fields.Many2one(
        "clinic.specialist",
        required=True,
        index=True,
        ondelete="restrict",
        tracking=True,
    )
    specialist_user_id = fields.Many2one(
        related="specialist_id.user_id", store=True, precompute=True, index=True
    )
    service_id = fields.Many2one(
        "product.product",
        required=True,
        index=True,
        ondelete="restrict",
        domain=[("is_clinic_service", "=", True)],
    )
    branch_id = fields.Many2one(
        "clinic.branch", required=True, index=True, ondelete="restrict"
    )
    room_id = fields.Many2one(
        "clinic.room",
        index="btree_not_null",
        ondelete="restrict",
        domain="[('branch_id', '=', branch_id)]",
        tracking=True,
    )
    company_id = fields.Many2one("res.company", required=True, index=True)
    start = fields.Datetime(required=True, index=True)
    stop = fields.Datetime(required=True)
    duration = fields.Integer(string="Duration, Minutes", required=True)
    day = fields.Date(
        compute="_compute_day",
        store=True,
        precompute=True,
        index=True,
        help="The date of the visit in the branch's own time zone.",
    )
    local_time = fields.Char(
        compute="_compute_local_time",
        string="Time in the Branch",
        help="Wall time of the branch where the visit is.",
    )
    local_hours = fields.Char(compute="_compute_local_time", string="Hours")
    is_today = fields.Boolean(compute="_compute_clock")
    has_begun = fields.Boolean(compute="_compute_clock")
    state = fields.Selection(
        STATES,
        required=True,
        readonly=True,
        default="booked",
        index=True,
        tracking=True,
        copy=False,
    )
    hold_until = fields.Datetime(
        readonly=True,
        copy=False,
        help="The time is released then, unless the visit is paid or confirmed.",
    )
    cancel_reason = fields.Char(readonly=True, copy=False)
    origin = fields.Selection(
        [
            ("desk", "Reception"),
            ("callcenter", "Call centre"),
            ("web", "Web site"),
            ("portal", "Patient's account"),
            ("import", "Import"),
        ],
        default="desk",
        required=True,
    )
    note = fields.Text(
        help="For the reception, on organising the visit. Nothing medical here: "
        "everybody at the desk reads it."
    )
    arrived_at = fields.Datetime(readonly=True, copy=False)
    started_at = fields.Datetime(readonly=True, copy=False)
    fulfilled_at = fields.Datetime(readonly=True, copy=False)
    cancelled_at = fields.Datetime(readonly=True, copy=False)
    screening_id = fields.Many2one(
        "clinic.screening",
        copy=False,
        index="btree_not_null",
        groups="clinic_base.group_specialist,clinic_base.group_chief_physician",
    )
    claim_ids = fields.One2many(
        "clinic.claim", "appointment_id", groups="base.group_system"
    )

    _stop_after_start = models.Constraint(
        "CHECK(stop > start)", "An appointment must end after it starts."
    )
    _name_uniq = models.UniqueIndex(
        "(name, company_id)", "Another appointment has this number."
    )
    # Serves the agenda of a day and the look-up of free windows.
    _specialist_start_idx = models.Index("(specialist_id, start)")
    _patient_start_idx = models.Index("(patient_id, start DESC)")
    # Serves _cron_release_holds.
    _hold_until_idx = models.Index("(hold_until) WHERE state = 'hold'")

    # Computes ----------------------------------------------------------------

    @api.depends("start", "branch_id.tz")
    def _compute_day(self):
        for visit in self:
            visit.day = (
                visit.start and visit.branch_id._localize(visit.start).date()
            ) or False

    @api.depends("start", "stop", "branch_id.tz")
    @api.depends_context("lang")
    def _compute_local_time(self):
        for visit in self:
            visit.local_time = visit.local_hours = ""
            if visit.start and visit.stop:
                branch = visit.branch_id
                first, last = (
                    branch._localize(visit.start),
                    branch._localize(visit.stop),
                )
                visit.local_time = branch._format_local(visit.start)
                visit.local_hours = f"{first:%H:%M}–{last:%H:%M}"

    @api.depends("day", "start")
    def _compute_clock(self):
        now = fields.Datetime.now()
        for visit in self:
            branch = visit.branch_id
            visit.is_today = bool(branch) and visit.day == branch._localize(now).date()
            visit.has_begun = bool(visit.start) and visit.start <= now

    @api.depends("name", "local_time")
    @api.depends_context("lang")
    def _compute_display_name(self):
        # No patient: the name of a linked record is shown without a look at rights.
        for visit in self:
            parts = (visit.name or "", visit.local_time or "")
            visit.display_name = " · ".join(part for part in parts if part)

    def _compute_access_url(self):
        super()._compute_access_url()
        for visit in self:
            visit.access_url = f"/my/clinic/appointment/{visit.id}"

    # CRUD: the ledger is kept here ------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            # An import or a plain form books by the same rules as the wizard.
            return self._book(
                [
                    {key: vals[key] for key in BOOKABLE if key in vals}
                    for vals in vals_list
                ]
            )
        vals_list = [self._complete_vals(vals) for vals in vals_list]
        claims_list = self._claim_all(vals_list)
        for vals in vals_list:
            if vals.get("name", "/") == "/":
                # Last, so that who finds the time taken uses up no number.
                vals["name"] = self._next_name()
        visits = super(
            ClinicAppointment, self.with_context(mail_create_nosubscribe=True)
        ).create(vals_list)
        self.env["clinic.claim"].sudo()._bind(
            "appointment_id", zip(claims_list, visits.ids, strict=True)
        )
        return visits.with_env(self.env)

    def _next_name(self):
        # What next_by_code does, with a query less.
        names = ("prefix", "suffix", "padding", "implementation", "use_date_range")
        sequence = self.env["ir.sequence"].search_fetch(
            [
                ("code", "=", "clinic.appointment"),
                ("company_id", "in", [self.env.company.id, False]),
            ],
            names,
            order="company_id",
            limit=1,
        )
        prefix, suffix, padding, implementation, dated = (sequence[n] for n in names)
        ends = (prefix or "", suffix or "")
        if implementation != "standard" or dated or "%" in "".join(ends):
            return sequence._next()
        # Nothing in it depends on the day, so nobody's zone has to be found out.
        [[number]] = self.env.execute_query(
            SQL("SELECT nextval(%s)", f"ir_sequence_{sequence.id:03d}")
        )
        return f"{ends[0]}{number:0{padding}d}{ends[1]}"

    def _creation_message(self):
        self.ensure_one()
        return self.env._("Booked")

    def write(self, vals):
        if not self.env.su:
            vals = self._write_as_user(vals)
            if not vals:
                return True
        if vals.keys() & (MOVABLE | {"stop", "patient_id"}):
            vals = dict(vals)
            for visit in self.filtered(lambda v: v.state not in FREE):
                visit._reclaim(vals)
        result = super().write(vals)
        if "state" in vals:
            claims_sudo = self.sudo().claim_ids
            if vals["state"] in FREE:
                claims_sudo.unlink()
            elif vals["state"] != "hold":
                claims_sudo.write({"kind": "booked", "hold_until": False})
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_never_started(self):
        kept = self.filtered(lambda v: v.state not in ("hold", *FREE))
        if kept:
            raise UserError(
                self.env._(
                    "Cancel these appointments instead of deleting them: %(names)s.",
                    names=", ".join(kept.mapped("name")),
                )
            )

    def _write_as_user(self, vals):
        """Send a user's change of time through :meth:`reschedule`; return the rest."""
        vals = dict(vals)
        refused = vals.keys() & PROTECTED
        if refused:
            names = self.fields_get(sorted(refused), ["string"])
            raise UserError(
                self.env._(
                    "These cannot be changed by hand: %(fields)s. Use the buttons of "
                    "the appointment.",
                    fields=", ".join(n["string"] for n in names.values()),
                )
            )
        move = {key: vals.pop(key) for key in MOVABLE if key in vals}
        vals.pop("stop", None)
        if move:
            for visit in self:
                visit.reschedule(
                    move.get("start") or visit.start,
                    specialist_id=move.get("specialist_id"),
                    room_id=move.get("room_id"),
                )
        return vals

    def _complete_vals(self, vals):
        """Return the values with what follows from them (no rule is checked here)."""
        vals = dict(vals)
        service = self.env["product.product"].browse(vals["service_id"])
        start = fields.Datetime.to_datetime(vals["start"])
        vals["duration"] = vals.get("duration") or service.duration
        vals.setdefault("stop", start + timedelta(minutes=vals["duration"]))
        if not vals.get("branch_id"):
            room = self.env["clinic.room"].browse(vals.get("room_id") or ())
            shift = self._shift_at(
                self.env["clinic.specialist"].browse(vals["specialist_id"]),
                start,
                fields.Datetime.to_datetime(vals["stop"]),
            )
            vals["branch_id"] = (shift.branch_id or room.branch_id).id
        if not vals.get("company_id"):
            branch = self.env["clinic.branch"].browse(vals["branch_id"])
            vals["company_id"] = (branch.company_id or self.env.company).id
        return vals

    @api.model
    def _claim_all(self, vals_list):
        """Claim what the values of new appointments take; return ids of claims by one.

        ``plan`` in the values says exactly what is taken, else what is named is. The
        room and devices found are filled in.
        """
        plans = [vals.pop("plan", None) or self._plan_of(vals) for vals in vals_list]
        wanted_list = []
        for vals, plan in zip(vals_list, plans, strict=True):
            state = vals.get("state", "booked")
            if state not in FREE:
                wanted_list.append(
                    (vals, plan, self._wanted(plan, state, vals.get("hold_until")))
                )
        try:
            # sudo: nobody has rights on the ledger; who may book may claim
            self.env["clinic.claim"].sudo()._claim([item[2] for item in wanted_list])
        except ClaimClash as clash:
            raise self._clash_error(wanted_list[clash.index][1], clash) from clash
        for vals, _plan, wanted in wanted_list:
            self._fill_in_choice(vals, wanted.choice)
        by_vals = {id(vals): wanted.claim_ids for vals, _plan, wanted in wanted_list}
        return [by_vals.get(id(vals), ()) for vals in vals_list]

    def _claim_for(self, vals):
        """Claim what the values of one appointment take; return the claims."""
        [claim_ids] = self._claim_all([vals])
        return self.env["clinic.claim"].sudo().browse(claim_ids)

    def _claim_again(self, plan, state="booked", hold_until=None):
        """Claim the time of a visit that was released; return what to write of it."""
        self.ensure_one()
        vals = {"plan": plan, "state": state, "hold_until": hold_until}
        [claim_ids] = self._claim_all([vals])
        self.env["clinic.claim"].sudo()._bind("appointment_id", [(claim_ids, self.id)])
        return vals

    @api.model
    def _wanted(self, plan, state, hold_until):
        return Wanted(
            plan.order,
            "hold" if state == "hold" else "booked",
            fields.Datetime.to_datetime(hold_until) if state == "hold" else None,
        )

    @api.model
    def _fill_in_choice(self, vals, choice):
        vals["room_id"] = next(iter(choice.ids(ROOM)), False)
        devices = choice.ids(DEVICE)
        if devices or self.device_ids:
            vals["device_ids"] = [Command.set(devices)]

    def _reclaim(self, vals):
        """Move the claims of one appointment to what ``vals`` are about to set."""
        self.ensure_one()
        now = {
            name: self[name].id
            for name in ("patient_id", "service_id", "specialist_id", "branch_id")
        }
        now.update(start=self.start, duration=self.duration, room_id=self.room_id.id)
        plan = vals.pop("plan", None) or self._plan_of({**now, **vals})
        wanted = self._wanted(plan, self.state, self.hold_until)
        ledger_sudo = self.sudo().claim_ids.sudo()
        try:
            ledger_sudo._claim([wanted])
        except ClaimClash as clash:
            raise self._clash_error(plan, clash, moving=self) from clash
        ledger_sudo._bind("appointment_id", [(wanted.claim_ids, self.id)])
        vals["stop"] = plan.stop
        self._fill_in_choice(vals, wanted.choice)

    @api.model
    def _plan_of(self, vals):
        """Return the plan that values stand for, without a look at the rules."""

        def record(model, name):
            return self.env[model].browse(vals.get(name) or ())

        start = fields.Datetime.to_datetime(vals["start"])
        stop = fields.Datetime.to_datetime(vals.get("stop"))
        service = record("product.product", "service_id")
        branch = record("clinic.branch", "branch_id")
        return Plan(
            record("res.partner", "patient_id"),
            service,
            record("clinic.specialist", "specialist_id"),
            branch,
            start,
            stop or start + timedelta(minutes=vals["duration"]),
            tuple(self._room_lanes(record("clinic.room", "room_id"))),
            self._device_needs(service.product_tmpl_id.id, branch.id),
            service._clinic_buffers(),
            service.group_size,
        )

    @api.model
    def _room_lanes(self, rooms):
        return [
            Thing(ROOM, room.id, seat)
            for room in rooms
            for seat in range(room.capacity)
        ]

    # Booking ----------------------------------------------------------------

    @api.model
    def book(
        self,
        patient_id,
        service_id,
        specialist_id,
        start,
        room_id=None,
        hold_minutes=None,
        note=None,
        complaint=None,
        past_reason=None,
    ):
        """Book a visit, or hold the time for some minutes; return its id.

        :param start: naive UTC, ``YYYY-MM-DD HH:MM:SS``.
        :param complaint: in the patient's words; only medical staff can read it.
        :param past_reason: why a time that has passed is booked; only for those who
            may book into the past.
        """
        vals = {
            "patient_id": patient_id,
            "service_id": service_id,
            "specialist_id": specialist_id,
            "start": start,
            "room_id": room_id,
            "note": note,
            "complaint": complaint or None,
            "past_reason": past_reason or None,
        }
        if hold_minutes:
            vals["hold_minutes"] = hold_minutes
        return self._book(vals).id

    @api.model
    def _book(self, vals, allow_past=False):
        """Book by the rules of the clinic and return the appointment.

        :param vals: values of an appointment, or a list of them for several at once;
            ``hold_minutes`` makes it a hold.
        :param allow_past: only for what did happen (import, demonstration data).
        :raise UserError: one sentence on why not, with what is free instead.
        """
        vals_list = [
            self._prepare_booking_vals(item, allow_past)
            for item in (vals if isinstance(vals, list) else [vals])
        ]
        # sudo: whoever passed the checks above may write what they are about
        visits = self.sudo().create(vals_list).with_env(self.env)
        for visit, values in zip(visits, vals_list, strict=True):
            if values.get("past_reason"):
                visit._message_log(
                    body=self.env._(
                        "Booked after it had begun: %(reason)s",
                        reason=values["past_reason"],
                    )
                )
        visits._after_book()
        return visits

    def _prepare_booking_vals(self, vals, allow_past):
        """Check one wanted visit and the user's right to book it; return its values."""
        vals = {key: value for key, value in vals.items() if value is not None}
        hold_minutes = vals.pop("hold_minutes", None)
        plan = self._plan(vals, allow_past=allow_past)
        self._check_may_book(plan.specialist)
        if hold_minutes:
            if not 0 < int(hold_minutes) <= MAX_HOLD_MINUTES:
                raise ValidationError(
                    self.env._("A time can be held for 1 minute to 24 hours.")
                )
            vals["state"] = "hold"
            vals["hold_until"] = fields.Datetime.now() + timedelta(
                minutes=int(hold_minutes)
            )
        vals.setdefault("origin", self._default_origin())
        vals.update(
            plan=plan,
            start=plan.start,
            stop=plan.stop,
            duration=int((plan.stop - plan.start).total_seconds() // 60),
            branch_id=plan.branch.id,
            company_id=plan.company_id,
        )
        if plan.start >= fields.Datetime.now():
            vals.pop("past_reason", None)
        return vals

    def _default_origin(self):
        user = self.env.user
        if user.has_group("clinic_base.group_reception"):
            return "desk"
        return (
            "callcenter" if user.has_group("clinic_base.group_callcenter") else "desk"
        )

    def _check_may_book(self, specialist):
        """Raise unless the user may book this specialist."""
        user = self.env.user
        desk = ("group_reception", "group_callcenter", "group_admin")
        if self.env.su or any(user.has_group(f"clinic_base.{name}") for name in desk):
            return
        if not user.has_group("clinic_base.group_specialist"):
            raise AccessError(
                self.env._("Only the reception and the call centre book visits.")
            )
        if specialist.user_id != user:
            raise AccessError(
                self.env._("You can book visits to yourself only, not to colleagues.")
            )

    @api.model
    def _check_is_staff(self):
        user = self.env.user
        if not self.env.su and not user.has_group("clinic_base.group_staff"):
            raise AccessError(
                self.env._("The schedule is for the staff of the clinic.")
            )

    def reschedule(self, start, specialist_id=None, room_id=None):
        """Move a visit that has not begun, keeping the record; return True.

        Whoever has arrived goes on waiting, for another specialist or hour; moved to
        another day the visit is a booked one again.
        """
        return self._reschedule(start, specialist_id, room_id)

    def _reschedule(self, start, specialist_id=None, room_id=None, allow_past=False):
        """Move the visit; ``allow_past`` is for one that goes back where it was."""
        self.ensure_one()
        self.check_access("write")
        self._check_may_book(self.specialist_id)
        if self.state not in MOVING:
            raise UserError(
                self.env._(
                    "Appointment %(name)s cannot be moved any more: it is in the "
                    "state “%(state)s”.",
                    name=self.name,
                    state=self._state_label(),
                )
            )
        wanted = {
            "patient_id": self.patient_id.id,
            "service_id": self.service_id.id,
            "specialist_id": specialist_id or self.specialist_id.id,
            "start": start,
            "room_id": room_id,
            "duration": self.duration,
        }
        plan = self._plan(wanted, allow_past=allow_past, moving=self)
        if plan.specialist != self.specialist_id:
            self._check_may_book(plan.specialist)
        old = {
            name: self[name] for name in ("start", "stop", "specialist_id", "room_id")
        }
        old["local_time"] = self.local_time
        vals = {
            "plan": plan,
            "start": plan.start,
            "specialist_id": plan.specialist.id,
            "branch_id": plan.branch.id,
        }
        day = plan.branch._localize(plan.start).date()
        if self.state == "arrived" and day != self.day:
            old.update(state=self.state, arrived_at=self.arrived_at)
            vals.update(state="booked", arrived_at=False)
        # sudo: the right to write was checked; the time itself only moves here
        self.sudo().write(vals)
        if old["start"] != self.start:
            self._message_log(
                body=self.env._(
                    "Moved from %(old)s to %(new)s.",
                    old=old["local_time"],
                    new=self.local_time,
                )
            )
        self._after_reschedule(old)
        return True

    # States -----------------------------------------------------------------

    def action_confirm(self):
        """A hold becomes a booking, a booking is confirmed by the patient."""
        holds = self.filtered(lambda visit: visit.state == "hold")
        holds._move("booked")
        (self - holds)._move("confirmed")
        return True

    def action_arrive(self):
        return self._move("arrived")

    def action_start(self):
        return self._move("in_progress")

    def action_fulfil(self):
        return self._move("fulfilled")

    def action_cancel(self, reason=None):
        return self._move("cancelled", cancel_reason=reason or False)

    def action_noshow(self):
        return self._move("noshow")

    def _move(self, state, force=False, at=None, **vals):
        """Bring the appointments into a state; the one way states change.

        :param force: take no notice of the clock (the table of moves still holds).
        :param at: the moment it happened (naive UTC), if not now.
        """
        if not self:
            return True
        self.check_access("write")
        self._check_move(state)
        if not force:
            self._check_clock(state)
        if state == "arrived":
            self._check_can_arrive()
        before = {visit: visit.state for visit in self}
        vals = {"state": state, **vals}
        if state in STAMPS:
            vals[STAMPS[state]] = at or fields.Datetime.now()
        if state != "hold":
            vals["hold_until"] = False
        # sudo: a state may be written by nobody, only reached by these methods
        self.sudo().write(vals)
        hook = {"cancelled": "_after_cancel", "noshow": "_after_noshow"}.get(state)
        if state == "booked" and set(before.values()) == {"hold"}:
            hook = "_after_confirm_hold"
        if hook:
            getattr(self, hook)()
        return True

    def _check_move(self, state):
        offenders = self.filtered(lambda visit: state not in MOVES[visit.state])
        if not offenders:
            return
        label = dict(self._fields["state"]._description_selection(self.env))[state]
        expired = offenders.filtered(lambda v: v.state == "cancelled")
        if state in ("booked", "confirmed") and expired:
            raise UserError(
                self.env._(
                    "The time of %(names)s is not held any more. Choose a time again.",
                    names=", ".join(expired.mapped("name")),
                )
            )
        raise UserError(
            self.env._(
                "“%(state)s” is not possible for: %(visits)s.",
                state=label,
                visits=", ".join(f"{v.name} ({v._state_label()})" for v in offenders),
            )
        )

    def _check_clock(self, state):
        now = fields.Datetime.now()
        if state == "noshow":
            early = self.filtered(lambda visit: visit.start > now)
            if early:
                raise UserError(
                    self.env._(
                        "Too early to say that the patient did not come: %(visits)s.",
                        visits=", ".join(f"{v.name} ({v.local_time})" for v in early),
                    )
                )
        if state == "arrived":
            other = self.filtered(
                lambda visit: visit.day != visit.branch_id._localize(now).date()
            )
            if other:
                raise UserError(
                    self.env._(
                        "A patient arrives on the day of the visit; these are for "
                        "another day: %(visits)s.",
                        visits=", ".join(f"{v.name} ({v.local_time})" for v in other),
                    )
                )

    def _state_label(self):
        self.ensure_one()
        return dict(self._fields["state"]._description_selection(self.env))[self.state]

    # Holds ------------------------------------------------------------------

    def _expire(self):
        """Cancel the holds among these whose time has run out."""
        now = fields.Datetime.now()
        over = self.exists().filtered(
            lambda visit: visit.state == "hold" and visit.hold_until <= now
        )
        over._move(
            "cancelled", force=True, cancel_reason=self.env._("The hold has expired")
        )
        return over

    @api.model
    def _cron_release_holds(self):
        """Release expired holds, one by one: a payment may confirm another just now."""
        over = self.search(
            [("state", "=", "hold"), ("hold_until", "<=", fields.Datetime.now())]
        )
        cron = self.env["ir.cron"]
        cron._commit_progress(remaining=len(over))
        for visit in over:
            # Whoever holds the row is confirming or cancelling it: leave it to them.
            visit.try_lock_for_update()._expire()
            if not cron._commit_progress(1):
                break

    # Hooks for the addons above ---------------------------------------------

    def _after_book(self):
        """Called on new appointments (booked or on hold). Extend, call super."""

    def _after_confirm_hold(self):
        """Called when holds have become bookings. Extend, call super."""

    def _after_cancel(self):
        """Called on cancelled appointments, expired holds too. Extend, call super."""

    def _after_noshow(self):
        """Called on appointments nobody came to. Extend, call super."""

    def _after_reschedule(self, old):
        """Called on a moved appointment with its former values. Extend, call super."""

    def _check_can_arrive(self):
        """Raise UserError if a patient cannot be received yet. Extend, call super."""

    # Billing ----------------------------------------------------------------

    def _get_charge_vals(self):
        return [
            *super()._get_charge_vals(),
            {
                "product_id": self.service_id.id,
                "quantity": 1.0,
                "name": self.service_id.name,
                "date": self.day,
            },
        ]

    def _get_charge_patient(self):
        super()._get_charge_patient()
        return self.patient_id

    # Screens ----------------------------------------------------------------

    def action_open_cancel(self):
        return self._open_wizard("clinic_schedule.action_clinic_appointment_cancel")

    def action_open_move(self):
        self.ensure_one()
        return self._open_wizard("clinic_schedule.action_clinic_appointment_move")

    def _open_wizard(self, xmlid):
        action = self.env["ir.actions.act_window"]._for_xml_id(xmlid)
        action["context"] = {"active_ids": self.ids, "active_id": self[:1].id}
        return action
