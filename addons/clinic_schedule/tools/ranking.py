"""Order of free windows for one patient: what suits him and costs the clinic nothing.

A score is a whole number, more is better: ``BASE`` less the minutes of inconvenience.
Half an hour off the usual time costs 30, another weekday as much as four hours, each
day of waiting 3 (much more for newcomers, who want the near days that would else be
lost), and to touch a neighbouring visit earns 30. The codes say in which way a window
is good (or not); the model turns them into words.

To find the best twenty of a hundred thousand starts, few are looked at: a shift, and
then a range of starts, has a bound that none of its starts can beat. What has the best
bound is opened first; when a start comes to the top of the heap, nothing unopened can
be better. The result is the beginning of the whole order, not nearly so.
"""

import heapq
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from .windows import DAY, NOTHING, Range, Search, Shift, Slot

OWN_SPECIALIST = "own_specialist"
USUAL_TIME = "usual_time"
USUAL_WEEKDAY = "usual_weekday"
USUAL_HOUR = "usual_hour"
USUAL_BRANCH = "usual_branch"
SNUG = "snug"
LEAVES_GAP = "leaves_gap"
SOON = "soon"
GROUP_SEAT = "group_seat"
LESS_LOADED = "less_loaded"
RESERVED = "reserved"

BASE = 1000
SHORTEST_VISIT = 15
NEAR_MINUTES = 45
SOON_DAYS = 2
WEEK = 7 * DAY

# Minutes of inconvenience
OTHER_WEEKDAY = 240
MOST_MINUTES_OFF = 240
PER_DAY = 3
# For who has no usual hour: the near days are lost to the clinic if nobody takes them.
PER_DAY_NEW = 120
OTHER_SPECIALIST = 120
KNOWN_SPECIALIST = 40
OTHER_BRANCH = 120
DEAD_GAP = 30
SNUG_BONUS = 30
FULL_WEEK = 60
NEW_SESSION = 30
# More than anything else together: a reserved time comes after all others.
SOMEBODYS_TIME = 10_000

# Minute 0 of the epoch, 2000-01-01, was a Saturday.
_EPOCH_WEEKDAY = 5


@dataclass(frozen=True, slots=True)
class Visit:
    """A former visit in the wall time of its branch."""

    specialist_id: int
    branch_id: int
    weekday: int
    minute: int


@dataclass(frozen=True, slots=True)
class Habits:
    """What is usual for a patient.

    :param specialist_id: the usual one; ``specialist_ids`` are all he knows.
    """

    specialist_ids: frozenset[int] = frozenset()
    branch_id: int | None = None
    weekday: int | None = None
    minute: int | None = None
    specialist_id: int | None = None

    def __bool__(self):
        return bool(self.specialist_ids or self.branch_id or self.minute is not None)


NO_HABITS = Habits()


class Regular(NamedTuple):
    """Somebody's usual time with a specialist."""

    weekday: int
    minute: int
    duration: int = 30


def habits(visits: Sequence[Visit]) -> Habits:
    """Return what is usual in the given visits, latest first.

    A weekday or a time counts as a habit from the second visit that shares it; of
    several equally frequent ones the latest wins.
    """
    if not visits:
        return NO_HABITS
    weekday, times = Counter(v.weekday for v in visits).most_common(1)[0]
    weekday = weekday if times > 1 else None
    minute = None
    if weekday is not None:
        on_day = [v.minute for v in visits if v.weekday == weekday]
        minute, times = Counter(on_day).most_common(1)[0]
        if times < 2:
            minute = sorted(on_day)[len(on_day) // 2]
    return Habits(
        frozenset(v.specialist_id for v in visits),
        Counter(v.branch_id for v in visits).most_common(1)[0][0],
        weekday,
        minute,
        Counter(v.specialist_id for v in visits).most_common(1)[0][0],
    )


def times_at(visits: Sequence[Visit], usual: Habits, near: int = 30) -> int:
    """Return how many of the visits were at the usual time with the usual person."""
    if usual.minute is None:
        return 0
    return sum(
        visit.weekday == usual.weekday
        and visit.specialist_id == usual.specialist_id
        and abs(visit.minute - usual.minute) <= near
        for visit in visits
    )


def weekday_of(local_day: int) -> int:
    """Return 0 for Monday to 6 of a day counted from the epoch."""
    return (local_day + _EPOCH_WEEKDAY) % 7


def local_weekday(slot: Slot) -> int:
    return weekday_of(slot.local_day)


def has_dead_gap(slot: Slot, shortest: int = SHORTEST_VISIT) -> bool:
    """Tell whether a rest too short for any visit would be left on either side."""
    return 0 < slot.gap_before < shortest or 0 < slot.gap_after < shortest


@dataclass
class Taste:
    """How one search ranks: for whom, and what the clinic would like.

    :param now: the minute that waiting is counted from.
    :param shortest: minutes of the shortest service by specialist: a rest below it is
        lost.
    :param reserved: usual times of other regulars, by specialist.
    :param reserve_until: starts from this minute on are still kept for them.
    """

    usual: Habits = NO_HABITS
    now: int = 0
    shortest: Mapping[int, int] = field(default_factory=dict)
    reserved: Mapping[int, Sequence[Regular]] = field(default_factory=dict)
    reserve_until: int = 0
    _loads: dict = field(default_factory=dict, repr=False)
    _weeks: dict = field(default_factory=dict, repr=False)
    _constants: dict = field(default_factory=dict, repr=False)
    _clocks: dict = field(default_factory=dict, repr=False)

    @cached_property
    def per_day(self) -> int:
        return PER_DAY_NEW if self.usual.minute is None else PER_DAY

    # Parts of a score

    def _constant(self, shift: Shift) -> int:
        """Return what is the same for all starts of a shift but its days."""
        key = (shift.specialist_id, shift.branch_id)
        score = self._constants.get(key)
        if score is None:
            score = self._constants[key] = self._count_constant(shift)
        return score

    def _stranger(self, specialist_id):
        """Return the cost of somebody else than the patient's own specialist."""
        usual = self.usual
        if not usual.specialist_ids or specialist_id == usual.specialist_id:
            return 0
        known = specialist_id in usual.specialist_ids
        return KNOWN_SPECIALIST if known else OTHER_SPECIALIST

    def _count_constant(self, shift):
        score = BASE - self._stranger(shift.specialist_id)
        usual = self.usual
        if usual.branch_id and shift.branch_id != usual.branch_id:
            score -= OTHER_BRANCH
        return score

    def _clock(self, first: int, last: int, offset: int) -> int:
        """Return the least cost of weekday and hour between two starts."""
        usual = self.usual
        if usual.minute is None and usual.weekday is None:
            return 0
        # The same hours of the week cost the same in every week.
        key = ((first + offset) % WEEK, last - first)
        cost = self._clocks.get(key)
        if cost is None:
            cost = self._clocks[key] = self._count_clock(first + offset, last + offset)
        return cost

    def _count_clock(self, first, last):
        usual = self.usual
        day = first // DAY
        least = None
        while day * DAY <= last:
            low = max(first - day * DAY, 0)
            high = min(last - day * DAY, DAY - 1)
            cost = 0
            if usual.minute is not None:
                off = max(low - usual.minute, usual.minute - high, 0)
                cost = min(off, MOST_MINUTES_OFF)
            if usual.weekday is not None and weekday_of(day) != usual.weekday:
                cost += OTHER_WEEKDAY
            least = cost if least is None else min(least, cost)
            day += 1
        return least or 0

    def load(self, search: Search, specialist_id: int, start: int) -> float:
        """Return the booked share of the specialist's working time in a week.

        Weeks are counted from the beginning of the search.
        """
        week = (start - search.span[0]) // WEEK
        loads = self._loads.get(specialist_id)
        if loads is None:
            loads = self._loads[specialist_id] = _loads(search, specialist_id)
        return loads.get(week, 0.0)

    def is_reserved(self, shift: Shift, start: int, duration: int) -> bool:
        """Tell whether a visit would take the usual time of another regular."""
        regulars = self.reserved.get(shift.specialist_id)
        if not regulars or start < self.reserve_until:
            return False
        wall = start + shift.offset
        weekday, minute = weekday_of(wall // DAY), wall % DAY
        if (weekday, minute) == (self.usual.weekday, self.usual.minute):
            # Two regulars of one hour do not keep each other away.
            return False
        return any(
            one.weekday == weekday
            and one.minute < minute + duration
            and minute < one.minute + one.duration
            for one in regulars
        )

    # Bounds and scores

    def rough_bound(self, specialist_id: int, first: int) -> int:
        """Return a score that no start of a specialist from a minute on can beat.

        Cheaper than :meth:`bound`, and looser: most specialists are not the patient's
        own, and nothing more need be known of them.
        """
        score = BASE + SNUG_BONUS - self._stranger(specialist_id)
        if first > self.now:
            score -= (first - self.now) // DAY * self.per_day
        return score

    def bound(
        self,
        search: Search,
        shift: Shift,
        first: int,
        last: int,
        may_touch: bool = True,
    ) -> int:
        """Return a score that no start between two in a shift can beat.

        :param may_touch: one of them may touch a neighbouring visit.
        """
        specialist_id, branch_id, _start, _stop, _places, offset = shift
        score = self._constants.get((specialist_id, branch_id))
        if score is None:
            score = self._constant(shift)
        if first > self.now:
            score -= (first - self.now) // DAY * self.per_day
        if may_touch:
            score += SNUG_BONUS
        usual = self.usual
        if usual.minute is not None or usual.weekday is not None:
            score -= self._clock(first, last, offset)
        # A shift may reach into the next week of the search.
        loads = self._loads.get(specialist_id)
        if loads is None:
            loads = self._loads[specialist_id] = _loads(search, specialist_id)
        week = (first - search.span[0]) // WEEK
        busy = loads.get(week, 0.0)
        if (last - search.span[0]) // WEEK != week:
            busy = min(busy, loads.get(week + 1, 0.0))
        return score - round(busy * FULL_WEEK)

    def score(self, search: Search, slot: Slot) -> int:
        """Return the score of one slot."""
        if slot.is_group_seat:
            return self.group_score(search, slot)
        duration = slot.stop - slot.start
        shift = Shift(
            slot.specialist_id, slot.branch_id, slot.start, slot.stop, *_nowhere(slot)
        )
        lowest, highest = slot.window[0], slot.window[1] - duration
        range_ = Range(slot.start, slot.start, lowest, highest, shift)
        [score] = self.scores(search, range_, (slot.start,), duration)
        return score

    def scores(
        self,
        search: Search,
        range_: Range,
        starts: Sequence[int],
        duration: int | None = None,
    ) -> Iterator[int]:
        """Yield the scores of some starts of a range."""
        _first, _last, lowest, highest, shift = range_
        constant = self._constant(shift)
        shortest = self.shortest.get(shift.specialist_id, SHORTEST_VISIT)
        duration = duration or search.needs[shift.specialist_id].duration
        usual, offset = self.usual, shift.offset
        by_clock = usual.minute is not None or usual.weekday is not None
        reserved = shift.specialist_id in self.reserved
        now, origin, per_day = self.now, search.span[0], self.per_day
        week, busy = None, 0
        for start in starts:
            score = constant
            if start > now:
                score -= (start - now) // DAY * per_day
            if by_clock:
                score -= self._clock(start, start, offset)
            if 0 < start - lowest < shortest or 0 < highest - start < shortest:
                score -= DEAD_GAP
            elif start == lowest or start == highest:
                score += SNUG_BONUS
            if (start - origin) // WEEK != week:
                week = (start - origin) // WEEK
                load = self.load(search, shift.specialist_id, start)
                busy = round(load * FULL_WEEK)
            if reserved and self.is_reserved(shift, start, duration):
                score -= SOMEBODYS_TIME
            yield score - busy

    def group_score(self, search: Search, slot: Slot) -> int:
        """Return the score of a free seat: no gap, no more load, no new session."""
        shift = Shift(
            slot.specialist_id, slot.branch_id, slot.start, slot.stop, *_nowhere(slot)
        )
        score = self._constant(shift) + NEW_SESSION
        score -= max(slot.start - self.now, 0) // DAY * self.per_day
        return score - self._clock(slot.start, slot.start, slot.offset)

    def reasons(self, search: Search, slot: Slot) -> tuple[str, ...]:
        """Return the codes of what is good or bad about a slot."""
        usual = self.usual
        reasons = []
        if slot.is_group_seat:
            reasons.append(GROUP_SEAT)
        if slot.specialist_id in usual.specialist_ids:
            reasons.append(OWN_SPECIALIST)
        if usual.branch_id == slot.branch_id:
            reasons.append(USUAL_BRANCH)
        reasons += self._clock_reasons(slot)
        if not slot.is_group_seat:
            shortest = self.shortest.get(slot.specialist_id, SHORTEST_VISIT)
            if has_dead_gap(slot, shortest):
                reasons.append(LEAVES_GAP)
            elif not slot.gap_before or not slot.gap_after:
                reasons.append(SNUG)
            if len(search.shifts) > 1 and self._is_light(search, slot):
                reasons.append(LESS_LOADED)
            shift = Shift(
                slot.specialist_id,
                slot.branch_id,
                slot.start,
                slot.stop,
                *_nowhere(slot),
            )
            if self.is_reserved(shift, slot.start, slot.stop - slot.start):
                reasons.append(RESERVED)
        if max(slot.start - self.now, 0) // DAY < SOON_DAYS:
            reasons.append(SOON)
        return tuple(reasons)

    def _clock_reasons(self, slot):
        usual = self.usual
        same_day = usual.weekday is not None and usual.weekday == local_weekday(slot)
        near = usual.minute is not None and (
            abs((slot.start + slot.offset) % DAY - usual.minute) <= NEAR_MINUTES
        )
        if near and (same_day or usual.weekday is None):
            return [USUAL_TIME]
        if same_day:
            return [USUAL_WEEKDAY]
        return [USUAL_HOUR] if near else []

    def _is_light(self, search, slot):
        """Tell whether the specialist has clearly less to do in that week than most."""
        week = (slot.start - search.span[0]) // WEEK
        if week not in self._weeks:
            at = search.span[0] + week * WEEK
            loads = [
                self.load(search, specialist_id, at) for specialist_id in search.shifts
            ]
            self._weeks[week] = sum(loads) / len(loads)
        load = self.load(search, slot.specialist_id, slot.start)
        return load < self._weeks[week] * 0.75


def _nowhere(slot):
    return Shift._field_defaults["places"], slot.offset


def _loads(search, specialist_id):
    """Return the booked share of working time by week of the search.

    What reaches over the end of a week counts for the week it begins in.
    """
    origin = search.span[0]
    worked, booked = defaultdict(int), defaultdict(int)
    for shift in search.shifts.get(specialist_id, ()):
        worked[(shift[2] - origin) // WEEK] += shift[3] - shift[2]
    taken = search.busy.specialists.get(specialist_id, NOTHING)
    # A group is in the ledger once for each participant.
    for start, stop in set(zip(taken.starts, taken.stops, strict=True)):
        booked[(start - origin) // WEEK] += stop - start
    return {
        week: min(booked[week] / minutes, 1.0)
        for week, minutes in worked.items()
        if week in booked and minutes
    }


# The best, and the first --------------------------------------------------------------

Ranked = tuple[Slot, int, tuple[str, ...]]
# In a heap, before a start of the same score: they may hold an earlier one. A seat in a
# group comes after a start that is as good.
_SPECIALIST, _UNOPENED, _OPENED, _SEAT = range(4)


def best(search: Search, taste: Taste, limit: int | None = None) -> list[Ranked]:
    """Return ``(slot, score, reasons)`` by score, then start, then specialist."""
    if limit is None:
        ranked = _score_picks(search, taste, _every_start(search))
        ranked.sort(key=_by_score)
        return _make(search, taste, ranked)
    return _collect(search, taste, limit, _best_order(search, taste))


def first(search: Search, taste: Taste, limit: int | None = None) -> list[Ranked]:
    """Return ``(slot, score, reasons)`` by start, then score, then specialist."""
    if limit is None:
        ranked = _score_picks(search, taste, _every_start(search))
        ranked.sort(key=_by_start)
        return _make(search, taste, ranked)
    return _collect(search, taste, limit, _time_order(search, taste))


def _every_start(search):
    for shift in search.all_shifts():
        for range_ in search.ranges(shift):
            yield range_, search.starts(range_)


def _collect(search, taste, limit, order):
    result = []
    if limit == 0:
        return result
    for score, slot in order:
        result.append((slot, score, taste.reasons(search, slot)))
        if len(result) == limit:
            break
    return result


def _hours(search, shifts):
    """Yield shifts of one specialist with the first and last start each can have.

    Those that are too short, or outside the search, are left out.
    """
    earliest, latest = search.span
    duration = None
    for shift in shifts:
        specialist_id, _branch_id, low, high, _places, _offset = shift
        if duration is None:
            duration = search.needs[specialist_id].duration
        if low < earliest:
            low = earliest
        high = (high if high < latest else latest) - duration
        if low <= high:
            yield shift, low, high


def _best_order(search, taste, pick=None):
    """Yield (score, slot), best first: branch and bound, from specialists to ranges.

    :param pick: returns the starts to rank of a shift as ``(range, starts)``; by
        default all of them.
    """
    heap = []
    tie = 0
    for specialist_id, shifts in search.shifts.items():
        if shifts:
            tie += 1
            low = max(shifts[0].start, search.span[0])
            bound = taste.rough_bound(specialist_id, low)
            heap.append((-bound, low, specialist_id, _SPECIALIST, tie, shifts, None))
    for slot in search.group_slots():
        tie += 1
        score = taste.group_score(search, slot)
        key = (-score, slot.start, slot.specialist_id, _SEAT, tie)
        heap.append((*key, slot, None))
    heapq.heapify(heap)
    push, pop = heapq.heappush, heapq.heappop
    while heap:
        cost, start, specialist_id, opened, _tie, item, range_ = pop(heap)
        if opened == _OPENED:
            yield -cost, search.slot(range_, start)
        elif opened == _SEAT:
            yield -cost, item
        elif opened == _SPECIALIST:
            for shift, low, high in _hours(search, item):
                tie += 1
                bound = taste.bound(search, shift, low, high)
                push(heap, (-bound, low, specialist_id, _UNOPENED, tie, shift, None))
        elif pick:
            for found, starts in pick(item):
                scores = taste.scores(search, found, starts)
                for begin, score in zip(starts, scores, strict=True):
                    tie += 1
                    key = (-score, begin, specialist_id, _OPENED, tie)
                    push(heap, (*key, begin, found))
        elif range_ is None:
            for found in search.ranges(item):
                tie += 1
                first, last, lowest, highest, _shift = found
                touches = first == lowest or last == highest
                bound = taste.bound(search, item, first, last, touches)
                key = (-bound, first, specialist_id, _UNOPENED, tie)
                push(heap, (*key, None, found))
        else:
            starts = search.starts(range_)
            scores = taste.scores(search, range_, starts)
            for begin, score in zip(starts, scores, strict=True):
                tie += 1
                push(heap, (-score, begin, specialist_id, _OPENED, tie, begin, range_))


def _time_order(search, taste):
    """Yield (score, slot) by time: each range gives its next start when asked."""
    heap = []
    tie = 0
    lowest = float("-inf")
    for shifts in search.shifts.values():
        for shift, low, _high in _hours(search, shifts):
            tie += 1
            heap.append((low, lowest, 0, _UNOPENED, tie, shift, None, None))
    for slot in search.group_slots():
        tie += 1
        score = taste.group_score(search, slot)
        key = (slot.start, -score, slot.specialist_id, _SEAT, tie)
        heap.append((*key, slot, None, None))
    heapq.heapify(heap)
    push, pop = heapq.heappush, heapq.heappop
    while heap:
        start, cost, _specialist_id, opened, _tie, item, range_, starts = pop(heap)
        if opened == _OPENED:
            yield -cost, search.slot(range_, start)
            index = bisect_left(starts, start) + 1
            if index == len(starts):
                continue
            found = [(range_, starts, starts[index])]
        elif opened == _SEAT:
            yield -cost, item
            continue
        else:
            found = [
                (one, ones, ones[0])
                for one in search.ranges(item)
                if (ones := search.starts(one))
            ]
        for one, ones, begin in found:
            tie += 1
            [score] = taste.scores(search, one, (begin,))
            key = (begin, -score, one.shift.specialist_id, _OPENED, tie)
            push(heap, (*key, None, one, ones))


# The same of picked starts only -------------------------------------------------------


def _by_score(item):
    return -item[0], item[1], item[2]


def _by_start(item):
    return item[1], -item[0], item[2]


def best_picks(search, taste, pick, limit) -> list[Ranked]:
    """Return the best of the starts that ``pick(shift)`` yields as (range, starts)."""
    return _collect(search, taste, limit, _best_order(search, taste, pick))


def rank_picks(search, taste, picks, limit=None, by_time=False) -> list[Ranked]:
    """Return picked starts (as ``(range, starts)``) and group seats in order."""
    ranked = _score_picks(search, taste, picks)
    ranked.sort(key=_by_start if by_time else _by_score)
    return _make(search, taste, ranked[:limit])


def _score_picks(search, taste, picks):
    ranked = [
        (score, start, range_.shift.specialist_id, range_)
        for range_, starts in picks
        for start, score in zip(
            starts, taste.scores(search, range_, starts), strict=True
        )
    ]
    ranked += [
        (taste.group_score(search, slot), slot.start, slot.specialist_id, slot)
        for slot in search.group_slots()
    ]
    return ranked


def _make(search, taste, ranked):
    result = []
    for score, start, _specialist_id, item in ranked:
        slot = item if isinstance(item, Slot) else search.slot(item, start)
        result.append((slot, score, taste.reasons(search, slot)))
    return result
