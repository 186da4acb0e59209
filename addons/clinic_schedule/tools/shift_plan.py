"""The days a weekly template stands for, and what a change of it does to its shifts.

Days and hours are those of the branch; nothing here knows about time zones.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

_WEEK = timedelta(days=7)


def template_days(
    weekday: int,
    parity: str,
    first: date,
    last: date,
    valid_from: date | None = None,
    valid_to: date | None = None,
) -> Iterator[date]:
    """Yield the days of a template, both ends included.

    :param weekday: 0 for Monday.
    :param parity: ``all``, or ``odd``/``even`` by the ISO number of the week.
    """
    first = max(first, valid_from or first)
    last = min(last, valid_to or last)
    day = first + timedelta(days=(weekday - first.weekday()) % 7)
    while day <= last:
        odd = day.isocalendar().week % 2 == 1
        if parity == "all" or (parity == "odd") == odd:
            yield day
        day += _WEEK


@dataclass
class Changes:
    """What to do to the shifts of a template, by day; ``kept`` were edited by hand."""

    create: dict[date, Any] = field(default_factory=dict)
    write: dict[date, Any] = field(default_factory=dict)
    remove: list[date] = field(default_factory=list)
    kept: list[date] = field(default_factory=list)


def plan_changes(
    old: Mapping[date, Any],
    new: Mapping[date, Any],
    made: Mapping[date, Any],
    called_off: frozenset[date] = frozenset(),
) -> Changes:
    """Compare what a template wanted, what it wants now, and what is there.

    :param old, new: by day, the shift as the template wants it (anything comparable).
    :param made: by day, the shift as it is.
    :param called_off: days whose shift was called off: they stay so.
    """
    changes = Changes()
    for day, is_now in sorted(made.items()):
        if day in called_off:
            if day not in new:
                changes.remove.append(day)
        elif is_now != old.get(day):
            changes.kept.append(day)
        elif day not in new:
            changes.remove.append(day)
        elif new[day] != is_now:
            changes.write[day] = new[day]
    # A day wanted before and not made was deleted, or is not due to be made yet.
    changes.create = {
        day: new[day] for day in sorted(new) if day not in made and day not in old
    }
    return changes
