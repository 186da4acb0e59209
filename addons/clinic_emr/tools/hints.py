"""What the card should remind of: overdue checks, alarming values, ending consents.

No database here: plain facts in, hints out, the gravest first.
"""

from dataclasses import dataclass
from datetime import date, timedelta

# a consent that ends within this time is worth asking for anew
SOON = timedelta(days=14)
# nobody under observation should stay away longer
OBSERVATION = timedelta(days=365)
ORDER = ("abnormal", "overdue", "observation", "consent")


@dataclass(frozen=True)
class Check:
    """Something to be repeated; ``last`` is when it was last done, None for never."""

    name: str
    interval_days: int
    last: date | None
    since: date


@dataclass(frozen=True)
class Value:
    name: str
    text: str
    interpretation: str
    day: date


@dataclass(frozen=True)
class Consent:
    name: str
    until: date


@dataclass(frozen=True)
class Observed:
    """A chronic illness under observation and the day it was last looked at."""

    name: str
    last: date


@dataclass(frozen=True)
class Hint:
    kind: str
    name: str
    day: date | None = None
    detail: str = ""


def compute(today, checks=(), values=(), consents=(), observed=()):
    """Return the hints of one record."""
    found = [
        Hint("abnormal", value.name, value.day, value.text)
        for value in values
        if value.interpretation == "critical"
    ]
    for check in checks:
        due = (check.last or check.since) + timedelta(days=check.interval_days)
        if check.interval_days and due < today:
            found.append(Hint("overdue", check.name, check.last))
    found += [
        Hint("observation", one.name, one.last)
        for one in observed
        if today - one.last > OBSERVATION
    ]
    found += [
        Hint("consent", one.name, one.until)
        for one in consents
        if today - SOON <= one.until <= today + SOON
    ]
    return tuple(
        sorted(set(found), key=lambda hint: (ORDER.index(hint.kind), hint.name))
    )
