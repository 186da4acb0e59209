"""Where Odoo's box and our devices meet: the only module here that knows Odoo."""

import logging
import threading
import time
from pathlib import Path
from typing import Any

import requests

from odoo.addons.iot_drivers.driver import Driver
from odoo.addons.iot_drivers.tools import helpers

from .backend import Backend
from .journal import Journal
from .poller import Poller
from .ports import device_sections, unattached
from .renewal import Renewal, digest, read
from .worker import Worker

_logger = logging.getLogger(__name__)

CONNECTION = "clinic"
SECTION = "clinic_iot"
HANDLERS = Path(__file__).resolve().parent.parent
# Where Odoo's box keeps the name of the drivers that it has fetched.
ETAG = "iot_handlers_etag"


def setting(name: str, default: float) -> float:
    return float(helpers.get_conf(name, section=SECTION) or default)


class ClinicDriver(Driver):
    """A device of ours, as the box wants to see it. The work is its backend's.

    A subclass names ``driver`` (what the configuration calls it) and ``backend``.
    """

    connection_type = CONNECTION
    driver = ""
    backend: type[Backend] | None = None

    @classmethod
    def supported(cls, device):
        return bool(cls.driver) and device.get("driver") == cls.driver

    def __init__(self, identifier, device):
        super().__init__(identifier, device)
        self.port = device.get("port") or device.get("url") or identifier
        self.device = self.backend(identifier, device)
        self.device_type = self.device.type
        self.device_subtype = self.device.subtype
        self.device_name = device.get("name") or f"{self.driver} {identifier}"
        self.device_manufacturer = self.device.manufacturer
        network = "://" in self.port
        self.device_connection = "network" if network else "serial"
        # Nothing here prints: whoever reaches the box may only make it ask the server.
        self._actions["wake"] = lambda _data: the_box().poller.wake()

    def run(self):
        the_box().attach(self.port, self.device)

    def disconnect(self):
        the_box().detach(self.port, self.device_identifier)
        super().disconnect()


class Box:
    """Journal, workers and the way to the server: once in a process."""

    def __init__(self):
        path = helpers.get_conf("journal", section=SECTION)
        self.journal = Journal(path or helpers.path_file("clinic_iot.sqlite"))
        self.workers: dict[str, Worker] = {}
        self.broken: set[str] = set()  # devices whose section cannot be used
        self.started = time.monotonic()
        self._lock = threading.Lock()
        self.poller = Poller(
            self.journal,
            helpers.get_identifier(),
            self._where,
            # Looked up at each call: the box adds the name of the database to it.
            lambda *args, **options: requests.post(*args, **options),
            self.describe,
            self.deliver,
            wait=float(helpers.get_conf("wait", section=SECTION) or 25),
            longest_pause=float(
                helpers.get_conf("longest_pause", section=SECTION) or 30
            ),
            drivers=self._drivers,
        )
        # Those in its memory: what its configuration says may have come to nothing.
        self._loaded = digest(read(HANDLERS))
        self.poller.offered = Renewal(
            HANDLERS,
            self._drivers,
            lambda etag: helpers.update_conf({ETAG: etag}),
            self._fetch_drivers,
            self._hold,
            self.journal.is_busy,
            self._restart,
        ).offered

    @staticmethod
    def _where():
        url, token = helpers.get_odoo_server_url(), helpers.get_token()
        return (url, token) if url and token else None

    def _drivers(self) -> str:
        return self._loaded

    def _fetch_drivers(self) -> bytes:
        answer = requests.post(
            helpers.get_odoo_server_url() + "/iot/get_handlers",
            data={"identifier": helpers.get_identifier(), "auto": "True"},
            timeout=20,
        )
        answer.raise_for_status()
        return answer.content

    def _hold(self, holds: bool) -> None:
        self.poller.holds = holds

    def _restart(self) -> None:
        helpers.odoo_restart()
        # Should that fail, the box goes on with what it has in its memory.
        again = threading.Timer(120, self._hold, [False])
        again.daemon = True
        again.start()

    def attach(self, port: str, backend: Backend) -> None:
        with self._lock:
            worker = self.workers.get(port)
            if worker is None:
                worker = self.workers[port] = Worker(
                    port,
                    self.journal,
                    self.poller,
                    self.poller.job_key,
                    pause=setting("pause", 2),
                    patience=setting("patience", 60),
                )
                worker.start()
        worker.add(backend)
        _logger.info("%s works on %s", backend.identifier, port)

    def detach(self, port: str, identifier: str) -> None:
        if port in self.workers:
            self.workers[port].remove(identifier)

    def describe(self) -> dict[str, dict[str, Any]]:
        """Return the devices of this box, for the server."""
        sections = configured()
        age = time.monotonic() - self.started
        named = {
            name: {
                "type": "",
                "kinds": [],
                "condition": unattached(name in self.broken, age),
            }
            for name in sections
        }
        devices = named | {
            name: {
                "type": backend.type,
                "kinds": sorted(backend.kinds),
                "condition": worker.conditions.get(name, {}),
            }
            for worker in list(self.workers.values())
            for name, backend in worker.backends.items()
        }
        for name, device in devices.items():
            device["name"] = sections.get(name, {}).get("name") or ""
        return devices

    def deliver(self, device: str) -> None:
        for worker in list(self.workers.values()):
            if device in worker.backends:
                worker.wake()


_box: Box | None = None
_box_lock = threading.Lock()


def the_box() -> Box:
    """Return the one box of this process; the first call starts it."""
    global _box
    with _box_lock:
        if _box is None:
            _box = Box()
            _box.poller.start()
        return _box


def configured() -> dict[str, dict[str, str]]:
    """Return the devices of odoo.conf by their identifiers."""
    return device_sections(
        {name: dict(part) for name, part in helpers.get_conf().items()}
    )
