"""The agenda as the pure search wants it: few raw queries, arrays of minutes.

One query for the team (who does the services, for how long), one for a patient, one for
all working time and everything taken. Arrays, since making a Python object of each of
forty thousand claims would take longer than the whole search.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import pytz
from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ..tools import ranking
from ..tools.absence import Absence
from ..tools.windows import (
    ANYWHERE,
    DAY,
    EPOCH,
    FOREVER,
    NO_ROOM,
    NOTHING,
    Busy,
    Lane,
    Need,
    Places,
    Search,
    Session,
    Shift,
    Taken,
    free_windows,
    from_minutes,
    time_off,
    to_minutes,
)

HABIT_VISITS = 8
# Minutes from 1970, where PostgreSQL counts from, to 2000, where the search does.
_ORIGIN = int((EPOCH - datetime(1970, 1, 1)).total_seconds()) // 60
_DAY_ZERO = EPOCH.date()
# What is read beyond both ends, so that the gaps at the ends are the true ones.
MARGIN = DAY


@dataclass
class Service:
    """What a service takes, whoever does it."""

    id: int
    group_size: int
    specialty_ids: frozenset
    kind_ids: tuple
    buffers: tuple


@dataclass
class Member:
    """A specialist who does one of the services asked for."""

    id: int
    service: Service
    duration: int
    shortest: int
    resource_id: int | None
    calendar_id: int | None
    company_id: int | None
    dates: tuple
    ages: tuple
    gender: str
    limits: tuple

    @property
    def need(self):
        before_after = self.service.buffers
        return Need(
            self.duration, before_after[0:2], before_after[2:4], before_after[4:6]
        )


@dataclass
class Patient:
    """What of a patient a search has to know."""

    id: int | None = None
    birthdate: date | None = None
    gender: str | None = None
    usual: ranking.Habits = ranking.NO_HABITS
    # The first visit with each specialist, in wall time: an earlier one is first.
    known_since: dict = field(default_factory=dict)


class ClinicAgenda(models.AbstractModel):
    """Reads what a search for free windows needs."""

    _name = "clinic.agenda"
    _description = "Reading of the Agenda"

    # The team -----------------------------------------------------------------

    @api.model
    def _read_team(self, service_ids, specialist_ids=None, shortest=True):
        """Return ``(services, members)``: who does which of the services.

        :param specialist_ids: of these only; None: everybody.
        :param shortest: whether the shortest visit of each is wanted, for ranking.
        :return: services by id (only such as can be booked), and a list of
            :class:`Member`, one for each pair of specialist and service.
        """
        for model in ("clinic.skill", "clinic.specialist", "product.template"):
            self.env[model].flush_model()
        self.env["product.product"].flush_model(["active", "product_tmpl_id"])
        asked = SQL("TRUE")
        if specialist_ids is not None:
            asked = SQL("clinic_specialist.id = ANY(%s)", list(specialist_ids))
        # By the rules of the user: nobody of another company is found.
        visible = self.env["clinic.visible"]._where("clinic.specialist")
        self.env["product.product"].check_access("read")
        rows = self.env.execute_query(
            SQL(
                """
                WITH service AS MATERIALIZED (
                    SELECT p.id, t.duration, t.group_size,
                           ARRAY[t.specialist_buffer_before, t.specialist_buffer_after,
                                 t.room_buffer_before, t.room_buffer_after,
                                 t.device_buffer_before, t.device_buffer_after] AS pads,
                           ARRAY(SELECT specialty_id FROM clinic_service_specialty_rel
                                  WHERE product_tmpl_id = t.id) AS specialty_ids,
                           ARRAY(SELECT device_kind_id
                                   FROM clinic_service_device_kind_rel
                                  WHERE product_tmpl_id = t.id) AS kind_ids
                      FROM product_product p
                      JOIN product_template t ON t.id = p.product_tmpl_id
                     WHERE p.id = ANY(%(service_ids)s)
                       AND p.active AND t.is_clinic_service AND %(allowed)s
                ), member AS MATERIALIZED (
                    SELECT skill.service_id, s.id,
                           NULLIF(skill.duration, 0) AS duration,
                           r.id AS resource_id, r.calendar_id, s.company_id,
                           ARRAY[skill.date_from - %(zero)s, skill.date_to - %(zero)s,
                                 skill.pause_from - %(zero)s,
                                 skill.pause_to - %(zero)s] AS dates,
                           s.age_min, s.age_max, s.patient_gender,
                           s.max_visits_per_day, s.max_first_visits_per_day
                      FROM clinic_skill skill
                      JOIN (SELECT * FROM clinic_specialist
                             WHERE active AND %(asked)s AND %(visible)s) s
                        ON s.id = skill.specialist_id
                      LEFT JOIN resource_resource r ON r.id = s.resource_id
                     WHERE skill.service_id IN (SELECT id FROM service)
                       AND skill.active
                ), shortest AS (
                    SELECT skill.specialist_id,
                           min(COALESCE(NULLIF(skill.duration, 0), t.duration)) AS least
                      FROM clinic_skill skill
                      JOIN product_template t ON t.id = skill.product_tmpl_id
                     WHERE skill.active AND t.active AND t.is_clinic_service
                       AND skill.specialist_id IN (SELECT id FROM member)
                       AND %(shortest)s
                     GROUP BY skill.specialist_id
                )
                SELECT service.*, member.*, shortest.least
                  FROM service
                  LEFT JOIN member ON member.service_id = service.id
                  LEFT JOIN shortest ON shortest.specialist_id = member.id
                 ORDER BY service.id, member.id""",
                service_ids=list(service_ids),
                allowed=self._allowed_services(),
                asked=asked,
                visible=visible,
                shortest=shortest,
                zero=_DAY_ZERO,
            )
        )
        services, members = {}, []
        for row in rows:
            (service_id, usual, size, pads, specialties, kinds), rest = row[:6], row[6:]
            service = services.get(service_id)
            if service is None:
                service = services[service_id] = Service(
                    service_id,
                    size or 1,
                    frozenset(specialties),
                    tuple(sorted(kinds)),
                    tuple(pad or 0 for pad in pads),
                )
            if rest[1]:
                members.append(self._member(service, usual, rest))
        return services, members

    @api.model
    def _allowed_services(self):
        """Return SQL for what the rule of products says: it would read companies."""
        if self.env.su:
            return SQL("TRUE")
        return SQL(
            """(t.company_id IS NULL OR t.company_id IN (
                SELECT unnest(string_to_array(trim(parent_path, '/'), '/'))::int
                  FROM res_company WHERE id = ANY(%s)))""",
            self.env.companies.ids,
        )

    @api.model
    def _member(self, service, usual, row):
        (
            _service_id,
            specialist_id,
            duration,
            resource_id,
            calendar_id,
            company_id,
            dates,
            age_min,
            age_max,
            gender,
            most,
            most_first,
            shortest,
        ) = row
        return Member(
            specialist_id,
            service,
            duration or usual,
            shortest or ranking.SHORTEST_VISIT,
            resource_id,
            calendar_id,
            company_id,
            tuple(dates),
            (age_min or 0, age_max or 0),
            gender or "any",
            (most or 0, most_first or 0),
        )

    # The patient --------------------------------------------------------------

    @api.model
    def _read_patient(self, patient, moving_ids=()):
        """Return the :class:`Patient` for a record (or none)."""
        if not patient:
            return Patient()
        self.env["res.partner"].flush_model(["birthdate_date", "gender"])
        self.env["clinic.patient.habit"].flush_model()
        self.env["clinic.appointment"].flush_model(
            ["patient_id", "specialist_id", "branch_id", "start", "state"]
        )
        # Plain SQL: who books for a patient ranks by all former visits, showing none.
        [row] = self.env.execute_query(
            SQL(
                """
                WITH visit AS MATERIALIZED (
                    SELECT specialist_id, branch_id, start, state
                      FROM clinic_appointment
                     WHERE patient_id = %(patient)s
                       AND state NOT IN ('cancelled', 'noshow')
                       AND id != ALL(%(moving)s)
                ), latest AS (
                    SELECT * FROM visit WHERE state != 'hold'
                     ORDER BY start DESC LIMIT %(visits)s
                ), earliest AS (
                    SELECT DISTINCT ON (specialist_id) * FROM visit
                     ORDER BY specialist_id, start
                )
                SELECT p.birthdate_date, p.gender, h.usual_weekday,
                       round(h.usual_time * 60)::int,
                       h.specialist_id, h.branch_id,
                       ARRAY(SELECT specialist_id FROM latest ORDER BY start DESC),
                       ARRAY(SELECT branch_id FROM latest ORDER BY start DESC),
                       ARRAY(SELECT %(start)s FROM latest ORDER BY start DESC),
                       ARRAY(SELECT specialist_id FROM earliest ORDER BY 1),
                       ARRAY(SELECT branch_id FROM earliest ORDER BY specialist_id),
                       ARRAY(SELECT %(start)s FROM earliest ORDER BY specialist_id)
                  FROM res_partner p
                  LEFT JOIN clinic_patient_habit h
                    ON h.patient_id = p.id AND h.source = 'manual'
                 WHERE p.id = %(patient)s""",
                patient=patient.id,
                moving=list(moving_ids),
                visits=HABIT_VISITS,
                start=_minute(SQL("start")),
            )
        ) or [(None,) * 6 + ([],) * 6]
        birthdate, gender, weekday, minute, specialist_id, branch_id = row[:6]
        former = self._former_visits(zip(*row[6:9], strict=True))
        learned = ranking.habits(former)
        usual = ranking.Habits(
            learned.specialist_ids | ({specialist_id} if specialist_id else set()),
            branch_id or learned.branch_id,
            int(weekday) if weekday else learned.weekday,
            minute or learned.minute,
            specialist_id or learned.specialist_id,
        )
        zones = self.env["clinic.branch"]._clinic_directory().zones
        known_since = {
            specialist_id: start + _offset(zones.get(branch_id), start)
            for specialist_id, branch_id, start in zip(*row[9:12], strict=True)
        }
        return Patient(patient.id, birthdate, gender, usual, known_since)

    @api.model
    def _former_visits(self, visits):
        """Return visits given as (specialist, branch, minute) in wall time."""
        zones = self.env["clinic.branch"]._clinic_directory().zones
        found = []
        for specialist_id, branch_id, start in visits:
            wall = start + _offset(zones.get(branch_id), start)
            weekday = ranking.weekday_of(wall // DAY)
            found.append(ranking.Visit(specialist_id, branch_id, weekday, wall % DAY))
        return found

    # Working time, and what is taken ------------------------------------------

    @api.model
    def _read_agenda(
        self,
        members,
        span,
        branch_ids=None,
        patient=None,
        moving_ids=(),
        ranked=True,
        **options,
    ):
        """Return a :class:`Search` over the working time of the members.

        :param span: minutes between which whole visits may lie.
        :param branch_ids: shifts in these branches only; none: in all.
        :param patient: a :class:`Patient`.
        :param moving_ids: appointments whose own time counts as free.
        :param ranked: whether the usual times of others are wanted, for ranking.
        :param options: of :class:`Search`.
        """
        directory = self.env["clinic.branch"]._clinic_directory()
        members = {member.id: member for member in members}
        patient = patient or Patient()
        if not members:
            search = Search({}, Busy(), {}, span, **options)
            search.reserved = {}
            return search
        rows = self._query_agenda(
            members, span, branch_ids, patient, moving_ids, ranked=ranked
        )
        busy = Busy()
        shifts, leaves, reserved = {}, [], {}
        sessions = []
        busy.closed = closed = {}
        reader = _ShiftReader(directory, members)
        for kind, key, other, first, second, third, fourth in rows:
            if kind == "specialist":
                busy.specialists[key] = Taken(first, second)
            elif kind == "room":
                busy.lanes[Lane(key, other)] = Taken(first, second)
            elif kind == "device":
                busy.devices[key] = Taken(first, second)
            elif kind == "patient":
                busy.patient = Taken(first, second)
            elif kind == "shift":
                shifts[key] = reader.shifts_of(key, first, second, third, fourth)
            elif kind == "leave":
                leaves.append((key, other, first, second, third, fourth))
            elif kind == "session":
                sessions.append((key, other, first, second, third, fourth))
            elif kind == "regular":
                reserved[key] = list(map(ranking.Regular, first, second, third))
            elif kind == "day":
                closed[key] = _full_days(members[key], patient, first, second, third)
        busy.off = _time_off(leaves, members, reader.zones)
        for member in members.values():
            spans = _closed_by_rules(member, patient)
            if spans:
                closed.setdefault(member.id, []).extend(spans)
        search = Search(
            shifts,
            busy,
            {member.id: member.need for member in members.values()},
            span,
            sessions=[
                reader.session(*session)
                for session in sessions
                if not branch_ids or session[4][0] in branch_ids
            ],
            usual=patient.usual.minute,
            **options,
        )
        search.reserved = reserved
        return search

    @api.model
    def _read_windows(self, members, span, branch_ids=None):
        """Return the free time of the members, whatever rooms and patients do.

        :return: spans in minutes, by start, by specialist; each holds a visit.
        """
        members = {member.id: member for member in members}
        if not members or span[0] >= span[1]:
            return {}
        zones = self.env["clinic.branch"]._clinic_directory().zones
        rows = self._query_agenda(members, span, branch_ids, own_only=True)
        taken, hours, leaves = {}, {}, []
        for kind, key, other, first, second, third, fourth in rows:
            if kind == "specialist":
                taken[key] = Taken(first, second)
            elif kind == "shift":
                hours[key] = (first, second, third)
            elif kind == "leave":
                leaves.append((key, other, first, second, third, fourth))
        away = _time_off(leaves, members, zones)
        found = {}
        for specialist_id, (starts, stops, where) in hours.items():
            member = members[specialist_id]
            off = NOTHING
            if away:
                shifts = zip(where, starts, stops, strict=True)
                off = time_off(away, specialist_id, shifts)
            found[specialist_id] = free_windows(
                Taken(starts, stops),
                taken.get(specialist_id, NOTHING),
                member.duration,
                member.service.buffers[0:2],
                off,
            )
        return found

    @api.model
    def _query_agenda(
        self,
        members,
        span,
        branch_ids,
        patient=None,
        moving_ids=(),
        own_only=False,
        ranked=False,
    ):
        """Return the rows of all arms: see ``_SHIFTS`` and what follows it.

        :param own_only: rooms, devices, the patient, groups and limits are not asked.
        """
        patient = patient or Patient()
        for model in ("clinic.shift", "clinic.claim", "resource.calendar.leaves"):
            self.env[model].flush_model()
        self.env["clinic.patient.habit"].flush_model()
        low, high = from_minutes(span[0] - MARGIN), from_minutes(span[1] + MARGIN)
        zones = self.env["clinic.branch"]._clinic_directory().zones
        # By the rules of the user: shifts of another company are not seen.
        shifts = SQL(
            """SELECT specialist_id, branch_id, room_id, start_minute, stop_minute
                 FROM clinic_shift
                WHERE specialist_id = ANY(%s) AND start < %s AND stop > %s
                  AND branch_id = ANY(%s) AND active AND %s""",
            list(members),
            high,
            low,
            list(branch_ids or zones),
            self.env["clinic.visible"]._where("clinic.shift"),
        )
        services = {member.service.id: member.service for member in members.values()}
        kind_ids = {kind for service in services.values() for kind in service.kind_ids}
        groups = [one.id for one in services.values() if one.group_size > 1]
        values = {
            "low": low,
            "high": high,
            "specialists": list(members),
            "resources": [
                member.resource_id for member in members.values() if member.resource_id
            ],
            "patient": patient.id or 0,
            "moving": list(moving_ids),
            "now": fields.Datetime.now(),
            "first": span[0] - MARGIN,
            "last": span[1] + MARGIN,
            "kinds": list(kind_ids),
            "services": groups,
            "limited": [one.id for one in members.values() if any(one.limits)],
            "day_zero": _DAY_ZERO,
        }
        arms = [_HOURS if own_only else _SHIFTS, _LEAVES]
        if groups and not own_only:
            arms.append(_SESSIONS)
        if values["limited"] and not own_only:
            arms.append(_DAYS)
        if ranked and self._reserve_days():
            arms.append(_REGULARS)
        parts = [SQL(arm, **_used(arm, values)) for arm in arms]
        things = {"specialist": SQL("= ANY(%s)", list(members))}
        if not own_only:
            things["room"] = SQL(_ROOMS)
            if kind_ids:
                things["device"] = SQL(_DEVICES, list(kind_ids))
            if patient.id:
                things["patient"] = SQL("= %s", patient.id)
        parts += [self._claims(kind, which, values) for kind, which in things.items()]
        return self.env.execute_query(
            SQL(
                "WITH shift AS (%s) %s",
                shifts,
                SQL(" UNION ALL ").join(parts),
            )
        )

    @api.model
    def _claims(self, kind, which, values):
        """Return SQL for what is taken of one kind of thing."""
        others = SQL()
        if values["moving"]:
            others = SQL(
                " AND (appointment_id IS NULL OR appointment_id != ALL(%s))",
                values["moving"],
            )
        return SQL(
            _CLAIMS,
            kind=kind,
            owner=SQL.identifier(f"{kind}_id"),
            which=which,
            others=others,
            **_used(_CLAIMS, values),
        )

    @api.model
    def _reserve_days(self):
        """Return for how many days before it a regular's usual time is not kept."""
        get = self.env["ir.config_parameter"].sudo().get_param
        try:
            return max(int(get("clinic_schedule.reserve_days", "3")), 0)
        except ValueError:
            return 0


def _used(arm, values):
    """Return the values that an arm of the query names."""
    return {key: value for key, value in values.items() if f"%({key})s" in arm}


def _minute(moment, up=False):
    """Return SQL for the minute of the search that a moment lies in."""
    name = SQL("ceil") if up else SQL("floor")
    return SQL("(%s(date_part('epoch', %s) / 60) - %s)::int", name, moment, _ORIGIN)


# Each arm: kind, key, other key, and four arrays of integers.
_SHIFTS = """
    SELECT 'shift', specialist_id, 0, array_agg(start_minute), array_agg(stop_minute),
           array_agg(branch_id), array_agg(COALESCE(room_id, 0))
      FROM shift GROUP BY specialist_id"""
# The same where it does not matter in which room.
_HOURS = """
    SELECT 'shift', specialist_id, 0, array_agg(start_minute), array_agg(stop_minute),
           array_agg(branch_id), NULL::int[]
      FROM shift GROUP BY specialist_id"""
# Whatever is taken: one arm for each kind of thing, grouped by one column and a half.
_CLAIMS = """
    SELECT %(kind)s, %(owner)s, seat, array_agg(start_minute), array_agg(stop_minute),
           NULL, NULL
      FROM clinic_claim
     WHERE %(owner)s %(which)s AND %(owner)s IS NOT NULL
       AND start_minute < %(last)s AND stop_minute > %(first)s
       AND (hold_until IS NULL OR hold_until > %(now)s)%(others)s
     GROUP BY %(owner)s, seat"""
_ROOMS = """IN (
            SELECT room_id FROM shift WHERE room_id IS NOT NULL
             UNION ALL
            SELECT id FROM clinic_room WHERE active AND branch_id IN (
                   SELECT DISTINCT branch_id FROM shift WHERE room_id IS NULL))"""
_DEVICES = "IN (SELECT id FROM clinic_device WHERE kind_id = ANY(%s))"
# Time off: from which minute to which, and whether these are of the clock on the wall.
_ABSENCE = (
    "(floor(date_part('epoch', COALESCE(clinic_wall_from, date_from)) / 60))::int",
    "(ceil(date_part('epoch', COALESCE(clinic_wall_to, date_to)) / 60))::int",
    "(clinic_wall_from IS NOT NULL AND clinic_wall_to IS NOT NULL)::int",
)
ABSENCE = SQL(", ".join(_ABSENCE))
_LEAVES = """
    SELECT 'leave', COALESCE(resource_id, 0), COALESCE(calendar_id, 0),
           array_agg({}), array_agg({}), array_agg({}),
           array_agg(COALESCE(company_id, 0))
      FROM resource_calendar_leaves
     WHERE date_from < %(high)s + INTERVAL '1 day'
       AND date_to > %(low)s - INTERVAL '1 day'
       AND (resource_id IS NULL OR resource_id = ANY(%(resources)s))
     GROUP BY resource_id, calendar_id""".format(*_ABSENCE)
_SESSIONS = """
    SELECT 'session', visit.specialist_id, COALESCE(visit.room_id, 0),
           ARRAY[(date_part('epoch', visit.start) / 60)::int],
           ARRAY[(date_part('epoch', visit.stop) / 60)::int],
           ARRAY[visit.branch_id, visit.service_id], ARRAY[count(*)::int]
      FROM clinic_claim claim
      JOIN clinic_appointment visit ON visit.id = claim.appointment_id
     WHERE claim.specialist_id = ANY(%(specialists)s)
       AND claim.start < %(high)s AND claim.stop > %(low)s
       AND (claim.hold_until IS NULL OR claim.hold_until > %(now)s)
       AND visit.id != ALL(%(moving)s)
       AND visit.service_id = ANY(%(services)s)
     GROUP BY claim.party, visit.specialist_id, COALESCE(visit.room_id, 0),
              visit.start, visit.stop, visit.branch_id, visit.service_id"""
_DAYS = """
    SELECT 'day', specialist_id, 0, array_agg(day - %(day_zero)s),
           array_agg(COALESCE(day_number, 0)), array_agg(COALESCE(first_number, 0)),
           NULL
      FROM clinic_claim
     WHERE specialist_id = ANY(%(limited)s) AND day IS NOT NULL
       AND start < %(high)s + INTERVAL '1 day' AND stop > %(low)s - INTERVAL '1 day'
       AND (hold_until IS NULL OR hold_until > %(now)s)
       AND (appointment_id IS NULL OR appointment_id != ALL(%(moving)s))
     GROUP BY specialist_id"""
_REGULARS = """
    SELECT 'regular', specialist_id, 0, array_agg(usual_weekday::int),
           array_agg(round(usual_time * 60)::int), array_agg(duration), NULL
      FROM clinic_patient_habit
     WHERE specialist_id = ANY(%(specialists)s) AND patient_id != %(patient)s
       AND is_regular
     GROUP BY specialist_id"""


class _ShiftReader:
    """Makes shifts out of arrays; what many of them share is made once."""

    def __init__(self, directory, members):
        self.directory = directory
        self.members = members
        self.places = {}
        self.offsets = {}
        # Zone by branch, of the branches that have shifts.
        self.zones = {}

    def shifts_of(self, specialist_id, starts, stops, branch_ids, room_ids):
        service = self.members[specialist_id].service
        places, offsets = self.places, self.offsets
        found = []
        for start, stop, branch_id, room_id in sorted(
            zip(starts, stops, branch_ids, room_ids, strict=True)
        ):
            key = (branch_id, room_id, service.id)
            here = places.get(key)
            if here is None:
                here = places[key] = self.find_places(branch_id, room_id, service)
            day = (branch_id, start // DAY)
            offset = offsets.get(day)
            if offset is None:
                offset = offsets[day] = self.offset(branch_id, start)
            found.append(Shift(specialist_id, branch_id, start, stop, here, offset))
        return found

    def offset(self, branch_id, minute):
        zone = self.zones[branch_id] = self.directory.zones.get(branch_id)
        return _offset(zone, minute)

    def find_places(self, branch_id, room_id, service):
        """Return the places of a shift: its room, or any suitable one of the branch.

        A branch without a suitable room books no room at all (consultations by video).
        """
        directory = self.directory
        own = directory.rooms.get(room_id)
        rooms = [own] if own else directory.rooms_of.get(branch_id, ())
        lanes = tuple(
            Lane(room.id, seat)
            for room in rooms
            if own
            or not room.specialty_ids
            or not room.specialty_ids.isdisjoint(service.specialty_ids)
            for seat in range(room.capacity)
        )
        devices = tuple(
            tuple(directory.devices_of.get((branch_id, kind_id), ()))
            for kind_id in service.kind_ids
        )
        if not lanes and not devices:
            return ANYWHERE
        return Places(lanes or (NO_ROOM,), devices)

    def session(self, specialist_id, room_id, starts, stops, where, count):
        start, stop = starts[0] - _ORIGIN, stops[0] - _ORIGIN
        member = self.members[specialist_id]
        free = member.service.group_size - count[0]
        right = where[1] == member.service.id and stop - start == member.duration
        return Session(
            specialist_id,
            where[0],
            room_id or None,
            start,
            stop,
            self.offset(where[0], start),
            free if right else 0,
        )


def day_number(day):
    """Return the number of a date as the search counts days."""
    return day and (day - _DAY_ZERO).days


def _offset(zone, minute):
    """Return the minutes a zone is ahead of UTC at a moment."""
    moment = pytz.utc.localize(from_minutes(minute))
    offset = moment.astimezone(pytz.timezone(zone or "Europe/Moscow")).utcoffset()
    return int(offset.total_seconds() // 60)


def _time_off(leaves, members, zones):
    """Return the time off by specialist and branch.

    Of one person, of one working calendar, or of the whole company. What floats is
    placed by the clock of each branch.
    """
    own, common = defaultdict(list), []
    for resource_id, calendar_id, starts, stops, floats, companies in leaves:
        for row in zip(starts, stops, floats, companies, strict=True):
            if resource_id:
                own[resource_id].append(row)
            else:
                common.append((calendar_id, row))
    if not own and not common:
        return {}
    placed = {}
    off = {}
    for member in members.values():
        rows = list(own.get(member.resource_id, ()))
        rows += [
            row
            for calendar_id, row in common
            if calendar_id in (0, member.calendar_id)
            and row[3] in (0, member.company_id)
        ]
        if not rows:
            continue
        for branch_id, zone in zones.items():
            spans = []
            for row in rows:
                key = (zone, row[:3])
                if key not in placed:
                    placed[key] = place_absence(row, zone)
                spans.append(placed[key])
            off[member.id, branch_id] = Taken.of(spans)
    return off


def place_absence(row, zone):
    """Return the span of time off, read as ``ABSENCE``, by the clock of a zone."""
    start, stop, floats = row[:3]
    absence = Absence(
        from_minutes(start - _ORIGIN), from_minutes(stop - _ORIGIN), bool(floats)
    )
    first, last = absence.in_zone(pytz.timezone(zone or "Europe/Moscow"))
    return to_minutes(first), to_minutes(last, up=True)


def _full_days(member, patient, days, numbers, firsts):
    """Return the days (spans of wall time) on which the specialist's limit is met."""
    most, most_first = member.limits
    visits, first_visits = defaultdict(int), defaultdict(int)
    for day, number, first_number in zip(days, numbers, firsts, strict=True):
        visits[day] += 0 < number <= most
        first_visits[day] += 0 < first_number <= most_first
    closed = [
        (day * DAY, (day + 1) * DAY)
        for day, count in visits.items()
        if 0 < most <= count
    ]
    if most_first and patient.id:
        known = patient.known_since.get(member.id, FOREVER)
        closed += [
            (day * DAY, min((day + 1) * DAY, known))
            for day, count in first_visits.items()
            if most_first <= count and day * DAY < known
        ]
    return closed


def _closed_by_rules(member, patient):
    """Return the spans of wall time in which the skill or the patient's age says no."""
    date_from, date_to, pause_from, pause_to = member.dates
    closed = []
    if date_from is not None:
        closed.append((-FOREVER, date_from * DAY))
    if date_to is not None:
        closed.append(((date_to + 1) * DAY, FOREVER))
    if pause_from is not None:
        end = FOREVER if pause_to is None else (pause_to + 1) * DAY
        closed.append((pause_from * DAY, end))
    wanted = {"male", "female"} & {member.gender}
    if wanted and patient.gender in ("male", "female") and patient.gender not in wanted:
        closed.append((-FOREVER, FOREVER))
    if patient.birthdate:
        age_min, age_max = member.ages
        if age_min:
            closed.append((-FOREVER, _birthday(patient.birthdate, age_min)))
        if age_max:
            closed.append((_birthday(patient.birthdate, age_max + 1), FOREVER))
    return closed


def _birthday(birthdate, years):
    """Return the wall minute at which somebody reaches an age."""
    day = birthdate + relativedelta(years=years)
    # Born on 29 February: a year older on 1 March.
    if (day.month, day.day) != (birthdate.month, birthdate.day):
        day += timedelta(days=1)
    return (day - _DAY_ZERO).days * DAY
