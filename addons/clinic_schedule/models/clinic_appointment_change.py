from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from .clinic_appointment import FREE, STAMPS

UNDO_MINUTES = 15
# What the desk may take back. The visit itself is the specialist's, not undone here.
UNDOABLE = ("book", "confirm", "move", "arrive", "cancel", "noshow")
# The kind of change that a state stands for.
KIND_OF_STATE = {
    "hold": "book",
    "booked": "book",
    "confirmed": "confirm",
    "arrived": "arrive",
    "in_progress": "start",
    "fulfilled": "fulfil",
    "cancelled": "cancel",
    "noshow": "noshow",
}
SNAPSHOT = (
    "state",
    "start",
    "stop",
    "duration",
    "specialist_id",
    "room_id",
    "branch_id",
    "hold_until",
    "cancel_reason",
    "arrived_at",
)


class ClinicAppointmentChange(models.Model):
    """What happened to a visit: who did what, when, and what it was before.

    Rows are only ever added. Undoing stamps the row it takes back and leaves a row of
    its own, so the history always tells the whole story.
    """

    _name = "clinic.appointment.change"
    _description = "Change of a Visit"
    _order = "id desc"
    _log_access = False
    _rec_name = "kind"

    appointment_id = fields.Many2one(
        "clinic.appointment", required=True, index=True, ondelete="cascade"
    )
    kind = fields.Selection(
        [
            ("book", "Booked"),
            ("confirm", "Confirmed"),
            ("move", "Moved"),
            ("arrive", "Arrived"),
            ("start", "Started"),
            ("fulfil", "Done"),
            ("cancel", "Cancelled"),
            ("noshow", "Did not come"),
            ("undo", "Undone"),
        ],
        required=True,
        string="What",
    )
    at = fields.Datetime(required=True, string="When")
    user_id = fields.Many2one("res.users", required=True, ondelete="restrict")
    old = fields.Json()
    new = fields.Json()
    reverses_id = fields.Many2one(
        "clinic.appointment.change", ondelete="cascade", index="btree_not_null"
    )
    undone_by_id = fields.Many2one("res.users", ondelete="restrict")
    undone_at = fields.Datetime()
    details = fields.Char(compute="_compute_details")

    @api.depends("kind", "old", "new")
    @api.depends_context("lang")
    def _compute_details(self):
        for change in self:
            change.details = change._in_words()

    def _in_words(self):
        """Return what changed, in the branch's wall time; nothing of the patient."""
        self.ensure_one()
        new, old = self.new or {}, self.old or {}
        before, after = self._place_words(old), self._place_words(new)
        if self.kind == "move" or (self.kind == "undo" and before != after):
            return f"{before} → {after}"
        if self.kind == "book":
            return after
        if self.kind == "cancel":
            return new.get("cancel_reason") or ""
        if self.kind == "undo":
            labels = dict(
                self.env["clinic.appointment"]
                ._fields["state"]
                ._description_selection(self.env)
            )
            return f"{labels.get(old.get('state'))} → {labels.get(new.get('state'))}"
        return ""

    def _place_words(self, values):
        if not values.get("start"):
            return ""
        branch = self.env["clinic.branch"].browse(values.get("branch_id") or ())
        # sudo: only the names, as the appointment itself shows them
        specialist_sudo = (
            self.env["clinic.specialist"].sudo().browse(values["specialist_id"])
        )
        room_sudo = self.env["clinic.room"].sudo().browse(values.get("room_id") or ())
        words = (
            branch.sudo()._format_local(fields.Datetime.to_datetime(values["start"])),
            specialist_sudo.exists().name,
            room_sudo.exists().name,
        )
        return ", ".join(word for word in words if word)

    def write(self, vals):
        stamps = {"undone_by_id", "undone_at", "reverses_id"}
        if vals.keys() - stamps or any(change.undone_at for change in self):
            raise UserError(self.env._("The history of a visit cannot be rewritten."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("The history of a visit cannot be deleted."))

    def _refusal_to_undo(self):
        """Return why the current user cannot take this back now, or None."""
        self.ensure_one()
        user = self.env.user
        if self.kind not in UNDOABLE or self.reverses_id or self.undone_at:
            return self.env._("This cannot be undone.")
        if self.user_id != user and not user.has_group("clinic_base.group_admin"):
            return self.env._(
                "Only %(user)s or an administrator can undo this.",
                # sudo: the name alone
                user=self.user_id.sudo().name,
            )
        if self.at < fields.Datetime.now() - timedelta(minutes=UNDO_MINUTES):
            return self.env._(
                "Too late to undo: it was done more than %(minutes)s minutes ago.",
                minutes=UNDO_MINUTES,
            )
        # sudo: whether something newer happened is no secret
        latest = self.sudo().appointment_id._latest_change()
        if latest != self:
            return self.env._(
                "Something was done to the visit after that; only the latest change "
                "can be undone."
            )
        return None


class ClinicAppointment(models.Model):
    _inherit = "clinic.appointment"

    change_ids = fields.One2many(
        "clinic.appointment.change", "appointment_id", string="History"
    )
    can_undo = fields.Boolean(compute="_compute_can_undo")

    @api.depends("state", "start", "specialist_id", "room_id")
    @api.depends_context("uid")
    def _compute_can_undo(self):
        # Whoever may not read the history (the accountant, a nurse) undoes nothing.
        if not self.env["clinic.appointment.change"].has_access("read"):
            self.can_undo = False
            return
        for visit in self:
            change = visit._latest_change()
            visit.can_undo = bool(change) and not change._refusal_to_undo()

    # The log -----------------------------------------------------------------

    def _snapshot(self):
        """Return what a change may alter, as plain values."""
        self.ensure_one()
        values = {}
        for name in SNAPSHOT:
            value = self[name]
            if isinstance(value, models.BaseModel):
                value = value.id
            elif self._fields[name].type == "datetime":
                value = value and str(value)
            values[name] = value or False
        return values

    def _record_change(self, kind, old=None, reverses=None):
        """Add a row to the history of each visit and return the rows.

        :param old: what it was before, by visit (dict of :meth:`_snapshot`); nothing
            for a new visit.
        :param reverses: the change that this one takes back.
        """
        now = fields.Datetime.now()
        # sudo: the log is written by what happens, never by hand
        changes_sudo = (
            self.env["clinic.appointment.change"]
            .sudo()
            .create(
                [
                    {
                        "appointment_id": visit.id,
                        "kind": kind,
                        "at": now,
                        "user_id": self.env.uid,
                        "old": (old or {}).get(visit) or False,
                        "new": visit.sudo()._snapshot(),
                        "reverses_id": reverses.id if reverses else False,
                    }
                    for visit in self
                ]
            )
        )
        return changes_sudo.with_env(self.env)

    def _latest_change(self):
        """Return the last thing done to the visit that still stands."""
        self.ensure_one()
        return self.env["clinic.appointment.change"].search(
            [
                ("appointment_id", "=", self._origin.id),
                ("undone_at", "=", False),
                ("reverses_id", "=", False),
            ],
            limit=1,
        )

    @api.model
    def _book(self, vals, *args, **options):
        visits = super()._book(vals, *args, **options)
        visits._record_change("book")
        return visits

    def _move(self, state, force=False, at=None, **vals):
        old = {visit: visit.sudo()._snapshot() for visit in self}
        result = super()._move(state, force=force, at=at, **vals)
        if self:
            self._record_change(KIND_OF_STATE[state], old)
        return result

    def _after_reschedule(self, old):
        result = super()._after_reschedule(old)
        self._record_change("move", {self: self._before_reschedule(old)})
        return result

    def _before_reschedule(self, old):
        """Return the snapshot of before from what the hook is given."""
        values = self.sudo()._snapshot()
        for name, value in old.items():
            if name in values:
                if isinstance(value, models.BaseModel):
                    value = value.id
                elif self._fields[name].type == "datetime":
                    value = value and str(value)
                values[name] = value or False
        if "duration" not in old and old.get("stop"):
            length = old["stop"] - old.get("start", self.start)
            values["duration"] = int(length.total_seconds() // 60)
        if not old.get("branch_id"):
            specialist = old.get("specialist_id") or self.specialist_id
            shift = self._shift_at(specialist, old["start"], old["stop"])
            values["branch_id"] = (shift.branch_id or self.branch_id).id
        return values

    # Undo --------------------------------------------------------------------

    @api.model
    def undo(self, change_id):
        """Take back a change of the last minutes; return True or refuse in words.

        Only the latest change of a visit, by whoever made it or an administrator. A
        time that must be taken again goes through the ledger: if it is gone, the
        refusal offers others.
        """
        change = self.env["clinic.appointment.change"].browse(change_id).exists()
        if not change:
            raise UserError(self.env._("This cannot be undone."))
        visit = change.appointment_id
        visit.check_access("write")
        visit._check_may_book(visit.specialist_id)
        refusal = change._refusal_to_undo()
        if refusal:
            raise UserError(refusal)
        visit._check_unchanged(change)
        visit._undo(change)
        # sudo: the log is written by what happens, never by hand. Of two people who
        # undo the same, PostgreSQL lets one write this row; the other is told.
        change.sudo().write(
            {"undone_by_id": self.env.uid, "undone_at": fields.Datetime.now()}
        )
        return True

    def action_undo(self):
        """Take back the latest change of this visit."""
        self.ensure_one()
        return self.undo(self._latest_change().id)

    def _check_unchanged(self, change):
        now, then = self.sudo()._snapshot(), change.new or {}
        names = ("state", "start", "specialist_id")
        if any(now[name] != then.get(name) for name in names):
            raise UserError(
                self.env._(
                    "Visit %(name)s is not as it was left; it cannot be undone.",
                    name=self.name,
                )
            )

    def _undo(self, change):
        """Bring the visit back to what it was before ``change``."""
        old, before = change.old or {}, self.sudo()._snapshot()
        # sudo: the log is written by what happens, never by hand
        log_sudo = self.env["clinic.appointment.change"].sudo()
        newest = log_sudo.search([], limit=1)
        if change.kind == "move":
            self._undo_move(old)
        elif change.kind == "book":
            self._undo_book(old)
        elif before["state"] in FREE:
            self._undo_release(old)
        else:
            self._restore_state(old)
        added = log_sudo.search(
            [("appointment_id", "=", self.id), ("id", ">", newest.id)]
        )
        if added:
            added.write({"reverses_id": change.id})
        else:
            self._record_change("undo", {self: before}, reverses=change)

    def _undo_move(self, old):
        place = ("start", "specialist_id", "room_id")
        now = self.sudo()._snapshot()
        if any(now[name] != old.get(name) for name in place):
            start = fields.Datetime.to_datetime(old["start"])
            self._reschedule(
                start,
                specialist_id=old["specialist_id"],
                room_id=old["room_id"] or None,
                allow_past=start < fields.Datetime.now(),
            )
        if self.duration != old.get("duration", self.duration):
            self.set_duration(old["duration"])
        if old["state"] == "arrived" != self.state:
            # sudo: a state may be written by nobody, only reached by these methods
            self.sudo().write({"state": "arrived", "arrived_at": old["arrived_at"]})

    def _undo_book(self, old):
        if old.get("state") == "hold":
            raise UserError(
                self.env._(
                    "The hold has become a booking and cannot be a hold again. Cancel "
                    "the visit instead."
                )
            )
        self._move(
            "cancelled",
            force=True,
            cancel_reason=self.env._("The booking was undone at once"),
        )

    def _undo_release(self, old):
        """Take the time of a cancelled visit, or of a no-show, once more."""
        if old["state"] == "hold":
            until = fields.Datetime.to_datetime(old["hold_until"])
            if not until or until <= fields.Datetime.now():
                raise UserError(self.env._("The time of the hold has run out."))
        self._withdraw_offers()
        plan = self._plan(
            {
                "patient_id": self.patient_id.id,
                "service_id": self.service_id.id,
                "specialist_id": self.specialist_id.id,
                "start": self.start,
                "duration": self.duration,
                "room_id": old.get("room_id") or None,
            },
            allow_past=True,
        )
        vals = {
            "plan": plan,
            "state": old["state"],
            "hold_until": old["hold_until"],
            "room_id": old.get("room_id"),
        }
        claims_sudo = self._claim_for(vals)
        claims_sudo.appointment_id = self.id
        self._restore_state(old, room_id=vals["room_id"])
        self._after_restore(old["state"])

    def _withdraw_offers(self):
        """Take back what the waiting list was offered of this time meanwhile.

        A cancellation undone within minutes was a mistake; whoever has accepted the
        offer by then keeps it.
        """
        # sudo: the desk may not see whom the time was offered
        offers_sudo = (
            self.env["clinic.waitlist.offer"]
            .sudo()
            .search(
                [
                    ("state", "=", "pending"),
                    ("window_id.specialist_id", "=", self.specialist_id.id),
                    ("start", "<", self.stop),
                    ("stop", ">", self.start),
                ]
            )
        )
        offers_sudo._withdraw()

    def _restore_state(self, old, **vals):
        vals = {
            **vals,
            "state": old["state"],
            "hold_until": old["hold_until"],
            "cancel_reason": old["cancel_reason"],
        }
        if self.state == "confirmed":
            vals.update(confirmed_at=False, confirmed_how=False)
        stamp = STAMPS.get(self.state)
        if stamp:
            vals[stamp] = False
        # sudo: a state may be written by nobody, only reached by these methods
        self.sudo().write(vals)

    def _after_restore(self, state):
        """Called on a visit whose cancellation, or no-show, was taken back.

        :param state: the state it has again. Extend, call super.
        """
        self._tell_again()
