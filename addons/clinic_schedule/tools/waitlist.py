"""Whom of the waiting list a freed window suits, and in which order to ask.

Time is as in :mod:`windows`: whole minutes since its ``EPOCH`` in UTC; a ``day`` is the
number of local days since then. What people wish is in the branch's wall time, so a
window knows its distance from UTC; one that spans a change of clocks must be cut there.

A wish says when the whole visit may be, not only when it may begin: who is free until
13:00 must leave at 13:00.

Cost: O(wishes), a fraction of a microsecond for each that does not fit. The database
has thrown out most of them before (see ``clinic.freed.window._read_wishes``).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from operator import attrgetter

from .ranking import SHORTEST_VISIT
from .windows import DAY, Span

ANY_DAY = 0b1111111
# Minute 0 of the epoch, 2000-01-01, was a Saturday.
_EPOCH_WEEKDAY = 5

FILLS_WINDOW = "fills_window"
NO_REST = "no_rest"
NAMED_SPECIALIST = "named_specialist"
NAMED_DAYS = "named_days"
NAMED_HOURS = "named_hours"

# What a reason is worth: the specialist asked for by name counts more than all else.
POINTS = {
    NAMED_SPECIALIST: 8,
    FILLS_WINDOW: 4,
    NO_REST: 2,
    NAMED_DAYS: 1,
    NAMED_HOURS: 1,
}


@dataclass(slots=True, unsafe_hash=True)
class Wish:
    """An entry of the waiting list. Empty sets and None mean “any”.

    :param weekdays: a bit for each day, the lowest for Monday.
    :param minute_from: of the local day; the visit is between it and ``minute_to``.
    :param day_from: first and last local day of the wish, both included.
    :param notice: minutes that the patient needs from the offer to the visit.
    :param since: the minute when the wish was made.
    """

    id: int
    patient_id: int
    service_id: int
    specialist_ids: frozenset[int] = frozenset()
    branch_ids: frozenset[int] = frozenset()
    problem_id: int | None = None
    weekdays: int = ANY_DAY
    minute_from: int = 0
    minute_to: int = DAY
    day_from: int = 0
    day_to: int = 1_000_000
    notice: int = 0
    priority: int = 0
    since: int = 0


@dataclass(frozen=True, slots=True)
class Window:
    """Free time of one specialist in one branch; ``problem_ids`` are those he takes."""

    specialist_id: int
    branch_id: int
    start: int
    stop: int
    offset: int = 0
    problem_ids: frozenset[int] = frozenset()


@dataclass(slots=True)
class Match:
    """A wish that the window suits; ``ranges`` of starts include both ends."""

    wish: Wish
    ranges: list[Span]
    fit: int
    reasons: tuple[str, ...]

    @property
    def order(self) -> tuple:
        wish = self.wish
        return -wish.priority, -self.fit, wish.since, wish.id


def weekday(day: int) -> int:
    """Return the day of the week of a local day, 0 for Monday."""
    return (day + _EPOCH_WEEKDAY) % 7


def match(
    window: Window, wishes: Iterable[Wish], durations: Mapping[int, int], now: int
) -> list[Match]:
    """Return the matches: urgent first, then the best fit, then who waits longest.

    :param durations: minutes of the services that the specialist provides.
    """
    first_day = (window.start + window.offset) // DAY
    last_day = (window.stop + window.offset) // DAY
    days = range(first_day, last_day + 1)
    bits = sum({1 << weekday(day) for day in days})
    specialist_id, branch_id = window.specialist_id, window.branch_id
    problem_ids = window.problem_ids
    duration_of = durations.get
    found = []
    for wish in wishes:
        duration = duration_of(wish.service_id)
        if (
            not duration
            or not wish.weekdays & bits
            or (wish.specialist_ids and specialist_id not in wish.specialist_ids)
            or wish.day_from > last_day
            or wish.day_to < first_day
            or (wish.branch_ids and branch_id not in wish.branch_ids)
            or (
                wish.problem_id
                and not wish.specialist_ids
                and wish.problem_id not in problem_ids
            )
        ):
            continue
        ranges = starts(window, wish, duration, now)
        if ranges:
            reasons = _reasons(window, wish, duration, ranges)
            fit = sum(POINTS[reason] for reason in reasons)
            found.append(Match(wish, ranges, fit, reasons))
    found.sort(key=attrgetter("order"))
    return found


def starts(window: Window, wish: Wish, duration: int, now: int) -> list[Span]:
    """Return the ranges (both ends included) of starts that a wish allows."""
    first = max(window.start, now + wish.notice)
    last = window.stop - duration
    if first > last:
        return []
    offset = window.offset
    result = []
    for day in range((first + offset) // DAY, (last + offset) // DAY + 1):
        if not wish.day_from <= day <= wish.day_to:
            continue
        if not wish.weekdays >> weekday(day) & 1:
            continue
        midnight = day * DAY - offset
        # A wish until midnight sets no end: the visit may last into the next day.
        until = wish.minute_to - duration if wish.minute_to < DAY else DAY - 1
        low = max(first, midnight + wish.minute_from)
        high = min(last, midnight + until)
        if low <= high:
            result.append((low, high))
    return result


def allows(ranges: Iterable[Span], start: int) -> bool:
    return any(first <= start <= last for first, last in ranges)


def leaves_no_rest(window: Window, duration: int, ranges: Iterable[Span]) -> bool:
    """Tell whether some start leaves no rest that is too short for any visit."""
    begin, end = window.start, window.stop - duration
    # Next to one edge with room for another visit (or nothing) at the other side, or
    # far enough from both.
    good = [(begin + SHORTEST_VISIT, end - SHORTEST_VISIT)]
    if begin == end or end - begin >= SHORTEST_VISIT:
        good += [(begin, begin), (end, end)]
    return any(
        max(first, low) <= min(last, high)
        for first, last in ranges
        for low, high in good
    )


def _reasons(
    window: Window, wish: Wish, duration: int, ranges: list[Span]
) -> tuple[str, ...]:
    reasons = []
    if window.specialist_id in wish.specialist_ids:
        reasons.append(NAMED_SPECIALIST)
    if window.stop - window.start == duration:
        reasons.append(FILLS_WINDOW)
    elif leaves_no_rest(window, duration, ranges):
        reasons.append(NO_REST)
    if wish.weekdays != ANY_DAY:
        reasons.append(NAMED_DAYS)
    if wish.minute_from or wish.minute_to < DAY:
        reasons.append(NAMED_HOURS)
    return tuple(reasons)
