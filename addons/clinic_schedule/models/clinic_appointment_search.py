from collections.abc import Sequence
from operator import attrgetter

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..tools import offers, ranking, screening, windows
from ..tools.windows import DAY, from_minutes, to_minutes
from .clinic_agenda import Patient

MAX_SEARCH_DAYS = 366
# Looked through first when only the soonest windows are wanted.
FIRST_DAYS = 7

_NOWHERE = windows.Search({}, windows.Busy(), {}, (0, 0))


class Found(Sequence):
    """The slots of a search, by start, made when somebody reads them.

    Who only picks offers or asks whether there are any pays for those alone.
    """

    def __init__(self, search, taste):
        self.search = search
        self.taste = taste
        self._slots = None

    def _all(self):
        if self._slots is None:
            self._slots = sorted(
                self.search.slots(), key=attrgetter("start", "specialist_id")
            )
        return self._slots

    def __getitem__(self, index):
        return self._all()[index]

    def __len__(self):
        return len(self._all())

    def __iter__(self):
        return iter(self._all())

    def __bool__(self):
        if self._slots is not None:
            return bool(self._slots)
        search = self.search
        return any(search.ranges(shift) for shift in search.all_shifts()) or bool(
            search.group_slots()
        )

    def __eq__(self, other):
        return self._all() == list(other)

    __hash__ = None


class Picked(list):
    """Some slots of a search, which still know how they are ranked."""

    def __init__(self, slots, search, taste):
        super().__init__(slots)
        self.search = search
        self.taste = taste


class ClinicAppointmentSearch(models.Model):
    """Free windows."""

    _inherit = "clinic.appointment"

    # Free windows -----------------------------------------------------------

    @api.model
    def find_slots(
        self,
        service_id,
        start,
        stop,
        specialist_ids=None,
        branch_ids=None,
        patient_id=None,
        limit=None,
    ):
        """Return the bookable windows of a service between two naive UTC moments.

        Best first when a patient is given, else by time. Each can be booked as it is.
        At most four queries, however many specialists are asked; with a limit, only
        what can be among the first is worked out.
        """
        arguments = (service_id, specialist_ids, branch_ids, patient_id)
        span = self._search_span(start, stop)
        if limit and not patient_id:
            # By time, the first week is most often enough.
            near = (span[0], min(span[1], span[0] + FIRST_DAYS * DAY))
            team = self._open_team(*arguments)
            search, taste = self._open_search(*team, near, branch_ids)
            ranked = ranking.first(search, taste, limit)
            if len(ranked) < limit and near != span:
                search, taste = self._open_search(*team, span, branch_ids)
                ranked = ranking.first(search, taste, limit)
        else:
            team = self._open_team(*arguments)
            search, taste = self._open_search(*team, span, branch_ids)
            order = ranking.best if patient_id else ranking.first
            ranked = order(search, taste, limit)
        return [self._slot_values(*item) for item in ranked]

    @api.model
    def _find_offers(
        self,
        service_id,
        start,
        stop,
        specialist_ids=None,
        branch_ids=None,
        patient_id=None,
        per_day=None,
        limit=None,
    ):
        """Return what :meth:`find_slots` does, thinned to what a person can read.

        With a limit, the offers are those of the first week (else of four, else of all
        the time asked for) that holds so many.
        """
        team = self._open_team(service_id, specialist_ids, branch_ids, patient_id)
        span = self._search_span(start, stop)
        for days in (FIRST_DAYS, 4 * FIRST_DAYS, MAX_SEARCH_DAYS):
            if not limit:
                days = MAX_SEARCH_DAYS
            near = (span[0], min(span[1], span[0] + days * DAY))
            search, taste = self._open_search(*team, near, branch_ids)
            ranked = self._rank_offers(search, taste, team[1], per_day, limit)
            if near == span or len(ranked) >= (limit or 0):
                break
        return [self._slot_values(*item) for item in ranked]

    @api.model
    def _own_windows(
        self, service_id, start, stop, specialist_ids=None, branch_ids=None
    ):
        """Return the free time of specialists, whatever rooms and patients do.

        :return: spans ``(first start, stop)`` in minutes, by specialist; each holds at
            least one visit.
        """
        members, _patient = self._open_team(
            service_id, specialist_ids, branch_ids, None, ranked=False
        )
        span = self._search_span(start, stop)
        return self.env["clinic.agenda"]._read_windows(members, span, branch_ids)

    @api.model
    def _rank_offers(self, search, taste, patient, per_day=None, limit=None):
        """Return ``(slot, score, reasons)`` of the offers of a search, ranked."""
        if patient.id and limit and not per_day:

            def pick(shift):
                return offers.pick_of_shift(search, shift, taste.shortest)

            return ranking.best_picks(search, taste, pick, limit)
        picks = offers.pick(search, taste.shortest, per_day)
        return ranking.rank_picks(search, taste, picks, limit, by_time=not patient.id)

    @api.model
    def _open_team(
        self, service_id, specialist_ids, branch_ids, patient_id, ranked=True
    ):
        """Return ``(members, patient)`` for the arguments of :meth:`find_slots`."""
        self._check_is_staff()
        agenda = self.env["clinic.agenda"]
        services, members = agenda._read_team(
            [service_id or 0], specialist_ids, shortest=ranked
        )
        if not services:
            raise UserError(
                self.env._("This service cannot be booked. Choose another service.")
            )
        patient = self.env["res.partner"].browse(patient_id or ())
        return members, agenda._read_patient(patient)

    @api.model
    def _open_search(self, members, patient, span, branch_ids=None, **options):
        """Return ``(search, taste)``: what is free, and how it is ranked."""
        search = self.env["clinic.agenda"]._read_agenda(
            members if span[0] < span[1] else (),
            span,
            branch_ids,
            patient,
            now=self._next_mark(),
            **options,
        )
        now = to_minutes(fields.Datetime.now())
        taste = ranking.Taste(
            usual=patient.usual,
            now=now,
            shortest={member.id: member.shortest for member in members},
            reserved=search.reserved,
            reserve_until=now + self.env["clinic.agenda"]._reserve_days() * DAY,
        )
        return search, taste

    @api.model
    def _search_span(self, start, stop):
        """Return the minutes to search: not the past, not more than a year."""
        first = max(to_minutes(self._to_moment(start), up=True), self._next_mark())
        last = to_minutes(self._to_moment(stop))
        return first, min(last, first + MAX_SEARCH_DAYS * DAY)

    @api.model
    def _next_mark(self):
        """Return the first minute that can still be booked and looks tidy."""
        now = to_minutes(fields.Datetime.now())
        return (now // windows.STEP + 1) * windows.STEP

    @api.model
    def _rank(self, slots, patient=None):
        """Return ``(slot, score, reasons)``, best first for a patient, else by time.

        :param slots: of :meth:`_find_slots` or :meth:`_pick_offers`, or any others.
        """
        search = getattr(slots, "search", _NOWHERE)
        taste = getattr(slots, "taste", None)
        if taste is None:
            usual = self._habits(patient) if patient else ranking.NO_HABITS
            taste = ranking.Taste(usual=usual, now=to_minutes(fields.Datetime.now()))
        ranked = [
            (slot, taste.score(search, slot), taste.reasons(search, slot))
            for slot in slots
        ]
        if patient:
            ranked.sort(key=lambda i: (-i[1], i[0].start, i[0].specialist_id))
        else:
            ranked.sort(key=lambda i: (i[0].start, -i[1], i[0].specialist_id))
        return ranked

    @api.model
    def _pick_offers(self, slots, per_day=None):
        """Return the slots worth showing to people. Extend to hide or add some."""
        if not isinstance(slots, Found):
            return offers.pick_offers(slots, per_day=per_day)
        search = slots.search
        picked = [
            slot
            for range_, starts in offers.pick(search, slots.taste.shortest, per_day)
            for slot in search.some_slots(range_, starts)
        ]
        picked += search.group_slots()
        picked.sort(key=attrgetter("start", "specialist_id"))
        return Picked(picked, search, slots.taste)

    @api.model
    def _slot_values(self, slot, score, reasons):
        return {
            "specialist_id": slot.specialist_id,
            "branch_id": slot.branch_id,
            "room_id": slot.room_id or False,
            "start": str(from_minutes(slot.start)),
            "stop": str(from_minutes(slot.stop)),
            "score": score,
            "reasons": list(reasons),
        }

    @api.model
    def _find_slots(
        self,
        services,
        start,
        stop,
        branch_ids=None,
        patient=None,
        moving=None,
        **options,
    ):
        """Return the :class:`~..tools.windows.Slot` of several specialists, by time.

        :param services: the service to look for, by specialist.
        :param moving: an appointment, or several, whose own time counts as free.
        :param options: ``step`` of the pure search.
        :return: a lazy sequence of slots, see :class:`Found`.
        """
        agenda = self.env["clinic.agenda"]
        wanted = {specialist.id: service.id for specialist, service in services.items()}
        _services, members = agenda._read_team(list(set(wanted.values())), list(wanted))
        members = [one for one in members if wanted[one.id] == one.service.id]
        if moving:
            for member in members:
                member.duration = moving[0].duration
        moving_ids = moving.ids if moving else ()
        known = agenda._read_patient(patient, moving_ids) if patient else Patient()
        search, taste = self._open_search(
            members,
            known,
            self._search_span(start, stop),
            branch_ids,
            moving_ids=moving_ids,
            **options,
        )
        return Found(search, taste)

    @api.model
    def _shift_lanes(self, own_room, rooms, service):
        """Return the places of a shift: its room, or any suitable one of the branch.

        A branch without a suitable room books no room at all (consultations by video).
        """
        rooms = own_room.filtered("active") or rooms.filtered(
            lambda room: (
                not room.specialty_ids or room.specialty_ids & service.specialty_ids
            )
        )
        return tuple(
            windows.Lane(room.id, seat)
            for room in rooms
            for seat in range(room.capacity)
        ) or (windows.NO_ROOM,)

    @api.model
    def _habits(self, patient):
        """Return when, with whom and where the patient usually comes."""
        return self.env["clinic.agenda"]._read_patient(patient).usual

    # Words ------------------------------------------------------------------

    @api.model
    def _slot_reason_label(self, code):
        """Return the words for a reason code of a window or of a screening match."""
        _ = self.env._
        labels = {
            ranking.OWN_SPECIALIST: _("the patient's own specialist"),
            ranking.USUAL_TIME: _("the usual day and time"),
            ranking.USUAL_WEEKDAY: _("the usual day of the week"),
            ranking.USUAL_BRANCH: _("the usual branch"),
            ranking.USUAL_HOUR: _("the usual hour"),
            ranking.GROUP_SEAT: _("a free seat in a group"),
            ranking.LESS_LOADED: _("has more free time that week"),
            ranking.RESERVED: _("usually another patient's time"),
            ranking.SNUG: _("leaves no gap in the agenda"),
            ranking.LEAVES_GAP: _("leaves a short gap in the agenda"),
            ranking.SOON: _("soon"),
            screening.TREATS_PROBLEM: _("takes such problems"),
            screening.TREATS_ALL: _("takes all the problems you named"),
            screening.SPECIALTY_FITS: _("the specialty fits"),
            screening.EXPERIENCED: _("10 years of practice or more"),
            screening.CHOSEN_BRANCH: _("receives in the branch you chose"),
            screening.AGE_GROUP: _("receives patients of this age"),
            screening.NO_WINDOW: _("no free windows in the coming weeks"),
            screening.PROBLEM: _("does not take such problems"),
            screening.PAUSED: _("takes no new patients with this problem for now"),
            screening.AGE_BELOW: _("receives older patients only"),
            screening.AGE_ABOVE: _("receives younger patients only"),
            screening.GENDER: _("receives patients of the other sex only"),
            screening.NO_NEW_PATIENTS: _("takes no new patients for now"),
            screening.BRANCH: _("does not receive in the branch you chose"),
            screening.SERVICE: _("has no suitable service"),
        }
        return labels.get(code, code)
