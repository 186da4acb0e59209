"""Phones, insurance numbers, ages and names: what must hold for every input."""

from datetime import date, timedelta

import pytest
from hypothesis import assume, given, strategies as st

from odoo.addons.clinic_base.tools.age import (
    age_on,
    is_plausible_birthdate,
    latest_birthdate,
)
from odoo.addons.clinic_base.tools.names import may_be_same_person, name_key
from odoo.addons.clinic_base.tools.phone import (
    PhoneError,
    normalise_phone,
    phone_for_people,
    phone_search_terms,
)
from odoo.addons.clinic_base.tools.snils import (
    LAST_UNCHECKED,
    SnilsError,
    control_number,
    normalise_snils,
)

# Russian mobile numbers: 9, then nine digits; 912 and 922 are in use everywhere.
mobiles = st.builds(
    "{}{:07}".format, st.sampled_from(["912", "922", "916"]), st.integers(0, 9_999_999)
)
prefixes = st.sampled_from(["8", "+7", "7", ""])
separators = st.lists(
    st.sampled_from(["", " ", "-", "\u00a0", "–"]), min_size=4, max_size=4
)
days = st.dates(date(1900, 1, 1), date(2100, 12, 31))


def spell(prefix, number, gaps, brackets):
    """Write a ten-digit number the way people do."""
    area = f"({number[:3]})" if brackets else number[:3]
    parts = [prefix, area, number[3:6], number[6:8], number[8:]]
    return parts[0] + "".join(
        gap + part for gap, part in zip(gaps, parts[1:], strict=True)
    )


@given(prefixes, mobiles, separators, st.booleans())
def test_every_spelling_is_the_same_number(prefix, number, gaps, brackets):
    text = spell(prefix, number, gaps, brackets)
    assert normalise_phone(text) == f"+7{number}"


@given(mobiles, prefixes, separators, st.booleans())
def test_every_spelling_finds_it(number, prefix, gaps, brackets):
    whole, _runs = phone_search_terms(spell(prefix, number, gaps, brackets))
    assert whole == f"+7{number}"


@given(mobiles, st.sampled_from(["8", "7", ""]), st.integers(4, 11))
def test_every_beginning_finds_it(number, prefix, length):
    typed = f"{prefix}{number}"[:length]
    _whole, runs = phone_search_terms(typed)
    assert any(run in f"+7{number}" for run in runs)


@given(st.text(max_size=25))
def test_any_text_is_a_number_or_a_reason(text):
    try:
        e164 = normalise_phone(text)
    except PhoneError as error:
        assert error.code in {"letters", "too_short", "too_long", "unknown"}
    else:
        assert e164.startswith("+") and e164[1:].isdecimal()
        assert normalise_phone(e164) == e164
        assert normalise_phone(phone_for_people(e164)) == e164


@given(st.text(alphabet="абвгabcxyz0123456789 +-", min_size=1))
def test_letters_never_make_a_number(text):
    if any(character.isalpha() for character in text):
        with pytest.raises(PhoneError) as caught:
            normalise_phone(text)
        assert caught.value.code == "letters"


@given(st.integers(1_001_999, 999_999_999))
def test_right_control_digits_are_accepted(number):
    body = f"{number:09}"
    snils = normalise_snils(f"{body}{control_number(body):02}")
    assert snils.replace("-", "").replace(" ", "")[:9] == body
    assert normalise_snils(snils) == snils


@given(st.integers(1_001_999, 999_999_999), st.integers(0, 99))
def test_wrong_control_digits_are_refused(number, control):
    body = f"{number:09}"
    if control != control_number(body):
        with pytest.raises(SnilsError):
            normalise_snils(f"{body}{control:02}")


@given(st.integers(1_001_999, 999_999_999), st.integers(0, 8), st.integers(1, 9))
def test_one_mistyped_digit_is_noticed(number, place, shift):
    """The sum is modulo 101: a single wrong digit among the nine changes it."""
    body = f"{number:09}"
    digit = (int(body[place]) + shift) % 10
    mistyped = body[:place] + str(digit) + body[place + 1 :]
    assume(int(mistyped) > LAST_UNCHECKED)
    # 100 and 0 are both written 00, which is the one slip the scheme lets through.
    if control_number(mistyped) != control_number(body):
        with pytest.raises(SnilsError):
            normalise_snils(f"{mistyped}{control_number(body):02}")
    else:
        assert control_number(body) == 0


@given(days, days)
def test_age_counts_birthdays(born, day):
    if born > day:
        born, day = day, born
    counted = sum(
        1
        for year in range(born.year + 1, day.year + 1)
        if day
        >= (
            date(year, 3, 1)
            if born.timetuple()[1:3] == (2, 29) and not _is_leap(year)
            else born.replace(year=year)
        )
    )
    assert age_on(born, day) == counted


@given(days, st.integers(0, 140))
def test_latest_birthdate_is_the_boundary(day, age):
    latest = latest_birthdate(age, day)
    assert age_on(latest, day) >= age
    assert age_on(latest + timedelta(days=1), day) < age


@given(days, days)
def test_nobody_plausible_is_born_later(born, day):
    if is_plausible_birthdate(born, day):
        assert born <= day
        assert 0 <= age_on(born, day) <= 130


words = st.lists(
    st.text(alphabet="абвгдеёжз", min_size=1, max_size=6), min_size=1, max_size=4
)


@given(words, st.randoms())
def test_order_and_case_of_a_name_do_not_matter(parts, random):
    shuffled = parts[:]
    random.shuffle(shuffled)
    assert name_key(" ".join(parts)) == name_key("  ".join(shuffled).upper())


@given(words, words)
def test_same_person_is_symmetric(one, other):
    one, other = " ".join(one), " ".join(other)
    assert may_be_same_person(one, other) == may_be_same_person(other, one)
    assert may_be_same_person(one, one)


def _is_leap(year):
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
