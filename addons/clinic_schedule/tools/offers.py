"""Thin the exact starts out to what a person can read and choose from."""

from bisect import insort
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from operator import attrgetter

# Odoo's groupby gathers from afar; here neighbours belong together, and Odoo is absent.
# pylint: disable=bad-builtin-groupby
from .ranking import SHORTEST_VISIT, has_dead_gap
from .windows import DAY, Range, Search, Shift, Slot, next_start

SPACING = 30


def pick_offers(
    slots: Iterable[Slot],
    per_day: int | None = None,
    spacing: int = SPACING,
    shortest: int = SHORTEST_VISIT,
) -> list[Slot]:
    """Return some of the slots, by start: a readable few of each free window.

    From every window (of one specialist in one branch) come its first start, and then
    starts at least ``spacing`` minutes or one visit apart that leave no dead gap. A
    window where each start leaves one still gives its first start: hiding time that can
    be booked would be worse than the gap.

    :param per_day: at most so many of one specialist's day, spread evenly.
    """
    windows: dict[tuple, list[Slot]] = defaultdict(list)
    for slot in slots:
        windows[slot.specialist_id, slot.branch_id, slot.window].append(slot)
    days: dict[tuple, list[Slot]] = defaultdict(list)
    for (specialist_id, branch_id, _window), found in windows.items():
        found.sort(key=attrgetter("start"))
        chosen: list[Slot] = []
        for slot in found:
            apart = max(spacing, slot.stop - slot.start)
            if has_dead_gap(slot, shortest):
                continue
            if not chosen or slot.start - chosen[-1].start >= apart:
                chosen.append(slot)
        for slot in chosen or found[:1]:
            days[specialist_id, branch_id, slot.local_day].append(slot)
    result = []
    for chosen in days.values():
        chosen.sort(key=attrgetter("start"))
        result.extend(spread(chosen, per_day))
    return sorted(result, key=lambda slot: (slot.start, slot.specialist_id))


def spread(chosen: list, per_day: int | None) -> list:
    """Return at most ``per_day`` of the items, evenly spread, both ends kept."""
    if not per_day or len(chosen) <= per_day:
        return chosen
    last = len(chosen) - 1
    keep = {round(i * last / max(per_day - 1, 1)) for i in range(per_day)}
    return [item for i, item in enumerate(chosen) if i in keep]


def pick(
    search: Search,
    shortest: Mapping[int, int],
    per_day: int | None = None,
    spacing: int = SPACING,
) -> Iterator[tuple[Range, list[int]]]:
    """Yield ranges with the starts in them that :func:`pick_offers` would choose.

    Without making the others. The patient's usual time is among them where it is free.

    :param shortest: minutes of the shortest service by specialist.
    """
    if not per_day:
        for shift in search.all_shifts():
            yield from pick_of_shift(search, shift, shortest, spacing)
        return
    by_day = defaultdict(list)
    for shift in search.all_shifts():
        for range_, starts in pick_of_shift(search, shift, shortest, spacing):
            for start in starts:
                day = (start + shift.offset) // DAY
                by_day[shift.specialist_id, shift.branch_id, day].append(
                    (start, range_)
                )
    for chosen in by_day.values():
        yield from _by_range(spread(chosen, per_day))


def pick_of_shift(
    search: Search, shift: Shift, shortest: Mapping[int, int], spacing: int = SPACING
) -> Iterator[tuple[Range, list[int]]]:
    """Yield what :func:`pick` does, of one shift."""
    apart = max(spacing, search.needs[shift.specialist_id].duration)
    least = shortest.get(shift.specialist_id, SHORTEST_VISIT)
    for _window, ranges in groupby(search.ranges(shift), _window_of):
        yield from _by_range(_pick_in_window(search, list(ranges), apart, least))


def _window_of(range_):
    return range_.lowest


def _by_range(chosen):
    for range_, items in groupby(chosen, _range_of):
        yield range_, [start for start, _range in items]


def _range_of(item):
    return item[1]


def _pick_in_window(search, ranges, apart, shortest):
    """Return ``(start, range)`` for the starts to offer in one window."""
    lowest, highest = ranges[0].lowest, ranges[0].highest
    chosen = []
    earliest = ranges[0].first
    for range_ in ranges:
        position = max(range_.first, earliest)
        while position <= range_.last:
            start = position
            if position > range_.first:
                start = next_start(position, range_.last, search.step)
            if 0 < start - lowest < shortest:
                position = lowest + shortest
                continue
            if 0 < highest - start < shortest:
                # Only the very end leaves nothing behind.
                if range_.last < highest or 0 < highest - lowest < shortest:
                    break
                start = highest
            chosen.append((start, range_))
            position = earliest = start + apart
    if not chosen:
        chosen = [(ranges[0].first, ranges[0])]
    if search.usual is not None:
        _add_usual(search, ranges, chosen, apart)
    return chosen


def _add_usual(search, ranges, chosen, apart):
    """Put the usual time in the place of what is too near to it."""
    for range_ in ranges:
        for start in search.usual_starts(range_):
            chosen[:] = [one for one in chosen if abs(one[0] - start) >= apart]
            insort(chosen, (start, range_))


def nearest(slots: Iterable[Slot], wanted: int, count: int = 3) -> list[Slot]:
    """Return up to ``count`` slots that do not overlap each other, nearest first."""
    chosen: list[Slot] = []
    for slot in sorted(
        slots,
        key=lambda slot: (abs(slot.start - wanted), *_order(slot)),
    ):
        if all(s.stop <= slot.start or slot.stop <= s.start for s in chosen):
            chosen.append(slot)
            if len(chosen) == count:
                break
    return chosen


def nearest_in(search: Search, wanted: int, count: int = 3) -> list[Slot]:
    """Return what :func:`nearest` would of all slots, without making them all.

    Days are opened outwards from the wanted moment.
    """
    shifts = sorted(
        search.all_shifts(),
        key=lambda shift: _distance(shift.start, shift.stop, wanted),
    )
    found: list[Slot] = search.group_slots()
    for shift in shifts:
        chosen = nearest(found, wanted, count)
        far = _distance(shift.start, shift.stop, wanted)
        if len(chosen) == count and far > abs(chosen[-1].start - wanted):
            return chosen
        for range_ in search.ranges(shift):
            found += search.some_slots(range_, search.starts(range_))
    return nearest(found, wanted, count)


def _order(slot: Slot) -> tuple:
    """Return an order without ties: a seat in a group may begin with a visit alone."""
    return slot.start, slot.specialist_id, slot.stop, slot.room_id or 0


def _distance(start, stop, wanted):
    return max(start - wanted, wanted - stop, 0)
