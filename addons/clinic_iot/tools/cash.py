"""Arithmetic of the desk, in kopecks: what pays for what, what a drawer holds."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

# Roubles and kopecks that lie in a drawer, the largest first.
NOTES = (500000, 200000, 100000, 50000, 20000, 10000, 5000, 1000, 500, 200, 100, 50, 10)


class CashError(ValueError):
    """What was counted or split makes no sense."""


@dataclass(frozen=True, slots=True)
class Share:
    """So much of what was given in one way, for a visit (0: for none)."""

    visit: int
    way: str
    amount: int


def split(dues: Sequence[tuple[int, int]], given: Mapping[str, int]) -> list[Share]:
    """Return what was given (``{way: kopecks}``) shared out to ``(visit, due)``.

    In the order of both; what is more than all that is due is for no visit.
    """
    left = {visit: max(due, 0) for visit, due in dues}
    shares = []
    for way, amount in given.items():
        if amount < 0:
            raise CashError(f"{amount} cannot be given")
        for visit in left:
            taken = min(left[visit], amount)
            if taken:
                shares.append(Share(visit, way, taken))
                left[visit] -= taken
                amount -= taken
        if amount:
            shares.append(Share(0, way, amount))
    return shares


def counted(notes: Mapping[str, int]) -> int:
    """Return the sum of ``{value in kopecks: pieces}``."""
    total = 0
    for value, pieces in notes.items():
        if int(value) not in NOTES or int(pieces) != pieces or pieces < 0:
            raise CashError(f"{pieces} pieces of {value} cannot be counted")
        total += int(value) * int(pieces)
    return total


def in_notes(notes: Mapping[str, int]) -> Iterable[tuple[int, int, int]]:
    """Yield (value, pieces, sum) of what there is, the largest first."""
    for value in NOTES:
        if pieces := int(notes.get(str(value), 0)):
            yield value, pieces, value * pieces
