"""A SHTRIH-M register that misbehaves: each receipt once on its tape, or known not."""

import datetime
import time

import pytest
from simulators import shtrih
from simulators.desk import Desk, receipt

from odoo.addons.clinic_iot.iot_handlers.clinic_devices import tlv
from odoo.addons.clinic_iot.iot_handlers.clinic_devices.shtrih import ShtrihRegister

OPTIONS = {"timeout": "0.6", "byte_timeout": "0.02", "pause": "0.02"}


@pytest.fixture(params=["1", "2"], ids=["level 1", "level 2"])
def level(request):
    return request.param


@pytest.fixture
def register(level):
    with shtrih.Register(level=level) as register:
        yield register


def backend(register):
    return ShtrihRegister(
        "kassa", {**OPTIONS, "port": register.url, "level": register.level}
    )


@pytest.fixture
def desk(register, tmp_path):
    """Return a desk with the register, and no other device."""
    with Desk(tmp_path / "journal.sqlite", backend(register)) as desk:
        yield desk


def test_receipt_with_its_fiscal_data(register, desk):
    payload = receipt(
        1500_00,
        payments={"cash": 1000_00, "advance": 600_00},
        contact="patient@example.com",
        customer="ООО «Ромашка»",
        customer_inn="7707083893",
    )
    payload["items"].append(
        {
            **payload["items"][0],
            "name": "Бинт",
            "quantity": "2.5",
            "price": 20_00,
            "total": 50_00,
            "vat": "vat22",
            "object": 1,
        }
    )
    entry = desk.run("kassa", "receipt", payload)
    assert entry.state == "done", entry
    (made,) = register.receipts()
    assert made.total == 1550_00
    assert [item["name"] for item in made.items] == ["Приём терапевта", "Бинт"]
    assert made.items[1]["quantity"] == 2_500_000
    assert made.items[1]["vat"] == 0xCB and made.items[0]["vat"] == 0x08
    assert made.payments[0] == 1000_00 and made.payments[13] == 600_00
    assert made.tax_system == 2
    assert b"patient@example.com" in made.tags
    assert entry.result["fd"] == made.fd and entry.result["fp"] == made.fp
    assert entry.result["change"] == 50_00
    assert entry.result["fn"] == shtrih.FN
    assert entry.result["printed"] is True
    check = entry.result["check"]
    assert check.endswith(f"&s=1550.00&fn={shtrih.FN}&i={made.fd}&fp={made.fp}&n=1")
    assert register.cash == 950_00


def test_shift_reports_cash_and_drawer(register, desk):
    opened = desk.run("kassa", "shift_open")
    assert opened.state == "done" and opened.result["shift"] == 1
    again = desk.run("kassa", "shift_open")
    assert again.state == "done", "it is open, as was wanted"
    assert again.result["already"] and again.result["shift"] == 1
    assert desk.run("kassa", "cash_in", {"amount": 500_00}).result == {"cash": 500_00}
    assert desk.run("kassa", "cash_out", {"amount": 100_00}).result == {"cash": 400_00}
    refused = desk.run("kassa", "cash_out", {"amount": 999_00})
    assert (refused.state, refused.result["code"]) == ("failed", "no_cash")
    report = desk.run("kassa", "x_report").result
    assert (report["shift"], report["cash"]) == ("open", 400_00)
    assert desk.run("kassa", "drawer").state == "done"
    assert register.drawer_opened == 1
    assert desk.run("kassa", "copy").state == "done"
    assert desk.run("kassa", "print_text", {"text": "Внимание\nстрока"}).state == "done"
    closed = desk.run("kassa", "shift_close")
    assert closed.state == "done" and not register.shift_open
    assert closed.result["cash"] == 400_00
    assert desk.run("kassa", "shift_close").result["already"]
    assert [made.type for made in register.tape] == [2, 5]


def test_return_and_correction(register, desk):
    desk.run("kassa", "receipt", receipt(100_00, payments={"cash": 100_00}))
    back = receipt(100_00, "income_return", payments={"cash": 100_00})
    assert desk.run("kassa", "receipt", back).state == "done"
    fixed = receipt(50_00, correction={"type": "own", "date": "2026-11-20"})
    entry = desk.run("kassa", "receipt", fixed)
    assert entry.state == "done", entry
    assert [made.operation for made in register.receipts()] == [1, 2, 1]
    assert [made.type for made in register.receipts()] == [3, 3, 31]
    assert register.cash == 0


@pytest.mark.parametrize(("basis", "code"), [("own", b"\0"), ("ordered", b"\1")])
def test_correction_says_its_basis(register, desk, basis, code):
    correction = {"type": basis, "date": "2026-11-20"}
    if basis == "ordered":
        correction["number"] = "12-34/567"
    entry = desk.run("kassa", "receipt", receipt(50_00, correction=correction))
    assert entry.state == "done", entry
    tags = dict(tlv.unpack(register.receipts()[0].tags))
    assert tags[1173] == code
    told = dict(tlv.unpack(tags[tlv.CORRECTION_BASIS]))
    day = datetime.datetime(2026, 11, 20, tzinfo=datetime.timezone.utc)
    assert int.from_bytes(told[tlv.BASIS_DATE], "little") == day.timestamp()
    assert (tlv.BASIS_NUMBER in told) == (basis == "ordered")


def test_marked_goods_are_checked_and_bound(register, desk):
    marking = b"0104600439931256215h!Ul\x1d93dGVz".hex()
    payload = receipt(10_00)
    payload["items"][0]["marking"] = marking
    assert desk.run("kassa", "receipt", payload).state == "done"
    assert b"\xff\x67" in register.commands
    assert desk.run("kassa", "check_marking", {"marking": marking}).state == "done"


def test_wrong_receipt_never_reaches_the_register(register, desk):
    wrong = receipt(100_00, payments={"card": 90_00})
    entry = desk.run("kassa", "receipt", wrong)
    assert (entry.state, entry.result["code"]) == ("failed", "bad_receipt")
    assert not register.commands


def test_closed_shift_is_said_unless_it_may_be_opened(register, desk):
    entry = desk.run("kassa", "receipt", receipt(open_shift=False))
    assert (entry.state, entry.result["code"]) == ("failed", "shift_closed")
    assert desk.run("kassa", "receipt", receipt()).state == "done"


@pytest.mark.parametrize("mood", shtrih.ON_THE_LINE)
@pytest.mark.parametrize(
    "code", [shtrih.OPEN, shtrih.ITEM, shtrih.CLOSE], ids=["open", "item", "close"]
)
def test_line_troubles_make_one_receipt(register, desk, mood, code):
    register.be(mood, on=code)
    entry = desk.run("kassa", "receipt", receipt())
    assert entry.state == "done", entry
    (made,) = register.receipts()
    assert made.total == 1500_00 and len(made.items) == 1
    assert entry.result["fd"] == made.fd


@pytest.mark.parametrize("mood", [shtrih.ANSWER_GONE, shtrih.POWER_CUT])
@pytest.mark.parametrize(
    "code", [shtrih.OPEN, shtrih.ITEM, shtrih.CLOSE], ids=["open", "item", "close"]
)
def test_power_cut_makes_one_receipt(register, desk, mood, code):
    register.be(mood, on=code)
    entry = desk.run("kassa", "receipt", receipt())
    assert entry.state == "done", entry
    (made,) = register.receipts()
    assert (made.total, len(made.items)) == (1500_00, 1)


def test_power_cut_around_reports_and_cash(register, desk):
    register.be(shtrih.ANSWER_GONE, on=b"\xe0")
    assert desk.run("kassa", "shift_open").state == "done"
    register.be(shtrih.ANSWER_GONE, on=b"\x50")
    assert desk.run("kassa", "cash_in", {"amount": 10_00}).result == {"cash": 10_00}
    register.be(shtrih.POWER_CUT, on=b"\x50")
    assert desk.run("kassa", "cash_in", {"amount": 10_00}).result == {"cash": 20_00}
    register.be(shtrih.ANSWER_GONE, on=b"\x41")
    assert desk.run("kassa", "shift_close").state == "done"
    assert [made.type for made in register.tape] == [2, 5]


def test_slow_answer_is_waited_for(register, desk):
    register.slow_for = 0.3
    register.be(shtrih.SLOW, on=shtrih.CLOSE)
    assert desk.run("kassa", "receipt", receipt()).state == "done"
    assert len(register.receipts()) == 1


def test_too_slow_answer_is_found_out(register, desk):
    register.slow_for = 1.2
    register.be(shtrih.SLOW, on=shtrih.CLOSE)
    assert desk.run("kassa", "receipt", receipt()).state == "done"
    assert len(register.receipts()) == 1


def test_another_programs_receipt_is_not_taken_for_ours(register, desk):
    # The same sum, made between our question for the last document and our receipt.
    register.be(shtrih.FOREIGN, on=shtrih.OPEN)
    register.be(shtrih.POWER_CUT, on=shtrih.CLOSE)
    desk.run("kassa", "shift_open")
    entry = desk.run("kassa", "receipt", receipt(100_00))
    assert entry.state == "done"
    (made,) = register.receipts()
    assert len(register.receipts(own_only=False)) == 2
    assert entry.result["fd"] == made.fd


def test_paper_out_after_the_document_is_made(register, desk):
    register.be(shtrih.PAPER_OUT, on=shtrih.CLOSE)
    entry = desk.run("kassa", "receipt", receipt())
    assert entry.state == "done" and entry.result["printed"] is False
    second = desk.give("kassa", "receipt", receipt(200_00))
    desk.until(lambda: desk.told)
    assert desk.told[-1][:2] == ("kassa", "condition")
    assert desk.told[-1][2]["code"] == "no_paper"
    assert desk.journal.find(second).state == "received"
    register.load_paper()
    assert desk.wait(second).state == "done"
    assert desk.told[-1] == ("kassa", "condition", {})
    assert [made.total for made in register.receipts()] == [1500_00, 200_00]


def test_paper_that_comes_back_prints_on_though_nobody_pays(register, desk):
    register.be(shtrih.PAPER_OUT, on=shtrih.CLOSE)
    assert desk.run("kassa", "receipt", receipt()).state == "done"
    desk.until(lambda: desk.told)
    assert desk.told[-1][2]["code"] == "no_paper", "the patient has no receipt yet"
    register.load_paper()
    desk.until(lambda: desk.told[-1][2] == {})
    assert register.submode == 0 and b"\xb0" in register.commands
    assert len(register.receipts()) == 1


def test_shift_of_yesterday_is_not_taken_over(register, desk):
    desk.run("kassa", "shift_open")
    register.shift_old = True
    entry = desk.run("kassa", "shift_open")
    assert (entry.state, entry.result["code"]) == ("failed", "shift_expired")
    assert desk.run("kassa", "shift_close").state == "done"
    assert desk.run("kassa", "shift_open").state == "done"


def test_paper_out_in_the_middle_is_cancelled_and_done_again(register, desk):
    register.be(shtrih.PAPER_OUT_BEFORE, on=shtrih.ITEM)
    name = desk.give("kassa", "receipt", receipt())
    desk.until(lambda: "n0" in desk.journal.find(name).notes and register.submode)
    assert not desk.journal.find(name).settled
    register.load_paper()
    entry = desk.wait(name)
    assert entry.state == "done", entry
    assert len(register.receipts()) == 1 and register.cancelled == 1


def test_full_storage_and_old_shift_are_said(register, desk):
    register.be(shtrih.FN_FULL, on=shtrih.CLOSE)
    entry = desk.run("kassa", "receipt", receipt())
    assert (entry.state, entry.result["code"]) == ("failed", "fn_full")
    register.full = False
    register.shift_old = True
    entry = desk.run("kassa", "receipt", receipt())
    assert (entry.state, entry.result["code"]) == ("failed", "shift_expired")
    assert not register.receipts() and register.receipt is None


def test_switched_off_register_is_waited_for_until_the_deadline(tmp_path, level):
    with shtrih.Register(level=level) as register:
        with Desk(tmp_path / "journal.sqlite", backend(register)) as desk:
            register.dark_until = time.monotonic() + 1
            assert desk.run("kassa", "receipt", receipt()).state == "done"
            register.dark_until = time.monotonic() + 60
            late = int(time.time()) + 1
            entry = desk.run("kassa", "receipt", receipt(), deadline=late)
            assert (entry.state, entry.result["code"]) == ("failed", "too_late")
            assert entry.result["because"]["code"] == "offline"
            assert len(register.receipts()) == 1


def test_lasting_doubt_is_said_and_cleared_up_later(tmp_path, level):
    with shtrih.Register(level=level) as register:
        path = tmp_path / "journal.sqlite"
        with Desk(path, backend(register), patience=0.3) as desk:
            register.be(shtrih.ANSWER_GONE, on=shtrih.CLOSE)
            register.lose_power = lambda: _cut(register, 3)
            name = desk.give("kassa", "receipt", receipt())
            entry = desk.wait(name, settled=False)
            assert entry.state == "unknown" and not entry.settled
            assert desk.wait(name).state == "done"
            assert len(register.receipts()) == 1


def _cut(register, seconds):
    register.dark_until = time.monotonic() + seconds
    raise shtrih.Cut


def test_job_over_a_serial_line(tmp_path, level):
    with shtrih.Register(level=level, serial=True) as register:
        with Desk(tmp_path / "journal.sqlite", backend(register)) as desk:
            register.be(shtrih.LOST_ACK, on=shtrih.CLOSE)
            register.be(shtrih.WRONG_LRC, on=shtrih.ITEM)
            assert desk.run("kassa", "receipt", receipt()).state == "done"
            assert len(register.receipts()) == 1


def test_a_wild_register_prints_each_receipt_once(register, desk):
    register.be_wild(0.08, moods=shtrih.ON_THE_LINE + (shtrih.FOREIGN,), seed=7)
    sums = [100_00 + number for number in range(12)]
    names = [desk.give("kassa", "receipt", receipt(total)) for total in sums]
    ends = [desk.wait(name, seconds=60) for name in names]
    assert {end.state for end in ends} == {"done"}
    assert [made.total for made in register.receipts()] == sums
    assert [end.result["fd"] for end in ends] == [
        made.fd for made in register.receipts()
    ]


# Who may say what


def test_only_our_server_gives_jobs(register, desk):
    from simulators.desk import order

    name, text, sign = order("kassa", "receipt", receipt(), key=b"somebody else")
    desk.journal.receive(name, "kassa", text, sign)
    desk.worker.wake()
    assert desk.wait(name).result["code"] == "bad_signature"
    # A good signature does not cover another text.
    name, text, sign = order("kassa", "receipt", receipt(100_00))
    forged = text.replace("10000", "99900")
    desk.journal.receive(name, "kassa", forged, sign)
    desk.worker.wake()
    assert desk.wait(name).result["code"] == "bad_signature"
    assert not register.commands


def test_known_uuid_is_never_printed_again(register, desk):
    name = desk.give("kassa", "receipt", receipt())
    first = desk.wait(name)
    desk.journal.mark_reported(name, "done")
    assert not desk.journal.unreported()
    desk.give("kassa", "receipt", receipt(777_00), name=name)
    again = desk.wait(name)
    assert again.result == first.result
    assert [entry.uuid for entry in desk.journal.unreported()] == [name]
    assert len(register.receipts()) == 1


def test_withdrawn_job_is_not_begun(register, desk):
    desk.allowed = None  # the server is away
    name = desk.give("kassa", "receipt", receipt())
    time.sleep(0.3)
    assert desk.journal.find(name).state == "received"
    desk.allowed = False
    assert desk.wait(name).result["code"] == "withdrawn"
    assert not register.receipts()
