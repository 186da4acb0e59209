from datetime import timedelta

from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..tools import waitlist, windows
from .clinic_shift_template import WEEKDAYS

WISH_DAYS = 30
PAUSE_DAYS = 7
DAY_FIELDS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
ACTIVE = ("open", "offered")
# Reached by the methods only.
PROTECTED = {"state", "appointment_id", "closed_at", "company_id", "since"}
MOVES = {
    "open": {"offered", "booked", "expired", "cancelled"},
    "offered": {"open", "booked", "expired", "cancelled"},
    "booked": {"open"},
    "expired": {"open"},
    "cancelled": {"open"},
}


def clock(hour):
    """Return a float hour for people: 9.5 is 09:30."""
    minutes = round(hour * 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


class ClinicWaitlist(models.Model):
    """What a patient wishes who found no fitting time.

    Freed windows (``clinic.freed.window``) are offered to the entries they suit.
    """

    _name = "clinic.waitlist"
    _description = "Waiting List"
    _order = "priority desc, since, id"
    _check_company_auto = True

    patient_id = fields.Many2one(
        "res.partner",
        required=True,
        index=True,
        ondelete="cascade",
        domain=[("is_patient", "=", True)],
    )
    patient_phone = fields.Char(
        related="patient_id.clinic_contact_phone", string="Phone"
    )
    service_id = fields.Many2one(
        "product.product",
        required=True,
        index=True,
        ondelete="restrict",
        domain=[("is_clinic_service", "=", True)],
    )
    service_specialty_ids = fields.Many2many(related="service_id.specialty_ids")
    specialist_ids = fields.Many2many(
        "clinic.specialist",
        "clinic_waitlist_specialist_rel",
        "waitlist_id",
        "specialist_id",
        string="Specialists",
        help="Leave empty for whoever provides the service.",
    )
    # What ails the patient is read by those who treat; the desk may give it.
    problem_id = fields.Many2one(
        "clinic.problem",
        ondelete="restrict",
        groups="clinic_base.group_specialist,clinic_base.group_chief_physician",
    )
    problem_choice_id = fields.Many2one(
        "clinic.problem",
        string="Or a Problem",
        compute="_compute_problem_choice_id",
        inverse="_inverse_problem_choice_id",
        help="Then whoever takes it suits. The desk does not see it after saving.",
    )
    by_problem = fields.Boolean(compute="_compute_by_problem", compute_sudo=True)
    branch_ids = fields.Many2many(
        "clinic.branch",
        "clinic_waitlist_branch_rel",
        "waitlist_id",
        "branch_id",
        string="Branches",
        help="Leave empty for any branch.",
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    mon = fields.Boolean(default=True)
    tue = fields.Boolean(default=True)
    wed = fields.Boolean(default=True)
    thu = fields.Boolean(default=True)
    fri = fields.Boolean(default=True)
    sat = fields.Boolean(default=True)
    sun = fields.Boolean(default=True)
    weekdays = fields.Char(
        compute="_compute_weekdays",
        inverse="_inverse_weekdays",
        store=True,
        help="Numbers of the days with commas, 0 for Monday; empty for any day.",
    )
    weekday_mask = fields.Integer(compute="_compute_weekdays", store=True)
    hour_from = fields.Float(string="From", default=0.0, required=True, aggregator=None)
    hour_to = fields.Float(
        string="To",
        default=24.0,
        required=True,
        aggregator=None,
        help="By the clock of the branch. The whole visit is within these hours.",
    )
    date_from = fields.Date(
        string="From Day", required=True, default=fields.Date.context_today
    )
    date_to = fields.Date(
        string="To Day",
        required=True,
        default=lambda self: self._default_date_to(),
        help="The entry expires after this day.",
    )
    priority = fields.Selection(
        [("0", "Normal"), ("1", "Important"), ("2", "Urgent")],
        default="0",
        required=True,
        index=True,
    )
    notice_hours = fields.Integer(
        string="Notice, Hours",
        default=2,
        aggregator=None,
        help="How long before the visit the patient must know of it.",
    )
    note = fields.Text(
        help="For the desk, on organising the visit. Nothing medical: everybody at the "
        "desk reads it."
    )
    since = fields.Datetime(
        string="Waiting Since",
        required=True,
        readonly=True,
        copy=False,
        default=fields.Datetime.now,
    )
    paused_until = fields.Date(
        copy=False, help="Nothing is offered up to this day, this day included."
    )
    is_paused = fields.Boolean(compute="_compute_is_paused")
    state = fields.Selection(
        [
            ("open", "Waiting"),
            ("offered", "Has an Offer"),
            ("booked", "Booked"),
            ("expired", "Expired"),
            ("cancelled", "Left the List"),
        ],
        required=True,
        readonly=True,
        default="open",
        index=True,
        copy=False,
        group_expand=True,
    )
    closed_at = fields.Datetime(readonly=True, copy=False)
    appointment_id = fields.Many2one(
        "clinic.appointment",
        string="Visit",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
    )
    offer_ids = fields.One2many(
        "clinic.waitlist.offer", "entry_id", string="Offered Times"
    )
    offer_count = fields.Integer(compute="_compute_offer_count")
    pending_offer_id = fields.Many2one(
        "clinic.waitlist.offer", compute="_compute_offer_count"
    )
    wish_words = fields.Char(compute="_compute_wish_words", string="Days and Hours")
    with_whom = fields.Char(compute="_compute_with_whom")
    can_reach = fields.Boolean(
        compute="_compute_can_reach",
        help="Without a phone or an e-mail address, offers are made by hand only.",
    )
    exclusion = fields.Char(compute="_compute_exclusion")

    _hours_range = models.Constraint(
        "CHECK(hour_from >= 0 AND hour_to <= 24 AND hour_from < hour_to)",
        "The wished hours run from 0:00 to 24:00 and end after they begin.",
    )
    _dates_range = models.Constraint(
        "CHECK(date_from <= date_to)",
        "The last day of the wish must not be before the first.",
    )
    _some_day = models.Constraint(
        "CHECK(weekday_mask > 0)", "Choose at least one day of the week."
    )
    _notice_positive = models.Constraint(
        "CHECK(notice_hours >= 0)", "The hours of notice must not be negative."
    )
    # Serves clinic.freed.window._read_wishes.
    _open_idx = models.Index("(service_id, date_from, date_to) WHERE state = 'open'")

    # Defaults and computes ---------------------------------------------------

    @api.model
    def _default_date_to(self):
        return fields.Date.context_today(self) + timedelta(days=WISH_DAYS)

    @api.depends(*DAY_FIELDS)
    def _compute_weekdays(self):
        for entry in self:
            chosen = [n for n, name in enumerate(DAY_FIELDS) if entry[name]]
            entry.weekdays = "" if len(chosen) == 7 else ",".join(map(str, chosen))
            entry.weekday_mask = sum(1 << day for day in chosen)

    def _inverse_weekdays(self):
        for entry in self:
            entry.write(self._day_vals(entry.weekdays))

    @api.model
    def _day_vals(self, weekdays):
        """Return the values of the single days for ``"0,2"``."""
        chosen = set(filter(None, (weekdays or "").replace(" ", "").split(",")))
        if chosen - {key for key, _label in WEEKDAYS}:
            raise UserError(
                self.env._(
                    "Give the days of the week as numbers from 0 (Monday) to 6, with "
                    "commas."
                )
            )
        return {
            name: not chosen or str(day) in chosen
            for day, name in enumerate(DAY_FIELDS)
        }

    def _compute_problem_choice_id(self):
        for entry in self:
            may_read = entry._has_field_access(entry._fields["problem_id"], "read")
            entry.problem_choice_id = may_read and entry.problem_id

    def _inverse_problem_choice_id(self):
        for entry in self:
            # sudo: given by the desk, which does not read it afterwards
            entry.sudo().problem_id = entry.problem_choice_id

    @api.depends("problem_id")
    def _compute_by_problem(self):
        for entry in self:
            entry.by_problem = bool(entry.problem_id)

    @api.depends("paused_until")
    def _compute_is_paused(self):
        today = fields.Date.context_today(self)
        for entry in self:
            entry.is_paused = bool(entry.paused_until and entry.paused_until >= today)

    @api.depends("offer_ids.state")
    def _compute_offer_count(self):
        for entry in self:
            entry.offer_count = len(entry.offer_ids)
            entry.pending_offer_id = entry.offer_ids.filtered(
                lambda offer: offer.state == "pending"
            )[:1]

    @api.depends("patient_id.phone", "patient_id.email")
    def _compute_can_reach(self):
        for entry in self:
            entry.can_reach = bool(entry.patient_id.phone or entry.patient_id.email)

    @api.depends("patient_id", "service_id", "specialist_ids", "date_from")
    @api.depends_context("lang")
    def _compute_exclusion(self):
        """Say that nobody of whom the wish is receives such a patient."""
        for entry in self:
            entry.exclusion = False
            if entry.patient_id and entry.service_id and entry.date_from:
                able = entry.specialist_ids or entry.service_id._clinic_specialists()
                entry.exclusion = able._why_none_receives(
                    entry.patient_id, entry.date_from
                )

    @api.depends("specialist_ids.name", "by_problem")
    @api.depends_context("lang")
    def _compute_with_whom(self):
        for entry in self:
            if entry.specialist_ids:
                words = ", ".join(entry.specialist_ids.mapped("name"))
            elif entry.by_problem:
                words = self.env._("Whoever takes the problem")
            else:
                words = self.env._("Whoever provides the service")
            entry.with_whom = words

    @api.depends(
        "weekday_mask",
        "hour_from",
        "hour_to",
        "date_from",
        "date_to",
        "branch_ids.name",
        "notice_hours",
    )
    @api.depends_context("lang")
    def _compute_wish_words(self):
        for entry in self:
            entry.wish_words = "; ".join(filter(None, entry._wish_parts()))

    def _wish_parts(self):
        """Return what is wished about the time and place, in words."""
        self.ensure_one()
        _ = self.env._
        days = [n for n, name in enumerate(DAY_FIELDS) if self[name]]
        if len(days) == 7:
            day_words = _("any day")
        elif days == [0, 1, 2, 3, 4]:
            day_words = _("working days")
        elif days == [5, 6]:
            day_words = _("weekend")
        else:
            day_words = ", ".join(self._short_day(day) for day in days)
        hours = ""
        if self.hour_from and self.hour_to < 24:
            hours = f"{clock(self.hour_from)}–{clock(self.hour_to)}"
        elif self.hour_from:
            hours = _("from %(hour)s", hour=clock(self.hour_from))
        elif self.hour_to < 24:
            hours = _("until %(hour)s", hour=clock(self.hour_to))
        period = ""
        if self.date_from and self.date_to:
            period = f"{self.date_from:%d.%m}–{self.date_to:%d.%m}"
        return [
            " ".join(filter(None, (day_words, hours))),
            period,
            ", ".join(self.branch_ids.mapped("name")),
        ]

    @api.model
    def _short_day(self, day):
        _ = self.env._
        return (
            _("Mon"),
            _("Tue"),
            _("Wed"),
            _("Thu"),
            _("Fri"),
            _("Sat"),
            _("Sun"),
        )[day]

    @api.depends("service_id.name")
    @api.depends_context("lang")
    def _compute_display_name(self):
        # No patient: the name of a linked record is shown without a look at rights.
        for entry in self:
            if not entry.id:
                entry.display_name = self.env._("Waiting list")
                continue
            entry.display_name = self.env._(
                "Waiting list %(number)s · %(service)s",
                number=entry.id,
                service=entry.service_id.name or "",
            )

    # CRUD --------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if not self.env.su:
                for name in PROTECTED:
                    vals.pop(name, None)
            if "weekdays" in vals:
                vals.update(self._day_vals(vals.pop("weekdays")))
            if "company_id" not in vals:
                vals["company_id"] = self.env.company.id
        entries = super().create(vals_list)
        entries._check_service()
        return entries

    def write(self, vals):
        refused = vals.keys() & PROTECTED
        if refused and not self.env.su:
            names = self.fields_get(sorted(refused), ["string"])
            raise UserError(
                self.env._(
                    "These cannot be changed by hand: %(fields)s. Use the buttons of "
                    "the waiting list.",
                    fields=", ".join(name["string"] for name in names.values()),
                )
            )
        if vals.keys() & {"patient_id", "service_id"}:
            offered = self.filtered(lambda entry: entry.state not in ("open",))
            if offered:
                raise UserError(
                    self.env._(
                        "The patient and the service of an entry that has been "
                        "offered a time cannot be changed. Add another entry."
                    )
                )
        result = super().write(vals)
        if vals.keys() & {"service_id", "specialist_ids"}:
            self._check_service()
        return result

    def _check_service(self):
        """Refuse a wish that nobody named in it could ever serve."""
        for entry in self:
            if not entry.service_id.is_clinic_service:
                raise UserError(
                    self.env._("Choose a service that patients are booked for.")
                )
            unfit = entry.specialist_ids.filtered(
                lambda specialist, entry=entry: not specialist._can_do(entry.service_id)
            )
            if unfit:
                raise UserError(
                    self.env._(
                        "%(names)s: “%(service)s” is not what they do. Choose other "
                        "specialists or another service.",
                        names=", ".join(unfit.mapped("name")),
                        service=entry.service_id.name,
                    )
                )

    # States ------------------------------------------------------------------

    def _set_state(self, state, **vals):
        """Bring the entries into a state; the one way states change."""
        moving = self.filtered(lambda entry: entry.state != state)
        wrong = moving.filtered(lambda entry: state not in MOVES[entry.state])
        if wrong:
            labels = dict(self._fields["state"]._description_selection(self.env))
            raise UserError(
                self.env._(
                    "“%(state)s” is not possible for: %(names)s.",
                    state=labels[state],
                    names=", ".join(wrong.mapped("display_name")),
                )
            )
        vals["state"] = state
        if state in ACTIVE:
            vals.update(closed_at=False, appointment_id=False)
        else:
            vals["closed_at"] = fields.Datetime.now()
        # sudo: a state is written by nobody, only reached by these methods
        moving.sudo().write(vals)

    def _close(self, state, **vals):
        """Take the entries off the list; offers on the way are withdrawn."""
        entries = self.filtered(lambda entry: entry.state in ACTIVE)
        entries.offer_ids.filtered(lambda o: o.state == "pending")._withdraw()
        entries._set_state(state, **vals)

    def action_leave(self):
        """The patient does not wait any more."""
        self.check_access("write")
        self._close("cancelled")
        return True

    def action_reopen(self):
        """Put the entries back on the list, with a new period if theirs is over."""
        self.check_access("write")
        today = fields.Date.context_today(self)
        for entry in self:
            if entry.date_to < today:
                entry.write({"date_from": today, "date_to": self._default_date_to()})
        self._set_state("open")
        return True

    def action_pause(self):
        """Offer nothing for a week (the last day can be changed in the form)."""
        self.check_access("write")
        today = fields.Date.context_today(self)
        self.write({"paused_until": today + timedelta(days=PAUSE_DAYS)})
        return True

    def action_resume(self):
        self.write({"paused_until": False})
        return True

    @api.model
    def _cron_expire(self):
        """Close the entries whose last day is over, by the clock of the branch."""
        # Sooner nowhere on Earth; then by the branch, or by the company's first one.
        today = fields.Datetime.now().date()
        over = self.search([("state", "=", "open"), ("date_to", "<=", today)]).filtered(
            lambda entry: entry.date_to < entry._local_today()
        )
        over._close("expired")
        return over

    def _local_today(self):
        """Return the date in the branch whose day ends last for this wish."""
        now = fields.Datetime.now()
        branches = self.branch_ids or self.env["clinic.branch"].search(
            [("company_id", "=", self.company_id.id)]
        )
        return min(
            (branch._localize(now).date() for branch in branches), default=now.date()
        )

    # Booking -----------------------------------------------------------------

    def book_at(self, specialist_id, start, room_id=None):
        """Book the wish at a time the patient agreed to; return the visit's id.

        Called when the desk drags an entry to the board. An offer on the way is
        confirmed if it is this very time, otherwise withdrawn.

        :param start: naive UTC.
        :raise UserError: one sentence on why not, with what is free instead.
        """
        self.ensure_one()
        self.check_access("write")
        if self.state not in ACTIVE:
            raise UserError(
                self.env._("This entry is not on the waiting list any more.")
            )
        start = self.env["clinic.appointment"]._to_moment(start)
        offer = self.pending_offer_id
        if offer and (offer.specialist_id.id, offer.start) == (specialist_id, start):
            return offer._accept("desk").id
        offer._withdraw()
        visit = self.env["clinic.appointment"]._book(
            {
                "patient_id": self.patient_id.id,
                "service_id": self.service_id.id,
                "specialist_id": specialist_id,
                "start": start,
                "room_id": room_id,
                "origin": "waitlist",
            }
        )
        # Its own booking closes the entry (see _close_for), even past the period.
        self._close("booked", appointment_id=visit.id)
        return visit.id

    @api.model
    def _close_for(self, visits):
        """Close the entries that these new visits fulfil."""
        visits = visits.filtered(lambda visit: visit.state in ("booked", "confirmed"))
        if not visits:
            return
        # sudo: whoever books ends the waiting for it, also the patient himself
        entries_sudo = self.sudo().search(
            [
                ("patient_id", "in", visits.patient_id.ids),
                ("service_id", "in", visits.service_id.ids),
                ("state", "in", ACTIVE),
            ]
        )
        for entry_sudo in entries_sudo:
            for visit in visits:
                if (
                    visit.patient_id == entry_sudo.patient_id
                    and visit.service_id == entry_sudo.service_id
                    and visit.day <= entry_sudo.date_to
                ):
                    entry_sudo._close("booked", appointment_id=visit.id)
                    break

    # What others show --------------------------------------------------------

    @api.model
    def board_entries(self, branch_id, day):
        """Return who waits for a day in a branch, for the side panel of the board.

        :param day: the local day, a date or ``YYYY-MM-DD``.
        :return: dicts ``id, patient_id, patient, phone, service_id, service,
            minutes, specialist_ids (empty: anybody), specialists, wish, note, priority,
            since (naive UTC), state, offered (time in words or False)``; best first.
        """
        day = fields.Date.to_date(day)
        entries = self.search(
            Domain("state", "in", ACTIVE)
            & Domain("date_from", "<=", day)
            & Domain("date_to", ">=", day)
            & Domain(DAY_FIELDS[day.weekday()], "=", True)
            & (Domain("branch_ids", "=", False) | Domain("branch_ids", "=", branch_id))
            & (
                Domain("specialist_ids", "=", False)
                | Domain("specialist_ids.branch_ids", "=", branch_id)
            )
            & (Domain("paused_until", "=", False) | Domain("paused_until", "<", day))
        )
        return [entry._board_values() for entry in entries]

    def _board_values(self):
        self.ensure_one()
        return {
            "id": self.id,
            "patient_id": self.patient_id.id,
            "patient": self.patient_id.name,
            "phone": self.patient_phone or "",
            "service_id": self.service_id.id,
            "service": self.service_id.name,
            "minutes": self.service_id.duration,
            "specialist_ids": self.specialist_ids.ids,
            "specialists": self.with_whom,
            "wish": self.wish_words,
            "note": self.note or "",
            "priority": int(self.priority),
            "since": fields.Datetime.to_string(self.since),
            "state": self.state,
            "offered": self.pending_offer_id.local_time or False,
        }

    def _portal_values(self):
        """Return what the patient may read of his own entry, in plain values."""
        self.ensure_one()
        offer = self.pending_offer_id
        return {
            "id": self.id,
            "service": self.service_id.name,
            "with_whom": self.with_whom,
            "wish": self.wish_words,
            "state": self.state,
            "state_label": dict(self._fields["state"]._description_selection(self.env))[
                self.state
            ],
            "since": self.since,
            "date_to": self.date_to,
            "offer": offer._page_values() if offer else False,
            "visit": self.appointment_id.local_time or False,
        }

    # The pure core -----------------------------------------------------------

    def _allowed_starts(self, window, minutes):
        """Return the ranges of starts that this wish allows inside a window.

        :param window: a :class:`~..tools.waitlist.Window`.
        :param minutes: how long the visit is.
        """
        self.ensure_one()
        now = windows.to_minutes(fields.Datetime.now(), up=True)
        return waitlist.starts(window, self._as_wish(), minutes, now)

    def _as_wish(self):
        self.ensure_one()
        self_sudo = self.sudo()  # sudo: the problem, to compare and not to show
        return waitlist.Wish(
            id=self.id,
            patient_id=self.patient_id.id,
            service_id=self.service_id.id,
            specialist_ids=frozenset(self.specialist_ids.ids),
            branch_ids=frozenset(self.branch_ids.ids),
            problem_id=self_sudo.problem_id.id or None,
            weekdays=self.weekday_mask,
            minute_from=round(self.hour_from * 60),
            minute_to=round(self.hour_to * 60),
            day_from=(self.date_from - windows.EPOCH.date()).days,
            day_to=(self.date_to - windows.EPOCH.date()).days,
            notice=self.notice_hours * 60,
            priority=int(self.priority),
            since=windows.to_minutes(self.since),
        )

    # Screens -----------------------------------------------------------------

    @api.model
    def action_open_from_search(self):
        """Open a new entry filled in from the context of a search for a time.

        Keys: ``default_patient_id``, ``default_service_id``, ``default_specialist_id``,
        ``default_branch_id``, ``default_problem_id``, ``default_date_from``,
        ``default_hour_from``, ``default_hour_to``, ``default_note``.
        """
        context = self.env.context
        defaults = {
            key: context[key]
            for key in (
                "default_patient_id",
                "default_service_id",
                "default_hour_from",
                "default_hour_to",
                "default_note",
            )
            if context.get(key)
        }
        for single, several in (
            ("default_specialist_id", "default_specialist_ids"),
            ("default_branch_id", "default_branch_ids"),
        ):
            if context.get(single):
                defaults[several] = [Command.set([context[single]])]
        if context.get("default_problem_id"):
            defaults["default_problem_choice_id"] = context["default_problem_id"]
        first = fields.Date.to_date(context.get("default_date_from"))
        if first:
            first = max(first, fields.Date.context_today(self))
            defaults["default_date_from"] = fields.Date.to_string(first)
            defaults["default_date_to"] = fields.Date.to_string(
                first + timedelta(days=WISH_DAYS)
            )
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "clinic_schedule.action_clinic_waitlist_new"
        )
        action["context"] = {"dialog_size": "large", **defaults}
        return action

    def action_pick(self):
        """Open the free windows, to offer one or to book it by phone."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "clinic_schedule.action_clinic_waitlist_pick"
        )
        action["context"] = {
            "dialog_size": "extra-large",
            "default_entry_id": self.id,
        }
        return action

    def action_open_offers(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "clinic_schedule.action_clinic_waitlist_offer"
        )
        action["domain"] = [("entry_id", "=", self.id)]
        action["context"] = {}
        return action

    def action_open_visit(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "clinic.appointment",
            "res_id": self.appointment_id.id,
            "views": [(False, "form")],
        }

    # Offers ------------------------------------------------------------------

    def _refused_spans(self, specialist):
        """Return the times of the specialist that were offered and not wanted.

        Who did not look into the account in time was not asked yet.
        """
        self.ensure_one()
        return [
            offer._span()
            for offer in self.offer_ids
            if offer.specialist_id == specialist
            and (
                offer.state == "declined"
                or (offer.state == "silent" and offer.channel != "account")
            )
        ]

    def _shown_spans(self, specialist):
        """Return the times of the specialist that were only shown in the account."""
        self.ensure_one()
        return [
            offer._span()
            for offer in self.offer_ids
            if offer.specialist_id == specialist and offer.channel == "account"
        ]

    def _sees_offers(self):
        """Tell whether somebody sees the patient's offers without being told.

        To be overridden by what has a personal account.
        """
        self.ensure_one()
        return False

    def _channel(self, branch, silent=False):
        """Return how an offer can reach the patient, or None: somebody must call.

        :param silent: at night; no SMS then, for it wakes people up.
        """
        self.ensure_one()
        # sudo: channels and wishes of the patient's card, to act by and not to show
        patient_sudo = self.sudo().patient_id
        rules = self.env["clinic.notice.rule"]._channels(
            "waitlist_offer", branch.id, self.company_id.id
        )
        ways = {
            channel
            for _rule_id, channel in rules
            if patient_sudo._can_be_told(channel, self.company_id)
        }
        if silent:
            ways.discard("sms")
        if ways == {"sms", "email"}:
            return "both"
        return next(iter(ways), None)
