"""Absences, and the duty days that keep the clinic open on the day of installing."""

from dataclasses import dataclass
from datetime import date, timedelta

from .catalog import Specialist, Week


@dataclass(frozen=True)
class Absence:
    """Whole days off, both ends included."""

    specialist: str
    kind: str  # vacation | sick
    first: date
    last: date


@dataclass(frozen=True)
class Duty:
    """One day's hours outside the weekly template."""

    specialist: str
    week: Week
    day: date


def absences(today: date) -> tuple[Absence, ...]:
    def days(first: int, last: int) -> tuple[date, date]:
        return today + timedelta(days=first), today + timedelta(days=last)

    return (
        Absence("tikhonov", "vacation", *days(-20, -12)),
        Absence("lebedeva", "vacation", *days(9, 20)),
        Absence("belov", "vacation", *days(15, 22)),
        Absence("zhukova", "sick", *days(-2, 4)),
    )


def works(week: Week, day: date) -> bool:
    odd = day.isocalendar().week % 2 == 1
    return day.weekday() in week.weekdays and (
        week.parity == "all" or (week.parity == "odd") == odd
    )


def duties(
    specialists: tuple[Specialist, ...], today: date, wanted: int = 7
) -> tuple[Duty, ...]:
    """Return the duty days that make ``wanted`` specialists work today.

    Those with a log-in come first in the list, so they always have a day to show.
    """
    away = {
        absence.specialist
        for absence in absences(today)
        if absence.first <= today <= absence.last
    }
    present = [one for one in specialists if one.key not in away]
    at_work = [one for one in present if any(works(week, today) for week in one.weeks)]
    resting = [one for one in present if one not in at_work]
    must = [one for one in resting if one in present[:2]]
    others = [one for one in resting if one not in must]
    lacking = max(0, wanted - len(at_work) - len(must))
    return tuple(
        Duty(one.key, one.weeks[0], today) for one in (*must, *others[:lacking])
    )
