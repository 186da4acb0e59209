"""What the box keeps, signs and speaks: journal, jobs, receipts, codes, messages."""

import json

import pytest
from hypothesis import given, settings, strategies as st

from odoo.addons.clinic_iot.iot_handlers.clinic_devices import (
    escpos,
    gs1,
    journal,
    ports,
    signature,
    vtk_frame,
)
from odoo.addons.clinic_iot.iot_handlers.clinic_devices.jobs import (
    Job,
    Refused,
    open_envelope,
)
from odoo.addons.clinic_iot.iot_handlers.clinic_devices.receipt import Receipt

KEYS = signature.derive_keys("token", "box")
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=10),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)


# Signatures


@given(st.dictionaries(st.text(max_size=8), json_values, max_size=4))
def test_signed_job_comes_through(payload):
    text = json.dumps({"uuid": "u", "device": "d", "kind": "k", "payload": payload})
    job = open_envelope(KEYS["job"], text, signature.sign_job(KEYS["job"], text))
    assert job == Job("u", "d", "k", payload)


@given(st.text(min_size=1), st.data())
def test_changed_job_is_refused(text, data):
    sign = signature.sign_job(KEYS["job"], text)
    place = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.characters(codec="utf-8").filter(lambda c: c != text[place]))
    with pytest.raises(Refused, match="not signed"):
        open_envelope(KEYS["job"], text[:place] + other + text[place + 1 :], sign)


@given(st.text(), st.sampled_from(["request", "reply"]))
def test_keys_of_other_sorts_and_boxes_do_not_fit(text, sort):
    with pytest.raises(Refused):
        open_envelope(KEYS["job"], text, signature.sign_job(KEYS[sort], text))
    other = signature.derive_keys("token", "another box")
    with pytest.raises(Refused):
        open_envelope(KEYS["job"], text, signature.sign_job(other["job"], text))


@given(st.binary(max_size=30), st.binary(max_size=30), st.text(max_size=9))
def test_a_byte_cannot_move_between_parts(body, more, path):
    one = signature.sign_request(b"k", "POST", path + "x", 5, "n", body + more)
    two = signature.sign_request(b"k", "POST", path, 5, "n", b"x" + body + more)
    assert one != two


# The journal

actions = st.lists(
    st.tuples(
        st.sampled_from(["receive", "start", "done", "failed", "unknown", "reopen"]),
        st.sampled_from("abc"),
    ),
    max_size=20,
)


@settings(deadline=None, max_examples=40)
@given(actions)
def test_each_uuid_is_started_once_and_ends_once(tmp_path_factory, steps):
    path = tmp_path_factory.mktemp("journal") / "journal.sqlite"
    book = journal.Journal(path)
    identity, started, ends = book.identity, {}, {}
    for step, name in steps:
        known = book.find(name) is not None
        if step == "receive":
            assert book.receive(name, "device", f"text {name}", "sign") is not known
        elif step == "start":
            if book.start(name):
                started[name] = started.get(name, 0) + 1
        elif step == "reopen":
            book.close()
            book = journal.Journal(path)
        elif known:
            book.finish(name, step, {"step": step}, settled=step != "unknown")
            if step != "unknown":
                ends.setdefault(name, step)
    assert book.identity == identity
    assert set(started.values()) <= {1}
    for name, end in ends.items():
        entry = book.find(name)
        assert (entry.state, entry.settled) == (end, True)
        assert entry.result == {"step": end}
    assert not set(book.open_uuids()) & set(ends)
    book.close()


# Receipts


@given(json_values | st.dictionaries(st.text(max_size=9), json_values))
def test_no_payload_breaks_the_reading_of_a_receipt(payload):
    try:
        Receipt.parse(payload)
    except Refused as refusal:
        assert refusal.code == "bad_receipt"


# Scanner


@given(st.lists(st.binary(min_size=1).filter(lambda b: not set(b) & set(b"\r\n"))))
def test_codes_are_split_by_line_ends_only(codes):
    for end in (b"\r", b"\n", b"\r\n"):
        stream = b"".join(code + end for code in codes)
        assert gs1.split_lines(stream + b"rest") == (codes, b"rest")


@given(
    st.text("0123456789", min_size=13, max_size=13),
    st.text("abcXYZ!'\"%&019", min_size=1, max_size=13),
    st.text("abc+/=9192", min_size=44, max_size=44),
    st.sampled_from([b"", b"]d2", b"\x1d"]),
)
def test_marking_is_kept_as_read(digits, serial, crypto, head):
    total = sum(
        int(digit) * (3 if index % 2 == 0 else 1)
        for index, digit in enumerate(reversed(digits))
    )
    gtin = digits + str((10 - total % 10) % 10)
    code = f"01{gtin}21{serial}\x1d91EE11\x1d92{crypto}".encode()
    scan = gs1.read(head + code)
    assert scan.raw == code
    assert scan.fields == {"01": gtin, "21": serial, "91": "EE11", "92": crypto}


@given(st.binary(max_size=40))
def test_any_bytes_may_be_scanned(code):
    assert isinstance(gs1.read(code).text, str)


def test_a_plain_barcode_has_no_fields():
    assert gs1.read(b"4600439931256").fields == {}
    assert gs1.read(b"01046004399312560").fields == {}


# Terminal

arguments = st.dictionaries(st.integers(1, 300), st.text(max_size=300), max_size=6)


@given(arguments)
def test_terminal_messages_round_trip(values):
    message = vtk_frame.encode(vtk_frame.TO_TERMINAL, values)
    assert vtk_frame.decode(message, vtk_frame.TO_TERMINAL) == values
    assert vtk_frame.unwrap(vtk_frame.wrap(message)) == message
    with pytest.raises(vtk_frame.BadMessage):
        vtk_frame.decode(message, vtk_frame.FROM_TERMINAL)


@given(arguments, st.data())
def test_changed_terminal_messages_are_refused(values, data):
    framed = bytearray(vtk_frame.wrap(vtk_frame.encode(vtk_frame.TO_TERMINAL, values)))
    place = data.draw(st.integers(0, len(framed) - 1))
    framed[place] ^= data.draw(st.integers(1, 255))
    with pytest.raises(vtk_frame.BadMessage):
        vtk_frame.unwrap(bytes(framed))


@given(arguments, st.data())
def test_cut_terminal_messages_are_refused(values, data):
    message = vtk_frame.encode(vtk_frame.TO_TERMINAL, values)
    cut = message[: data.draw(st.integers(0, len(message) - 1))]
    with pytest.raises(vtk_frame.BadMessage):
        vtk_frame.decode(cut, vtk_frame.TO_TERMINAL)


# Labels


@given(
    st.lists(st.text("01", min_size=1, max_size=40), min_size=1, max_size=4),
    st.integers(1, 3),
)
def test_pictures_say_their_size(rows, scale):
    width = max(len(row) for row in rows)
    rows = [row.ljust(width, "0") for row in rows]
    picture = escpos.raster(rows, scale=scale)
    across = int.from_bytes(picture[4:6], "little")
    assert across == (width * scale + 7) // 8
    assert int.from_bytes(picture[6:8], "little") == len(rows)
    assert len(picture) == 8 + across * len(rows)


def test_barcode_of_an_act_fits_the_paper():
    picture = escpos.code128("ACT-2026-00123", 384)
    assert picture.startswith(b"\x1dv0\x00")
    assert int.from_bytes(picture[4:6], "little") * 8 <= 384
    with pytest.raises(Refused, match="too long"):
        escpos.code128("A" * 60, 384)
    with pytest.raises(Refused, match="Latin"):
        escpos.code128("АКТ", 384)


def test_a_device_without_a_driver_is_starting_before_it_is_wrong():
    assert ports.unattached(False, 1)["code"] == "starting"
    assert ports.unattached(True, 1)["code"] == "not_usable", "a driver could not"
    assert ports.unattached(False, ports.STARTING + 1)["code"] == "not_usable"
