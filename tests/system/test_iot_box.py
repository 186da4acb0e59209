"""A real IoT box of Odoo, a register, and a server that comes and goes.

The count that matters is the register's tape: each payment has one receipt on it.
"""

import json
import os
import random
import time
import urllib.request

import pytest
from simulators import shtrih
from simulators.clinic_server import ClinicServer
from simulators.desk import receipt
from simulators.iot_box import ADDON, RealBox

pytest.importorskip("schedule")  # of the box itself
IDENTIFIER = "box-under-test"
# Each round kills the box once, at one of its receipts, and lasts 10 s and longer.
ROUNDS = int(os.environ.get("CLINIC_IOT_ROUNDS", "2"))
RECEIPTS = int(os.environ.get("CLINIC_IOT_RECEIPTS", "4"))


@pytest.fixture
def server():
    with ClinicServer(IDENTIFIER, ADDON / "iot_handlers") as server:
        yield server


@pytest.fixture
def register():
    with shtrih.Register() as register:
        yield register


@pytest.fixture
def box(register, tmp_path):
    options = {"driver": "shtrih", "port": register.url, "name": "Front desk"}
    quick = {"timeout": "0.6", "byte_timeout": "0.02", "pause": "0.02"}
    box = RealBox(tmp_path / "box", {"kassa": options | quick}, identifier=IDENTIFIER)
    yield box
    box.kill()


def test_box_pairs_fetches_handlers_and_prints(server, register, box):
    box.start()
    box.wait_until_up()
    # As the page of the box does when a person pastes the token.
    token = f"{server.url}?token={server.token}&db_uuid=0&enterprise_code=&db_name="
    request = urllib.request.Request(
        f"http://127.0.0.1:{box.port}/iot_drivers/connect_to_server",
        json.dumps({"params": {"token": token}}).encode(),
        {"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert json.load(answer)["result"]["status"] == "success"
    name = server.give("kassa", "receipt", receipt(123_45))
    (job,) = server.wait([name], 90)
    assert job.state == "done", job
    (made,) = register.receipts()
    assert made.total == 123_45 and job.result["fd"] == made.fd
    # The box tells what the device is as soon as its driver has taken it.
    until = time.monotonic() + 60
    while not server.devices["kassa"]["type"] and time.monotonic() < until:
        time.sleep(0.2)
    kinds = {name: one["type"] for name, one in server.devices.items()}
    assert kinds == {"kassa": "fiscal_data_module"}
    assert server.devices["kassa"]["name"] == "Front desk"
    # While its drivers were loaded nothing was wrong with it.
    assert ("kassa", "not_usable") not in server.conditions
    # And Odoo's way of it as well.
    setup = server.setups[-1]
    assert setup["iot_box"]["identifier"] == IDENTIFIER
    # Whoever is in the network may ask it to look, not to print.
    command = {"session_id": "x", "device_identifier": "kassa"}
    for action in ("wake", "receipt"):
        data = command | {"data": {"action": action, **receipt()}}
        request = urllib.request.Request(
            f"http://127.0.0.1:{box.port}/iot_drivers/action",
            json.dumps({"params": data}).encode(),
            {"Content-Type": "application/json"},
        )
        urllib.request.urlopen(request, timeout=10).close()
    time.sleep(0.5)
    assert len(register.receipts()) == 1
    assert not server.refused
    assert "Unable to load handler file: clinic_" not in box.log.read_text()


def test_box_takes_the_drivers_of_a_server_that_was_away_when_it_started(
    server, register, box
):
    box.pair(server)
    box.start()
    server.wait([server.give("kassa", "receipt", receipt(1_00))], 90)
    box.kill()
    server.stop()
    marker = "drivers/clinic_fresh.py"
    server.handlers = {**server.handlers, marker: b"# of a newer server"}
    box.start()
    box.wait_until_up(90)
    # It has given up to ask for drivers: its threads are at work with the old ones.
    wait_for(lambda: "The server is away" in box.log.read_text(), register)
    assert not (box.handlers / marker).exists()
    names = [server.give("kassa", "receipt", receipt(total)) for total in (2_00, 3_00)]
    server.start()
    wait_for(lambda: (box.handlers / marker).exists(), register)
    names.append(server.give("kassa", "receipt", receipt(4_00)))
    assert {job.state for job in server.wait(names, 90)} == {"done"}
    assert [made.total for made in register.receipts()] == [1_00, 2_00, 3_00, 4_00]
    # Once is enough.
    time.sleep(5)
    assert box.log.read_text().count("the box starts anew") == 1


def test_every_receipt_once_whatever_breaks(server, register, box):
    """Kill the box in the middle, stop the server, trouble the register."""
    dice = random.Random(20261123)
    box.pair(server)
    register.be_wild(
        0.02,
        moods=(*shtrih.ON_THE_LINE, shtrih.ANSWER_GONE, shtrih.POWER_CUT)
        + (shtrih.PAPER_OUT, shtrih.FOREIGN),
        seed=20261123,
    )
    sums, names, killed_in = [], [], []
    for _ in range(ROUNDS):
        box.start()
        box.wait_until_up(90)
        for _ in range(RECEIPTS):
            sums.append(100_00 + len(sums))
            names.append(server.give("kassa", "receipt", receipt(sums[-1])))
        victim = server.jobs[names[-1 - dice.randrange(RECEIPTS)]]
        wait_for(lambda job=victim: job.begun, register, 60 + 2 * RECEIPTS)
        if dice.random() < 0.5:
            server.stop()
        server.lose_answers = dice.choice([0, 2])
        time.sleep(dice.uniform(0, 0.4))
        box.kill()
        killed_in.append([job.state for job in server.jobs.values()].count("running"))
        server.start()
        register.load_paper()
    server.lose_answers = 0
    register.be_good()
    box.start()
    patience = 60 + 2 * RECEIPTS * ROUNDS
    wait_for(
        lambda: all(server.jobs[name].settled for name in names), register, patience
    )
    jobs = [server.jobs[name] for name in names]
    tape = [made.total for made in register.receipts()]
    states = [job.state for job in jobs]
    report = {state: states.count(state) for state in set(states)}
    print(f"{len(jobs)} payments, {len(tape)} receipts, {report}, kills: {killed_in}")
    assert set(states) <= {"done", "unknown"}, jobs
    assert len(tape) == len(set(tape)), "a receipt was printed twice"
    assert tape == sorted(tape), "not in the order of the payments"
    for job, amount in zip(jobs, sums, strict=True):
        if job.state == "done":
            made = register.tape[job.result["fd"] - 1]
            assert (made.total, made.foreign) == (amount, False)
    if "unknown" not in states:
        assert tape == sums


def wait_for(condition, register, seconds=120):
    """Wait, while somebody looks after the paper."""
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, f"not so after {seconds} s"
        register.load_paper()
        time.sleep(0.05)
