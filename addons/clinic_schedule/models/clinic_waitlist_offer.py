from datetime import timedelta

from psycopg2.errors import UniqueViolation

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..tools import waitlist, windows

HOLD_MINUTES = 30
LEAST_MINUTES = 5
STATES = [
    ("pending", "Waiting for an Answer"),
    ("accepted", "Accepted"),
    ("declined", "Declined"),
    ("silent", "No Answer"),
    ("withdrawn", "Withdrawn"),
]


class ClinicWaitlistOffer(models.Model):
    """A time held for somebody on the waiting list until he answers.

    The hold is an ordinary visit in the state “hold”: nobody else can take the time.
    """

    _name = "clinic.waitlist.offer"
    _description = "Offer of a Freed Time"
    _order = "offered_at desc, id desc"

    entry_id = fields.Many2one(
        "clinic.waitlist", required=True, index=True, ondelete="cascade"
    )
    patient_id = fields.Many2one(related="entry_id.patient_id", store=True, index=True)
    service_id = fields.Many2one(related="entry_id.service_id", store=True, index=True)
    company_id = fields.Many2one(related="entry_id.company_id", store=True, index=True)
    window_id = fields.Many2one(
        "clinic.freed.window",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        help="Empty: a free time chosen by hand.",
    )
    specialist_id = fields.Many2one(
        "clinic.specialist", required=True, readonly=True, index=True
    )
    branch_id = fields.Many2one("clinic.branch", required=True, readonly=True)
    start = fields.Datetime(required=True, readonly=True)
    stop = fields.Datetime(required=True, readonly=True)
    local_time = fields.Char(compute="_compute_local_time", string="Offered Time")
    appointment_id = fields.Many2one(
        "clinic.appointment",
        string="Visit",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    state = fields.Selection(
        STATES, required=True, readonly=True, default="pending", index=True
    )
    channel = fields.Selection(
        [
            ("sms", "SMS"),
            ("email", "E-mail"),
            ("both", "SMS and e-mail"),
            ("phone", "By phone"),
            ("account", "In the account"),
        ],
        required=True,
        readonly=True,
    )
    offered_at = fields.Datetime(
        required=True, readonly=True, default=fields.Datetime.now, index=True
    )
    valid_until = fields.Datetime(required=True, readonly=True)
    until_words = fields.Char(compute="_compute_local_time", string="Answer Until")
    answered_at = fields.Datetime(readonly=True)
    answered_how = fields.Selection(
        [
            ("link", "By the link"),
            ("desk", "At the desk"),
            ("account", "In the account"),
        ],
        readonly=True,
    )
    answered_by_id = fields.Many2one("res.users", readonly=True)
    reasons = fields.Json(readonly=True)
    reason_words = fields.Char(compute="_compute_reason_words", string="Why")
    minutes_to_answer = fields.Float(
        compute="_compute_measures", store=True, aggregator="avg"
    )
    is_accepted = fields.Integer(
        compute="_compute_measures", store=True, string="Accepted Offers"
    )

    _stop_after_start = models.Constraint(
        "CHECK(stop > start)", "An offer must end after it starts."
    )
    _one_per_patient = models.UniqueIndex(
        "(patient_id) WHERE state = 'pending'",
        "The patient has another offer that waits for an answer.",
    )
    _one_per_window = models.UniqueIndex(
        "(window_id) WHERE state = 'pending' AND window_id IS NOT NULL",
        "The window is offered to somebody already.",
    )

    # Computes ----------------------------------------------------------------

    @api.depends("start", "valid_until", "branch_id.tz")
    @api.depends_context("lang")
    def _compute_local_time(self):
        for offer in self:
            branch = offer.branch_id
            offer.local_time = branch._format_local(offer.start)
            offer.until_words = (
                f"{branch._localize(offer.valid_until):%H:%M}"
                if offer.valid_until
                else ""
            )

    @api.depends("state", "offered_at", "answered_at")
    def _compute_measures(self):
        for offer in self:
            offer.is_accepted = int(offer.state == "accepted")
            minutes = 0.0
            if offer.answered_at and offer.offered_at:
                span = offer.answered_at - offer.offered_at
                minutes = max(span.total_seconds(), 0) / 60
            offer.minutes_to_answer = minutes

    @api.depends("reasons", "entry_id.priority", "entry_id.since", "offered_at")
    @api.depends_context("lang")
    def _compute_reason_words(self):
        for offer in self:
            offer.reason_words = self._words_for(
                offer.entry_id, offer.reasons or (), offer.offered_at
            )

    @api.model
    def _words_for(self, entry, reasons, moment=None):
        """Return why an entry comes before others, for people."""
        _ = self.env._
        words = []
        if entry.priority != "0":
            words.append(
                dict(entry._fields["priority"]._description_selection(self.env))[
                    entry.priority
                ].lower()
            )
        labels = {
            waitlist.NAMED_SPECIALIST: _("asked for this specialist"),
            waitlist.FILLS_WINDOW: _("fills the window exactly"),
            waitlist.NO_REST: _("leaves no useless gap"),
            waitlist.NAMED_DAYS: _("asked for this day"),
            waitlist.NAMED_HOURS: _("asked for these hours"),
        }
        words += [labels[code] for code in reasons if code in labels]
        days = ((moment or fields.Datetime.now()) - entry.since).days
        if days > 0:
            words.append(_("waits for %(count)s d.", count=days))
        return ", ".join(words)

    @api.depends("service_id.name", "local_time")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for offer in self:
            offer.display_name = " · ".join(
                word for word in (offer.local_time, offer.service_id.name) if word
            )

    # Making ------------------------------------------------------------------

    @api.model
    def _make(
        self,
        entry,
        specialist_id,
        start,
        room_id=None,
        channel=None,
        reasons=(),
        window=None,
    ):
        """Hold a time for an entry and tell the patient; return the offer.

        :param start: naive UTC.
        :param channel: how the patient is told; ``phone`` for a call by the desk,
            ``account`` where nothing can be sent and it is only shown on the website.
        :raise UserError: the time or the patient is taken; one sentence on it.
        """
        now = fields.Datetime.now()
        minutes = self._hold_minutes(now, start)
        if entry.state != "open":
            raise UserError(
                self.env._(
                    "%(entry)s cannot be offered a time now: it has an offer already, "
                    "or is closed.",
                    entry=entry.display_name,
                )
            )
        visit = self.env["clinic.appointment"]._book(
            {
                "patient_id": entry.patient_id.id,
                "service_id": entry.service_id.id,
                "specialist_id": specialist_id,
                "start": start,
                "room_id": room_id or None,
                "hold_minutes": minutes,
                "origin": "waitlist",
            }
        )
        vals = {
            "entry_id": entry.id,
            "window_id": window.id if window else False,
            "specialist_id": specialist_id,
            "branch_id": visit.branch_id.id,
            "start": visit.start,
            "stop": visit.stop,
            "appointment_id": visit.id,
            "channel": channel or "phone",
            "reasons": list(reasons),
            "valid_until": visit.hold_until,
        }
        try:
            with self.env.cr.savepoint():
                # sudo: offers are made here only, by whoever may book
                offer_sudo = self.sudo().create(vals)
                offer_sudo.flush_recordset()
        except UniqueViolation as error:
            raise UserError(
                self.env._(
                    "The patient or the window has another offer that waits for an "
                    "answer."
                )
            ) from error
        entry._set_state("offered")
        if channel in ("sms", "email", "both"):
            offer_sudo._tell()
        return offer_sudo.with_env(self.env)

    @api.model
    def _hold_minutes(self, now, start):
        """Return how long a time is held for an answer."""
        # sudo: a number of the settings
        param = self.env["ir.config_parameter"].sudo()
        wanted = int(
            param.get_param("clinic_schedule.waitlist_hold_minutes") or HOLD_MINUTES
        )
        left = int((start - now).total_seconds() // 60)
        if left < LEAST_MINUTES:
            raise UserError(
                self.env._("It is too late to offer this time: it begins in a moment.")
            )
        return max(min(wanted, left), LEAST_MINUTES)

    def _tell(self):
        """Send the offer with a link to answer it by one tap."""
        for offer in self:
            link = self.env["clinic.link"]._make(
                "waitlist_offer", offer, offer.start + timedelta(days=1)
            )
            self.env["clinic.notice"]._notify(
                "waitlist_offer",
                offer,
                body_values={"link": link, "until": offer.until_words},
                expires=offer.valid_until,
            )

    # Answers -----------------------------------------------------------------

    def _lock(self):
        """Queue up behind whoever is answering the same offer, and read it anew.

        A change committed meanwhile breaks the transaction: Odoo then repeats the
        request, which sees how the offer stands.
        """
        self.env.cr.execute(
            SQL(
                "SELECT id FROM clinic_waitlist_offer WHERE id = ANY(%s)"
                " ORDER BY id FOR UPDATE",
                self.ids,
            ),
            log_exceptions=False,
        )
        self.invalidate_recordset()

    def _accept(self, how, user=None):
        """Make the held time a booking; return the visit. Twice does no harm.

        A late answer counts as long as nobody else has the time.

        :param how: a key of ``answered_how``.
        :raise UserError: the time is gone.
        """
        self.ensure_one()
        self._lock()
        # sudo: who holds the link, or may write the entry, may accept
        self_sudo = self.sudo()
        if self.state == "accepted":
            return self.appointment_id
        if self.state == "withdrawn" or self.start <= fields.Datetime.now():
            raise UserError(self._gone_words())
        visit_sudo = self_sudo.appointment_id
        if self.state == "pending" and visit_sudo.state == "hold":
            self_sudo._accepted(how)
            visit_sudo._move("booked")
        else:
            visit_sudo = self_sudo._book_late(how)
        return visit_sudo.with_env(self.env)

    def _accepted(self, how):
        """Remember that the offer became a booking: of its entry and its window."""
        self.ensure_one()
        self._answer("accepted", how)
        self.entry_id._close("booked", appointment_id=self.appointment_id.id)
        if self.window_id:
            self.window_id.write(
                {
                    "state": "filled",
                    "was_filled": 1,
                    "filled_at": fields.Datetime.now(),
                }
            )

    def _book_late(self, how):
        """Book the time of an offer that has run out, if it is still free."""
        if self.entry_id.state != "open":
            # Booked otherwise, or another time is held for the same person.
            raise UserError(self._gone_words())
        try:
            with self.env.cr.savepoint():
                visit = self.env["clinic.appointment"]._book(
                    {
                        "patient_id": self.patient_id.id,
                        "service_id": self.service_id.id,
                        "specialist_id": self.specialist_id.id,
                        "start": self.start,
                        "origin": "waitlist",
                    }
                )
        except UserError as error:
            raise UserError(self._gone_words()) from error
        self.appointment_id = visit
        self._accepted(how)
        return visit

    def _gone_words(self):
        return self.env._(
            "Unfortunately this time is gone: it was held until %(time)s. You are "
            "still on the waiting list, unless you have left it or booked another "
            "time.",
            time=self.until_words,
        )

    def _decline(self, how):
        """The patient does not want this time; the next person is asked."""
        self._lock()
        pending_sudo = self.sudo().filtered(lambda offer: offer.state == "pending")
        pending_sudo._finish("declined", how)

    def _fall_silent(self):
        """The hold has run out without an answer; the next person is asked."""
        self.sudo().filtered(lambda o: o.state == "pending")._finish("silent")

    def _withdraw(self):
        """The clinic takes the offer back."""
        self.sudo().filtered(lambda o: o.state == "pending")._finish("withdrawn")

    def _finish(self, state, how=None):
        """Close pending offers that come to nothing; free the time they held."""
        if not self:
            return
        self._answer(state, how)
        held = self.appointment_id.filtered(lambda visit: visit.state == "hold")
        labels = dict(self._fields["state"]._description_selection(self.env))
        # The offer is answered by now, so this does not come back here.
        held._move(
            "cancelled",
            force=True,
            cancel_reason=self.env._(
                "Offer from the waiting list: %(answer)s", answer=labels[state].lower()
            ),
        )
        self.entry_id.filtered(lambda e: e.state == "offered")._set_state("open")
        self.window_id.filtered(lambda w: w.state == "offering")._requeue()
        self.env["clinic.freed.window"]._requeue_skipped()

    def _answer(self, state, how=None):
        by_user = how == "desk" and not self.env.user._is_public()
        self.write(
            {
                "state": state,
                "answered_at": fields.Datetime.now(),
                "answered_how": how or False,
                "answered_by_id": self.env.uid if by_user else False,
            }
        )

    # Buttons -----------------------------------------------------------------

    def action_accept(self):
        """The patient agreed by phone."""
        for offer in self:
            offer.entry_id.check_access("write")
            offer._accept("desk")
        return True

    def action_decline(self):
        """The patient refused by phone."""
        self.entry_id.check_access("write")
        self._decline("desk")
        return True

    def action_withdraw(self):
        self.entry_id.check_access("write")
        self._withdraw()
        return True

    # Pages -------------------------------------------------------------------

    def _page_values(self):
        """Return what the patient is shown of the offer, in plain values."""
        self.ensure_one()
        branch = self.branch_id
        return {
            "id": self.id,
            "state": self._page_state(),
            "service": self.service_id._notice_name().capitalize(),
            "specialist": self.specialist_id.name,
            "time": self.appointment_id._say_time(branch._localize(self.start), branch),
            "minutes": int((self.stop - self.start).total_seconds() // 60),
            "until": self.until_words,
            "branch": branch.name,
            "address": branch._notice_address(),
        }

    def _page_state(self):
        """Return how the page shows the offer.

        ``offer``, ``late`` (run out, but perhaps still free), ``accepted``,
        ``declined``, ``left`` (no longer on the list) or ``gone``.
        """
        self.ensure_one()
        now = fields.Datetime.now()
        if self.state == "accepted":
            booked = self.appointment_id.state not in ("cancelled", "noshow")
            return "accepted" if booked else "gone"
        if self.entry_id.state == "cancelled":
            return "left"
        if self.start <= now:
            return "gone"
        if self.state == "pending":
            return "offer" if self.valid_until > now else "late"
        if self.state == "silent" and self.entry_id.state == "open":
            return "late"
        return "declined" if self.state == "declined" else "gone"

    def _span(self):
        self.ensure_one()
        return windows.to_minutes(self.start), windows.to_minutes(self.stop)
