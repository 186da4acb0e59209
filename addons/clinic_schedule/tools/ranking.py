"""Order of free windows for one patient: what suits him and costs the clinic nothing.

A score is a whole number, more is better. The codes say in which way a window is good
(or not); the model turns them into words.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from .windows import DAY, Slot

OWN_SPECIALIST = "own_specialist"
USUAL_TIME = "usual_time"
USUAL_WEEKDAY = "usual_weekday"
USUAL_BRANCH = "usual_branch"
SNUG = "snug"
LEAVES_GAP = "leaves_gap"
SOON = "soon"

BASE = 100
SHORTEST_VISIT = 15
NEAR_MINUTES = 45
SOON_DAYS = 2
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
    specialist_ids: frozenset[int] = frozenset()
    branch_id: int | None = None
    weekday: int | None = None
    minute: int | None = None


def habits(visits: Sequence[Visit]) -> Habits:
    """Return what is usual in the given visits, latest first.

    A weekday or a time counts as a habit from the second visit that shares it.
    """
    if not visits:
        return Habits()
    weekday, times = Counter(v.weekday for v in visits).most_common(1)[0]
    weekday = weekday if times > 1 else None
    minute = None
    if weekday is not None:
        minutes = sorted(v.minute for v in visits if v.weekday == weekday)
        minute = minutes[len(minutes) // 2]
    return Habits(
        frozenset(v.specialist_id for v in visits),
        Counter(v.branch_id for v in visits).most_common(1)[0][0],
        weekday,
        minute,
    )


def local_weekday(slot: Slot) -> int:
    return (slot.local_day + _EPOCH_WEEKDAY) % 7


def has_dead_gap(slot: Slot, shortest: int = SHORTEST_VISIT) -> bool:
    """Tell whether a rest too short for any visit would be left on either side."""
    return 0 < slot.gap_before < shortest or 0 < slot.gap_after < shortest


def rank(slot: Slot, usual: Habits, now: int) -> tuple[int, tuple[str, ...]]:
    """Return the score of a slot and the codes of its reasons."""
    score, reasons = BASE, []
    days = max(slot.start - now, 0) // DAY
    score -= min(days, 30)
    if slot.specialist_id in usual.specialist_ids:
        score += 30
        reasons.append(OWN_SPECIALIST)
    if usual.branch_id == slot.branch_id:
        score += 10
        reasons.append(USUAL_BRANCH)
    if usual.weekday is not None and usual.weekday == local_weekday(slot):
        minute = (slot.start + slot.offset) % DAY
        if usual.minute is not None and abs(minute - usual.minute) <= NEAR_MINUTES:
            score += 25 - abs(minute - usual.minute) // 5
            reasons.append(USUAL_TIME)
        else:
            score += 5
            reasons.append(USUAL_WEEKDAY)
    if has_dead_gap(slot):
        score -= 20
        reasons.append(LEAVES_GAP)
    elif not slot.gap_before or not slot.gap_after:
        score += 8
        reasons.append(SNUG)
    if days < SOON_DAYS:
        score += 4
        reasons.append(SOON)
    return score, tuple(reasons)
