"""Norms of a measured value by sex and age, as FHIR's ``referenceRange`` has them.

No database here. Ages are counted in days and half-open: a norm for 3 to 6 years holds
from the third birthday to the day before the sixth.
"""

from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

UNITS = ("day", "month", "year")


@dataclass(frozen=True)
class Norm:
    """Bounds for whoever is of this sex and age; None is no bound."""

    low: float | None = None
    high: float | None = None
    critical_low: float | None = None
    critical_high: float | None = None
    sex: str | None = None
    age_from: int = 0
    # 0: without limit
    age_to: int = 0
    age_unit: str = "year"

    def bounds(self) -> tuple:
        """Return low, high, critical low, critical high."""
        return self.low, self.high, self.critical_low, self.critical_high


def birthday_after(born: date, number: int, unit: str) -> date:
    """Return the day somebody born then becomes so many days, months or years old.

    >>> birthday_after(date(2024, 1, 31), 1, "month")
    datetime.date(2024, 2, 29)
    >>> birthday_after(date(2024, 2, 29), 1, "year")
    datetime.date(2025, 2, 28)
    """
    if unit == "day":
        return born + timedelta(days=number)
    months = born.month - 1 + number * (12 if unit == "year" else 1)
    year, month = born.year + months // 12, months % 12 + 1
    return date(year, month, min(born.day, monthrange(year, month)[1]))


def fits(norm: Norm, sex: str | None, born: date | None, day: date) -> bool:
    """Return whether the norm is for somebody of this sex and birth date.

    A norm of one sex or age is not for whom these are unknown of.
    """
    if norm.sex and norm.sex != sex:
        return False
    if not norm.age_from and not norm.age_to:
        return True
    if born is None or born > day:
        return False
    if day < birthday_after(born, norm.age_from, norm.age_unit):
        return False
    return not norm.age_to or day < birthday_after(born, norm.age_to, norm.age_unit)


def _rank(norm: Norm) -> tuple:
    """The nearest norm first: of the very sex, then of the shortest span of ages."""
    days = {"day": 1, "month": 30, "year": 365}[norm.age_unit]
    span = (norm.age_to - norm.age_from) * days if norm.age_to else float("inf")
    return (not norm.sex, span, -norm.age_from * days)


def pick(
    norms: Iterable[Norm], sex: str | None, born: date | None, day: date
) -> Norm | None:
    """Return the norm nearest to the person, or None.

    >>> child, grown = Norm(80, 120, age_to=15), Norm(60, 90, age_from=15)
    >>> pick([child, grown], "male", date(2020, 5, 1), date(2026, 5, 1)) is child
    True
    >>> pick([child, grown], "male", None, date(2026, 5, 1)) is None
    True
    """
    found = [norm for norm in norms if fits(norm, sex, born, day)]
    return min(found, key=_rank) if found else None


def as_text(low: float | None, high: float | None) -> str:
    """Return the norm in figures: ``60–90``, ``≥ 95``, ``≤ 5``, or an empty text.

    >>> as_text(60, 90), as_text(95.0, None), as_text(None, 5.5)
    ('60–90', '≥ 95', '≤ 5.5')
    >>> as_text(0, 80)
    '≤ 80'
    """

    def figure(number):
        return f"{number:.6f}".rstrip("0").rstrip(".")

    if low and high is not None:
        return f"{figure(low)}–{figure(high)}"
    if high is not None:
        return f"≤ {figure(high)}"
    return f"≥ {figure(low)}" if low is not None else ""
