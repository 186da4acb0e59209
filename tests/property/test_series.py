"""Rules of visits of regulars, against calendars that know nothing of rules."""

from datetime import date, datetime, timedelta

import pytest
import pytz
from hypothesis import given, settings, strategies as st

from odoo.addons.clinic_schedule.tools import series
from odoo.addons.clinic_schedule.tools.series import Agenda, Rule, Window
from odoo.addons.clinic_schedule.tools.windows import DAY, to_minutes

ZONES = [
    pytz.timezone(name)
    for name in (
        "Europe/Berlin",
        "Europe/Moscow",
        "Asia/Yekaterinburg",
        "America/New_York",
        "Australia/Lord_Howe",
        "UTC",
    )
]
days = st.dates(date(2024, 1, 1), date(2032, 12, 31))
weekdays = st.frozensets(st.integers(0, 6), min_size=1)
rules = st.builds(
    lambda weekdays, minute, first, every, length, count: Rule(
        weekdays,
        minute,
        first,
        every,
        first + timedelta(days=length) if length is not None else None,
        count if count or length is not None else 1,
    ),
    weekdays,
    st.integers(0, DAY - 1),
    days,
    st.integers(1, 8),
    st.none() | st.integers(0, 400),
    st.none() | st.integers(1, 60),
)


def week(day):
    return (day - timedelta(days=day.weekday())).toordinal() // 7


@settings(max_examples=500, deadline=None)
@given(rules)
def test_days_are_those_a_calendar_shows(rule):
    """Day by day: each that fits the rule is there, and no other."""
    end = min(
        rule.until or date.max, rule.first + timedelta(days=366 * series.MAX_YEARS)
    )
    expected = []
    day = rule.first
    while day <= end and len(expected) < min(rule.count or 999, series.MAX_DATES):
        weeks = week(day) - week(rule.first)
        if day.weekday() in rule.weekdays and weeks % rule.every == 0:
            expected.append(day)
        day += timedelta(days=1)
    assert list(series.days_of(rule)) == expected


@settings(max_examples=500, deadline=None)
@given(rules, st.sampled_from(ZONES))
def test_wall_time_is_the_same_on_all_days(rule, zone):
    for occurrence in series.occurrences(rule, zone):
        local = pytz.utc.localize(occurrence.start).astimezone(zone)
        wall = datetime.combine(occurrence.day, datetime.min.time()) + timedelta(
            minutes=rule.minute
        )
        if local.replace(tzinfo=None) != wall:
            # Only a time that the clock skips may be shown otherwise.
            earlier, later = (
                zone.localize(wall, is_dst=True),
                zone.localize(wall, is_dst=False),
            )
            assert earlier.utcoffset() != later.utcoffset()
            assert zone.normalize(later) == local


@given(rules, st.sampled_from(ZONES))
@settings(max_examples=200, deadline=None)
def test_gaps_and_folds_as_in_working_calendars(rule, zone):
    """The very call of resource.calendar on its attendances."""
    for occurrence in series.occurrences(rule, zone):
        wall = datetime.combine(occurrence.day, datetime.min.time())
        calendar = zone.localize(wall + timedelta(minutes=rule.minute))
        assert calendar == pytz.utc.localize(occurrence.start)


def test_berlin_on_the_two_days_that_matter():
    zone = pytz.timezone("Europe/Berlin")
    spring = Rule(frozenset({6}), 150, date(2027, 3, 21), count=3)
    assert [o.start for o in series.occurrences(spring, zone)] == [
        datetime(2027, 3, 21, 1, 30),
        datetime(2027, 3, 28, 1, 30),  # 2:30 is skipped: 3:30 on the clock
        datetime(2027, 4, 4, 0, 30),
    ]
    autumn = Rule(frozenset({6}), 150, date(2027, 10, 24), count=3)
    assert [o.start for o in series.occurrences(autumn, zone)] == [
        datetime(2027, 10, 24, 0, 30),
        datetime(2027, 10, 31, 1, 30),  # 2:30 comes twice: the second, in winter time
        datetime(2027, 11, 7, 1, 30),
    ]


@given(rules, st.integers(-6, 6), st.integers(0, DAY - 1))
@settings(max_examples=200, deadline=None)
def test_a_shifted_rule_has_shifted_weekdays(rule, shift, minute):
    moved = rule.shifted(shift, minute)
    assert moved.minute == minute
    assert len(moved.weekdays) == len(rule.weekdays)
    if rule.every == 1:
        before = [day + timedelta(days=shift) for day in series.days_of(rule)]
        assert list(series.days_of(moved))[: len(before)] == before


@pytest.mark.parametrize(
    ("code", "values"),
    [
        ("weekdays", {"weekdays": frozenset()}),
        ("weekdays", {"weekdays": frozenset({7})}),
        ("minute", {"minute": DAY}),
        ("every", {"every": 0}),
        ("endless", {"count": None}),
        ("count", {"count": 0}),
        ("until", {"until": date(2026, 12, 31)}),
    ],
)
def test_rules_without_sense_are_refused(code, values):
    good = {
        "weekdays": frozenset({0}),
        "minute": 600,
        "first": date(2027, 1, 1),
        "count": 5,
    }
    with pytest.raises(series.RuleError) as caught:
        Rule(**{**good, **values})
    assert caught.value.code == code


def test_reasons_in_the_order_people_name_them():
    day = date(2027, 3, 1)
    span = (1000, 1030)
    hit, miss = [(1010, 1020)], [(1030, 1040)]
    free = {"now": 0, "shifts": [(900, 1200)], "horizon": 1200}
    table = [
        (series.ROOM, {}),
        (series.ROOM, {"holidays": miss, "absences": miss, "busy": miss}),
        (series.BUSY, {"busy": miss, "pads": (0, 5)}),
        (series.BUSY, {"busy": hit}),
        (series.LIMIT, {"busy": hit, "full_days": frozenset({day})}),
        (series.PATIENT, {"patient": hit, "busy": hit}),
        (series.NO_SHIFT, {"shifts": [(1001, 1200)]}),
        (series.NOT_YET, {"shifts": [], "horizon": 900}),
        (series.NOT_YET, {"shifts": [], "horizon": None}),
        (series.ABSENCE, {"absences": hit, "shifts": []}),
        (series.HOLIDAY, {"absences": hit, "holidays": hit}),
        (series.PAST, {"now": 1000, "holidays": hit}),
    ]
    for code, values in table:
        assert series.reason(Agenda(**{**free, **values}), span, day) == code, values


windows = st.lists(
    st.builds(
        lambda day, minute, length, own: Window(
            day * DAY + minute, day * DAY + minute + length, day, minute, own
        ),
        st.integers(90, 112),
        st.integers(8, 20).map(lambda half: half * 30),
        st.sampled_from([30, 45]),
        st.booleans(),
    ),
    max_size=40,
)
taken = st.lists(
    st.integers(90 * DAY, 112 * DAY).map(lambda start: (start, start + 60)), max_size=4
)


@settings(max_examples=400, deadline=None)
@given(
    windows,
    taken,
    st.frozensets(st.integers(90, 112), max_size=3),
    st.none() | st.integers(90, 100),
)
def test_alternatives_are_the_cheapest_apart(found, taken_spans, taken_days, after):
    by_day = {}
    for window in found:
        by_day.setdefault(window.day, []).append(window)
    day, minute = 101, 16 * 60

    def cost(window):
        return (
            abs(window.minute - minute)
            + series.OTHER_DAY * abs(window.day - day)
            + (0 if window.own else series.OTHER_SPECIALIST)
        )

    # The oracle: all that is allowed, cheapest first, taking what overlaps nothing.
    allowed = [
        window
        for window in found
        if window.day not in taken_days
        and (after is None or window.day > after)
        and abs(window.day - day) <= series.REACH_DAYS
        and not any(s < window.stop and window.start < e for s, e in taken_spans)
    ]
    expected = []
    for window in sorted(allowed, key=lambda w: (cost(w), w.start, not w.own)):
        if all(w.stop <= window.start or window.stop <= w.start for w in expected):
            expected.append(window)
    result = series.alternatives(
        by_day, day, minute, taken_spans, taken_days, after=after
    )
    assert result == expected[:3]


def test_local_parts():
    moment = datetime(2027, 3, 1, 21, 30)
    local = pytz.utc.localize(moment).astimezone(pytz.timezone("Asia/Yekaterinburg"))
    start, day, minute = series.local_parts(moment, local)
    assert (start, minute) == (to_minutes(moment), 150)
    assert day == to_minutes(datetime(2027, 3, 2)) // DAY
