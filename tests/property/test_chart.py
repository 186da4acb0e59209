"""The chart of a patient's measurements and what may be written into it."""

from datetime import datetime

import pytest
from hypothesis import given, strategies as st

from odoo.addons.clinic_portal.tools import chart, measures

VALUES = st.floats(min_value=-1e4, max_value=1e4, allow_nan=False)
MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2040, 1, 1))
READINGS = st.builds(chart.Reading, MOMENTS, VALUES, st.booleans())


@given(VALUES, VALUES)
def test_ticks_enclose_the_values_and_are_few(one, other):
    low, high = sorted((one, other))
    found = chart.ticks(low, high)
    slack = 1e-6 * max(1.0, abs(low), abs(high))
    assert found[0] <= low + slack
    assert found[-1] >= high - slack
    assert 2 <= len(found) <= 8
    assert found == sorted(set(found))


@given(st.lists(st.lists(READINGS, max_size=20), min_size=1, max_size=2))
def test_every_reading_is_on_the_picture(series):
    picture = chart.draw(series)
    if not any(series):
        assert picture is None
        return
    points = [point for one in picture["series"] for point in one["points"]]
    assert len(points) == sum(map(len, series))
    for point in points:
        assert chart.LEFT - 1 <= point["x"] <= chart.WIDTH - chart.RIGHT + 1
        assert chart.TOP - 1 <= point["y"] <= chart.HEIGHT - chart.BOTTOM + 1
    own = sum(reading.own for one in series for reading in one)
    assert sum(point["own"] for point in points) == own


@given(st.lists(READINGS, min_size=2, max_size=20))
def test_higher_is_higher_and_later_is_to_the_right(readings):
    points = chart.draw([readings])["series"][0]["points"]
    ordered = sorted(readings, key=lambda reading: reading.moment)
    for (a, left), (b, right) in zip(
        list(zip(ordered, points, strict=True)),
        list(zip(ordered, points, strict=True))[1:],
        strict=False,
    ):
        assert left["x"] <= right["x"]
        if a.value < b.value:
            assert left["y"] >= right["y"]


@pytest.mark.parametrize("kind", measures.KINDS)
@given(texts=st.lists(st.text(max_size=12), min_size=2, max_size=2))
def test_whatever_is_typed_is_read_or_refused(kind, texts):
    values = measures.KINDS[kind]
    typed = {value.code: text for value, text in zip(values, texts, strict=False)}
    numbers, wrong = measures.read_values(kind, typed)
    for value in values:
        assert value.code in numbers or value.code in wrong
        if value.code in numbers:
            assert value.low <= numbers[value.code] <= value.high


@pytest.mark.parametrize(
    ("text", "number"), [("5,6", "5.6"), (" 5.60 ", "5.6"), ("12", "12")]
)
def test_numbers_as_people_type_them(text, number):
    numbers, wrong = measures.read_values("glucose", {"glucose": text})
    assert not wrong
    assert str(numbers["glucose"].normalize()) == number


def test_lower_pressure_above_the_upper_one_is_said():
    _numbers, wrong = measures.read_values(
        "pressure", {"systolic": "80", "diastolic": "120"}
    )
    assert wrong == {"diastolic": "swapped"}
