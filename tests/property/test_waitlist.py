"""Waiting-list matches against an oracle that tries each minute on a calendar."""

from datetime import timedelta

from hypothesis import given, settings, strategies as st

from odoo.addons.clinic_schedule.tools import waitlist
from odoo.addons.clinic_schedule.tools.ranking import SHORTEST_VISIT
from odoo.addons.clinic_schedule.tools.waitlist import ANY_DAY, Window, Wish
from odoo.addons.clinic_schedule.tools.windows import DAY, EPOCH, from_minutes

MONDAY = 9_800 * DAY + 2 * DAY  # some Monday of 2026 in UTC
OFFSETS = (0, 180, 300, 345, -210)

small_sets = st.frozensets(st.integers(1, 3), max_size=2)
minutes_of_day = st.integers(0, 48).map(lambda half_hour: half_hour * 30)
windows = st.builds(
    lambda start, length, offset, problems: Window(
        1, 1, MONDAY + start, MONDAY + start + length, offset, problems
    ),
    st.integers(-DAY, DAY),
    st.integers(1, 400) | st.integers(1, 3 * DAY),
    st.sampled_from(OFFSETS),
    small_sets,
)


@st.composite
def wishes(draw):
    hours = sorted((draw(minutes_of_day), draw(minutes_of_day)))
    days = sorted(
        (
            MONDAY // DAY + draw(st.integers(-3, 4)),
            MONDAY // DAY + draw(st.integers(-3, 4)),
        )
    )
    return Wish(
        id=draw(st.integers(1, 10**6)),
        patient_id=draw(st.integers(1, 50)),
        service_id=draw(st.integers(1, 3)),
        specialist_ids=draw(small_sets),
        branch_ids=draw(small_sets),
        problem_id=draw(st.none() | st.integers(1, 3)),
        weekdays=draw(st.integers(0, ANY_DAY) | st.just(ANY_DAY)),
        minute_from=draw(st.sampled_from((0, hours[0]))),
        minute_to=draw(st.sampled_from((DAY, hours[1]))),
        day_from=days[0],
        day_to=days[1],
        notice=draw(st.sampled_from((0, 60, 24 * 60))),
        priority=draw(st.integers(0, 2)),
        since=draw(st.integers(0, 3)),
    )


def fits(window, wish, start, duration, now):
    """Tell of one start, by a calendar, whether the wish allows it."""
    local = from_minutes(start) + timedelta(minutes=window.offset)
    over = local + timedelta(minutes=duration)
    opens = local.replace(hour=0, minute=0) + timedelta(minutes=wish.minute_from)
    closes = local.replace(hour=0, minute=0) + timedelta(minutes=wish.minute_to)
    return (
        window.start <= start
        and start + duration <= window.stop
        and start >= now + wish.notice
        and wish.day_from <= (local - EPOCH).days <= wish.day_to
        and bool(wish.weekdays & 1 << local.weekday())
        and opens <= local
        and (over <= closes or wish.minute_to == DAY)
    )


def wants(window, wish, durations):
    return (
        wish.service_id in durations
        and (not wish.specialist_ids or window.specialist_id in wish.specialist_ids)
        and (not wish.branch_ids or window.branch_id in wish.branch_ids)
        and (
            not wish.problem_id
            or bool(wish.specialist_ids)
            or wish.problem_id in window.problem_ids
        )
    )


def expand(ranges):
    return {start for first, last in ranges for start in range(first, last + 1)}


@settings(max_examples=400, deadline=None)
@given(
    windows,
    st.lists(wishes(), max_size=6, unique_by=lambda wish: wish.id),
    st.dictionaries(st.integers(1, 3), st.integers(5, 120), max_size=3),
    st.integers(-DAY, DAY),
)
def test_matches_are_those_of_the_calendar(window, listed, durations, ago):
    now = window.start - ago
    found = {
        match.wish.id: expand(match.ranges)
        for match in waitlist.match(window, listed, durations, now)
    }
    expected = {}
    for wish in listed:
        if wants(window, wish, durations):
            duration = durations[wish.service_id]
            good = {
                start
                for start in range(window.start, window.stop)
                if fits(window, wish, start, duration, now)
            }
            if good:
                expected[wish.id] = good
    assert found == expected


@settings(max_examples=300, deadline=None)
@given(windows, st.integers(5, 120), st.lists(st.integers(0, 400)))
def test_no_rest_is_that_of_trying(window, duration, points):
    ranges = [(window.start + p, window.start + p) for p in points] or [
        (window.start, window.stop - duration)
    ]
    ranges = [
        (first, last)
        for first, last in ranges
        if first <= last <= window.stop - duration
    ]

    def good(start):
        before, after = start - window.start, window.stop - start - duration
        return all(not rest or rest >= SHORTEST_VISIT for rest in (before, after))

    assert waitlist.leaves_no_rest(window, duration, ranges) == any(
        good(start) for start in expand(ranges)
    )


@settings(max_examples=200, deadline=None)
@given(
    windows,
    st.lists(wishes(), max_size=8, unique_by=lambda wish: wish.id),
    st.randoms(use_true_random=False),
)
def test_order_does_not_depend_on_the_input(window, listed, random):
    durations = {1: 30, 2: 45, 3: 60}
    now = window.start - DAY
    first = waitlist.match(window, listed, durations, now)
    shuffled = list(listed)
    random.shuffle(shuffled)
    assert waitlist.match(window, shuffled, durations, now) == first
    keys = [(-m.wish.priority, -m.fit, m.wish.since, m.wish.id) for m in first]
    assert keys == sorted(keys)


def test_reasons_make_the_fit():
    window = Window(1, 1, MONDAY + 600, MONDAY + 630)
    wish = Wish(1, 1, 1, specialist_ids=frozenset({1}), weekdays=1)
    (match,) = waitlist.match(window, [wish], {1: 30}, MONDAY)
    assert match.reasons == (
        waitlist.NAMED_SPECIALIST,
        waitlist.FILLS_WINDOW,
        waitlist.NAMED_DAYS,
    )
    assert match.fit == 13
    assert match.ranges == [(MONDAY + 600, MONDAY + 600)]
    assert waitlist.allows(match.ranges, MONDAY + 600)
    assert not waitlist.allows(match.ranges, MONDAY + 605)


def test_monday_is_a_monday():
    assert from_minutes(MONDAY).weekday() == 0
    assert waitlist.weekday(MONDAY // DAY) == 0
