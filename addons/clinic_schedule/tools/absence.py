"""Time off in the wall time of whoever works then.

A vacation, a half day or a public holiday is a statement about clocks on the wall: the
first of January is over at another moment in each zone. Such an absence *floats*: its
edges are wall times, and each branch turns them into UTC by its own zone. What was
given as exact moments does not float.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta

import pytz

MIDNIGHT = time()
_LAST_MINUTE = time(23, 59)


@dataclass(frozen=True, slots=True)
class Absence:
    """From ``start`` to ``stop``: naive wall times if it floats, naive UTC if not."""

    start: datetime
    stop: datetime
    floats: bool = False

    def in_zone(self, tz: pytz.BaseTzInfo) -> tuple[datetime, datetime]:
        """Return the naive UTC moments between which it lasts in a zone.

        On the day clocks change, it begins at the earlier and ends at the later of two
        moments with the same name.
        """
        if not self.floats:
            return self.start, self.stop
        return _utc(self.start, tz, is_dst=True), _utc(self.stop, tz, is_dst=False)


def _utc(wall: datetime, tz: pytz.BaseTzInfo, is_dst: bool) -> datetime:
    aware = tz.localize(wall, is_dst=is_dst)
    return aware.astimezone(pytz.utc).replace(tzinfo=None)


def wall_time(moment: datetime, tz: pytz.BaseTzInfo) -> datetime:
    """Return a naive UTC moment as naive wall time."""
    return pytz.utc.localize(moment).astimezone(tz).replace(tzinfo=None)


def next_midnight(wall: datetime) -> datetime:
    return datetime.combine(wall.date() + timedelta(days=1), MIDNIGHT)


def day_start(wall: datetime) -> datetime:
    return datetime.combine(wall.date(), MIDNIGHT)


def whole_days(
    start: datetime, stop: datetime, zones: Iterable[pytz.BaseTzInfo]
) -> tuple[datetime, datetime] | None:
    """Return the wall times of two UTC moments that are whole days in one of the zones.

    From 0:00 to 23:59 (with any seconds) or to the next 0:00; the first zone in which
    this is so decides. None: these are no whole days anywhere.
    """
    for tz in zones:
        first, last = wall_time(start, tz), wall_time(stop, tz)
        if first.time() != MIDNIGHT:
            continue
        if last.time() == MIDNIGHT and last > first:
            return first, last
        if last.time() >= _LAST_MINUTE:
            return first, next_midnight(last)
    return None


def clip(
    span: tuple[int, int], hours: Iterable[tuple[int, int]]
) -> list[tuple[int, int]]:
    """Return the parts of a span inside the hours."""
    return [
        (max(span[0], start), min(span[1], stop))
        for start, stop in hours
        if start < span[1] and span[0] < stop
    ]
