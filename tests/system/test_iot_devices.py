"""The other devices of the desk: card terminal, ATOL, scanner, slips and labels."""

import pytest
from simulators import atol, vtk
from simulators.desk import Desk, receipt
from simulators.line import Cut
from simulators.scanner import Gun, Paper
from simulators.stand_in import DROP_AFTER_TAKING, DROP_BEFORE_TAKING

from odoo.addons.clinic_iot.iot_handlers.clinic_devices.atol import (
    AtolRegister,
    receipt_task,
)
from odoo.addons.clinic_iot.iot_handlers.clinic_devices.escpos import EscposPrinter
from odoo.addons.clinic_iot.iot_handlers.clinic_devices.manual import ManualTerminal
from odoo.addons.clinic_iot.iot_handlers.clinic_devices.receipt import Receipt
from odoo.addons.clinic_iot.iot_handlers.clinic_devices.scanner import Scanner
from odoo.addons.clinic_iot.iot_handlers.clinic_devices.vtk import VtkTerminal

MARKING = b"0104600439931256215h!Ul\x1d91EE11\x1d92" + b"a" * 44

# Card terminal


@pytest.fixture(params=[False, True], ids=["tcp", "serial"])
def terminal(request):
    with vtk.Terminal(serial=request.param) as terminal:
        yield terminal


@pytest.fixture
def cards(terminal, tmp_path):
    options = {"port": terminal.url, "timeout": "0.5", "idle_timeout": "0.5"}
    options["link"] = "serial" if terminal.serial else "tcp"
    backend = VtkTerminal("terminal", options)
    with Desk(tmp_path / "journal.sqlite", backend) as desk:
        yield desk


def test_card_is_charged_once(terminal, cards):
    entry = cards.run("terminal", "payment", {"amount": 150_00})
    assert entry.state == "done", entry
    assert terminal.taken == {42: 150_00} and terminal.confirmed
    assert entry.result["operation"] == 42
    assert entry.result["slip"].startswith("ЧЕК 42")


@pytest.mark.parametrize("mood", [vtk.LOST_ANSWER, vtk.POWER_CUT, vtk.WRONG_SUM])
@pytest.mark.parametrize("message", ["VRP", "FIN"])
def test_lost_answer_of_the_terminal_charges_once(terminal, cards, mood, message):
    terminal.be(mood, on=message)
    entry = cards.run("terminal", "payment", {"amount": 150_00})
    if mood == vtk.WRONG_SUM and not terminal.serial:
        # Over TCP nothing checks the bytes: a changed answer is left to a person.
        assert entry.state in ("done", "unknown", "failed")
    else:
        assert entry.state == "done", entry
    assert terminal.taken == {42: 150_00} and terminal.asked == 1


def test_request_that_never_came_takes_nothing(terminal, cards):
    terminal.be(vtk.NOT_HEARD, on="VRP")
    entry = cards.run("terminal", "payment", {"amount": 150_00})
    assert (entry.state, entry.result["code"]) == ("failed", "interrupted")
    assert not terminal.taken


def test_declined_card(terminal, cards):
    terminal.be(vtk.DECLINED, on="VRP")
    entry = cards.run("terminal", "payment", {"amount": 150_00})
    assert (entry.state, entry.result["code"]) == ("failed", "declined")
    assert not terminal.taken and terminal.confirmed
    again = cards.run("terminal", "payment", {"amount": 150_00})
    assert again.state == "done" and terminal.taken == {43: 150_00}


def test_terminal_that_went_on_without_us_is_left_to_a_person(terminal, cards):
    terminal.be(vtk.POWER_CUT, on="VRP")
    terminal.lose_power = lambda: _go_on(terminal)
    entry = cards.run("terminal", "payment", {"amount": 150_00})
    assert (entry.state, entry.result["code"]) == ("unknown", "later_operation")


def _go_on(terminal):
    terminal.last += 1
    raise Cut


def test_terminal_that_stands_alone(tmp_path):
    with Desk(tmp_path / "journal.sqlite", ManualTerminal("card", {})) as desk:
        entry = desk.run("card", "payment", {"amount": 100, "reference": "123456"})
        assert entry.result == {"amount": 100, "reference": "123456"}
        entry = desk.run("card", "payment", {"amount": 100})
        assert entry.result["code"] == "no_reference"


# ATOL


@pytest.fixture
def web_server():
    with atol.Atol() as web_server:
        yield web_server


@pytest.fixture
def register(web_server, tmp_path):
    options = {"url": web_server.url, "pause": "0.05", "timeout": "0.5"}
    with Desk(tmp_path / "journal.sqlite", AtolRegister("kassa", options)) as desk:
        yield desk


def test_atol_prints_a_receipt(web_server, register):
    payload = receipt(100_50, payments={"cash": 50_00, "advance": 50_50})
    payload |= {"contact": "+79120000000", "customer": "Ромашка"}
    entry = register.run("kassa", "receipt", payload)
    assert entry.state == "done", entry
    (task,) = web_server.tape
    assert (task["type"], task["taxationType"], task["total"]) == (
        "sell",
        "usnIncome",
        100.5,
    )
    assert task["payments"] == [
        {"type": "cash", "sum": 50.0},
        {"type": "prepaid", "sum": 50.5},
    ]
    assert task["items"][0]["paymentMethod"] == "fullPayment"
    assert task["items"][0]["paymentObject"] == "service"
    assert task["clientInfo"] == {"emailOrPhone": "+79120000000", "name": "Ромашка"}
    assert entry.result["fd"] == 1
    assert entry.result["check"] == (
        "t=20261123T1005&s=100.50&fn=9999078900000001&i=1&fp=1001&n=1"
    )


@pytest.mark.parametrize(
    ("basis", "word"), [("own", "self"), ("ordered", "instruction")]
)
def test_atol_correction_says_its_basis(basis, word):
    correction = {"type": basis, "date": "2026-11-20", "number": "12-34/567"}
    task = receipt_task(
        Receipt.parse(receipt(50_00, correction=correction)), {"name": "Кассир"}
    )
    assert (task["type"], task["correctionType"]) == ("sellCorrection", word)
    assert task["correctionBaseDate"] == "2026.11.20"
    assert task["correctionBaseNumber"] == "12-34/567"


@pytest.mark.parametrize("mood", [DROP_AFTER_TAKING, DROP_BEFORE_TAKING, atol.SLOW])
def test_atol_never_prints_twice(web_server, register, mood):
    web_server.be(mood)
    entry = register.run("kassa", "receipt", receipt())
    assert entry.state == "done", entry
    assert len(web_server.tape) == 1


def test_atol_says_why_not(web_server, register):
    web_server.be(atol.BROKEN)
    entry = register.run("kassa", "receipt", receipt())
    assert (entry.state, entry.result["code"]) == ("failed", "no_paper")
    assert "бумага" in entry.result["message"]


def test_atol_reports_shifts(web_server, register):
    for kind in ("shift_open", "x_report", "shift_close"):
        assert register.run("kassa", kind).state == "done"
        if kind != "x_report":
            again = register.run("kassa", kind)
            assert (again.state, again.result) == ("done", {"already": True, "cash": 0})
    assert [task["type"] for task in web_server.tape] == ["openShift", "closeShift"]


def test_atol_says_what_it_counts_in_its_drawer(web_server, register):
    cash = {"cash": 2000_00}  # 500 of them are given back
    register.run("kassa", "receipt", receipt(1500_00, payments=cash))
    taken = register.run("kassa", "cash_out", {"amount": 300_00})
    assert (taken.state, taken.result["cash"]) == ("done", 1200_00)
    for kind in ("state", "x_report", "shift_close"):
        entry = register.run("kassa", kind)
        assert (entry.state, entry.result["cash"]) == ("done", 1200_00), kind
    back = receipt(200_00, operation="income_return", payments={"cash": 200_00})
    register.run("kassa", "receipt", back)
    assert register.run("kassa", "shift_open").result == {
        **{"already": True, "cash": 1000_00},
    }
    refused = register.run("kassa", "cash_out", {"amount": 1000_01})
    assert (refused.state, refused.result["code"]) == ("failed", "no_cash")


def test_atol_that_does_not_count_does_its_jobs(web_server, register):
    web_server.counts = False
    for kind in ("shift_open", "x_report", "state", "shift_close"):
        entry = register.run("kassa", kind)
        assert (entry.state, "cash" in entry.result) == ("done", False), kind


def test_atol_opens_its_drawer(web_server, register):
    assert register.run("kassa", "drawer").state == "done"
    assert web_server.drawers == 1
    payload = receipt(payments={"cash": 1500_00}, open_drawer=True)
    assert register.run("kassa", "receipt", payload).state == "done"
    register.until(lambda: web_server.drawers == 2)


# Scanner


@pytest.mark.parametrize("serial", [False, True], ids=["tcp", "serial"])
@pytest.mark.parametrize("end", [b"\r", b"\n", b"\r\n"], ids=["cr", "lf", "crlf"])
def test_scans_come_as_they_were_read(tmp_path, serial, end):
    with Gun(serial=serial, end=end) as gun:
        scanner = Scanner("gun", {"port": gun.url, "listen": "0.1"})
        with Desk(tmp_path / "journal.sqlite", scanner) as desk:
            desk.until(lambda: scanner.listening)
            gun.read_code(b"2900000123457")
            gun.read_code(b"]d2" + MARKING)
            desk.until(lambda: len(desk.told) == 2)
            plain, marking = (values for _device, _kind, values in desk.told)
            assert plain == {"raw": b"2900000123457".hex(), "gs1": {}} | {
                "text": "2900000123457"
            }
            assert bytes.fromhex(marking["raw"]) == MARKING
            assert marking["gs1"]["01"] == "04600439931256"
            assert marking["gs1"]["21"] == "5h!Ul"


# Slips, labels, drawer


def test_slips_labels_and_the_drawer(tmp_path):
    with Paper() as paper:
        printer = EscposPrinter("printer", {"port": paper.url})
        with Desk(tmp_path / "journal.sqlite", printer) as desk:
            slip = [
                {"text": "Клиника «Здоровье»", "align": "center", "big": True},
                {"text": "Итого 1 500 ₽", "bold": True},
                {"code128": "ACT-00123", "align": "center"},
                {"qr": "t=20261123T1005&s=1500.00"},
            ]
            assert desk.run("printer", "slip", {"lines": slip}).state == "done"
            desk.until(lambda: paper.printed.endswith(b"\x1dV\x42\x00"))
            assert 'Клиника "Здоровье"'.encode("cp866") in paper.printed
            assert b"\x1dv0\x00" in paper.printed and b"\x1d(k" in paper.printed
            label = {"lines": [{"code128": "T0001"}], "copies": 2}
            assert desk.run("printer", "label", label).state == "done"
            assert desk.run("printer", "drawer").state == "done"
            desk.until(lambda: paper.printed.endswith(b"\x1b=\x01\x1bp\x00\x19\x19"))
            wrong = desk.run("printer", "slip", {"lines": [{"code128": "ЖЖ"}]})
            assert wrong.result["code"] == "bad_barcode"
            assert desk.run("printer", "slip", {}).result["code"] == "bad_slip"
