"""Norms by sex and age, against a calendar walked day by day."""

from datetime import date, timedelta

from hypothesis import given, strategies as st

from odoo.addons.clinic_emr.tools.norms import Norm, birthday_after, fits, pick

days = st.dates(date(2000, 2, 1), date(2032, 12, 31))
sexes = st.sampled_from([None, "male", "female"])
spans = st.tuples(
    st.integers(0, 20), st.integers(0, 20), st.sampled_from(["day", "month", "year"])
)
norms = st.builds(
    lambda sex, span, low: Norm(
        low=low, sex=sex, age_from=span[0], age_to=span[0] + span[1], age_unit=span[2]
    ),
    sexes,
    spans,
    st.integers(0, 200),
)


@given(days, st.integers(0, 30), st.sampled_from(["day", "month", "year"]))
def test_birthdays_follow_each_other(born, number, unit):
    assert birthday_after(born, number, unit) < birthday_after(born, number + 1, unit)
    assert birthday_after(born, 0, unit) == born


@given(days, st.integers(0, 240))
def test_months_are_years(born, years):
    years %= 20
    assert birthday_after(born, years * 12, "month") == birthday_after(
        born, years, "year"
    )


@given(days, days, st.integers(1, 12))
def test_spans_side_by_side_cover_each_day_once(born, day, step):
    spans = [
        Norm(age_from=number * step, age_to=(number + 1) * step, age_unit="month")
        for number in range(40)
    ]
    found = [norm for norm in spans if fits(norm, None, born, day)]
    last = birthday_after(born, 40 * step, "month")
    assert len(found) == (1 if born <= day < last else 0)


@given(st.lists(norms, max_size=6), sexes, days, days)
def test_what_is_picked_fits_and_nothing_that_fits_is_nearer(some, sex, born, day):
    found = pick(some, sex, born, day)
    fitting = [norm for norm in some if fits(norm, sex, born, day)]
    assert (found is None) == (not fitting)
    if found:
        assert found in fitting
        if any(norm.sex for norm in fitting):
            assert found.sex == sex


@given(days, st.integers(0, 6000), st.integers(1, 20))
def test_a_norm_begins_and_ends_on_a_birthday(born, offset, years):
    norm = Norm(age_from=years, age_to=years + 1)
    begins = birthday_after(born, years, "year")
    assert not fits(norm, None, born, begins - timedelta(days=1))
    assert fits(norm, None, born, begins)
    assert not fits(norm, None, born, birthday_after(born, years + 1, "year"))
