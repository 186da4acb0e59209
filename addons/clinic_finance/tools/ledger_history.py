"""What an account looked like on a day of the past.

Items of the receivable account with the days on which they were matched; from these
follow the overdue debt and the free money of any day, without asking the books again.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Item:
    """One journal item: kopecks, above zero for a charge, below for money.

    ``settled``: (day, kopecks above zero) of each match.
    """

    amount: int
    day: date
    due: date
    settled: tuple[tuple[date, int], ...] = ()

    def left(self, day: date) -> int:
        """Return what was open at the end of ``day``, with the sign of the item."""
        if self.day > day:
            return 0
        matched = sum(part for when, part in self.settled if when <= day)
        return (
            max(self.amount - matched, 0)
            if self.amount > 0
            else (min(self.amount + matched, 0))
        )


@dataclass(frozen=True, slots=True)
class State:
    """The account on a day: kopecks overdue, for how many days, and free money."""

    overdue: int = 0
    days: int = 0
    free: int = 0


def state_on(items: Iterable[Item], day: date) -> State:
    """Return the state of an account at the end of a day."""
    overdue = days = free = 0
    for item in items:
        left = item.left(day)
        if left < 0:
            free -= left
        elif left and item.due < day:
            overdue += left
            days = max(days, (day - item.due).days)
    return State(overdue, days, free)


def paid_by(payments: Sequence[tuple[date, int]], day: date) -> int:
    """Return what of these payments had come by the end of a day."""
    return sum(amount for when, amount in payments if when <= day)
