"""Visits of regulars: which dates a rule stands for, and what is wrong with each.

A rule is kept in the wall time of the branch ("every second Tuesday at 16:00"), and
only its single dates become moments in UTC: a patient who comes at four comes at four
on both sides of a change of clocks. Adding weeks to a moment in UTC would not do that.

Where the clock skips the wanted time or shows it twice, the choice is that of
``resource.calendar`` (``pytz`` without a hint): standard time. A visit at 2:30 in the
night of the skipped hour is one hour later on the clock, a repeated time is the second
of the two.

Moments are integer minutes as in :mod:`windows`; spans are half-open.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta, tzinfo

import pytz

from .windows import DAY, Span, to_minutes

WEEK = 7
# A rule without an end would be a mistake of typing; so is one with hundreds of dates.
MAX_DATES = 160
MAX_YEARS = 3

PAST = "past"
NOT_YET = "not_yet"
HOLIDAY = "holiday"
ABSENCE = "absence"
NO_SHIFT = "no_shift"
LIMIT = "limit"
PATIENT = "patient"
BUSY = "busy"
ROOM = "room"

# What an alternative costs beside one minute off the usual hour.
OTHER_DAY = 240
OTHER_SPECIALIST = 300
REACH_DAYS = 10


class RuleError(ValueError):
    """A rule that stands for no date at all; ``code`` says what is wrong."""

    def __init__(self, code: str):
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Rule:
    """Some weekdays (Monday is 0) at one wall time, every so many weeks.

    Weeks are counted from the one that holds ``first``, and begin on Monday. The rule
    ends after ``count`` dates or with the day ``until`` (inclusive), what comes first.
    """

    weekdays: frozenset[int]
    minute: int
    first: date
    every: int = 1
    until: date | None = None
    count: int | None = None

    def __post_init__(self):
        if not self.weekdays or not all(0 <= day < WEEK for day in self.weekdays):
            raise RuleError("weekdays")
        if not 0 <= self.minute < DAY:
            raise RuleError("minute")
        if self.every < 1:
            raise RuleError("every")
        if self.until is None and self.count is None:
            raise RuleError("endless")
        if self.count is not None and self.count < 1:
            raise RuleError("count")
        if self.until is not None and self.until < self.first:
            raise RuleError("until")

    def shifted(self, days: int, minute: int) -> "Rule":
        """Return the rule with its weekdays moved and at another wall time."""
        return replace(
            self,
            weekdays=frozenset((day + days) % WEEK for day in self.weekdays),
            minute=minute,
            first=self.first + timedelta(days=days),
            until=self.until and self.until + timedelta(days=days),
        )


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One date of a rule: the day in the branch, and the moment as naive UTC."""

    day: date
    start: datetime


def days_of(rule: Rule) -> Iterator[date]:
    """Yield the days of a rule, by date; at most ``MAX_DATES``, ``MAX_YEARS`` ahead."""
    monday = rule.first - timedelta(days=rule.first.weekday())
    last = rule.first + timedelta(days=366 * MAX_YEARS)
    if rule.until is not None:
        last = min(last, rule.until)
    left = min(rule.count or MAX_DATES, MAX_DATES)
    while monday <= last:
        for weekday in sorted(rule.weekdays):
            day = monday + timedelta(days=weekday)
            if day < rule.first:
                continue
            if day > last or not left:
                return
            yield day
            left -= 1
        monday += timedelta(weeks=rule.every)


def to_utc(day: date, minute: int, zone: tzinfo) -> datetime:
    """Return a wall time as naive UTC, chosen in gaps and folds as Odoo chooses."""
    wall = datetime.combine(day, time(minute // 60, minute % 60))
    return zone.localize(wall).astimezone(pytz.utc).replace(tzinfo=None)


def occurrences(rule: Rule, zone: tzinfo) -> list[Occurrence]:
    """Return the dates of a rule in the ``pytz`` zone of the branch."""
    return [Occurrence(day, to_utc(day, rule.minute, zone)) for day in days_of(rule)]


# What is wrong with a date ---------------------------------------------------


@dataclass(frozen=True)
class Agenda:
    """What is known of the specialist, the patient and the room over the whole span.

    :param shifts: working time of the specialist.
    :param horizon: where the last known shift of the specialist ends, if any.
    :param pads: minutes the service takes from the specialist before and after it.
    :param full_days: local days on which a limit of the specialist is reached.
    """

    now: int
    shifts: Sequence[Span] = ()
    holidays: Sequence[Span] = ()
    absences: Sequence[Span] = ()
    busy: Sequence[Span] = ()
    patient: Sequence[Span] = ()
    horizon: int | None = None
    pads: tuple[int, int] = (0, 0)
    full_days: frozenset[date] = field(default_factory=frozenset)


def _hits(spans: Iterable[Span], start: int, stop: int) -> bool:
    return any(first < stop and start < last for first, last in spans)


def reason(agenda: Agenda, span: Span, day: date) -> str:
    """Return the code of why a visit cannot be at ``span``: the first that a person
    would name. A visit that nothing speaks against has no room (or device) left."""
    start, stop = span
    if start <= agenda.now:
        return PAST
    if _hits(agenda.holidays, start, stop):
        return HOLIDAY
    if _hits(agenda.absences, start, stop):
        return ABSENCE
    if not any(first <= start and stop <= last for first, last in agenda.shifts):
        beyond = agenda.horizon is None or start >= agenda.horizon
        return NOT_YET if beyond else NO_SHIFT
    if _hits(agenda.patient, start, stop):
        return PATIENT
    if day in agenda.full_days:
        return LIMIT
    before, after = agenda.pads
    if _hits(agenda.busy, start - before, stop + after):
        return BUSY
    return ROOM


# What else could be ----------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Window:
    """A bookable start in the wall time of its branch: day number and minute of it."""

    start: int
    stop: int
    day: int
    minute: int
    own: bool
    slot: object = None


def alternatives(
    windows: Mapping[int, Sequence[Window]],
    day: int,
    minute: int,
    taken: Sequence[Span] = (),
    taken_days: Set[int] = frozenset(),
    count: int = 3,
    after: int | None = None,
) -> list[Window]:
    """Return up to ``count`` windows for one date, what suits the regular best first.

    One minute off the usual hour costs one, one day off ``OTHER_DAY``, a colleague
    ``OTHER_SPECIALIST``. Two of the same specialist's choices never overlap.

    :param windows: by day number (as in ``minutes // DAY``).
    :param taken: times at which the patient is going to be elsewhere.
    :param taken_days: days with another date of the same series: not twice a day.
    :param after: the day of the date before this one: the visits keep their order.
    """

    def cost(window: Window) -> tuple:
        return (
            abs(window.minute - minute)
            + OTHER_DAY * abs(window.day - day)
            + (0 if window.own else OTHER_SPECIALIST),
            window.start,
            not window.own,
        )

    best: list[Window] = []
    # Day by day outwards: once there are enough, farther days cannot be better.
    for distance in range(REACH_DAYS + 1):
        if len(best) == count and OTHER_DAY * distance > cost(best[-1])[0]:
            break
        found = [
            window
            for near in sorted({day - distance, day + distance} - taken_days)
            if after is None or near > after
            for window in windows.get(near, ())
            if not _hits(taken, window.start, window.stop)
        ]
        best = sorted([*best, *_apart(sorted(found, key=cost), count)], key=cost)
        del best[count:]
    return best


def _apart(windows: Iterable[Window], count: int) -> list[Window]:
    """Return the first ``count`` windows none of which overlaps an earlier one."""
    chosen: list[Window] = []
    for window in windows:
        if len(chosen) == count:
            break
        if not _hits(((w.start, w.stop) for w in chosen), window.start, window.stop):
            chosen.append(window)
    return chosen


def local_parts(moment: datetime, local: datetime) -> tuple[int, int, int]:
    """Return the minute of a moment, and day number and minute of its wall time."""
    wall = to_minutes(local.replace(tzinfo=None))
    return to_minutes(moment), wall // DAY, wall % DAY
