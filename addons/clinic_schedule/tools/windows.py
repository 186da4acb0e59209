"""Free windows and feasible starts.

Time is an integer number of minutes since ``EPOCH`` (UTC), a span is half-open
``[start, stop)``. A range of *starts*, on the contrary, includes both its ends.

Idea: everything that is taken is turned into the starts it forbids (a claim of a
specialist from 10:00 to 11:00 forbids a visit of 30 minutes to start after 9:30 and
before 11:00; buffers make it more). Of intervals that need be neither sorted nor
disjoint, the gaps are found by sorting their beginnings and their ends apart: a start
is allowed where as many have ended as have begun. Ranges of starts are then united over
alternatives (rooms and their seats, devices of a kind) and intersected over needs (the
specialist, the patient, a place). Free *time* united over different rooms would promise
a visit that has to change rooms half-way.

There is no grid of slots: the starts on offer are the five-minute marks inside a range
and both its edges, for a visit at an edge leaves no dead gap behind it. Every offset
from UTC in use today is a multiple of five minutes, so the marks are the same in each
branch's wall time.

Buffers (cleaning, writing up) keep other claims away; over the end of a shift or into
time off they may reach.

Cost: O(n log n) of the shifts and claims of those specialists and branches that are
looked into, and no object for a start that nobody asks for: see :class:`Search`.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain
from operator import itemgetter
from typing import NamedTuple

EPOCH = datetime(2000, 1, 1)
STEP = 5
DAY = 24 * 60
FOREVER = 1 << 40

Span = tuple[int, int]


def to_minutes(moment: datetime, *, up: bool = False) -> int:
    """Return the minute of a naive UTC moment, seconds dropped (or rounded up)."""
    seconds = int((moment - EPOCH).total_seconds())
    return -(-seconds // 60) if up else seconds // 60


def from_minutes(minutes: int) -> datetime:
    return EPOCH + timedelta(minutes=minutes)


# What is looked for -------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Lane:
    """A place for one patient: a seat of a room, or no room at all."""

    room_id: int | None = None
    seat: int = 0


NO_ROOM = Lane()


class Device(NamedTuple):
    """A device; with a room it is fixed there and serves that room only."""

    id: int
    room_id: int | None = None


@dataclass(frozen=True, eq=False, slots=True)
class Places:
    """Where a visit may be: any of the lanes, with one device of each kind.

    Compared by identity: shifts that share a branch and a service share the object,
    and what is worked out for it is worked out once.

    :param lanes: best first.
    :param devices: for each kind that is needed, the devices of the branch, best first.
    """

    lanes: tuple[Lane, ...] = (NO_ROOM,)
    devices: tuple[tuple[Device, ...], ...] = ()


ANYWHERE = Places()


class Need(NamedTuple):
    """What a visit takes: minutes, and buffers ``(before, after)`` by kind of thing."""

    duration: int
    specialist: Span = (0, 0)
    room: Span = (0, 0)
    device: Span = (0, 0)


class Shift(NamedTuple):
    """Working time of one specialist.

    ``offset`` is the branch's distance from UTC in minutes while the shift lasts: good
    for ranking and for grouping by day, never for showing a time.
    """

    specialist_id: int
    branch_id: int
    start: int
    stop: int
    places: Places = ANYWHERE
    offset: int = 0


class Session(NamedTuple):
    """A group that meets already and has a free seat."""

    specialist_id: int
    branch_id: int
    room_id: int | None
    start: int
    stop: int
    offset: int = 0
    seats: int = 1


class Taken(NamedTuple):
    """Spans by their starts and their stops, in any order, overlapping or not."""

    starts: Sequence[int] = ()
    stops: Sequence[int] = ()

    @classmethod
    def of(cls, spans: Iterable[Span]):
        spans = [span for span in spans if span[0] < span[1]]
        return cls([start for start, _ in spans], [stop for _, stop in spans])


NOTHING = Taken()


@dataclass
class Busy:
    """What is taken, by owner, buffers included.

    :param off: time off by (specialist, branch): it keeps a visit away, not its
        buffers.
    :param closed: by specialist, spans of wall time (``start + offset``) in which no
        visit may start: the day is full, the service is paused, the patient too young.
    """

    specialists: Mapping[int, Taken] = field(default_factory=dict)
    lanes: Mapping[Lane, Taken] = field(default_factory=dict)
    devices: Mapping[int, Taken] = field(default_factory=dict)
    patient: Taken = NOTHING
    off: Mapping[tuple[int, int], Taken] = field(default_factory=dict)
    closed: Mapping[int, Sequence[Span]] = field(default_factory=dict)


# What is found ------------------------------------------------------------------------


@dataclass(slots=True, unsafe_hash=True)
class Slot:
    """A bookable visit.

    ``window`` is the specialist's free time it would be cut from, without the buffers
    towards the neighbours. Not frozen, though nobody changes it: that would double the
    price of a search for a hundred thousand of them.
    """

    specialist_id: int
    branch_id: int
    room_id: int | None
    start: int
    stop: int
    window: Span
    offset: int = 0
    seats: int = 0

    @property
    def gap_before(self) -> int:
        return self.start - self.window[0]

    @property
    def gap_after(self) -> int:
        return self.window[1] - self.stop

    @property
    def local_day(self) -> int:
        return (self.start + self.offset) // DAY

    @property
    def is_group_seat(self) -> bool:
        """Tell whether it is a free seat in a session that meets already."""
        return self.seats > 0


class Range(NamedTuple):
    """All starts from ``first`` to ``last`` are feasible, in one window of one shift.

    ``lowest`` and ``highest`` are the starts at which the visit would touch the edges
    of the specialist's free window.
    """

    first: int
    last: int
    lowest: int
    highest: int
    shift: Shift


_first, _last = itemgetter(0), itemgetter(1)


# Algebra ------------------------------------------------------------------------------


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


def gaps(begun: Iterable[int], ended: Iterable[int]) -> list[Span]:
    """Return what open intervals leave free, as inclusive ranges.

    The intervals are given by their two ends apart and may overlap: x is free where as
    many have ended (at x or before) as have begun (before x). Each must have a length.
    """
    begun, ended = sorted(begun), sorted(ended)
    begun.append(FOREVER)
    return [
        (first, last)
        for first, last in zip(chain((-FOREVER,), ended), begun, strict=True)
        if first <= last
    ]


def free_windows(
    hours: Taken,
    taken: Taken,
    duration: int,
    buffers: Span = (0, 0),
    off: Taken = NOTHING,
) -> list[Span]:
    """Return the free time in somebody's working hours, by start.

    :param hours: shifts, disjoint, in any order: windows of two are never joined.
    :param duration: of the visit that each window must hold.
    :param buffers: of the visit, before and after: they keep it away from what is
        taken, not from the ends of a shift.
    :param off: time off inside the shifts.
    """
    before, after = buffers
    # As in gaps(): outside the hours counts as taken, from minus to plus infinity.
    ended = [stop + before for stop in taken.stops] if before else [*taken.stops]
    begun = [start - after for start in taken.starts] if after else [*taken.starts]
    ended += hours.starts
    begun += hours.stops
    ended += off.stops
    begun += off.starts
    ended.sort()
    begun.sort()
    return [
        (start, stop)
        for start, stop in zip(ended, begun, strict=True)
        if stop - start >= duration
    ]


def time_off(
    off: Mapping[tuple[int, int], Taken],
    specialist_id: int,
    shifts: Iterable[tuple[int, int, int]],
) -> Taken:
    """Return a specialist's time off inside shifts, in each by its branch's clock.

    :param off: as of :class:`Busy`.
    :param shifts: each as (branch, start, stop).
    """
    found = []
    spans_of = {}
    for branch_id, shift_start, shift_stop in shifts:
        spans = spans_of.get(branch_id)
        if spans is None:
            taken = off.get((specialist_id, branch_id), NOTHING)
            spans = spans_of[branch_id] = merge(
                zip(taken.starts, taken.stops, strict=True)
            )
        for start, stop in spans[bisect_right(spans, shift_start, key=_last) :]:
            if start >= shift_stop:
                break
            found.append((max(start, shift_start), min(stop, shift_stop)))
    return Taken.of(found)


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
    end = -FOREVER * 2
    begin = None
    for first, last in sorted(ranges):
        if first <= end + 1:
            if last > end:
                end = last
        else:
            if begin is not None:
                result.append((begin, end))
            begin, end = first, last
    if begin is not None:
        result.append((begin, end))
    return result


def starts_in(first: int, last: int, step: int = STEP) -> list[int]:
    """Return both edges of a range and the marks of the step between them."""
    marks = list(range(-(-first // step) * step, last + 1, step))
    if not marks or marks[0] != first:
        marks.insert(0, first)
    if marks[-1] != last:
        marks.append(last)
    return marks


def next_start(start: int, last: int, step: int = STEP) -> int:
    """Return the first start on offer at ``start`` or later, in a range up to last."""
    return min(-(-start // step) * step, last)


# The search ---------------------------------------------------------------------------


class Search:
    """The feasible starts of many specialists, worked out as far as they are asked for.

    The windows of a specialist are made when one of his shifts is opened, the free
    starts of a branch's rooms when a window there is, and the starts of a range when
    somebody reads them. Who wants the best twenty of two hundred specialists opens few
    shifts: see :mod:`.ranking`.

    :param shifts: by specialist, each list by start and disjoint.
    :param needs: by specialist; who is absent is not asked.
    :param span: whole visits must lie in it.
    :param usual: a wall-time minute of the day that is a start on offer as well.
    :param now: what is left of a free window begins here: time that has passed is no
        gap that a visit could leave.
    """

    def __init__(
        self,
        shifts: Mapping[int, Sequence[Shift]],
        busy: Busy,
        needs: Mapping[int, Need],
        span: Span,
        *,
        step: int = STEP,
        sessions: Iterable[Session] = (),
        usual: int | None = None,
        now: int = -FOREVER,
    ):
        self.shifts = {
            specialist_id: found
            for specialist_id, found in shifts.items()
            if needs.get(specialist_id)
        }
        self.busy = busy
        self.needs = needs
        self.span = span
        self.step = step
        self.usual = usual
        self.now = now
        self._sessions = sessions
        self._own: dict[int, list[Span]] = {}
        self._lane_ranges: dict = {}
        self._device_ranges: dict = {}
        self._place_ranges: dict = {}
        self._patient_ranges: dict[int, list[Span]] = {}
        self._walks: dict = {}

    # The specialist

    def own_windows(self, specialist_id: int) -> list[Span]:
        """Return the free time that the specialist's own agenda leaves, by start.

        Each is one free window of one shift that holds a visit; rooms, devices, the
        patient and the span of the search are not looked at.
        """
        found = self._own.get(specialist_id)
        if found is None:
            found = self._own[specialist_id] = self._find_own(specialist_id)
        return found

    def _find_own(self, specialist_id):
        need = self.needs[specialist_id]
        shifts = self.shifts[specialist_id]
        off = NOTHING
        if self.busy.off:
            hours = ((shift[1], shift[2], shift[3]) for shift in shifts)
            off = time_off(self.busy.off, specialist_id, hours)
        return free_windows(
            Taken([shift[2] for shift in shifts], [shift[3] for shift in shifts]),
            self.busy.specialists.get(specialist_id, NOTHING),
            need.duration,
            need.specialist,
            off,
        )

    def windows(self, specialist_id: int) -> Iterator[tuple[Shift, Span]]:
        """Yield the shifts with the windows in them, as spans of free time."""
        for shift in self.shifts.get(specialist_id, ()):
            for window in self._own_in(shift):
                yield shift, window

    def _own_in(self, shift):
        own = self.own_windows(shift.specialist_id)
        index = bisect_left(own, shift.start, key=_first)
        while index < len(own) and own[index][1] <= shift.stop:
            yield own[index]
            index += 1

    # Everything together

    def ranges(self, shift: Shift) -> list[Range]:
        """Return the feasible starts in a shift, all needs together, by start."""
        need = self.needs[shift.specialist_id]
        earliest, latest = self.span[0], self.span[1] - need.duration
        found = []
        for opens, closes in self._own_in(shift):
            highest = closes - need.duration
            first = max(opens, earliest)
            last = min(highest, latest)
            if first > last:
                continue
            pieces = [(first, last)]
            if self.busy.patient.starts:
                pieces = intersect_ranges(pieces, self._free_patient(need.duration))
            for span in self.busy.closed.get(shift.specialist_id, ()):
                pieces = _without(pieces, span, shift.offset)
            if shift.places is not ANYWHERE:
                free = self._free_places(shift.places, need)
                pieces = [
                    part for piece in pieces for part in _cut(free, piece[0], piece[1])
                ]
            lowest = min(max(opens, self.now), first)
            for first, last in pieces:
                found.append(Range(first, last, lowest, highest, shift))
        return found

    def _free_patient(self, duration):
        found = self._patient_ranges.get(duration)
        if found is None:
            taken = self.busy.patient
            found = gaps((start - duration for start in taken.starts), taken.stops)
            self._patient_ranges[duration] = found
        return found

    def all_shifts(self) -> Iterator[Shift]:
        for found in self.shifts.values():
            yield from found

    def starts(self, range_: Range) -> list[int]:
        """Return the starts on offer in a range: marks, edges, the usual time."""
        found = starts_in(range_.first, range_.last, self.step)
        if self.usual is not None:
            for start in self.usual_starts(range_):
                index = bisect_left(found, start)
                if found[index] != start:
                    found.insert(index, start)
        return found

    def usual_starts(self, range_: Range) -> list[int]:
        """Return the patient's usual time, where the range holds it."""
        offset = range_.shift.offset
        start = (range_.first + offset) // DAY * DAY + self.usual - offset
        return [
            moment
            for moment in (start, start + DAY)
            if range_.first <= moment <= range_.last
        ]

    # Places

    def _free_places(self, places, need):
        """Return the starts at which some lane with all its devices is free."""
        key = (places, need.duration, need.room, need.device)
        found = self._place_ranges.get(key)
        if found is None:
            found = self._place_ranges[key] = self._find_places(places, need)
        return found

    def _find_places(self, places, need):
        if not places.devices:
            return self._unite_lanes(places.lanes, need)
        fixed = {
            device.room_id
            for kind in places.devices
            for device in kind
            if device.room_id
        }
        # Rooms with nothing fixed in them share what is carried about.
        by_room = {}
        for lane in places.lanes:
            room_id = lane.room_id if lane.room_id in fixed else None
            by_room.setdefault(room_id, []).append(lane)
        found = []
        for room_id, lanes in by_room.items():
            ranges = self._unite_lanes(lanes, need)
            for kind in places.devices:
                ranges = intersect_ranges(ranges, self._unite_kind(kind, room_id, need))
            found += ranges
        return unite_ranges(found) if len(by_room) > 1 else found

    def _unite_lanes(self, lanes, need):
        if any(not lane.room_id for lane in lanes):
            return [(-FOREVER, FOREVER)]
        found = []
        for lane in lanes:
            ranges = self._free_lane(lane, need)
            if len(ranges) == 1:
                return ranges  # nobody is ever there
            found += ranges
        return unite_ranges(found)

    def _free_lane(self, lane, need):
        key = (lane, need.duration, need.room)
        found = self._lane_ranges.get(key)
        if found is None:
            taken = self.busy.lanes.get(lane, NOTHING)
            found = _around(taken, need.duration, *need.room)
            self._lane_ranges[key] = found
        return found

    def _free_device(self, device_id, need):
        key = (device_id, need.duration, need.device)
        found = self._device_ranges.get(key)
        if found is None:
            taken = self.busy.devices.get(device_id, NOTHING)
            found = _around(taken, need.duration, *need.device)
            self._device_ranges[key] = found
        return found

    def _unite_kind(self, kind, room_id, need):
        return unite_ranges(
            chain.from_iterable(
                self._free_device(device.id, need)
                for device in kind
                if device.room_id in (None, room_id)
            )
        )

    def place_at(self, shift: Shift, start: int) -> tuple[int | None, int]:
        """Return the first room that is free at a start, and the last start it is."""
        need = self.needs[shift.specialist_id]
        places = shift.places
        for lane in places.lanes:
            until = FOREVER
            if lane.room_id:
                until = _until(self._free_lane(lane, need), start)
            for kind in places.devices:
                if until is None:
                    break
                ends = [
                    _until(self._free_device(device.id, need), start)
                    for device in kind
                    if device.room_id in (None, lane.room_id)
                ]
                # Minute 0 is an end like any other, None is not.
                free = [end for end in ends if end is not None]
                until = min(until, max(free)) if free else None
            if until is not None:
                return lane.room_id, until
        raise LookupError(f"no place at {start}")

    def room_at(self, range_: Range, start: int) -> int | None:
        """Return the room for a start of a range.

        A room is kept as long as it is free, so that neighbouring starts look alike.
        """
        shift = range_.shift
        lanes = shift.places.lanes
        if len(lanes) == 1 and not shift.places.devices:
            return lanes[0].room_id
        # Walked from the beginning of the range, as far as somebody has asked.
        key = (shift.specialist_id, range_.first)
        walk = self._walks.get(key)
        if walk is None:
            walk = self._walks[key] = ([], [])
        ends, room_ids = walk
        while not ends or ends[-1] < start:
            position = range_.first
            if ends:
                position = next_start(ends[-1] + 1, range_.last, self.step)
            room_id, until = self.place_at(shift, position)
            ends.append(until)
            room_ids.append(room_id)
        return room_ids[bisect_left(ends, start)]

    # Slots

    def slot(self, range_: Range, start: int) -> Slot:
        """Return one start of a range as a slot."""
        shift = range_.shift
        duration = self.needs[shift.specialist_id].duration
        return Slot(
            shift.specialist_id,
            shift.branch_id,
            self.room_at(range_, start),
            start,
            start + duration,
            (range_.lowest, range_.highest + duration),
            shift.offset,
        )

    def some_slots(self, range_: Range, starts: Iterable[int]) -> list[Slot]:
        """Return some starts of a range as slots."""
        shift = range_.shift
        specialist_id, branch_id, offset = shift[0], shift[1], shift.offset
        duration = self.needs[specialist_id].duration
        window = (range_.lowest, range_.highest + duration)
        lanes = shift.places.lanes
        if len(lanes) == 1 and not shift.places.devices:
            room_id = lanes[0].room_id
            return [
                Slot(
                    specialist_id,
                    branch_id,
                    room_id,
                    start,
                    start + duration,
                    window,
                    offset,
                )
                for start in starts
            ]
        return [
            Slot(
                specialist_id,
                branch_id,
                self.room_at(range_, start),
                start,
                start + duration,
                window,
                offset,
            )
            for start in starts
        ]

    def slots(self) -> Iterator[Slot]:
        """Yield every slot, by specialist and then by start; group seats last."""
        for shift in self.all_shifts():
            for range_ in self.ranges(shift):
                yield from self.some_slots(range_, self.starts(range_))
        yield from self.group_slots()

    def group_slots(self) -> list[Slot]:
        """Return the free seats of sessions that the patient can come to."""
        found = []
        for session in self._sessions:
            start, stop = session.start, session.stop
            if start < self.span[0] or stop > self.span[1] or session.seats < 1:
                continue
            patient = self.busy.patient
            if any(
                taken[0] < stop and start < taken[1]
                for taken in zip(patient.starts, patient.stops, strict=True)
            ):
                continue
            wall = start + session.offset
            closed = self.busy.closed.get(session.specialist_id, ())
            if any(first <= wall < last for first, last in closed):
                continue
            found.append(
                Slot(
                    session.specialist_id,
                    session.branch_id,
                    session.room_id,
                    start,
                    stop,
                    (start, stop),
                    session.offset,
                    session.seats,
                )
            )
        return found


def _around(taken, duration, before, after):
    """Return the starts that claims of one thing leave, with buffers around a visit."""
    lead = duration + after
    return gaps(
        [start - lead for start in taken.starts],
        [stop + before for stop in taken.stops] if before else taken.stops,
    )


def _cut(ranges, first, last):
    """Return the part of sorted ranges between two starts, both included."""
    index = bisect_left(ranges, first, key=_last)
    result = []
    while index < len(ranges) and ranges[index][0] <= last:
        low, high = ranges[index]
        result.append((low if low > first else first, high if high < last else last))
        index += 1
    return result


def _without(pieces, closed, offset):
    """Return ranges of starts without those in a span of wall time."""
    start, stop = closed[0] - offset, closed[1] - offset
    result = []
    for first, last in pieces:
        if first < start:
            result.append((first, min(last, start - 1)))
        if last >= stop:
            result.append((max(first, stop), last))
    return result


def _until(ranges, start):
    """Return the end of the range that holds a start, None if none does."""
    index = bisect_right(ranges, start, key=_first)
    if index and ranges[index - 1][1] >= start:
        return ranges[index - 1][1]
    return None


def find_slots(
    shifts: Iterable[Shift],
    busy: Busy,
    needs: Mapping[int, Need],
    span: Span,
    step: int = STEP,
    sessions: Iterable[Session] = (),
) -> list[Slot]:
    """Return every slot inside ``span``, by specialist and then by start."""
    by_specialist: dict[int, list[Shift]] = {}
    for shift in sorted(shifts, key=itemgetter(2)):
        by_specialist.setdefault(shift.specialist_id, []).append(shift)
    search = Search(by_specialist, busy, needs, span, step=step, sessions=sessions)
    return list(search.slots())
