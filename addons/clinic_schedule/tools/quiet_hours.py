"""When a message may be sent: wall-time arithmetic of the quiet hours."""

from datetime import datetime, time, timedelta

HOUR = timedelta(hours=1)


def is_quiet(moment: datetime, quiet_from: float, quiet_to: float) -> bool:
    """Tell whether a wall time lies in the quiet hours (hours of the day, 21.0-9.0)."""
    if quiet_from == quiet_to:
        return False
    hour = moment.hour + moment.minute / 60 + moment.second / 3600
    if quiet_from < quiet_to:
        return quiet_from <= hour < quiet_to
    return hour >= quiet_from or hour < quiet_to


def morning_after(moment: datetime, quiet_to: float) -> datetime:
    """Return the next end of the quiet hours after a quiet wall time."""
    end = datetime.combine(moment.date(), _clock(quiet_to))
    return end if end > moment else end + timedelta(days=1)


def evening_before(moment: datetime, quiet_from: float) -> datetime:
    """Return the beginning of the quiet hours that a quiet wall time lies in."""
    begin = datetime.combine(moment.date(), _clock(quiet_from))
    return begin if begin <= moment else begin - timedelta(days=1)


def send_at_once_or_later(
    now: datetime, event: datetime, quiet_from: float, quiet_to: float
) -> datetime:
    """Return when to send news about an event: now, or when the quiet hours end.

    If that would be less than an hour before the event, or after it, it is sent now:
    better a late message than none.
    """
    if not is_quiet(now, quiet_from, quiet_to):
        return now
    morning = morning_after(now, quiet_to)
    return morning if morning <= event - HOUR else now


def reminder_moment(
    event: datetime, lead: timedelta, quiet_from: float, quiet_to: float
) -> datetime:
    """Return the wall time to remind of an event, ``lead`` before it if not quiet.

    In quiet hours it is their end, if an hour is left till the event, else a moment
    before they begin.
    """
    wanted = event - lead
    if not is_quiet(wanted, quiet_from, quiet_to):
        return wanted
    morning = morning_after(wanted, quiet_to)
    if morning <= event - HOUR:
        return morning
    return evening_before(wanted, quiet_from) - timedelta(minutes=15)


def _clock(hours: float) -> time:
    minutes = round(hours * 60) % (24 * 60)
    return time(minutes // 60, minutes % 60)
