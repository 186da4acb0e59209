from collections import defaultdict

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..tools import absence, offers, ranking, screening, windows
from ..tools.windows import Busy, Lane, Shift, from_minutes, to_minutes
from .clinic_claim import PATIENT, ROOM, SPECIALIST

HABIT_VISITS = 8
MAX_SEARCH_DAYS = 366


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
        The number of queries does not depend on how many specialists are asked.
        """
        # By time, the first days are enough; the best for a patient may be any.
        slots, patient = self._search_slots(
            service_id,
            start,
            stop,
            specialist_ids,
            branch_ids,
            patient_id,
            enough=None if patient_id else limit,
        )
        ranked = self._rank(slots, patient)
        return [self._slot_values(*item) for item in ranked[:limit]]

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
        """Return what :meth:`find_slots` does, thinned to what a person can read."""
        slots, patient = self._search_slots(
            service_id, start, stop, specialist_ids, branch_ids, patient_id
        )
        ranked = self._rank(self._pick_offers(slots, per_day), patient)
        return [self._slot_values(*item) for item in ranked[:limit]]

    @api.model
    def _search_slots(
        self,
        service_id,
        start,
        stop,
        specialist_ids=None,
        branch_ids=None,
        patient_id=None,
        enough=None,
    ):
        """Return ``(slots, patient)`` for the arguments of :meth:`find_slots`."""
        self._check_is_staff()
        service = self._get_service(service_id)
        specialists = service._clinic_specialists()
        if specialist_ids is not None:
            specialists &= specialists.browse(specialist_ids)
        patient = self.env["res.partner"].browse(patient_id or ())
        slots = self._find_slots(
            dict.fromkeys(specialists, service),
            self._to_moment(start),
            self._to_moment(stop),
            branch_ids=branch_ids,
            patient=patient,
            enough=enough,
        )
        return slots, patient

    @api.model
    def _rank(self, slots, patient=None):
        """Return ``(slot, score, reasons)``, best first for a patient, else by time."""
        usual = self._habits(patient) if patient else ranking.Habits()
        now = to_minutes(fields.Datetime.now())
        ranked = [(slot, *ranking.rank(slot, usual, now)) for slot in slots]
        if patient:
            ranked.sort(key=lambda i: (-i[1], i[0].start, i[0].specialist_id))
        else:
            ranked.sort(key=lambda i: (i[0].start, -i[1], i[0].specialist_id))
        return ranked

    @api.model
    def _pick_offers(self, slots, per_day=None):
        """Return the slots worth showing to people. Extend to hide or add some."""
        return offers.pick_offers(slots, per_day=per_day)

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
        """Return the :class:`~..tools.windows.Slot` of several specialists.

        :param services: the service to look for, by specialist.
        :param moving: an appointment, or several, whose own time counts as free.
        :param options: ``step`` and ``enough`` of the pure search.
        """
        # The next mark, so that what is found can still be booked and looks tidy.
        now = to_minutes(fields.Datetime.now())
        earliest = (now // windows.STEP + 1) * windows.STEP
        span = (max(to_minutes(start, up=True), earliest), to_minutes(stop))
        span = (span[0], min(span[1], span[0] + MAX_SEARCH_DAYS * windows.DAY))
        if not services or span[0] >= span[1]:
            return []
        shifts = self._load_shifts(services, span, branch_ids)
        if not shifts:
            return []
        busy = self._load_busy(shifts, span, services, patient, moving)
        durations = {
            specialist.id: (moving[0].duration if moving else service.duration)
            for specialist, service in services.items()
        }
        return windows.find_slots(shifts, busy, durations, span, **options)

    @api.model
    def _load_shifts(self, services, span, branch_ids=None):
        domain = (
            Domain("specialist_id", "in", [s.id for s in services])
            & Domain("start", "<", from_minutes(span[1]))
            & Domain("stop", ">", from_minutes(span[0]))
            & Domain("branch_id.active", "=", True)
        )
        if branch_ids:
            domain &= Domain("branch_id", "in", branch_ids)
        found = self.env["clinic.shift"].search_fetch(
            domain, ["specialist_id", "branch_id", "room_id", "start", "stop"]
        )
        rooms = self.env["clinic.room"].search_fetch(
            [("branch_id", "in", found.branch_id.ids)],
            ["branch_id", "capacity", "specialty_ids"],
        )
        by_branch = rooms.grouped("branch_id")
        lanes, offsets = {}, {}
        shifts = []
        for shift in found:
            branch, service = shift.branch_id, services[shift.specialist_id]
            key = (branch, shift.room_id, service)
            if key not in lanes:
                lanes[key] = self._shift_lanes(
                    shift.room_id, by_branch.get(branch, rooms.browse()), service
                )
            day = (branch, shift.start.date())
            if day not in offsets:
                offset = branch._localize(shift.start).utcoffset()
                offsets[day] = int(offset.total_seconds() // 60)
            shifts.append(
                Shift(
                    shift.specialist_id.id,
                    branch.id,
                    to_minutes(shift.start, up=True),
                    to_minutes(shift.stop),
                    lanes[key],
                    offsets[day],
                )
            )
        return shifts

    @api.model
    def _shift_lanes(self, own_room, rooms, service):
        """Return the places of a shift: its room, or any suitable one of the branch.

        A branch without a suitable room books no room at all (consultations by video).
        """
        rooms = own_room or rooms.filtered(
            lambda room: (
                not room.specialty_ids or room.specialty_ids & service.specialty_ids
            )
        )
        return tuple(
            Lane(room.id, seat) for room in rooms for seat in range(room.capacity)
        ) or (windows.NO_ROOM,)

    @api.model
    def _load_busy(self, shifts, span, services, patient=None, moving=None):
        """Return what is taken inside the span: claims, and time off."""
        rooms = {lane.room_id for shift in shifts for lane in shift.lanes}
        wanted = {
            SPECIALIST: list({shift.specialist_id for shift in shifts}),
            ROOM: [room for room in rooms if room],
            PATIENT: patient.ids if patient else [],
        }
        specialists, lanes, own = defaultdict(list), defaultdict(list), []
        for column, res_id, seat, start, stop in self._claims_between(
            wanted, from_minutes(span[0]), from_minutes(span[1]), moving
        ):
            taken = (to_minutes(start), to_minutes(stop, up=True))
            if column == SPECIALIST:
                specialists[res_id].append(taken)
            elif column == ROOM:
                lanes[Lane(res_id, seat)].append(taken)
            else:
                own.append(taken)
        self._add_time_off(specialists, shifts, span, services)
        return Busy(specialists, lanes, own)

    @api.model
    def _add_time_off(self, taken_by, shifts, span, services):
        """Add the time off to what is taken from each specialist, by zone of shift."""
        branches = self.env["clinic.branch"].browse({s.branch_id for s in shifts})
        zones = {branch.id: branch.tz for branch in branches}
        hours = defaultdict(list)
        for shift in shifts:
            key = (shift.specialist_id, zones[shift.branch_id])
            hours[key].append((shift.start, shift.stop))
        for specialist_id, zone, taken in self._time_off(
            self.env["clinic.specialist"].concat(*services),
            from_minutes(span[0]),
            from_minutes(span[1]),
            set(zones.values()),
        ):
            # Noon in one zone is no noon in another: only shifts there are hit.
            taken_by[specialist_id].extend(
                absence.clip(taken, hours[specialist_id, zone]) if zone else [taken]
            )

    @api.model
    def _claims_between(self, wanted, start, stop, moving=None):
        self.env["clinic.claim"].flush_model()
        # One arm for each kind of thing: each is served by its exclusion index.
        arms = [
            SQL(
                """SELECT %(name)s, %(column)s, seat, start, stop
                     FROM clinic_claim
                    WHERE %(column)s = ANY(%(ids)s)
                      AND tsrange(start, stop) && tsrange(%(start)s, %(stop)s)
                      AND (hold_until IS NULL OR hold_until > %(now)s)
                      AND (appointment_id IS NULL
                           OR appointment_id != ALL(%(moving)s))""",
                name=column,
                column=SQL.identifier(column),
                ids=ids,
                start=start,
                stop=stop,
                now=fields.Datetime.now(),
                moving=moving.ids if moving else [],
            )
            for column, ids in wanted.items()
            if ids
        ]
        return self.env.execute_query(SQL(" UNION ALL ").join(arms)) if arms else []

    @api.model
    def _habits(self, patient):
        """Return what the last visits of the patient say of when and with whom."""
        # sudo: who books for a patient ranks by all former visits, showing none
        visits_sudo = self.sudo().search_fetch(
            [
                ("patient_id", "=", patient.id),
                ("state", "not in", ("hold", "cancelled")),
            ],
            ["specialist_id", "branch_id", "start"],
            limit=HABIT_VISITS,
            order="start DESC",
        )
        visits = []
        for visit in visits_sudo:
            local = visit.branch_id._localize(visit.start)
            visits.append(
                ranking.Visit(
                    visit.specialist_id.id,
                    visit.branch_id.id,
                    local.weekday(),
                    local.hour * 60 + local.minute,
                )
            )
        return ranking.habits(visits)

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
