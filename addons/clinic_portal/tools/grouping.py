"""Putting free windows in the order people read them: by day, place and person."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class Window:
    """A bookable start; ``local`` is the same moment in the branch's wall time."""

    service_id: int
    specialist_id: int
    branch_id: int
    start: datetime
    local: datetime

    @property
    def day(self) -> date:
        return self.local.date()


def by_day(windows: Iterable[Window]) -> dict[date, list[Window]]:
    """Return the windows of each day, days and windows in order of time.

    The day is that of the branch: a window of 00:30 in one zone and one of 22:30 of
    the evening before in another belong to different days though both begin at once.
    """
    days: dict[date, list[Window]] = {}
    for window in sorted(
        windows, key=lambda w: (w.local.replace(tzinfo=None), w.start)
    ):
        days.setdefault(window.day, []).append(window)
    return days


def by_person(windows: Iterable[Window]) -> dict[tuple[int, int], list[Window]]:
    """Return the windows by (specialist, branch), who is free first comes first."""
    people: dict[tuple[int, int], list[Window]] = {}
    for window in sorted(windows, key=lambda w: (w.start, w.specialist_id)):
        people.setdefault((window.specialist_id, window.branch_id), []).append(window)
    return people
