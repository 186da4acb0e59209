from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import timedelta
from math import gcd

from babel.dates import format_datetime

from odoo import api, fields, models
from odoo.tools import SQL, babel_locale_parse
from odoo.tools.misc import get_lang

from ..tools import series
from ..tools.windows import DAY, from_minutes, to_minutes
from .clinic_appointment import FREE

# So many colleagues are asked for dates the own specialist cannot make.
COLLEAGUES = 5
# Windows on offer are at such marks, at those of the wanted time, and at their edges.
TIDY = 30
# A colleague can help against these; against the patient's own visit nobody can.
HELPED_BY_COLLEAGUE = {series.ABSENCE, series.BUSY, series.NO_SHIFT, series.LIMIT}


@dataclass(frozen=True)
class Party:
    """Whom, what and where visits are for."""

    patient: models.Model
    service: models.Model
    specialist: models.Model
    branch: models.Model
    room: models.Model


@dataclass
class Verdict:
    """What is to be said of one wanted date.

    ``key`` and the keys of ``choices`` are what ``_parse_key`` of a series takes.
    """

    start: object
    ok: bool
    key: str
    code: str = ""
    words: str = ""
    choices: list = field(default_factory=list)

    def as_offer(self):
        """Return what the screen needs to settle the date by one click."""
        return {
            "ok": self.ok,
            "key": self.key,
            "words": self.words,
            "choices": self.choices,
        }


class ClinicSeriesJudge(models.AbstractModel):
    """Looks at many dates of one patient and specialist at once.

    The free windows come from the one search that also guards single bookings, in one
    call for the whole span; only what fails is looked at again, for the reason in
    words. The number of queries does not depend on the number of dates.
    """

    _name = "clinic.series.judge"
    _description = "Look at Dates of Regular Visits"

    @api.model
    def _judge(self, party, wishes, moving=None, taken_days=(), alternatives=3):
        """Return a :class:`Verdict` for each wanted moment.

        :param wishes: naive UTC by key of the caller's.
        :param moving: visits that are being moved: their own time counts as free.
        :param taken_days: local dates with other visits of the same series.
        :param alternatives: how many windows to offer for each date that fails.
        """
        if not wishes:
            return {}
        moving = moving or self.env["clinic.appointment"]
        starts = {key: to_minutes(start) for key, start in wishes.items()}
        slots = self._windows(party, party.specialist, starts.values(), moving)
        full_days = self._full_days(party, starts.values(), moving)
        free = {slot.start for slot in slots}
        if full_days:
            free -= {
                start
                for key, start in starts.items()
                if party.branch._localize(wishes[key]).date() in full_days
            }
        verdicts = {
            key: Verdict(
                wishes[key],
                start in free,
                self._key(party, wishes[key]),
            )
            for key, start in starts.items()
        }
        failing = {key: starts[key] for key in wishes if not verdicts[key].ok}
        if failing:
            duration = self._duration(party, moving, slots)
            self._explain(party, failing, verdicts, moving, duration, full_days)
            if alternatives:
                slots = self._without_days(party, slots, full_days)
                self._offer(
                    party, verdicts, moving, slots, set(taken_days), alternatives
                )
        return verdicts

    def _key(self, party, start, specialist_id=None, room_id=None):
        return "|".join(
            (
                str(specialist_id or party.specialist.id),
                str(room_id or party.room.id or 0),
                str(start),
            )
        )

    def _duration(self, party, moving, slots):
        if slots:
            return slots[0].stop - slots[0].start
        return moving[:1].duration or party.service.duration

    # Windows -----------------------------------------------------------------

    def _windows(self, party, specialists, starts, moving):
        """Return the free windows around the wanted starts, exact at those starts."""
        starts = list(starts)
        step = TIDY
        for start in starts:
            step = gcd(step, start)
        reach = series.REACH_DAYS * DAY
        slots = self.env["clinic.appointment"]._find_slots(
            dict.fromkeys(specialists, party.service),
            from_minutes(min(starts) - reach),
            from_minutes(max(starts) + reach),
            branch_ids=party.branch.ids,
            patient=party.patient,
            moving=moving,
            step=step,
        )
        slots = list(slots)
        if party.room and slots:
            slots = self._in_room(party.room, slots, moving)
        return slots

    def _in_room(self, room, slots, moving):
        """Keep the windows at which a seat of the wanted room is free."""
        span = (
            min(slot.start for slot in slots),
            max(slot.stop for slot in slots),
        )
        seats = {seat: [] for seat in range(room.capacity)}
        for _column, seat, start, stop in self._claims({"room_id": room}, span, moving):
            seats.setdefault(seat, []).append((start, stop))
        return [
            slot
            for slot in slots
            if any(
                not any(s < slot.stop and slot.start < e for s, e in taken)
                for seat, taken in seats.items()
                if seat < room.capacity
            )
        ]

    def _claims(self, owners, span, moving):
        """Return ``(column, seat, start, stop)``, in minutes, of what is taken."""
        self.env["clinic.claim"].flush_model()
        arms = [
            SQL(
                """SELECT %(name)s, seat, start, stop
                     FROM clinic_claim
                    WHERE %(column)s = %(owner)s
                      AND tsrange(start, stop) && tsrange(%(start)s, %(stop)s)
                      AND (hold_until IS NULL OR hold_until > %(now)s)
                      AND (appointment_id IS NULL
                           OR appointment_id != ALL(%(moving)s))""",
                name=column,
                column=SQL.identifier(column),
                owner=owner.id,
                start=from_minutes(span[0]),
                stop=from_minutes(span[1]),
                now=fields.Datetime.now(),
                moving=moving.ids,
            )
            for column, owner in owners.items()
        ]
        return [
            (column, seat, to_minutes(start), to_minutes(stop, up=True))
            for column, seat, start, stop in self.env.execute_query(
                SQL(" UNION ALL ").join(arms)
            )
        ]

    # Reasons -----------------------------------------------------------------

    def _explain(self, party, failing, verdicts, moving, duration, full_days):
        """Set code and words of the dates that fail."""
        span = (min(failing.values()), max(failing.values()) + duration)
        first, last = from_minutes(span[0]), from_minutes(span[1])
        holidays, absences = self._time_off(party, first, last)
        agenda = replace(
            self._agenda(party, span, moving, holidays, absences), full_days=full_days
        )
        Line = self.env["clinic.appointment.series.line"]
        labels = dict(Line._fields["reason"]._description_selection(self.env))
        for key, start in failing.items():
            verdict = verdicts[key]
            stop = start + duration
            day = party.branch._localize(verdict.start).date()
            verdict.code = series.reason(agenda, (start, stop), day)
            verdict.words = labels[verdict.code]
            if verdict.code == series.HOLIDAY:
                names = [name for s, e, name in holidays if s < stop and start < e]
                verdict.words = ": ".join(
                    word for word in (verdict.words, *names[:1]) if word
                )

    def _agenda(self, party, span, moving, holidays, absences):
        first, last = from_minutes(span[0]), from_minutes(span[1])
        shifts = self.env["clinic.shift"].search_fetch(
            [
                ("specialist_id", "=", party.specialist.id),
                ("branch_id", "=", party.branch.id),
                ("start", "<", last),
                ("stop", ">", first),
            ],
            ["start", "stop"],
        )
        [[horizon]] = self.env["clinic.shift"]._read_group(
            [("specialist_id", "=", party.specialist.id)], [], ["stop:max"]
        )
        taken = defaultdict(list)
        owners = {"specialist_id": party.specialist, "patient_id": party.patient}
        for column, _seat, start, stop in self._claims(owners, span, moving):
            taken[column].append((start, stop))
        return series.Agenda(
            now=to_minutes(fields.Datetime.now()),
            shifts=[
                (to_minutes(shift.start, up=True), to_minutes(shift.stop))
                for shift in shifts
            ],
            holidays=[span[:2] for span in holidays],
            absences=absences,
            busy=taken["specialist_id"],
            patient=taken["patient_id"],
            horizon=to_minutes(horizon) if horizon else None,
            pads=self._pads(party),
        )

    def _time_off(self, party, first, last):
        """Return ``(holidays, absences)``: spans by the clock of the branch.

        Holidays come with their names; the name of a personal leave is nobody's
        business and never read.
        """
        holidays, absences = [], []
        zone = party.branch._tz()
        # Reads by sudo, for a day off takes time whoever looks.
        Leaves = self.env["resource.calendar.leaves"]
        for _specialist, leave in Leaves._clinic_search(party.specialist, first, last):
            start, stop = leave._clinic_absence().in_zone(zone)
            span = (to_minutes(start), to_minutes(stop, up=True))
            if leave.resource_id:
                absences.append(span)
            else:
                holidays.append((*span, leave.name or ""))
        return holidays, absences

    def _pads(self, party):
        """Return the minutes the service takes from the specialist around a visit."""
        service = party.service
        return (service.specialist_buffer_before, service.specialist_buffer_after)

    def _full_days(self, party, starts, moving):
        """Return the local days on which the specialist takes no more visits."""
        limit = party.specialist.max_visits_per_day
        if not limit:
            return frozenset()
        reach = timedelta(days=series.REACH_DAYS)
        # sudo: the number of visits of a day is no secret to who books
        counts = (
            self.env["clinic.appointment"]
            .sudo()
            ._read_group(
                [
                    ("specialist_id", "=", party.specialist.id),
                    ("start", ">", from_minutes(min(starts)) - reach),
                    ("start", "<", from_minutes(max(starts)) + reach),
                    ("state", "not in", FREE),
                    ("id", "not in", moving.ids),
                ],
                ["day:day"],
                ["__count"],
            )
        )
        return frozenset(date for date, count in counts if count >= limit)

    # Alternatives ------------------------------------------------------------

    def _offer(self, party, verdicts, moving, slots, taken_days, count):
        """Give each date that fails the nearest windows: the own specialist's first.

        Not on a day or at a time of another date of the series that is fine, and not
        before the date that comes before it.
        """
        failing = [
            key
            for key, verdict in verdicts.items()
            if not verdict.ok and verdict.code != series.PAST
        ]
        if not failing:
            return
        starts = {key: to_minutes(verdict.start) for key, verdict in verdicts.items()}
        if any(verdicts[key].code in HELPED_BY_COLLEAGUE for key in failing):
            slots = slots + self._colleagues_windows(
                party, [starts[key] for key in failing], moving
            )
        by_day = self._by_day(party, slots)
        duration = self._duration(party, moving, slots)
        fine = [start for key, start in starts.items() if verdicts[key].ok]
        taken = [(start, start + duration) for start in fine]
        days = {self._local(party, from_minutes(start))[1] for start in fine}
        days |= {_day_number(day) for day in taken_days}
        wanted = days | {
            self._local(party, verdict.start)[1] for verdict in verdicts.values()
        }
        for key in failing:
            _start, day, minute = self._local(party, verdicts[key].start)
            verdicts[key].choices = [
                {
                    "key": self._key(
                        party,
                        from_minutes(window.start),
                        window.slot.specialist_id,
                        window.slot.room_id,
                    ),
                    "words": self._choice_words(party, window, day),
                }
                for window in series.alternatives(
                    by_day,
                    day,
                    minute,
                    taken,
                    days - {day},
                    count,
                    after=max((other for other in wanted if other < day), default=None),
                )
            ]

    def _without_days(self, party, slots, full_days):
        """Drop the windows of days on which the specialist takes no more visits."""
        if not full_days:
            return slots
        return [
            slot
            for slot in slots
            if party.branch._localize(from_minutes(slot.start)).date() not in full_days
        ]

    def _colleagues_windows(self, party, starts, moving):
        colleagues = party.service._clinic_specialists() - party.specialist
        colleagues = colleagues.filtered(
            lambda s: not s.branch_ids or party.branch in s.branch_ids
        )[:COLLEAGUES]
        if not colleagues:
            return []
        return self._windows(party, colleagues, starts, moving)

    def _by_day(self, party, slots):
        """Return the windows by local day, as the alternatives want them.

        The distance of the branch from UTC is looked up once a day, not per window.
        """
        by_day = defaultdict(list)
        offsets = {}
        for slot in slots:
            day = slot.start // DAY
            if day not in offsets:
                offsets[day] = self._offset_of_day(party, day)
            offset = offsets[day]
            if offset is None:
                offset = self._offset(party, slot.start)
            wall = slot.start + offset
            by_day[wall // DAY].append(
                series.Window(
                    slot.start,
                    slot.stop,
                    wall // DAY,
                    wall % DAY,
                    slot.specialist_id == party.specialist.id,
                    slot,
                )
            )
        return by_day

    def _offset(self, party, minute):
        moment = party.branch._localize(from_minutes(minute))
        return int(moment.utcoffset().total_seconds()) // 60

    def _offset_of_day(self, party, day):
        """Return the minutes from UTC, or None on the day that changes the clock."""
        first = self._offset(party, day * DAY)
        return first if first == self._offset(party, (day + 1) * DAY) else None

    def _local(self, party, moment):
        return series.local_parts(moment, party.branch._localize(moment))

    def _choice_words(self, party, window, wanted_day):
        """Return “17:00” on the same day, else with the day; a colleague by name."""
        moment = from_minutes(window.start)
        local = party.branch._localize(moment)
        words = f"{local:%H:%M}"
        if window.day != wanted_day:
            locale = babel_locale_parse(get_lang(self.env).code)
            pattern = "EEE d.MM" if locale.language == "ru" else "EEE d MMM"
            day = format_datetime(
                local, pattern, tzinfo=party.branch._tz(), locale=locale
            )
            words = f"{day} {words}"
        if not window.own:
            # sudo: the name of a specialist is no secret to who books
            specialist = self.env["clinic.specialist"].browse(window.slot.specialist_id)
            words = f"{words} · {specialist.sudo().name}"
        return words


def _day_number(day):
    return to_minutes(fields.Datetime.to_datetime(day)) // DAY
