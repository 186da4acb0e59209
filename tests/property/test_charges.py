"""The arithmetic of charges: parts always add up to the whole."""

from datetime import date, timedelta

import pytest
from hypothesis import given, strategies as st

from odoo.addons.clinic_finance.tools.charges import (
    CancelStep,
    ChargeError,
    due_parts,
    even_parts,
    kept_percent,
    percent_of,
    spread,
)

KOPECKS = st.integers(0, 10**9)
DAYS = st.integers(0, 400).map(lambda n: date(2026, 1, 1) + timedelta(days=n))
SCHEDULE = st.lists(st.tuples(DAYS, KOPECKS), min_size=1, max_size=8)


@given(KOPECKS, SCHEDULE)
def test_due_parts_add_up_in_order_without_empty_ones(total, schedule):
    parts = due_parts(total, schedule)
    assert sum(amount for _day, amount in parts) == total
    assert all(amount > 0 for _day, amount in parts)
    days = [day for day, _amount in parts]
    assert days == sorted(set(days))
    assert set(days) <= {day for day, _amount in schedule}


@given(KOPECKS, SCHEDULE)
def test_a_schedule_that_fits_is_kept_and_stays(total, schedule):
    parts = due_parts(total, schedule)
    assert due_parts(total, parts) == parts
    agreed = sum(amount for _day, amount in schedule)
    if parts and agreed == total:
        by_day = {}
        for day, amount in schedule:
            by_day[day] = by_day.get(day, 0) + amount
        assert dict(parts) == {day: amount for day, amount in by_day.items() if amount}


def test_no_schedule_no_parts():
    assert due_parts(500, []) == []
    with pytest.raises(ChargeError):
        due_parts(-1, [])


@given(KOPECKS, st.lists(KOPECKS, max_size=9))
def test_spread_pays_the_first_first(paid, owed):
    got = spread(paid, owed)
    assert len(got) == len(owed)
    assert sum(got) == min(paid, sum(owed))
    assert all(0 <= part <= amount for part, amount in zip(got, owed, strict=True))
    open_before = False
    for part, amount in zip(got, owed, strict=True):
        assert not (open_before and part)
        open_before = open_before or part < amount


@given(KOPECKS, st.integers(1, 60), st.sampled_from([1, 100, 10_000]))
def test_even_parts_add_up_and_are_round(total, count, unit):
    parts = even_parts(total, count, unit)
    assert (len(parts), sum(parts)) == (count, total)
    assert all(part % unit == 0 for part in parts[:-1])
    assert parts[-1] >= parts[0] >= 0


@given(KOPECKS, st.floats(0, 100))
def test_percent_is_between_nothing_and_all(amount, percent):
    assert 0 <= percent_of(amount, percent) <= amount
    assert percent_of(amount, 100) == amount
    assert percent_of(amount, 0) == 0


STEPS = st.lists(
    st.builds(CancelStep, st.integers(1, 200), st.integers(0, 100)),
    max_size=6,
    unique_by=lambda step: step.hours,
)


@given(st.floats(-10, 300), STEPS)
def test_the_nearest_step_decides(hours, steps):
    brute = 0.0
    for step in sorted(steps, key=lambda step: -step.hours):
        if hours < step.hours:
            brute = step.percent
    assert kept_percent(hours, steps) == brute
