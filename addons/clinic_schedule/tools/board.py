"""The clock of a board: minutes of a day as they pass, and as the wall shows them.

On most days both are the same. On the two days a year when the clocks change, a day has
23 or 25 hours: minutes count from local midnight as they really pass, so that nothing
overlaps and nothing is lost, and a *clock* tells what the wall shows. It is a tuple of
``(from_minute, delta)``: from that minute on, the wall shows ``minute + delta``.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

PLAIN = ((0, 0),)
_LOOK = 15  # minutes; no zone changes its clock off a quarter of an hour


@dataclass(frozen=True)
class DayFrame:
    """One local day: naive UTC of its midnights, its length, and its clock."""

    day: date
    start: datetime
    stop: datetime
    clock: tuple

    @property
    def length(self) -> int:
        return _minutes(self.stop - self.start)

    def minute(self, moment: datetime) -> int:
        """Return the minutes from midnight to a naive UTC moment, kept in the day."""
        return min(max(_minutes(moment - self.start), 0), self.length)

    def wall(self, moment: datetime) -> int:
        """Return the minute of the day that the wall shows at a naive UTC moment."""
        minute = self.minute(moment)
        return minute + delta_at(self.clock, minute)

    @property
    def back(self) -> tuple:
        """Return the clock that leads from the wall's minutes to those that passed."""
        return tuple((start + delta, -delta) for start, delta in self.clock)


def delta_at(clock, minute: int) -> int:
    """Return what a clock adds at the minute."""
    delta = 0
    for start, value in clock:
        if minute >= start:
            delta = value
    return delta


def day_frame(day: date, tz) -> DayFrame:
    """Return the frame of a local day; ``tz`` is a zone of pytz."""
    start = _to_utc(day, tz)
    stop = _to_utc(day + timedelta(days=1), tz)
    return DayFrame(day, start, stop, _clock(start, stop, tz))


def _to_utc(day, tz):
    midnight = tz.localize(datetime.combine(day, time()))
    return (midnight - midnight.utcoffset()).replace(tzinfo=None)


def _clock(start, stop, tz):
    first = _offset(start, tz)
    if first == _offset(stop, tz):
        return PLAIN
    clock = [(0, 0)]
    for minute in range(0, _minutes(stop - start) + 1, _LOOK):
        delta = _offset(start + timedelta(minutes=minute), tz) - first
        if delta != clock[-1][1]:
            clock.append((minute, delta))
    return tuple(clock)


def _offset(moment, tz):
    return _minutes(tz.fromutc(moment).utcoffset())


def _minutes(span):
    return int(span.total_seconds() // 60)


def short_name(name: str) -> str:
    """Return the surname and initials: “Ivanov P. S.” of “Ivanov Pyotr Sergeevich”."""
    surname, *rest = (name or "").split()[:3] or [""]
    return " ".join([surname, *(f"{word[0]}." for word in rest)])
