"""Frames of the devices: what goes in comes out, what was changed is refused."""

import pytest
from hypothesis import assume, given, strategies as st

from odoo.addons.clinic_iot.iot_handlers.clinic_devices import (
    shtrih_frame as frames,
    tlv,
)

bodies = st.binary(min_size=1, max_size=255)


@given(bodies)
def test_level_1_round_trip(body):
    assert frames.decode(frames.encode(body)) == body


@given(bodies, st.data())
def test_level_1_refuses_a_changed_byte(body, data):
    frame = bytearray(frames.encode(body))
    place = data.draw(st.integers(0, len(frame) - 1))
    frame[place] ^= data.draw(st.integers(1, 255))
    with pytest.raises(frames.BadFrame):
        frames.decode(bytes(frame))


@given(bodies, st.data())
def test_level_1_refuses_a_cut_frame(body, data):
    frame = frames.encode(body)
    with pytest.raises(frames.BadFrame):
        frames.decode(frame[: data.draw(st.integers(0, len(frame) - 1))])


@given(st.integers(0, 0xFFFF), st.binary(min_size=1, max_size=300))
def test_level_2_round_trip(number, body):
    frame = frames.encode2(number, body)
    # The begin of a frame never occurs inside of one.
    assert frame.count(frames.STX2) == 1
    assert frames.decode2(frame) == (number, body)


def test_level_2_asks_for_the_last_number():
    assert frames.encode2(None) == bytes.fromhex("8f 00 00 0f 1d")
    assert frames.decode2(frames.encode2(None)) == (None, b"")


@given(st.integers(0, 0xFFFF), st.binary(min_size=1, max_size=300), st.data())
def test_level_2_refuses_changed_bytes(number, body, data):
    frame = bytearray(frames.encode2(number, body))
    # Any two bytes side by side: a burst that the check sum surely sees.
    place = data.draw(st.integers(0, len(frame) - 2))
    frame[place] ^= data.draw(st.integers(0, 255))
    frame[place + 1] ^= data.draw(st.integers(1, 255))
    assume(bytes(frame) != frames.encode2(number, body))
    with pytest.raises(frames.BadFrame):
        frames.decode2(bytes(frame))


@given(st.binary(max_size=200))
def test_stuffing_round_trip(data):
    assert frames.unstuff(frames.stuff(data)) == data


def test_the_check_sum_is_the_one_of_the_norm():
    assert frames.crc16(b"123456789") == 0x29B1


@given(st.lists(st.tuples(st.integers(1, 0xFFFF), st.binary(max_size=60))))
def test_tags_round_trip(tags):
    assert tlv.unpack(tlv.pack_all(tags)) == tags


@given(st.lists(st.tuples(st.integers(1, 0xFFFF), st.binary(max_size=9)), min_size=1))
def test_cut_tags_are_refused(tags):
    with pytest.raises(tlv.BadTlv):
        tlv.unpack(tlv.pack_all(tags)[:-1])


@given(st.text("0123456789abcdef", min_size=16, max_size=16))
def test_our_own_number_is_found_in_a_document(number):
    tags = tlv.pack(1008, b"a@b.ru") + tlv.user_tag("ID", number)
    assert tlv.user_value(tags) == number
    assert tlv.user_value(tlv.pack(3, tags)) == number
    assert tlv.user_value(tlv.pack(1008, b"a@b.ru")) is None
