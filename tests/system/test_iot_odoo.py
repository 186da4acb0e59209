"""Odoo with several workers, a real box, and a register, through their own doors.

The box pairs by the token that an administrator is shown, and fetches its drivers from
Odoo. Then everything breaks in turn, and the register's tape is counted.
"""

import json
import os
import random
import time
import urllib.error
import urllib.parse
import urllib.request

import pytest
from simulators import shtrih
from simulators.cable import Cable
from simulators.desk import receipt
from simulators.iot_box import RealBox

pytest.importorskip("schedule")  # of the box itself
IDENTIFIER = "box-under-test"
RECEIPTS = int(os.environ.get("CLINIC_IOT_RECEIPTS", "30"))
TROUBLES = int(os.environ.get("CLINIC_IOT_TROUBLES", "3"))
# Gives the receipts as the desk does, each with its key.
GIVE = """
jobs = env["clinic.iot.job"]
device = env["clinic.iot.device"].search([("identifier", "=", "kassa")])
for key, payload in {payloads!r}:
    jobs._give(device, "receipt", payload, key=key)
    jobs._give(device, "receipt", payload, key=key)
env.cr.commit()
"""


@pytest.fixture
def cable(fresh_server):
    with Cable(urllib.parse.urlsplit(fresh_server.url).port) as cable:
        yield cable


@pytest.fixture
def register():
    with shtrih.Register() as register:
        yield register


@pytest.fixture
def box(register, tmp_path):
    options = {"driver": "shtrih", "port": register.url}
    quick = {"timeout": "0.6", "byte_timeout": "0.02", "pause": "0.02"}
    box = RealBox(tmp_path / "box", {"kassa": options | quick}, identifier=IDENTIFIER)
    yield box
    box.kill()


def token_of(client, cable):
    """Return what an administrator is shown when he wants to pair a box."""
    [branch, *_others] = client.call("clinic.branch", "search", [])
    values = {"name": "Desk", "branch_id": branch, "address": cable.url}
    [pair] = client.call("clinic.iot.pair", "create", [values])
    client.call("clinic.iot.pair", "action_start", [pair])
    [shown] = client.call("clinic.iot.pair", "read", [pair], ["link"])
    return shown["link"]


def paste(box, token):
    """Give the box its token, as a person does on its page."""
    request = urllib.request.Request(
        f"http://127.0.0.1:{box.port}/iot_drivers/connect_to_server",
        json.dumps({"params": {"token": token}}).encode(),
        {"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        assert json.load(answer)["result"]["status"] == "success"


def wait_for(condition, what, register=None, seconds=120):
    """Return what the condition says at last, while somebody looks after the paper."""
    until = time.monotonic() + seconds
    while True:
        try:
            if said := condition():
                return said
        except (OSError, urllib.error.URLError):
            pass  # the server is away at the moment
        assert time.monotonic() < until, f"not so after {seconds} s: {what}"
        if register:
            register.load_paper()
        time.sleep(0.2)


def jobs_of(client):
    return client.search_read(
        "clinic.iot.job",
        [["kind", "=", "receipt"]],
        ["uuid", "state", "settled", "result", "payload", "attempts"],
        order="id",
    )


def test_every_receipt_once_whatever_breaks(
    fresh_server, cable, register, box, record_property
):
    server, dice = fresh_server, random.Random(20261123)
    admin, cashier = server.client("admin"), server.client("cashier")
    token = token_of(admin, cable)
    box.start()
    box.wait_until_up(120)
    paste(box, token)

    def device():
        return cashier.search_read(
            "clinic.iot.device",
            [["identifier", "=", "kassa"], ["kinds", "!=", False]],
            ["type", "kinds", "is_online", "condition_code"],
        )

    # The drivers came from Odoo: without them it would not know what the device is.
    [kassa] = wait_for(
        lambda: [one for one in device() if "receipt" in one["kinds"]], "kassa is there"
    )
    assert kassa["type"] == "fiscal_data_module" and kassa["is_online"], kassa
    drivers = {path.name for path in (box.handlers / "drivers").glob("*.py")}
    assert "clinic_shtrih.py" in drivers
    assert "serial_base_driver.py" not in drivers, "it would speak to the register"
    # The token is worth nothing to anybody else.
    stranger = {"identifier": "stranger", "token": shown_token(token), "ip": "1.2.3.4"}
    answer = server.client().rpc("/iot/setup", iot_box=stranger, devices={})
    assert answer == ""

    register.be_wild(
        0.02,
        moods=(*shtrih.ON_THE_LINE, shtrih.ANSWER_GONE, shtrih.POWER_CUT)
        + (shtrih.PAPER_OUT, shtrih.FOREIGN),
        seed=20261123,
    )
    sums = [100_00 + number for number in range(RECEIPTS)]
    payloads = [(f"test/{total}", receipt(total)) for total in sums]
    server.shell(GIVE.format(payloads=payloads))
    wait_for(lambda: len(jobs_of(cashier)) == RECEIPTS, "given, each once")
    steps = [RECEIPTS * number // (TROUBLES + 1) for number in range(1, TROUBLES + 1)]
    troubles = ["kill", "restart", "cut"] * TROUBLES
    for step, trouble in zip(steps, troubles, strict=False):
        wait_for(
            lambda step=step: len(register.receipts()) >= step,
            f"{step} receipts",
            register,
            60 + 5 * RECEIPTS,
        )
        time.sleep(dice.uniform(0, 0.4))
        if trouble == "kill":
            box.kill()
            box.start()
        elif trouble == "restart":
            server.stop()
            server.start()
        else:
            cable.pull()
            time.sleep(dice.uniform(1, 3))
            cable.plug()
    register.be_good()

    waiting = [["kind", "=", "receipt"], ["settled", "=", False]]
    wait_for(
        lambda: not cashier.call("clinic.iot.job", "search_count", waiting),
        "all have ended",
        register,
        120 + 5 * RECEIPTS,
    )
    jobs = jobs_of(cashier)
    tape = [made.total for made in register.receipts()]
    states = [job["state"] for job in jobs]
    report = {state: states.count(state) for state in set(states)}
    tally = f"{len(jobs)} payments, {len(tape)} receipts on the tape, {report}"
    print(tally)
    record_property("tape", tally)  # kept in the report of the run
    assert set(states) <= {"done", "unknown"}, jobs
    assert len(tape) == len(set(tape)), "a receipt was printed twice"
    assert tape == sorted(tape), "not in the order of the payments"
    for job, total in zip(jobs, sums, strict=True):
        if job["state"] == "done":
            made = register.tape[job["result"]["fd"] - 1]
            assert (made.total, made.foreign) == (total, False)
    if "unknown" not in states:
        assert tape == sums
    woken = box.log.read_text().count("Received message of type iot_action")
    assert woken, "the websocket never woke the box"


def shown_token(link):
    query = urllib.parse.parse_qs(urllib.parse.urlsplit(link).query)
    return query["token"][0]
