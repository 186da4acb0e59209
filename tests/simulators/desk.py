"""A stand-in for the clinic's server as a worker on the box sees it."""

import json
import threading
import time
import uuid

from odoo.addons.clinic_iot.iot_handlers.clinic_devices import journal, signature
from odoo.addons.clinic_iot.iot_handlers.clinic_devices.worker import Worker

KEYS = signature.derive_keys("token", "box")


def order(device, kind, payload=None, deadline=0, key=KEYS["job"], name=None):
    """Return uuid, text and signature of a job, as the server makes them."""
    name = name or str(uuid.uuid4())
    text = json.dumps(
        {
            "uuid": name,
            "device": device,
            "kind": kind,
            "payload": payload or {},
            "deadline": deadline,
        }
    )
    return name, text, signature.sign_job(key, text)


def receipt(total=1500_00, operation="income", **more):
    """Return the payload of a receipt for one service."""
    item = {
        "name": "Приём терапевта",
        "quantity": "1",
        "price": total,
        "total": total,
        "vat": "none",
        "method": 4,
        "object": 4,
    }
    return {
        "operation": operation,
        "items": [item],
        "payments": {"card": total},
        "tax_system": 2,
        "cashier": "Кассирова А. А.",
        "open_shift": True,
        **more,
    }


class Desk:
    """Gives jobs to one worker and waits for their ends.

    ``allowed`` is what it answers to "may I begin", None: it cannot be reached.
    """

    def __init__(self, path, *backends, pause=0.05, patience=60.0):
        self.journal = journal.Journal(path)
        self.allowed = True
        self.told = []
        self.news = threading.Event()
        self.worker = Worker(
            "port",
            self.journal,
            self,
            lambda: KEYS["job"],
            pause=pause,
            patience=patience,
        )
        for backend in backends:
            self.worker.add(backend)

    def __enter__(self):
        self.worker.start()
        return self

    def __exit__(self, *_exc):
        self.worker.end()
        self.worker.join(10)
        for backend in self.worker.backends.values():
            backend.close()
        self.journal.close()

    # What the worker asks

    def may_begin(self, _uuid):
        return self.allowed

    def report(self):
        self.news.set()

    def tell(self, device, kind, values):
        self.told.append((device, kind, values))

    def now(self):
        return time.time()

    # What a test does

    def give(self, device, kind, payload=None, **options):
        name, text, sign = order(device, kind, payload, **options)
        self.journal.receive(name, device, text, sign)
        self.worker.wake()
        return name

    def wait(self, name, seconds=20, settled=True):
        """Return the entry of a job that has ended."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            entry = self.journal.find(name)
            if entry.settled or (entry.result and not settled):
                return entry
            time.sleep(0.01)
        raise AssertionError(f"no end after {seconds} s: {entry}")

    def run(self, device, kind, payload=None, **options):
        return self.wait(self.give(device, kind, payload, **options))

    def until(self, condition, seconds=10):
        """Wait for something to become true."""
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end, f"not so after {seconds} s"
            time.sleep(0.01)
