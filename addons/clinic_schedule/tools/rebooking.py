"""Which free window suits a visit that has to be moved.

A patient who comes on Wednesdays at ten would rather have Thursday at ten than the
first minute after the doctor is back. So the cost of a window is the distance of its
clock time, and so much for each day away; an earlier date than planned costs more, for
the patient has to be free sooner.
"""

from collections.abc import Iterable

from .windows import DAY, Slot

DAY_COST = 45
EARLIER_COST = 90


def move_cost(slot: Slot, wanted: int) -> int:
    """Return the cost of a window for a visit planned at ``wanted``.

    :param wanted: a minute of the wall clock: the clocks may change in between.
    """
    local = slot.start + slot.offset
    clock = (local - wanted) % DAY
    cost = abs(slot.local_day - wanted // DAY) * DAY_COST + min(clock, DAY - clock)
    return cost + EARLIER_COST if local < wanted else cost


def best_moves(slots: Iterable[Slot], wanted: int, count: int) -> list[Slot]:
    """Return the cheapest ``count`` windows, no two of them on the same day and person.

    One day gives one window, or the list would be ten times the same morning.
    """
    chosen: dict[tuple[int, int], Slot] = {}
    for slot in sorted(
        slots, key=lambda s: (move_cost(s, wanted), s.start, s.specialist_id)
    ):
        chosen.setdefault((slot.specialist_id, slot.local_day), slot)
        if len(chosen) == count:
            break
    return list(chosen.values())
