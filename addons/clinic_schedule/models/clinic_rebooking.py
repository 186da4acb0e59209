from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools.misc import format_date

from .clinic_appointment import MOVING

KINDS = [
    ("leave", "Time off"),
    ("holiday", "Public holiday"),
    ("block", "Blocked time"),
    ("shift", "Change of shifts"),
    ("series", "Series"),
]
# What the schedule itself tells, and can take back; the rest is for people to close.
BY_SCHEDULE = ("leave", "holiday", "block", "shift")
OUTCOMES = [
    ("moved", "Moved"),
    ("handed", "Handed over"),
    ("cancelled", "Cancelled"),
    ("kept", "Left as it is"),
    ("needless", "Not needed any more"),
]
DESK = ("group_reception", "group_callcenter", "group_admin")


class ClinicRebooking(models.Model):
    """A visit that must be moved: its time was taken away after it had been booked.

    Opened and closed by :meth:`_sync`, whatever happens to time off, shifts and blocks.
    """

    _name = "clinic.rebooking"
    _description = "Visit to Move"
    _order = "old_start, id"
    _check_company_auto = True

    appointment_id = fields.Many2one(
        "clinic.appointment", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        related="appointment_id.company_id", store=True, index=True
    )
    branch_id = fields.Many2one("clinic.branch", required=True, index=True)
    specialist_id = fields.Many2one(
        "clinic.specialist",
        required=True,
        index=True,
        ondelete="cascade",
        help="Whom the visit was booked with when it became a visit to move.",
    )
    patient_id = fields.Many2one(related="appointment_id.patient_id")
    patient_phone = fields.Char(related="appointment_id.contact_phone", string="Phone")
    service_id = fields.Many2one(related="appointment_id.service_id")
    old_start = fields.Datetime(required=True, index=True)
    local_time = fields.Char(compute="_compute_local_time", string="Booked At")
    new_time = fields.Char(compute="_compute_new_time", string="Now At")
    reason_kind = fields.Selection(KINDS, required=True)
    reason_model = fields.Char()
    reason_id = fields.Many2oneReference(model_field="reason_model", index=True)
    cause = fields.Char(help="Whose time is gone, why, and when: for grouping.")
    state = fields.Selection(
        [("open", "To be moved"), ("done", "Done")],
        required=True,
        default="open",
        index=True,
    )
    outcome = fields.Selection(OUTCOMES)
    done_at = fields.Datetime()
    done_by_id = fields.Many2one("res.users")
    proposals = fields.Json(compute="_compute_proposals")

    _one_open = models.UniqueIndex(
        "(appointment_id) WHERE state = 'open'",
        "This visit is among the visits to move already.",
    )
    _done_has_outcome = models.Constraint(
        "CHECK((state = 'done') = (outcome IS NOT NULL))",
        "Say what became of a visit that had to be moved.",
    )

    @api.depends("old_start", "branch_id")
    @api.depends_context("lang")
    def _compute_local_time(self):
        for todo in self:
            todo.local_time = todo.branch_id._format_local(todo.old_start)

    @api.depends("state", "outcome", "appointment_id.local_time")
    @api.depends_context("lang")
    def _compute_new_time(self):
        for todo in self:
            moved = todo.outcome in ("moved", "handed")
            todo.new_time = todo.appointment_id.local_time if moved else False

    @api.depends("local_time", "appointment_id.name")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for todo in self:
            todo.display_name = f"{todo.appointment_id.name} · {todo.local_time}"

    @api.depends("state", "appointment_id")
    @api.depends_context("lang", "uid")
    def _compute_proposals(self):
        """The first proposals of all of them can be taken together: none twice."""
        taken = defaultdict(list)
        for todo in self.sorted("old_start"):
            offers = todo._propose(taken) if todo.state == "open" else []
            todo.proposals = offers
            if offers:
                first = offers[0]
                taken[first["specialist_id"]].append((first["start"], first["stop"]))

    # Opening and closing ----------------------------------------------------

    @api.model
    def _sync(self, visits):
        """Open what must be moved among the visits, close what need not any more.

        Called after time off, a shift or a block has changed, on the visits it may
        concern; calling it once too often does no harm.
        """
        todos_sudo = self.sudo()
        visits_sudo = visits.sudo().filtered(
            lambda v: v.state in MOVING and v.stop > fields.Datetime.now()
        )
        if not visits_sudo:
            return todos_sudo
        reasons = todos_sudo._reasons(visits_sudo)
        open_ones = todos_sudo.search(
            [("state", "=", "open"), ("appointment_id", "in", visits_sudo.ids)]
        ).grouped("appointment_id")
        groups = defaultdict(visits_sudo.browse)
        for visit in visits_sudo:
            todo = open_ones.get(visit, todos_sudo.browse())
            reason = reasons.get(visit)
            if reason and not todo:
                groups[reason] |= visit
            elif reason and todo.reason_kind in BY_SCHEDULE:
                todo._set_reason(*reason)
            elif not reason and todo and todo.reason_kind in BY_SCHEDULE:
                todo._close("needless")
        opened = todos_sudo.browse()
        for (kind, reference), group in groups.items():
            agreed = todos_sudo._agreed(group, kind, reference)
            opened |= todos_sudo._open_for(group - agreed, kind, reference)
        return opened

    @api.model
    def _open_for(self, visits, kind, reference=None):
        """Make to-dos of visits that have none; return them.

        :param kind: a value of ``reason_kind``.
        :param reference: the record that took the time (time off, block, template…).
        """
        todos_sudo = self.sudo()
        known = todos_sudo.search(
            [("state", "=", "open"), ("appointment_id", "in", visits.ids)]
        ).appointment_id
        reference_sudo = reference.sudo() if reference else None
        todos_sudo = todos_sudo.create(
            [
                {
                    "appointment_id": visit.id,
                    "branch_id": visit.branch_id.id,
                    "specialist_id": visit.specialist_id.id,
                    "old_start": visit.start,
                    **self._reason_vals(visit, kind, reference_sudo),
                }
                for visit in visits.sudo() - known
            ]
        )
        if todos_sudo:
            self._tell_the_desk()
        return todos_sudo.with_env(self.env)

    def _close(self, outcome):
        """Close the open ones among these; the one way a to-do ends."""
        todos = self.filtered(lambda todo: todo.state == "open")
        if todos:
            # sudo: closed by whatever happens to the visit, whoever did it
            todos.sudo().write(
                {
                    "state": "done",
                    "outcome": outcome,
                    "done_at": fields.Datetime.now(),
                    "done_by_id": self.env.uid,
                }
            )
            self._tell_the_desk()
        return todos

    @api.model
    def _tell_the_desk(self):
        """Let the counters on the screens look again; no data goes out."""
        for name in DESK:
            group = self.env.ref(f"clinic_base.{name}", raise_if_not_found=False)
            if group:
                self.env["bus.bus"]._sendone(group, "clinic.rebooking/changed", {})

    def _set_reason(self, kind, reference):
        for todo in self:
            vals = self._reason_vals(todo.appointment_id, kind, reference)
            if (todo.reason_kind, todo.reason_model, todo.reason_id) != (
                vals["reason_kind"],
                vals["reason_model"],
                vals["reason_id"],
            ):
                todo.write(vals)

    @api.model
    def _reason_vals(self, visit, kind, reference):
        lang = self.env.context.get("lang") or visit.company_id.partner_id.lang
        words = self.with_context(lang=lang)._reason_words(visit, kind, reference)
        return {
            "reason_kind": kind,
            "reason_model": reference._name if reference else False,
            "reason_id": reference.id if reference else False,
            "cause": words,
        }

    @api.model
    def _reason_words(self, visit, kind, reference):
        """Return whose time is gone, why and when; never what kind of absence it is."""
        label = dict(self._fields["reason_kind"]._description_selection(self.env))[kind]
        who = visit.specialist_id.name
        when = ""
        if kind == "leave" and reference and reference._name == "hr.leave":
            first, last = reference.request_date_from, reference.request_date_to
            when = format_date(self.env, first)
            if last != first:
                when = f"{when} – {format_date(self.env, last)}"
        elif kind in ("holiday", "block") and reference:
            label = reference.name or label
            if kind == "block" and not reference.specialist_id:
                who = (reference.room_id or reference.device_id).name
            when = format_date(self.env, visit.day)
        elif kind == "holiday":
            when = format_date(self.env, visit.day)
        return ", ".join(part for part in (f"{who}: {label}", when) if part)

    @api.model
    def _agreed(self, visits, kind, reference):
        """Return the visits about which it was settled that they stay for all that."""
        kept = self.search(
            [
                ("outcome", "=", "kept"),
                ("appointment_id", "in", visits.ids),
                ("reason_kind", "=", kind),
                ("reason_id", "=", reference.id if reference else False),
            ]
        )
        return kept.filtered(
            lambda todo: (
                todo.old_start == todo.appointment_id.start
                and todo.specialist_id == todo.appointment_id.specialist_id
            )
        ).appointment_id

    # What took the time -----------------------------------------------------

    @api.model
    def _reasons(self, visits):
        """Return ``{visit: (kind, record or None)}`` of what cannot take place."""
        if not visits:
            return {}
        span = (min(visits.mapped("start")), max(visits.mapped("stop")))
        found = {}
        for reasons in (
            self._without_shift(visits, span),
            self._blocked(visits, span),
            self._away(visits, span),
        ):
            found.update(reasons)
        return found

    @api.model
    def _without_shift(self, visits, span):
        shifts = defaultdict(list)
        for shift in self.env["clinic.shift"].search_fetch(
            [
                ("specialist_id", "in", visits.specialist_id.ids),
                ("start", "<", span[1]),
                ("stop", ">", span[0]),
            ],
            ["specialist_id", "branch_id", "start", "stop"],
        ):
            shifts[shift.specialist_id, shift.branch_id].append(
                (shift.start, shift.stop)
            )
        return {
            visit: ("shift", None)
            for visit in visits
            if not any(
                start <= visit.start and visit.stop <= stop
                for start, stop in shifts[visit.specialist_id, visit.branch_id]
            )
        }

    @api.model
    def _blocked(self, visits, span):
        blocks = self.env["clinic.block"].search(
            [
                ("start", "<", span[1]),
                ("stop", ">", span[0]),
                "|",
                "|",
                ("specialist_id", "in", visits.specialist_id.ids),
                ("room_id", "in", visits.room_id.ids),
                ("device_id", "in", visits.device_ids.ids),
            ]
        )
        return {
            visit: ("block", block)
            for block in blocks
            for visit in visits
            if block.start < visit.stop
            and visit.start < block.stop
            and (
                block.specialist_id == visit.specialist_id
                or (block.room_id and block.room_id == visit.room_id)
                or block.device_id & visit.device_ids
            )
        }

    @api.model
    def _away(self, visits, span):
        by_specialist = visits.grouped("specialist_id")
        found = {}
        leaves = self.env["resource.calendar.leaves"]
        for specialist, leave in leaves._clinic_search(visits.specialist_id, *span):
            absence = leave._clinic_absence()
            for visit in by_specialist[specialist]:
                start, stop = absence.in_zone(visit.branch_id._tz())
                if start < visit.stop and visit.start < stop:
                    own = bool(leave.resource_id)
                    found[visit] = (
                        "leave" if own else "holiday",
                        leave.holiday_id or leave,
                    )
        return found

    # Proposals --------------------------------------------------------------

    def _propose(self, taken=None):
        """Return what can be offered to the patient instead, best first.

        :param taken: spans (as strings) by specialist that are promised to others.
        :return: dicts with ``key`` for :meth:`action_take` and words for people.
        """
        self.ensure_one()
        visit = self.appointment_id
        if visit.state not in MOVING:
            return []
        # sudo: whoever may move the visit may hear what is free
        finder = self.env["clinic.rebooking.finder"].sudo()
        return finder._proposals(visit.sudo(), taken or {})

    # Buttons ----------------------------------------------------------------

    def _check_desk(self):
        user = self.env.user
        if not self.env.su and not any(
            user.has_group(f"clinic_base.{name}") for name in DESK
        ):
            raise AccessError(
                self.env._("Only the reception and the call centre do this.")
            )

    def action_take(self, key=None):
        """Move the visit to a proposal: the one with this key, or the first."""
        self.ensure_one()
        self.check_access("read")
        if self.state != "open":
            raise UserError(
                self.env._(
                    "%(visit)s has been settled already.", visit=self.display_name
                )
            )
        if not key:
            offers = self._propose()
            if not offers:
                raise UserError(self.env._("Nothing is free in the coming weeks."))
            key = offers[0]["key"]
        try:
            specialist_id, room_id, start = key.split("|")
            choice = (int(specialist_id), int(room_id) or None)
            start = fields.Datetime.to_datetime(start)
        except (ValueError, AttributeError):
            raise UserError(self.env._("Choose a free time first.")) from None
        self.appointment_id.reschedule(
            start, specialist_id=choice[0], room_id=choice[1]
        )
        return True

    def action_take_first(self):
        """Give each visit its first proposal; show what was moved and what was not."""
        self.check_access("read")
        moved, left = [], []
        for todo in self.filtered(lambda t: t.state == "open").sorted("old_start"):
            before = todo.local_time
            visit = todo.appointment_id
            line = {"visit": visit.name, "patient": visit.patient_id.name, "at": before}
            try:
                with self.env.cr.savepoint():
                    todo.action_take()
            except UserError as refusal:
                left.append({**line, "why": str(refusal)})
            else:
                moved.append(
                    {**line, "to": visit.local_time, "who": visit.specialist_id.name}
                )
        return self.env["clinic.rebooking.result"]._show(moved, left)

    def action_take_first_of_all(self):
        """Give all open visits of the list on the screen their first proposal.

        What is not shown, of another leave or branch, stays as it is. Not
        ``api.model``: a button of a list always sends the ids of what is ticked.
        """
        shown = Domain(self.env.context.get("active_domain") or Domain.TRUE)
        return self.search(shown & Domain("state", "=", "open")).action_take_first()

    def action_keep(self):
        """Leave the visits where they are: so it was agreed with the patients."""
        self.check_access("read")
        self.appointment_id.check_access("write")
        self._check_desk()
        for todo in self.filtered(lambda t: t.state == "open"):
            todo.appointment_id._message_log(
                body=self.env._("The visit stays at its time, as agreed."),
            )
            todo._close("kept")
        return True

    def action_move(self):
        self.ensure_one()
        return self.appointment_id.action_open_move()

    def action_cancel(self):
        return self.appointment_id.action_open_cancel()

    def action_open_visit(self):
        self.ensure_one()
        return self.appointment_id.get_formview_action()

    @api.model
    def open_count(self):
        """Return how many visits the user may see are waiting to be moved."""
        if not self.has_access("read"):
            return 0
        return self.search_count([("state", "=", "open")])

    @api.model
    def _open_screen(self, domain=None):
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "clinic_schedule.action_clinic_rebooking"
        )
        if domain is not None:
            action["domain"] = domain
        return action
