"""Numbers of accounts: what a slip of the finger does to them."""

import pytest
from hypothesis import given, strategies as st

from odoo.addons.clinic_finance.tools.account_number import (
    account_number,
    find_account_numbers,
    is_account_number,
)

serials = st.integers(1, 10**8)


@given(serials)
def test_number_is_known_again(serial):
    number = account_number(serial)
    assert is_account_number(number)
    assert int(number[:-1]) == serial
    assert find_account_numbers(f"л/с {number}, за лечение") == [number]


@given(serials, st.data())
def test_one_wrong_digit_shows(serial, data):
    number = account_number(serial)
    place = data.draw(st.integers(0, len(number) - 1))
    other = data.draw(st.sampled_from([d for d in "0123456789" if d != number[place]]))
    assert not is_account_number(number[:place] + other + number[place + 1 :])


@given(st.text(max_size=30))
def test_any_text_may_be_read(text):
    for number in find_account_numbers(text):
        assert is_account_number(number)
        assert number in text


@pytest.mark.parametrize(
    "text", ["INV/2026/00001230", "2026-00001230", "a00001230", "", "0", "00000000"]
)
def test_parts_of_other_numbers_are_no_accounts(text):
    assert find_account_numbers(text) == []


def test_no_serial_no_number():
    with pytest.raises(ValueError):
        account_number(0)
