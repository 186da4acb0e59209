"""Thin the exact starts out to what a person can read and choose from."""

from collections import defaultdict
from collections.abc import Iterable

from .ranking import SHORTEST_VISIT, has_dead_gap
from .windows import Slot


def pick_offers(
    slots: Iterable[Slot],
    per_day: int | None = None,
    spacing: int = 30,
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
        found.sort(key=lambda slot: slot.start)
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
        chosen.sort(key=lambda slot: slot.start)
        if per_day and len(chosen) > per_day:
            last = len(chosen) - 1
            keep = {round(i * last / max(per_day - 1, 1)) for i in range(per_day)}
            chosen = [slot for i, slot in enumerate(chosen) if i in keep]
        result.extend(chosen)
    return sorted(result, key=lambda slot: (slot.start, slot.specialist_id))


def nearest(slots: Iterable[Slot], wanted: int, count: int = 3) -> list[Slot]:
    """Return up to ``count`` slots that do not overlap each other, nearest first."""
    chosen: list[Slot] = []
    for slot in sorted(
        slots,
        key=lambda slot: (abs(slot.start - wanted), slot.start, slot.specialist_id),
    ):
        if all(s.stop <= slot.start or slot.stop <= s.start for s in chosen):
            chosen.append(slot)
            if len(chosen) == count:
                break
    return chosen
