"""The worker of the box is killed again and again in the middle of receipts.

Without Odoo around it a start takes a moment only, so that many moments are hit.
"""

import os
import random
import subprocess
import sys
import time

import pytest
from simulators import shtrih
from simulators.desk import KEYS, order, receipt
from simulators.iot_box import ADDON

from odoo.addons.clinic_iot.iot_handlers.clinic_devices.journal import Journal

RECEIPTS = int(os.environ.get("CLINIC_IOT_KILLED_RECEIPTS", "40"))
COMMANDS = 60  # a start asks for the state first; a receipt takes about ten
WORKER = """
import sys, time
path, key, port, level = sys.argv[1:]
from clinic_devices.journal import Journal
from clinic_devices.shtrih import ShtrihRegister
from clinic_devices.worker import Worker

class Server:
    def may_begin(self, uuid): return True
    def report(self): pass
    def tell(self, *values): pass
    def now(self): return time.time()

options = {"port": port, "level": level, "timeout": "0.6", "byte_timeout": "0.02"}
worker = Worker("port", Journal(path), Server(), lambda: bytes.fromhex(key), pause=0.05)
worker.add(ShtrihRegister("kassa", options | {"pause": "0.02"}))
worker.run()
"""


def start(path, register):
    key = KEYS["job"].hex()
    return subprocess.Popen(
        [sys.executable, "-c", WORKER, str(path), key, register.url, register.level],
        env={**os.environ, "PYTHONPATH": str(ADDON / "iot_handlers")},
        stderr=subprocess.DEVNULL,
    )


@pytest.mark.parametrize("level", ["1", "2"], ids=["level 1", "level 2"])
def test_each_receipt_is_on_the_tape_once(tmp_path, level):
    dice = random.Random(f"receipts of level {level}")
    path = tmp_path / "journal.sqlite"
    journal = Journal(path)
    sums = [100_00 + number for number in range(RECEIPTS)]
    names = []
    for amount in sums:
        name, text, sign = order("kassa", "receipt", receipt(amount))
        journal.receive(name, "kassa", text, sign)
        names.append(name)
    kills = in_the_middle = 0
    with shtrih.Register(level=level) as register:
        until = time.monotonic() + 60 + 2 * RECEIPTS
        while journal.open_uuids():
            assert time.monotonic() < until, journal.next_of(["kassa"])
            worker, seen = start(path, register), len(register.commands)
            try:
                # Told by commands, not by seconds: anywhere in the next receipts,
                # however quick the machine is.
                last = seen + dice.randint(1, COMMANDS)
                while worker.poll() is None and len(register.commands) < last:
                    if time.monotonic() > until or not journal.open_uuids():
                        break
                    time.sleep(0.002)
                time.sleep(dice.uniform(0, 0.02))
            finally:
                worker.kill()
                worker.wait()
            kills += 1
            entry = journal.next_of(["kassa"])
            in_the_middle += bool(entry and entry.state == "running")
        tape = [made.total for made in register.receipts()]
        ends = [journal.find(name) for name in names]
        states = {end.state for end in ends}
        print(f"{len(tape)} receipts, {kills} kills, {in_the_middle} in the middle")
        assert states == {"done"}
        assert tape == sums
        numbers = [end.result["fd"] for end in ends]
        assert [register.tape[number - 1].total for number in numbers] == sums
    assert kills > 2
    journal.close()
