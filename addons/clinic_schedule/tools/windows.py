"""Free windows and feasible starts.

Time is an integer number of minutes since ``EPOCH`` (UTC), a span is half-open
``[start, stop)``. A range of *starts*, on the contrary, includes both its ends.

Idea: subtract what is taken from each shift, turn every free window into the range of
starts at which the whole visit still fits, and only then intersect over needs (the
specialist and the patient) and unite over alternatives (rooms and seats). Free *time*
united over different rooms would promise a visit that has to change rooms half-way.

There is no grid of slots: the starts on offer are the five-minute marks inside a range
and both its edges, for a visit at an edge leaves no dead gap behind it. Every offset
from UTC in use today is a multiple of five minutes, so the marks are the same in each
branch's wall time.

Cost: O((shifts + busy) log busy + starts).
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import itemgetter

EPOCH = datetime(2000, 1, 1)
STEP = 5
DAY = 24 * 60

Span = tuple[int, int]


def to_minutes(moment: datetime, *, up: bool = False) -> int:
    """Return the minute of a naive UTC moment, seconds dropped (or rounded up)."""
    seconds = int((moment - EPOCH).total_seconds())
    return -(-seconds // 60) if up else seconds // 60


def from_minutes(minutes: int) -> datetime:
    return EPOCH + timedelta(minutes=minutes)


@dataclass(frozen=True, slots=True)
class Lane:
    """A place for one patient: a seat of a room, or no room at all."""

    room_id: int | None = None
    seat: int = 0


NO_ROOM = Lane()


@dataclass(frozen=True, slots=True)
class Shift:
    """Working time of one specialist; ``lanes`` are the places he may use, best first.

    ``offset`` is the branch's distance from UTC in minutes while the shift lasts: good
    for ranking and for grouping by day, never for showing a time.
    """

    specialist_id: int
    branch_id: int
    start: int
    stop: int
    lanes: tuple[Lane, ...] = (NO_ROOM,)
    offset: int = 0


@dataclass(slots=True, unsafe_hash=True)
class Slot:
    """A bookable visit and the free window (of the specialist) it would be cut from.

    Not frozen, though nobody changes it: a search makes a hundred thousand of them, and
    that is the dearest part of it.
    """

    specialist_id: int
    branch_id: int
    room_id: int | None
    start: int
    stop: int
    window: Span
    offset: int = 0

    @property
    def gap_before(self) -> int:
        return self.start - self.window[0]

    @property
    def gap_after(self) -> int:
        return self.window[1] - self.stop

    @property
    def local_day(self) -> int:
        return (self.start + self.offset) // DAY


@dataclass(frozen=True)
class Busy:
    """What is taken, by owner. Spans need be neither sorted nor disjoint."""

    specialists: Mapping[int, Sequence[Span]]
    lanes: Mapping[Lane, Sequence[Span]]
    patient: Sequence[Span] = ()


def merge(spans: Iterable[Span]) -> list[Span]:
    """Return the union as sorted disjoint spans; empty ones vanish."""
    result: list[Span] = []
    for start, stop in sorted(spans):
        if start >= stop:
            continue
        if result and start <= result[-1][1]:
            if stop > result[-1][1]:
                result[-1] = (result[-1][0], stop)
        else:
            result.append((start, stop))
    return result


def subtract(span: Span, busy: Sequence[Span]) -> list[Span]:
    """Return what is left of one span; ``busy`` must come out of :func:`merge`."""
    start, stop = span
    if start >= stop:
        return []
    result = []
    index = bisect_right(busy, (start, start))
    if index and busy[index - 1][1] > start:
        index -= 1
    for taken_start, taken_stop in busy[index : bisect_left(busy, (stop, stop))]:
        if taken_start > start:
            result.append((start, taken_start))
        start = max(start, taken_stop)
    if start < stop:
        result.append((start, stop))
    return result


def start_ranges(free: Iterable[Span], duration: int) -> list[Span]:
    """Return the ranges (both ends included) of starts at which a visit fits."""
    return [
        (start, stop - duration) for start, stop in free if stop - start >= duration
    ]


def intersect_ranges(left: Sequence[Span], right: Sequence[Span]) -> list[Span]:
    """Return the common starts of two sorted lists of inclusive ranges."""
    result = []
    i = j = 0
    while i < len(left) and j < len(right):
        first = max(left[i][0], right[j][0])
        last = min(left[i][1], right[j][1])
        if first <= last:
            result.append((first, last))
        if left[i][1] < right[j][1]:
            i += 1
        else:
            j += 1
    return result


def unite_ranges(ranges: Iterable[Span]) -> list[Span]:
    """Return the union of inclusive ranges; neighbouring minutes join."""
    result: list[Span] = []
    for first, last in sorted(ranges):
        if result and first <= result[-1][1] + 1:
            if last > result[-1][1]:
                result[-1] = (result[-1][0], last)
        else:
            result.append((first, last))
    return result


def starts_in(first: int, last: int, step: int = STEP) -> list[int]:
    """Return both edges of a range and the marks of the step between them."""
    marks = list(range(-(-first // step) * step, last + 1, step))
    if not marks or marks[0] != first:
        marks.insert(0, first)
    if marks[-1] != last:
        marks.append(last)
    return marks


_first = itemgetter(0)


def _holds(ranges: Sequence[Span], start: int) -> bool:
    index = bisect_right(ranges, start, key=_first)
    return bool(index) and ranges[index - 1][1] >= start


def find_slots(
    shifts: Iterable[Shift],
    busy: Busy,
    durations: Mapping[int, int],
    span: Span,
    step: int = STEP,
    enough: int | None = None,
) -> list[Slot]:
    """Return every slot inside ``span``, by shift and then by start.

    :param durations: minutes of the visit by specialist; who is absent is not asked.
    :param enough: stop when so many are found and no later shift can hold an earlier
        one; the shifts must then come by start.
    """
    merged: dict[object, list[Span]] = {}

    def taken(key: object, spans: Sequence[Span]) -> list[Span]:
        if key not in merged:
            merged[key] = merge(spans)
        return merged[key]

    patient = merge(busy.patient)
    slots: list[Slot] = []
    latest = span[0]
    for shift in shifts:
        if enough and len(slots) >= enough and shift.start >= latest:
            break
        latest = max(latest, shift.stop)
        duration = durations.get(shift.specialist_id)
        if not duration:
            continue
        hours = (max(shift.start, span[0]), min(shift.stop, span[1]))
        own = taken(shift.specialist_id, busy.specialists.get(shift.specialist_id, ()))
        free = subtract(hours, own)
        ranges = start_ranges(free, duration)
        if patient and ranges:
            ranges = intersect_ranges(
                ranges, start_ranges(subtract(hours, patient), duration)
            )
        if not ranges:
            continue
        by_lane = [
            (
                lane,
                intersect_ranges(
                    ranges,
                    start_ranges(
                        subtract(hours, taken(lane, busy.lanes.get(lane, ()))),
                        duration,
                    ),
                )
                if lane.room_id
                else ranges,
            )
            for lane in shift.lanes
        ]
        starts_of = [(lane.room_id, rs) for lane, rs in by_lane if rs]
        only_room = starts_of[0][0] if len(starts_of) == 1 else None
        for first, last in unite_ranges(r for _room, rs in starts_of for r in rs):
            # All starts of a range are cut from the same free window.
            window = free[bisect_right(free, first, key=_first) - 1]
            for start in starts_in(first, last, step):
                room_id = only_room or next(
                    room_id for room_id, rs in starts_of if _holds(rs, start)
                )
                slots.append(
                    Slot(
                        shift.specialist_id,
                        shift.branch_id,
                        room_id,
                        start,
                        start + duration,
                        window,
                        shift.offset,
                    )
                )
    return slots
