"""Searching the website and its addresses, whatever people type."""

from hypothesis import given, strategies as st

from odoo.addons.clinic_portal.tools import codes, lookup


@given(st.text(max_size=80), st.integers(1, 2**31 - 1))
def test_each_address_names_its_record(name, number):
    address = lookup.slug(name, number)
    assert lookup.slug_id(address) == number
    assert address.isascii()
    assert not set(address) & set("/?#%& ")


@given(st.text(max_size=80))
def test_any_text_is_read_without_an_error(text):
    assert lookup.slug_id(text) is None or lookup.slug_id(text) > 0
    code = codes.read_code(text)
    assert code is None or len(code) == codes.CODE_DIGITS


@given(st.text(max_size=80), st.lists(st.text(max_size=40), max_size=5))
def test_a_text_is_found_by_its_own_words(text, others):
    assert lookup.found(text, [*others, text])


@given(st.text(max_size=40), st.lists(st.text(max_size=40), max_size=5))
def test_more_words_never_find_more(query, texts):
    if lookup.found(f"{query} клиника", texts):
        assert lookup.found(query, texts)


@given(st.data())
def test_codes_are_told_apart_by_their_session(data):
    code = data.draw(st.from_regex(r"[0-9]{6}", fullmatch=True))
    assert codes.read_code(f" {code[:3]} {code[3:]} ") == code
    one, other = codes.new_token(), codes.new_token()
    assert codes.digest(one, code) != codes.digest(other, code)
    assert codes.same(codes.digest(one, code), codes.digest(one, code))
