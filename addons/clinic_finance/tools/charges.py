"""Arithmetic of charges: who owes how much of a document, and when.

Whole kopecks in, whole kopecks out; nothing is lost or made by rounding. Each
function returns parts whose sum is exactly what it was given to divide.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date


class ChargeError(ValueError):
    """What was asked for cannot be divided."""


@dataclass(frozen=True, slots=True)
class CancelStep:
    """Cancelled less than ``hours`` before the visit: ``percent`` of it is kept."""

    hours: float
    percent: float


def to_kopecks(amount: float) -> int:
    return round(amount * 100)


def due_parts(total: int, parts: Iterable[tuple[date, int]]) -> list[tuple[date, int]]:
    """Divide ``total`` by an agreed schedule of (day, amount).

    Earlier parts first, none more than what is left; the last takes the rest, so
    that a document changed later still adds up. Parts of one day are one part, and
    parts of nothing are left out.
    """
    if total < 0:
        raise ChargeError(f"a document of {total} has no schedule")
    agreed: dict[date, int] = {}
    for day, amount in parts:
        agreed[day] = agreed.get(day, 0) + max(amount, 0)
    result: dict[date, int] = {}
    left = total
    for day in sorted(agreed):
        taken = min(agreed[day], left)
        if taken:
            result[day] = taken
            left -= taken
    if left and agreed:
        last = max(agreed)
        result[last] = result.get(last, 0) + left
    return sorted(result.items())


def spread(paid: int, owed: Sequence[int]) -> list[int]:
    """Return how much of ``paid`` each of ``owed`` gets, the first first."""
    left = paid
    result = []
    for amount in owed:
        taken = max(min(amount, left), 0)
        result.append(taken)
        left -= taken
    return result


def even_parts(total: int, count: int, unit: int = 1) -> list[int]:
    """Divide into ``count`` parts, each a multiple of ``unit``; the last has the rest.

    >>> even_parts(1000_00, 3, unit=100)
    [33300, 33300, 33400]
    """
    if count < 1 or unit < 1:
        raise ChargeError("at least one part of at least one kopeck")
    part = total // count // unit * unit
    return [part] * (count - 1) + [total - part * (count - 1)]


def percent_of(amount: int, percent: float) -> int:
    """Return so many percent, half a kopeck up."""
    return (amount * round(percent * 100) + 5000) // 10000


def kept_percent(hours_left: float, steps: Iterable[CancelStep]) -> float:
    """Return what a cancellation so many hours ahead costs, in percent.

    Of the steps that apply, the one nearest to the visit decides.
    """
    due = [step for step in steps if hours_left < step.hours]
    return min(due, key=lambda step: step.hours).percent if due else 0.0
