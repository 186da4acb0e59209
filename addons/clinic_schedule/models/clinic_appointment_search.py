from collections import defaultdict
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from ..tools import absence, offers, ranking, screening, windows
from ..tools.windows import Busy, Lane, Shift, from_minutes, to_minutes
from .clinic_appointment import Plan
from .clinic_claim import PATIENT, ROOM, SPECIALIST

HABIT_VISITS = 8
ALTERNATIVES = 3
ALTERNATIVE_DAYS = 14
MAX_SEARCH_DAYS = 366


class ClinicAppointmentSearch(models.Model):
    """Free windows, and the rules a visit must obey."""

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

    # The rules --------------------------------------------------------------

    @api.model
    def _to_moment(self, value):
        """Return naive UTC of what came over the wire."""
        try:
            moment = fields.Datetime.to_datetime(value)
        except ValueError:
            moment = None
        if not moment:
            raise ValidationError(
                self.env._(
                    "“%(value)s” is not a time. Give it as YYYY-MM-DD HH:MM:SS in UTC.",
                    value=value,
                )
            )
        return moment

    @api.model
    def _get_service(self, service_id):
        service = self.env["product.product"].browse(service_id).exists()
        if not service.is_clinic_service or not service.active:
            raise UserError(
                self.env._("This service cannot be booked. Choose another service.")
            )
        return service

    @api.model
    def _plan(self, vals, allow_past=False, moving=None):
        """Check a wanted visit against the rules; return the plan or raise.

        What is already taken is not looked at: that is for the ledger.
        """
        patient = self.env["res.partner"].browse(vals.get("patient_id") or ()).exists()
        if not patient.is_patient:
            raise UserError(self.env._("Choose the patient the visit is for."))
        service = self._get_service(vals.get("service_id") or ())
        specialist = (
            self.env["clinic.specialist"]
            .browse(vals.get("specialist_id") or ())
            .exists()
        )
        if not specialist.active:
            raise UserError(
                self.env._("This specialist does not receive patients. Choose another.")
            )
        start = self._to_moment(vals.get("start"))
        if start.second or start.microsecond:
            raise ValidationError(self.env._("A visit starts at a whole minute."))
        stop = start + timedelta(minutes=vals.get("duration") or service.duration)
        shift = self._shift_at(specialist, start, stop)
        branch = shift.branch_id or specialist.branch_ids[:1]
        when = branch._format_local(start)
        if not allow_past and start < fields.Datetime.now():
            raise UserError(
                self.env._("%(time)s is in the past. Choose a later time.", time=when)
            )
        if not specialist._can_do(service):
            raise UserError(
                self.env._(
                    "%(specialist)s does not provide “%(service)s”. Choose another "
                    "specialist or another service.",
                    specialist=specialist.name,
                    service=service.name,
                )
            )
        span = (to_minutes(start), to_minutes(stop))
        if any(
            taken[0] < span[1] and span[0] < taken[1]
            for _id, _zone, taken in self._time_off(
                specialist, start, stop, [branch._tz().zone]
            )
        ):
            raise self._refusal(
                self.env._(
                    "%(specialist)s has time off on %(time)s.",
                    specialist=specialist.name,
                    time=when,
                ),
                Plan(patient, service, specialist, branch, start, stop, ()),
                moving,
            )
        if not shift:
            raise self._refusal(
                self.env._(
                    "%(specialist)s does not receive patients on %(time)s.",
                    specialist=specialist.name,
                    time=when,
                ),
                Plan(patient, service, specialist, branch, start, stop, ()),
                moving,
            )
        rooms = self._plan_rooms(vals.get("room_id"), shift, service)
        return Plan(
            patient,
            service,
            specialist,
            branch,
            start,
            stop,
            tuple(self._room_lanes(rooms)),
        )

    @api.model
    def _plan_rooms(self, room_id, shift, service):
        """Return the rooms to choose from: the one asked for, or those of the shift."""
        rooms = self.env["clinic.room"]
        if not room_id:
            lanes = self._shift_lanes(
                shift.room_id,
                rooms.search([("branch_id", "=", shift.branch_id.id)]),
                service,
            )
            return rooms.browse(
                dict.fromkeys(lane.room_id for lane in lanes if lane.room_id)
            )
        room = rooms.browse(room_id).exists()
        if not room.active or room.branch_id != shift.branch_id:
            raise UserError(
                self.env._(
                    "The room is not in branch %(branch)s, where the specialist "
                    "receives at this time. Choose a room there.",
                    branch=shift.branch_id.name,
                )
            )
        unfit = room.specialty_ids and not room.specialty_ids & service.specialty_ids
        if unfit and room != shift.room_id:
            raise UserError(
                self.env._(
                    "Room %(room)s is not equipped for “%(service)s”. Choose another "
                    "room.",
                    room=room.name,
                    service=service.name,
                )
            )
        return room

    @api.model
    def _shift_at(self, specialist, start, stop):
        """Return the shift that holds the whole visit, if there is one."""
        return self.env["clinic.shift"].search(
            [
                ("specialist_id", "=", specialist.id),
                ("branch_id.active", "=", True),
                ("start", "<=", start),
                ("stop", ">=", stop),
            ],
            limit=1,
        )

    # Refusals ---------------------------------------------------------------

    @api.model
    def _clash_error(self, plan, clash, moving=None):
        """Return the UserError for a clash, with up to three free times instead."""
        return self._refusal(
            self._clash_sentence(plan, clash), plan, moving, raced=clash.raced
        )

    @api.model
    def _clash_sentence(self, plan, clash):
        when = plan.branch._format_local(plan.start)
        if clash.column == ROOM:
            return self.env._("There is no free room on %(time)s.", time=when)
        if clash.column == PATIENT:
            return self.env._(
                "%(patient)s already has a visit on %(time)s.",
                patient=plan.patient.name,
                time=when,
            )
        values = {"specialist": plan.specialist.name, "time": when}
        if clash.raced:
            return self.env._(
                "%(time)s with %(specialist)s has just been taken.", **values
            )
        if clash.kind == "hold":
            return self.env._(
                "%(time)s with %(specialist)s is being booked by somebody right now.",
                **values,
            )
        if clash.kind == "block":
            return self.env._(
                "%(specialist)s is occupied otherwise on %(time)s.", **values
            )
        return self.env._("%(specialist)s is already booked on %(time)s.", **values)

    @api.model
    def _refusal(self, sentence, plan, moving=None, raced=False):
        """Return a UserError: the sentence, and what is free instead.

        The alternatives are also in its attribute ``alternatives``, as slots.
        """
        if raced:
            # The rival's booking is invisible in this transaction: look with new eyes.
            with self.env.registry.cursor() as cr:
                fresh = self.with_env(self.env(cr=cr))
                slots = fresh._alternatives(plan, moving)
        else:
            slots = self._alternatives(plan, moving)
        if slots:
            sentence = self.env._(
                "%(refusal)s Free instead: %(times)s.",
                refusal=sentence,
                times=", ".join(
                    self._alternative_words(slot, plan)
                    for slot in sorted(slots, key=lambda slot: slot.start)
                ),
            )
        error = UserError(sentence)
        error.alternatives = [self._slot_values(*item) for item in self._rank(slots)]
        return error

    @api.model
    def _alternatives(self, plan, moving=None):
        """Return the free windows nearest to the wanted one, the specialist's first."""
        if not plan.specialist._can_do(plan.service):
            return []
        wanted = to_minutes(plan.start)
        span = (
            plan.start - timedelta(days=1),
            plan.start + timedelta(days=ALTERNATIVE_DAYS),
        )
        service = self.env["product.product"].browse(plan.service.id)
        own = self.env["clinic.specialist"].browse(plan.specialist.id)
        patient = self.env["res.partner"].browse(plan.patient.id)
        # sudo: whoever was let through to book may hear what is free
        search = self.sudo()
        for specialists in (own, service.sudo()._clinic_specialists() - own):
            slots = search._find_slots(
                dict.fromkeys(specialists.sudo(), service.sudo()),
                *span,
                patient=patient,
                moving=moving,
            )
            if slots:
                return offers.nearest(slots, wanted, ALTERNATIVES)
        return []

    @api.model
    def _alternative_words(self, slot, plan):
        branch = self.env["clinic.branch"].sudo().browse(slot.branch_id)
        words = branch._format_local(from_minutes(slot.start))
        if slot.specialist_id != plan.specialist.id:
            specialist = self.env["clinic.specialist"].sudo().browse(slot.specialist_id)
            words = f"{words} ({specialist.name})"
        return words

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
