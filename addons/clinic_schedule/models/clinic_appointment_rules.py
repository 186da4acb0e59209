from dataclasses import dataclass, replace
from datetime import date, timedelta

import pytz
from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL, format_date

from ..tools import offers, ranking
from ..tools.claims import FIRST_LIMIT, FULL, LIMIT, DeviceNeed, Limit
from ..tools.windows import from_minutes, to_minutes
from .clinic_agenda import ABSENCE, Member, Patient, Service, day_number, place_absence
from .clinic_appointment import FREE, Plan
from .clinic_claim import DEVICE, PATIENT, ROOM, SPECIALIST, Thing

ALTERNATIVES = 3
ALTERNATIVE_SPANS = (
    (timedelta(hours=12), timedelta(hours=12)),
    (timedelta(days=1), timedelta(days=14)),
)


@dataclass(frozen=True)
class Facts:
    """What the rules ask of the records of one wanted visit; None: not there."""

    patient: models.Model
    service: models.Model
    specialist: models.Model
    is_patient: bool | None
    birthdate: date | None
    gender: str | None
    template_id: int | None
    bookable: bool | None
    _group_size: int | None
    specialist_before: int | None
    specialist_after: int | None
    room_before: int | None
    room_after: int | None
    device_before: int | None
    device_after: int | None
    kind_ids: list[int]
    specialty_ids: list[int]
    receives: bool | None
    age_min: int | None
    age_max: int | None
    patient_gender: str | None
    specialist_company_id: int | None
    resource_id: int | None
    calendar_id: int | None
    max_visits: int | None
    max_firsts: int | None
    skilled: bool | None
    skill_from: date | None
    skill_to: date | None
    pause_from: date | None
    pause_to: date | None
    minutes: int | None
    branch_id: int | None
    tz: str | None
    company_id: int | None
    room_id: int | None
    capacity: int | None
    # Absences of the specialist around the visit: minutes, and whether they float.
    absences: list[list[int]]

    @property
    def member(self):
        """Return what a search has to know of the specialist."""
        pads = (
            self.specialist_before,
            self.specialist_after,
            self.room_before,
            self.room_after,
            self.device_before,
            self.device_after,
        )
        service = Service(
            self.service.id,
            self.group_size,
            frozenset(self.specialty_ids),
            tuple(sorted(self.kind_ids)),
            tuple(pad or 0 for pad in pads),
        )
        dates = (self.skill_from, self.skill_to, self.pause_from, self.pause_to)
        return Member(
            self.specialist.id,
            service,
            self.minutes,
            ranking.SHORTEST_VISIT,
            self.resource_id,
            self.calendar_id,
            self.specialist_company_id,
            tuple(day_number(day) for day in dates),
            (self.age_min or 0, self.age_max or 0),
            self.patient_gender or "any",
            (self.max_visits or 0, self.max_firsts or 0),
        )

    @property
    def asker(self):
        """Return what a search has to know of the patient, but the former visits."""
        return Patient(self.patient.id, self.birthdate, self.gender)

    def is_off(self, start, stop, zone):
        """Tell whether the specialist has time off between two naive UTC moments."""
        first, last = to_minutes(start), to_minutes(stop)
        return any(
            off[0] < last and first < off[1]
            for off in (place_absence(one, zone) for one in self.absences)
        )

    @property
    def group_size(self):
        return self._group_size or 1

    @property
    def buffers(self):
        pairs = {
            SPECIALIST: (self.specialist_before, self.specialist_after),
            ROOM: (self.room_before, self.room_after),
            DEVICE: (self.device_before, self.device_after),
        }
        return {
            column: (before or 0, after or 0)
            for column, (before, after) in pairs.items()
            if before or after
        }

    def local_day(self, start, branch):
        """Return the date of a naive UTC moment by the clock of the branch."""
        tz = pytz.timezone(self.tz) if self.tz else branch._tz()
        return pytz.utc.localize(start).astimezone(tz).date()

    def paused_on(self, day):
        return bool(
            self.pause_from
            and self.pause_from <= day
            and (not self.pause_to or day <= self.pause_to)
        )

    def age_on(self, day):
        return relativedelta(day, self.birthdate).years if self.birthdate else None

    def takes_age(self, age):
        return (self.age_min or 0) <= age and (not self.age_max or age <= self.age_max)


class ClinicAppointmentRules(models.Model):
    """The rules a visit must obey, and what people are told when it does not."""

    _inherit = "clinic.appointment"

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

        :param vals: of an appointment; ``duration`` in minutes, if not the usual one.
        :param allow_past: what did happen is entered: no look at the clock, at ages
            and at limits.
        """
        start = self._to_moment(vals.get("start"))
        facts = self._read_facts(vals, start)
        patient, service = facts.patient, facts.service
        if not facts.is_patient:
            raise UserError(self.env._("Choose the patient the visit is for."))
        if not facts.bookable:
            raise UserError(
                self.env._("This service cannot be booked. Choose another service.")
            )
        if not facts.receives:
            raise UserError(
                self.env._("This specialist does not receive patients. Choose another.")
            )
        if start.second or start.microsecond:
            raise ValidationError(self.env._("A visit starts at a whole minute."))
        specialist = facts.specialist
        stop = start + timedelta(minutes=facts.minutes)
        branch = self.env["clinic.branch"].browse(facts.branch_id or ())
        branch = branch or specialist.branch_ids[:1]
        day = facts.local_day(start, branch)
        plan = Plan(
            patient,
            service,
            specialist,
            branch,
            start,
            stop,
            buffers=facts.buffers,
            group_size=facts.group_size,
            day=day,
            company_id=facts.company_id,
            # Who does not do it at all has no times for it either.
            member=facts.member if facts.skilled else None,
            asker=facts.asker,
        )
        over = self._check_past(plan, allow_past, vals.get("past_reason"))
        self._check_skill(plan, facts)
        if not over and not (moving and moving.specialist_id == specialist):
            self._check_patient(plan, facts)
        self._check_working(plan, facts, moving)
        return replace(
            plan,
            lanes=self._plan_lanes(vals.get("room_id"), plan, facts),
            devices=self._device_needs(facts.template_id, branch.id)
            if facts.kind_ids
            else (),
            limit=None if over else self._plan_limit(plan, facts, moving),
        )

    @api.model
    def _read_facts(self, vals, start):
        """Return all the rules ask of the records, read in one query.

        What the user may not see is not there: the record rules are in the query.
        """
        self.env.flush_all()
        ids = {
            name: vals.get(name) or 0
            for name in ("patient_id", "service_id", "specialist_id")
        }

        where = self.env["clinic.visible"]._where
        query = SQL(
            """
            SELECT res_partner.is_patient, res_partner.birthdate_date,
                   res_partner.gender,
                   t.id, t.is_clinic_service AND product_product.active, t.group_size,
                   t.specialist_buffer_before, t.specialist_buffer_after,
                   t.room_buffer_before, t.room_buffer_after,
                   t.device_buffer_before, t.device_buffer_after,
                   ARRAY(SELECT device_kind_id FROM clinic_service_device_kind_rel
                          WHERE product_tmpl_id = t.id),
                   ARRAY(SELECT specialty_id FROM clinic_service_specialty_rel
                          WHERE product_tmpl_id = t.id),
                   d.active, d.age_min, d.age_max, d.patient_gender, d.company_id,
                   person.id, person.calendar_id,
                   d.max_visits_per_day, d.max_first_visits_per_day,
                   k.active, k.date_from, k.date_to, k.pause_from, k.pause_to,
                   visit.minutes, b.id, b.tz, b.company_id, shift.room_id, r.capacity,
                   ARRAY(SELECT ARRAY[%(absence)s] FROM resource_calendar_leaves
                          WHERE date_from < %(start)s + visit.length + '1 day'
                            AND date_to > %(start)s - INTERVAL '1 day'
                            AND (resource_id = person.id
                                 OR resource_id IS NULL
                                    AND (calendar_id IS NULL
                                         OR calendar_id = person.calendar_id)
                                    AND (company_id IS NULL
                                         OR company_id = d.company_id)))
              FROM (VALUES (1)) one
              LEFT JOIN res_partner
                ON res_partner.id = %(patient_id)s AND %(patients)s
              LEFT JOIN product_product
                ON product_product.id = %(service_id)s AND %(services)s
              LEFT JOIN product_template t ON t.id = product_product.product_tmpl_id
              LEFT JOIN (SELECT * FROM clinic_specialist
                          WHERE id = %(specialist_id)s AND %(specialists)s) d ON TRUE
              LEFT JOIN resource_resource person ON person.id = d.resource_id
              LEFT JOIN clinic_skill k
                ON k.specialist_id = d.id AND k.service_id = product_product.id
             CROSS JOIN LATERAL (
                   SELECT minutes, minutes * INTERVAL '1 minute' AS length
                     FROM COALESCE(%(minutes)s, NULLIF(k.duration, 0), t.duration)
                          minutes) visit
              LEFT JOIN LATERAL (
                   SELECT branch_id, room_id FROM clinic_shift
                    WHERE specialist_id = %(specialist_id)s AND active AND %(shifts)s
                      AND start <= %(start)s AND stop > %(start)s
                      AND stop >= %(start)s + visit.length
                      AND branch_id IN (SELECT id FROM clinic_branch WHERE active)
                    LIMIT 1) shift ON TRUE
              LEFT JOIN clinic_branch b ON b.id = shift.branch_id
              LEFT JOIN clinic_room r ON r.id = shift.room_id
            """,
            **ids,
            patients=where("res.partner"),
            services=where("product.product"),
            specialists=where("clinic.specialist"),
            shifts=where("clinic.shift"),
            minutes=vals.get("duration") or None,
            start=start,
            absence=ABSENCE,
        )
        [row] = self.env.execute_query(query)
        return Facts(
            self.env["res.partner"].browse(ids["patient_id"]),
            self.env["product.product"].browse(ids["service_id"]),
            self.env["clinic.specialist"].browse(ids["specialist_id"]),
            *row,
        )

    @api.model
    def _check_past(self, plan, allow_past, reason):
        """Refuse a time that has passed; tell whether it is an accepted one."""
        if allow_past:
            return True
        if plan.start >= fields.Datetime.now():
            return False
        may = self.env.user.has_group("clinic_schedule.group_book_past")
        if may and reason:
            return True
        words = {"time": plan.branch._format_local(plan.start)}
        if may:
            raise UserError(
                self.env._(
                    "%(time)s is in the past. Choose a later time, or say why the "
                    "visit is entered afterwards.",
                    **words,
                )
            )
        raise UserError(
            self.env._("%(time)s is in the past. Choose a later time.", **words)
        )

    @api.model
    def _check_skill(self, plan, facts):
        """Refuse what the specialist does not do, not yet, no more, or not for now."""
        begins, ends = facts.skill_from, facts.skill_to
        early = begins and plan.day < begins
        late = ends and plan.day > ends
        paused = facts.paused_on(plan.day)
        if facts.skilled and not (early or late or paused):
            return
        words = {"specialist": plan.specialist.name, "service": plan.service.name}
        if not facts.skilled:
            raise UserError(
                self.env._(
                    "%(specialist)s does not provide “%(service)s”. Choose another "
                    "specialist or another service.",
                    **words,
                )
            )
        if early:
            words["date"] = format_date(self.env, begins)
            sentence = self.env._(
                "%(specialist)s provides “%(service)s” from %(date)s on.", **words
            )
        elif late:
            words["date"] = format_date(self.env, ends)
            sentence = self.env._(
                "%(specialist)s provides “%(service)s” until %(date)s only.", **words
            )
        elif facts.pause_to:
            words["date"] = format_date(self.env, facts.pause_to)
            sentence = self.env._(
                "%(specialist)s takes nobody for “%(service)s” until %(date)s.",
                **words,
            )
        else:
            sentence = self.env._(
                "%(specialist)s takes nobody for “%(service)s” for now.", **words
            )
        raise self._refusal(sentence, plan)

    @api.model
    def _check_patient(self, plan, facts):
        """Refuse a patient whom the specialist does not receive."""
        age = facts.age_on(plan.day)
        if age is not None and not facts.takes_age(age):
            raise UserError(
                self.env._(
                    "%(patient)s is %(age)s years old on the day of the visit; "
                    "%(specialist)s receives patients %(ages)s. Choose another "
                    "specialist.",
                    patient=plan.patient.name,
                    age=age,
                    specialist=plan.specialist.name,
                    ages=self._ages_in_words(facts.age_min, facts.age_max),
                )
            )
        other = {"female": "male", "male": "female"}.get(facts.patient_gender)
        if other and facts.gender == other:
            sentences = {
                "female": self.env._(
                    "%(specialist)s receives women only. Choose another specialist.",
                    specialist=plan.specialist.name,
                ),
                "male": self.env._(
                    "%(specialist)s receives men only. Choose another specialist.",
                    specialist=plan.specialist.name,
                ),
            }
            raise UserError(sentences[facts.patient_gender])

    @api.model
    def _ages_in_words(self, age_min, age_max):
        if not age_max:
            return self.env._("from the age of %(age)s", age=age_min)
        if not age_min:
            return self.env._("up to the age of %(age)s", age=age_max)
        return self.env._("aged %(first)s to %(last)s", first=age_min, last=age_max)

    @api.model
    def _check_working(self, plan, facts, moving):
        """Refuse time off and hours outside the shifts, with what is free instead."""
        zone = facts.tz or plan.branch._tz().zone
        off = facts.is_off(plan.start, plan.stop, zone)
        if facts.branch_id and not off:
            return
        words = {
            "specialist": plan.specialist.name,
            "time": plan.branch._format_local(plan.start),
        }
        sentence = (
            self.env._("%(specialist)s has time off on %(time)s.", **words)
            if off
            else self.env._(
                "%(specialist)s does not receive patients on %(time)s.", **words
            )
        )
        raise self._refusal(sentence, plan, moving)

    @api.model
    def _plan_lanes(self, room_id, plan, facts):
        """Return the places to choose from: of the room asked for, or of the shift."""
        if facts.room_id and room_id in (None, False, facts.room_id):
            return tuple(
                Thing(ROOM, facts.room_id, seat) for seat in range(facts.capacity)
            )
        if room_id:
            return tuple(
                self._room_lanes(self._plan_room(room_id, plan, facts.room_id))
            )
        rooms = self.env["clinic.branch"]._clinic_directory().rooms_of
        return tuple(
            Thing(ROOM, room.id, seat)
            for room in rooms.get(plan.branch.id, ())
            if not room.specialty_ids
            or not room.specialty_ids.isdisjoint(facts.specialty_ids)
            for seat in range(room.capacity)
        )

    @api.model
    def _plan_room(self, room_id, plan, shift_room_id):
        """Return the room asked for, or say why it will not do."""
        room, service = self.env["clinic.room"].browse(room_id).exists(), plan.service
        if not room.active or room.branch_id != plan.branch:
            raise UserError(
                self.env._(
                    "The room is not in branch %(branch)s, where the specialist "
                    "receives at this time. Choose a room there.",
                    branch=plan.branch.name,
                )
            )
        unfit = room.specialty_ids and not room.specialty_ids & service.specialty_ids
        if unfit and room.id != shift_room_id:
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
    def _device_needs(self, template_id, branch_id):
        """Return the kinds of devices a service needs, with those of a branch."""
        rows = self.env.execute_query(
            SQL(
                """SELECT need.device_kind_id, d.id, d.room_id
                     FROM clinic_service_device_kind_rel need
                     LEFT JOIN clinic_device d
                       ON d.kind_id = need.device_kind_id
                      AND d.branch_id = %s AND d.active
                    WHERE need.product_tmpl_id = %s
                    ORDER BY need.device_kind_id, d.room_id IS NULL, d.sequence,
                             d.name, d.id""",
                branch_id or 0,
                template_id or 0,
            )
        )
        needs = {}
        for kind_id, device_id, room_id in rows:
            needs.setdefault(kind_id, [])
            if device_id:
                needs[kind_id].append((device_id, room_id))
        return tuple(
            DeviceNeed(kind_id, tuple(devices)) for kind_id, devices in needs.items()
        )

    @api.model
    def _plan_limit(self, plan, facts, moving):
        """Return how many visits the day takes, if that is limited for this one."""
        firsts = facts.max_firsts
        if firsts and self._has_been_to(plan, moving):
            firsts = 0
        if not facts.max_visits and not firsts:
            return None
        return Limit(plan.day, facts.max_visits or 0, firsts or 0)

    @api.model
    def _has_been_to(self, plan, moving):
        """Tell whether an earlier visit makes this one not the first."""
        # sudo: whose patient somebody is, is asked, not told
        earlier = self.sudo().search_count(
            [
                ("patient_id", "=", plan.patient.id),
                ("specialist_id", "=", plan.specialist.id),
                ("state", "not in", ("hold", *FREE)),
                ("start", "<", plan.start),
                ("id", "not in", moving.ids if moving else []),
            ],
            limit=1,
        )
        return bool(earlier)

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
        if clash.column == DEVICE:
            kind = self.env["clinic.device.kind"].sudo().browse(clash.res_id or ())
            return self.env._(
                "There is no free device for it on %(time)s: %(device)s.",
                time=when,
                device=kind.name or self.env._("just taken"),
            )
        if clash.column == PATIENT:
            return self.env._(
                "%(patient)s already has a visit on %(time)s.",
                patient=plan.patient.name,
                time=when,
            )
        values = {"specialist": plan.specialist.name, "time": when}
        if clash.kind == FULL:
            return self.env._(
                "The group of %(specialist)s on %(time)s is full.", **values
            )
        if clash.kind in (LIMIT, FIRST_LIMIT):
            values["date"] = format_date(self.env, plan.day)
            if clash.kind == LIMIT:
                return self.env._(
                    "%(specialist)s has as many visits on %(date)s as may be.",
                    **values,
                )
            return self.env._(
                "%(specialist)s has as many first visits on %(date)s as may be. A "
                "patient who has been before can be booked.",
                **values,
            )
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
        bare = sentence
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
        error.sentence = bare
        error.alternatives = [self._slot_values(*item) for item in self._rank(slots)]
        return error

    @api.model
    def _alternatives(self, plan, moving=None):
        """Return the free windows nearest to the wanted one, the specialist's first."""
        # sudo: whoever was let through to book may hear what is free
        agenda_sudo = self.env["clinic.agenda"].sudo()
        members = [plan.member] if plan.member else []
        if not members:
            _services, members = agenda_sudo._read_team(
                plan.service.ids, plan.specialist.ids, shortest=False
            )
        found = self._nearest_windows(members, plan, moving)
        if found:
            return found
        _services, members = agenda_sudo._read_team(plan.service.ids, shortest=False)
        others = [one for one in members if one.id != plan.specialist.id]
        return self._nearest_windows(others, plan, moving)

    @api.model
    def _nearest_windows(self, members, plan, moving):
        """Look around the wanted time, and further only while too little is found.

        What lies half a day off is nearer than all that lies further, so the short
        look finds what the long one would; and most refusals can do without that.
        """
        if not members:
            return []
        agenda_sudo = self.env["clinic.agenda"].sudo()
        moving_ids = moving.ids if moving else ()
        asker = plan.asker
        if not asker or any(firsts for _most, firsts in (m.limits for m in members)):
            patient = agenda_sudo.env["res.partner"].browse(plan.patient.id)
            asker = agenda_sudo._read_patient(patient, moving_ids)
        for member in members if moving else ():
            member.duration = moving.duration
        wanted = to_minutes(plan.start)
        found = []
        for before, after in ALTERNATIVE_SPANS:
            search = agenda_sudo._read_agenda(
                members,
                self._search_span(plan.start - before, plan.start + after),
                patient=asker,
                moving_ids=moving_ids,
                ranked=False,
            )
            found = offers.nearest_in(search, wanted, ALTERNATIVES)
            if len(found) == ALTERNATIVES:
                break
        return found

    @api.model
    def _alternative_words(self, slot, plan):
        branch = self.env["clinic.branch"].sudo().browse(slot.branch_id)
        words = branch._format_local(from_minutes(slot.start))
        if slot.specialist_id != plan.specialist.id:
            specialist = self.env["clinic.specialist"].sudo().browse(slot.specialist_id)
            words = f"{words} ({specialist.name})"
        return words
