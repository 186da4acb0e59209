import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..tools import screening, waitlist, windows
from ..tools.ranking import SHORTEST_VISIT
from ..tools.windows import from_minutes, to_minutes
from .clinic_waitlist_offer import HOLD_MINUTES

_logger = logging.getLogger(__name__)

BATCH = 500
KEEP_DAYS = 60
MAX_ATTEMPTS = 5
RETRY_MINUTES = 5
# What the desk does by a slip of the mouse is taken back within seconds: only then is
# the time offered to somebody, or “Undo” would find it gone.
UNDO_SECONDS = 20
UNDOABLE = ("cancel", "move", "noshow")
LIVE = ("queued", "waiting", "offering")
STATES = [
    ("queued", "Being Looked At"),
    ("waiting", "Waits for the Morning"),
    ("offering", "Offered"),
    ("call", "To Be Offered by Phone"),
    ("filled", "Resold"),
    ("nobody", "Nobody Suits"),
    ("gone", "Taken or Over"),
]


class ClinicFreedWindow(models.Model):
    """Time that has become free: the queue from which the waiting list is served.

    A row is written in the transaction that frees the time (a cancelled visit, a new
    shift, …), and worked by a job that the same transaction wakes up. So nothing is
    lost if the server stops in between, nothing is offered that was rolled back, and
    whoever cancels does not wait for it. Each row is locked and committed by itself:
    a second worker skips it, a failure leaves the others alone.

    A row lives on: while an offer is out it is ``offering``; a refusal or silence puts
    it back into the queue for the next person, until somebody takes it or nobody is
    left.
    """

    _name = "clinic.freed.window"
    _description = "Freed Window"
    _order = "freed_at desc, id desc"

    specialist_id = fields.Many2one(
        "clinic.specialist", required=True, index=True, ondelete="cascade"
    )
    branch_id = fields.Many2one("clinic.branch", ondelete="cascade", index=True)
    company_id = fields.Many2one(
        related="specialist_id.company_id", store=True, index=True
    )
    start = fields.Datetime(required=True)
    stop = fields.Datetime(required=True)
    local_time = fields.Char(compute="_compute_local_time", string="Window")
    origin = fields.Selection(
        [
            ("cancel", "Visit cancelled"),
            ("move", "Visit moved"),
            ("noshow", "Patient did not come"),
            ("hold", "Hold ran out"),
            ("shift", "New or longer shift"),
            ("leave", "Time off ended"),
            ("block", "Block removed"),
        ],
        string="Freed By",
        required=True,
    )
    state = fields.Selection(
        STATES, required=True, default="queued", index=True, group_expand=True
    )
    freed_at = fields.Datetime(
        string="Freed", required=True, index=True, default=fields.Datetime.now
    )
    next_at = fields.Datetime(
        required=True,
        default=fields.Datetime.now,
        help="It is not looked at before this moment.",
    )
    attempts = fields.Integer(aggregator=None)
    skipped_busy = fields.Boolean(
        help="Somebody it suits had another offer at that moment."
    )
    chain_id = fields.Many2one(
        "clinic.freed.window",
        string="Part Of",
        index="btree_not_null",
        ondelete="set null",
        help="The window that this one is a remainder of.",
    )
    offer_ids = fields.One2many(
        "clinic.waitlist.offer", "window_id", string="Offered Times"
    )
    offer_count = fields.Integer(compute="_compute_offer", string="People Asked")
    pending_offer_id = fields.Many2one(
        "clinic.waitlist.offer", compute="_compute_offer", string="Now Offered"
    )
    offered_to = fields.Char(compute="_compute_offer")
    answer_until = fields.Char(compute="_compute_offer")
    filled_at = fields.Datetime(string="Resold At", readonly=True)
    # For the statistics: only windows that were offered at all count.
    was_offered = fields.Integer(string="Windows Offered")
    was_filled = fields.Integer(string="Windows Resold")
    fill_rate = fields.Float(
        compute="_compute_rate",
        store=True,
        aggregator="avg",
        string="Fill Rate, %",
        help="Freed windows resold, of those offered.",
    )
    minutes_to_fill = fields.Float(
        compute="_compute_rate",
        store=True,
        aggregator="avg",
        string="Minutes to Fill",
    )

    _stop_after_start = models.Constraint(
        "CHECK(stop > start)", "A window must end after it starts."
    )
    # Serves _cron_work.
    _due_idx = models.Index("(next_at) WHERE state IN ('queued', 'waiting')")
    # Serves _remember_part and the look-up of a specialist's windows.
    _specialist_idx = models.Index("(specialist_id, start)")

    # Computes ----------------------------------------------------------------

    @api.depends("start", "stop", "branch_id.tz", "specialist_id.branch_ids.tz")
    @api.depends_context("lang")
    def _compute_local_time(self):
        for window in self:
            branch = window.branch_id or window.specialist_id.branch_ids[:1]
            window.local_time = ""
            if window.start and window.stop:
                stop = branch._localize(window.stop)
                window.local_time = f"{branch._format_local(window.start)}–{stop:%H:%M}"

    @api.depends("offer_ids.state", "offer_ids.valid_until")
    @api.depends_context("lang")
    def _compute_offer(self):
        for window in self:
            pending = window.offer_ids.filtered(lambda o: o.state == "pending")[:1]
            window.offer_count = len(window.offer_ids)
            window.pending_offer_id = pending
            window.offered_to = pending.patient_id.name or ""
            branch = window.branch_id
            window.answer_until = (
                f"{branch._localize(pending.valid_until):%H:%M}" if pending else ""
            )

    @api.depends("was_offered", "was_filled", "filled_at", "freed_at")
    def _compute_rate(self):
        for window in self:
            window.fill_rate = 100.0 * bool(window.was_filled)
            minutes = 0.0
            if window.was_filled and window.filled_at:
                span = window.filled_at - window.freed_at
                minutes = max(span.total_seconds(), 0) / 60
            window.minutes_to_fill = minutes

    @api.depends("specialist_id.name", "local_time")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for window in self:
            window.display_name = (
                f"{window.local_time or ''} {window.specialist_id.name or ''}".strip()
            )

    # Writing into the queue --------------------------------------------------

    @api.model
    def _freed(self, spans, origin):
        """Remember that time has become free; it is offered after the commit.

        :param spans: ``(specialist id, start, stop)`` in naive UTC; what is over is
            left out.
        :param origin: a key of the field ``origin``.
        """
        now = fields.Datetime.now()
        due = now + self._undo_time(origin)
        vals_list = [
            {
                "specialist_id": specialist_id,
                "start": max(start, now),
                "stop": stop,
                "origin": origin,
                "next_at": due,
            }
            for specialist_id, start, stop in spans
            if stop > now and stop > start
        ]
        if not vals_list:
            return self
        # sudo: whoever frees time need not know of the waiting list
        freed_sudo = self.sudo().create(vals_list)
        self._wake(due if due > now else None)
        return freed_sudo

    @api.model
    def _undo_time(self, origin):
        """Return how long whoever freed the time may think better of it."""
        by_hand = origin in UNDOABLE and self.env.user._is_internal()
        if by_hand and not self.env.user._is_superuser():
            return timedelta(seconds=UNDO_SECONDS)
        return timedelta()

    @api.model
    def _wake(self, at=None):
        """Let the job run after the commit, or at a later moment."""
        cron = self.env.ref("clinic_schedule.ir_cron_waitlist", False)
        if cron:
            cron.sudo()._trigger(at)

    def _requeue(self):
        """Put windows back whose offer came to nothing; the next person is asked."""
        # sudo: an answer by a patient or anybody at the desk moves the queue on
        self_sudo = self.sudo()
        now = fields.Datetime.now()
        over_sudo = self_sudo.filtered(lambda window: window.stop <= now)
        over_sudo.state = "gone"
        live_sudo = self_sudo - over_sudo
        if live_sudo:
            live_sudo.write({"state": "queued", "next_at": now, "attempts": 0})
            self._wake()

    @api.model
    def _requeue_skipped(self):
        """Look again at windows that passed over people who had another offer."""
        # sudo: see _requeue
        self.sudo().search(
            [
                ("skipped_busy", "=", True),
                ("state", "in", ("nobody", "call")),
                ("stop", ">", fields.Datetime.now()),
            ]
        )._requeue()

    # The job -----------------------------------------------------------------

    @api.model
    def _cron_work(self):
        """Serve the queue; each window in a transaction of its own."""
        self._close_hopeless()
        cron = self.env["ir.cron"]
        due = self.search(
            [
                ("state", "in", ("queued", "waiting")),
                ("next_at", "<=", fields.Datetime.now()),
            ],
            order="start, id",
            limit=BATCH,
        )
        cron._commit_progress(remaining=len(due))
        for window in due:
            # A locked row is being worked, or answered, by somebody else.
            window.try_lock_for_update()._work_safely()
            if not cron._commit_progress(1):
                break

    @api.model
    def _close_hopeless(self):
        """Close queued windows on whose days nobody waits, all in one statement.

        New shifts of many weeks come by the thousand; most days nobody waits for them.
        """
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """UPDATE clinic_freed_window freed SET state = 'nobody'
                    WHERE state = 'queued' AND next_at <= %s
                      AND NOT EXISTS (
                          SELECT FROM clinic_waitlist entry
                           WHERE entry.state = 'open'
                             AND entry.date_from <= (freed.stop + interval '1 day')
                             AND entry.date_to >= (freed.start - interval '1 day'))
                      AND NOT EXISTS (
                          SELECT FROM clinic_waitlist_offer offer
                           WHERE offer.window_id = freed.id)""",
                fields.Datetime.now(),
            )
        )
        self.invalidate_model(["state"], flush=False)

    def _work_safely(self):
        """Work the windows; what fails is tried again later and stops nobody."""
        for window in self:
            if window.state not in ("queued", "waiting"):
                continue
            try:
                with self.env.cr.savepoint():
                    window._work()
            except Exception:
                # Whatever a hook of another addon raises: the next window goes on.
                _logger.exception("Freed window %s could not be offered", window.id)
                self.env.invalidate_all()
                later = fields.Datetime.now() + timedelta(minutes=RETRY_MINUTES)
                window.write({"attempts": window.attempts + 1, "next_at": later})
                if window.attempts >= MAX_ATTEMPTS:
                    window.state = "call"
                else:
                    self._wake(later)

    def _work(self):
        """Grow the window to all that is free around it and ask the best suited."""
        self.ensure_one()
        parts = self._grow()
        if not parts:
            self.state = "gone"
            return
        for branch, start, stop in parts[1:]:
            self._remember_part(branch, start, stop)
        branch, start, stop = parts[0]
        self.write(
            {
                "branch_id": branch.id,
                "start": from_minutes(start),
                "stop": from_minutes(stop),
            }
        )
        self._offer_next()

    def _grow(self):
        """Return the free windows that the freed time is part of.

        :return: ``(branch, start, stop)`` in minutes, by start.
        """
        self.ensure_one()
        span = (max(self.start, fields.Datetime.now()), self.stop)
        shifts = self.env["clinic.shift"].search(
            [
                ("specialist_id", "=", self.specialist_id.id),
                ("branch_id.active", "=", True),
                ("start", "<", span[1]),
                ("stop", ">", span[0]),
            ],
            order="start",
        )
        if not shifts or not self.specialist_id.active:
            return []
        taken = self._taken(shifts)
        now = to_minutes(fields.Datetime.now(), up=True)
        first, last = to_minutes(span[0]), to_minutes(span[1], up=True)
        result = []
        for shift in shifts:
            hours = (max(to_minutes(shift.start, up=True), now), to_minutes(shift.stop))
            for start, stop in windows.subtract(hours, taken[shift.branch_id]):
                if start < last and first < stop and stop - start >= windows.STEP:
                    result.append((shift.branch_id, start, stop))
        return result

    def _taken(self, shifts):
        """Return the merged spans taken from the specialist, by branch."""
        start, stop = min(shifts.mapped("start")), max(shifts.mapped("stop"))
        self.env["clinic.claim"].flush_model()
        claims = [
            (to_minutes(claim_start), to_minutes(claim_stop, up=True))
            for claim_start, claim_stop in self.env.execute_query(
                SQL(
                    """SELECT start, stop FROM clinic_claim
                        WHERE specialist_id = %s
                          AND tsrange(start, stop) && tsrange(%s, %s)
                          AND (hold_until IS NULL OR hold_until > %s)""",
                    self.specialist_id.id,
                    start,
                    stop,
                    fields.Datetime.now(),
                )
            )
        ]
        branches = shifts.branch_id
        zones = {branch._tz().zone for branch in branches}
        absent = list(
            self.env["clinic.appointment"]._time_off(
                self.specialist_id, start, stop, zones
            )
        )
        return {
            branch: windows.merge(
                claims
                + [
                    span
                    for _id, zone, span in absent
                    if not zone or zone == branch._tz().zone
                ]
            )
            for branch in branches
        }

    def _remember_part(self, branch, start, stop):
        """Queue another part of what has become free, unless it is there already."""
        self.ensure_one()
        root = self.chain_id or self
        begin, end = from_minutes(start), from_minutes(stop)
        known = self.search_count(
            [
                ("specialist_id", "=", self.specialist_id.id),
                ("start", "<=", begin),
                ("stop", ">=", end),
                "|",
                ("state", "in", LIVE),
                "&",
                ("state", "in", ("nobody", "call")),
                "|",
                ("chain_id", "=", root.id),
                ("id", "=", root.id),
                ("id", "!=", self.id),
            ],
            limit=1,
        )
        if known:
            return
        self.create(
            {
                "specialist_id": self.specialist_id.id,
                "branch_id": branch.id,
                "start": begin,
                "stop": end,
                "origin": self.origin,
                "freed_at": self.freed_at,
                "chain_id": root.id,
            }
        )
        self._wake()

    # Matching ----------------------------------------------------------------

    def _as_window(self, problem_ids=()):
        """Return the window as the pure core knows it."""
        self.ensure_one()
        offset = self.branch_id._localize(self.start).utcoffset()
        return waitlist.Window(
            self.specialist_id.id,
            self.branch_id.id,
            to_minutes(self.start, up=True),
            to_minutes(self.stop),
            int(offset.total_seconds() // 60),
            frozenset(problem_ids),
        )

    def _read_wishes(self):
        """Return the wishes on the days of the window that may have this specialist.

        One query on plain columns: the database throws out by index and bit what the
        pure core would refuse anyway, so that few rows are read.
        """
        self.ensure_one()
        first = self.branch_id._localize(self.start).date()
        last = self.branch_id._localize(self.stop).date()
        days = range((last - first).days + 1)
        bits = sum({1 << (first + timedelta(days=n)).weekday() for n in days})
        self.env.flush_all()
        epoch = windows.EPOCH.date()
        rows = self.env.execute_query(
            SQL(
                """SELECT id, patient_id, service_id, asked.ids,
                          ARRAY(SELECT branch_id FROM clinic_waitlist_branch_rel
                                 WHERE waitlist_id = entry.id),
                          problem_id, weekday_mask,
                          round(hour_from * 60)::int, round(hour_to * 60)::int,
                          date_from - %(epoch)s, date_to - %(epoch)s,
                          notice_hours * 60, priority::int, since
                     FROM clinic_waitlist entry
                    -- By index for the few rows left: PostgreSQL would otherwise hash
                    -- the specialists of all wishes there are.
                    CROSS JOIN LATERAL (
                          SELECT ARRAY(SELECT specialist_id
                                         FROM clinic_waitlist_specialist_rel
                                        WHERE waitlist_id = entry.id) AS ids OFFSET 0
                          ) asked
                    WHERE state = 'open'
                      AND date_from <= %(last)s AND date_to >= %(first)s
                      AND (weekday_mask & %(bits)s) > 0
                      AND (paused_until IS NULL OR paused_until < %(today)s)
                      AND company_id = %(company)s
                      AND service_id IN (SELECT service_id FROM clinic_skill
                                          WHERE specialist_id = %(specialist)s
                                            AND active)
                      AND (asked.ids = '{}' OR %(specialist)s = ANY(asked.ids))""",
                epoch=epoch,
                first=first,
                last=last,
                bits=bits,
                today=self.branch_id._localize(fields.Datetime.now()).date(),
                company=self.branch_id.company_id.id,
                specialist=self.specialist_id.id,
            )
        )
        return [
            waitlist.Wish(
                *row[:3],
                frozenset(row[3]),
                frozenset(row[4]),
                *row[5:13],
                to_minutes(row[13]),
            )
            for row in rows
        ]

    def _matches(self, wishes=None):
        """Return the matches of the window, best first."""
        self.ensure_one()
        if wishes is None:
            wishes = self._read_wishes()
        if not wishes:
            return []
        return waitlist.match(
            self._as_window(self._problems_taken(wishes)),
            wishes,
            self._durations({wish.service_id for wish in wishes}),
            to_minutes(fields.Datetime.now(), up=True),
        )

    def _durations(self, service_ids):
        """Return the minutes of those of the services that the specialist provides."""
        self.ensure_one()
        day = self.branch_id._localize(self.start).date()
        skills = self.env["clinic.skill"].search(
            [
                ("specialist_id", "=", self.specialist_id.id),
                ("service_id", "in", list(service_ids)),
                ("service_id.active", "=", True),
                "|",
                ("date_from", "=", False),
                ("date_from", "<=", day),
                "|",
                ("date_to", "=", False),
                ("date_to", ">=", day),
            ]
        )
        return {
            skill.service_id.id: skill.duration or skill.service_id.duration
            for skill in skills
        }

    def _problems_taken(self, wishes):
        """Return those of the wished problems that the specialist takes now."""
        problems = self.env["clinic.problem"].browse(
            {wish.problem_id for wish in wishes if wish.problem_id}
        )
        if not problems:
            return ()
        candidate = self._candidate()
        answers = screening.Answers(
            problem_ids=frozenset(problems.ids),
            specialties={p.id: frozenset(p.specialty_ids.ids) for p in problems},
        )
        return screening.treated(candidate, answers) - candidate.paused_ids

    def _candidate(self, service=None):
        return self.env["clinic.screening"]._candidate(self.specialist_id, service)

    def _receives(self, entry):
        """Tell whether the specialist receives such a patient (age, sex, new ones).

        Who was asked for by name is not questioned.
        """
        if self.specialist_id in entry.specialist_ids:
            return True
        patient = entry.patient_id
        wanted = self.env["clinic.screening"]._parse_answers(
            {
                "birthdate": fields.Date.to_string(patient.birthdate_date) or None,
                "gender": patient.gender or None,
                "patient_id": patient.id,
            }
        )
        return screening.match(self._candidate(entry.service_id), wanted).matches

    def _best_slot(self, entry, ranges):
        """Return ``(slot, reasons)`` of the best bookable start, or None.

        Asked of the search itself, with room, device and the patient's own visits, so
        that whatever is offered can be booked as it is.

        :param ranges: of starts that the wish allows.
        """
        self.ensure_one()
        visits = self.env["clinic.appointment"]
        slots = visits._find_slots(
            {self.specialist_id: entry.service_id},
            self.start,
            self.stop,
            branch_ids=self.branch_id.ids,
            patient=entry.patient_id,
        )
        refused = entry._refused_spans(self.specialist_id)
        slots = [
            slot
            for slot in slots
            if waitlist.allows(ranges, slot.start)
            and not any(slot.start < b and a < slot.stop for a, b in refused)
        ]
        if not slots:
            return None
        ranked = sorted(
            visits._rank(slots, entry.patient_id), key=lambda i: (-i[1], i[0].start)
        )
        slot, _score, reasons = ranked[0]
        return slot, reasons

    # Offering ----------------------------------------------------------------

    def _offer_next(self):
        """Offer the window to the first of the matches who can take it.

        Leaves the window in the state that says how it stands.
        """
        self.ensure_one()
        now = fields.Datetime.now()
        matches = self._matches()
        entries = self.env["clinic.waitlist"].browse(m.wish.id for m in matches)
        # Who has an offer out, through whichever entry, gets no second one.
        busy = set(
            self.env["clinic.waitlist.offer"]
            .search(
                [
                    ("state", "=", "pending"),
                    ("patient_id", "in", entries.patient_id.ids),
                ]
            )
            .patient_id.ids
        )
        quiet_end = self.branch_id._quiet_end(now)
        if matches and quiet_end and self._can_wait(quiet_end):
            self.write({"state": "waiting", "next_at": quiet_end})
            self._wake(quiet_end)
            return
        untold = []
        self.skipped_busy = False
        for match, entry in zip(matches, entries, strict=True):
            if match.wish.patient_id in busy:
                self.skipped_busy = True
                continue
            if not self._receives(entry):
                continue
            found = self._best_slot(entry, match.ranges)
            if not found:
                continue
            channel = entry._channel(self.branch_id, silent=bool(quiet_end))
            if not channel:
                untold.append((entry, found[0], match.reasons))
                continue
            if self._offer_to(entry, found[0], channel, match.reasons):
                return
        for entry, slot, reasons in untold:
            if self._offer_unsent(entry, slot, reasons):
                return
        self.state = "call" if untold else "nobody"

    def _offer_unsent(self, entry, slot, reasons=()):
        """Show the offer in the account of whom nothing can be sent to, once.

        If nobody looks there in time, the desk calls.
        """
        shown = entry._shown_spans(self.specialist_id)
        if any(slot.start < b and a < slot.stop for a, b in shown):
            return None
        if not entry._sees_offers():
            return None
        return self._offer_to(entry, slot, "account", reasons)

    def _can_wait(self, moment):
        """Tell whether, asked later, there is time to answer and to come."""
        left = timedelta(minutes=HOLD_MINUTES + 2 * SHORTEST_VISIT)
        return self.stop - moment >= left

    def _offer_to(self, entry, slot, channel, reasons=()):
        """Hold a slot for an entry and send the offer; None if it was just taken."""
        self.ensure_one()
        try:
            with self.env.cr.savepoint():
                offer = self.env["clinic.waitlist.offer"]._make(
                    entry,
                    slot.specialist_id,
                    from_minutes(slot.start),
                    slot.room_id,
                    channel=channel,
                    reasons=reasons,
                    window=self,
                )
        except UserError:
            return None
        self._narrow_to(offer)
        return offer

    def _offer_by_hand(self, entry, start, room, channel, reasons=()):
        """Offer the window to whom the desk has chosen; raise if that cannot be."""
        self.ensure_one()
        offer = self.env["clinic.waitlist.offer"]._make(
            entry,
            self.specialist_id.id,
            start,
            room.id,
            channel=channel,
            reasons=reasons,
            window=self,
        )
        # sudo: chosen by hand, but the window moves by its own rules
        self.sudo()._narrow_to(offer)
        return offer

    def _narrow_to(self, offer):
        """Cut the window to what is offered; what is left beside it is worked too."""
        self.ensure_one()
        start, stop = offer._span()
        for first, last in (
            (to_minutes(self.start, up=True), start),
            (stop, to_minutes(self.stop)),
        ):
            if last - first >= SHORTEST_VISIT:
                self._remember_part(offer.branch_id, first, last)
        self.write(
            {
                "state": "offering",
                "was_offered": 1,
                "branch_id": offer.branch_id.id,
                "start": offer.start,
                "stop": offer.stop,
            }
        )

    # Screens -----------------------------------------------------------------

    def action_offer(self):
        """Choose by hand whom to offer the window to."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "clinic_schedule.action_clinic_waitlist_suggest"
        )
        action["context"] = {
            "dialog_size": "extra-large",
            "default_window_id": self.id,
        }
        return action

    def action_look_again(self):
        """Look again for people whom the window suits."""
        self.env["clinic.waitlist"].check_access("write")
        self.filtered(lambda w: w.state in ("waiting", "call", "nobody"))._requeue()
        return True

    def action_accept(self):
        return self.pending_offer_id.action_accept()

    def action_decline(self):
        return self.pending_offer_id.action_decline()

    @api.autovacuum
    def _gc_unoffered(self):
        """Forget old windows that were offered to nobody."""
        old = fields.Datetime.now() - timedelta(days=KEEP_DAYS)
        self.search(
            [("freed_at", "<", old), ("was_offered", "=", 0)], limit=10000
        ).unlink()
