"""The way between box and server: it fetches jobs and carries results home.

Two threads: one asks for jobs and waits (long poll), the other sends what has ended
until it is accepted. Both go on for ever, whether the server was there when the box
started or not.
"""

import json
import logging
import threading
import time
from collections.abc import Callable
from typing import Any

from . import journal as book, signature
from .jobs import Job, Refused, open_envelope

_logger = logging.getLogger(__name__)

NEXT, ACK = "/clinic_iot/jobs/next", "/clinic_iot/jobs/%s/ack"
RESULT, EVENTS = "/clinic_iot/jobs/%s/result", "/clinic_iot/events"
WAIT = 25
# After that many seconds nobody waits for a scan any more.
STALE = 10

Post = Callable[..., Any]


class ServerAway(Exception):
    """It cannot be reached, or what answers is not our server."""


class Poller:
    """What a worker needs of the server, and the two threads behind it.

    :param where: returns the address of the server and the token of the pairing, or
        None before the box is paired
    :param post: as ``requests.post``
    :param devices: returns what there is on this box, as the server wants to know it
    :param deliver: called with the device of each new job
    :param drivers: returns the name of the drivers of this box, for the server
    """

    def __init__(
        self,
        journal: book.Journal,
        identifier: str,
        where: Callable[[], tuple[str, str] | None],
        post: Post,
        devices: Callable[[], dict[str, dict[str, Any]]],
        deliver: Callable[[str], None],
        *,
        wait: float = WAIT,
        longest_pause: float = 30.0,
        drivers: Callable[[], str | None] = lambda: None,
    ):
        self.journal = journal
        self.identifier = identifier
        self.where = where
        self.post = post
        self.devices = devices
        self.deliver = deliver
        self.wait = wait
        self.longest_pause = longest_pause
        self.drivers = drivers
        # Called with the name of the server's drivers; true if the box starts anew.
        self.offered: Callable[[str | None], bool] = lambda _etag: False
        self.holds = False  # nothing is begun at the moment
        self._offset = 0.0
        self._keys: tuple[str, dict[str, bytes]] | None = None
        self._events: list[dict[str, Any]] = []
        self._lock = threading.Lock()
        self._fetch_now = threading.Event()
        self._report_now = threading.Event()
        self._ended = threading.Event()

    def start(self) -> None:
        for name in ("fetch", "report"):
            threading.Thread(
                target=self._for_ever,
                args=(getattr(self, f"_{name}"), getattr(self, f"_{name}_now")),
                daemon=True,
                name=f"clinic {name}",
            ).start()

    def end(self) -> None:
        self._ended.set()
        self._fetch_now.set()
        self._report_now.set()

    def wake(self) -> None:
        """Ask the server now, instead of after the pause that follows a failure."""
        self._fetch_now.set()
        self._report_now.set()

    # What workers ask

    def now(self) -> float:
        return time.time() + self._offset

    def job_key(self) -> bytes | None:
        keys = self._get_keys()
        return keys["job"] if keys else None

    def may_begin(self, uuid: str) -> bool | None:
        if self.holds:
            return None
        try:
            allowed = bool(self._call(ACK % uuid, {}, 10).get("go"))
        except ServerAway as away:
            _logger.info("May %s begin? The server is away: %s", uuid, away)
            return None
        # It may be asked again, and is answered the same.
        return None if self.holds else allowed

    def report(self) -> None:
        self._report_now.set()

    def tell(self, device: str, kind: str, values: dict[str, Any]) -> None:
        event = {
            "id": signature.secrets.token_hex(8),
            "device": device,
            "kind": kind,
            "values": values,
            "at": int(self.now()),
        }
        with self._lock:
            self._events.append(event)
        self._report_now.set()

    # The threads

    def _for_ever(
        self, act: Callable[[], float], now: threading.Event, shortest: float = 1.0
    ) -> None:
        pause = shortest
        while not self._ended.is_set():
            now.clear()
            try:
                rest = act()
                pause = shortest
            except ServerAway as away:
                _logger.info("The server is away: %s", away)
                rest, pause = pause, min(pause * 2, self.longest_pause)
            except Exception:
                _logger.exception("The way to the server stumbled")
                rest, pause = pause, min(pause * 2, self.longest_pause)
            if rest:
                now.wait(rest)

    def _fetch(self) -> float:
        """Ask for jobs; the answer may take as long as the server has none."""
        if self.where() is None:
            return 3.0
        devices = self.devices()
        have = self.journal.open_uuids()
        values = {"have": have, "devices": devices, "wait": self.wait}
        values["handlers"] = self.drivers()
        reply = self._call(NEXT, values, self.wait + 10)
        if self.offered(reply.get("handlers")):
            return self.longest_pause  # what was given is given again
        fresh = [self._receive(envelope, devices) for envelope in reply.get("jobs", [])]
        if any(fresh):
            return 0.0
        if fresh:
            return 1.0  # all of it is known: not in a circle without a breath
        # A server that does not hold the line says when to ask again; `wake` is sooner.
        return min(max(float(reply.get("pause") or 0), 0.0), self.longest_pause)

    def _receive(self, envelope: dict[str, str], devices: dict[str, Any]) -> bool:
        key = self.job_key()
        try:
            if key is None:
                return False
            text, sign = envelope["job"], envelope["signature"]
            job: Job = open_envelope(key, text, sign)
        except (Refused, KeyError, TypeError) as error:
            _logger.error("A job was not taken: %s", error)
            return False
        new = self.journal.receive(job.uuid, job.device, text, sign)
        if not new:
            self.report()
        elif job.device in devices:
            self.deliver(job.device)
        else:
            self.journal.finish(
                job.uuid,
                book.FAILED,
                {"code": "no_device", "message": f"There is no device {job.device}"},
            )
            self.report()
        return new

    def _report(self) -> float:
        if self.where() is None:
            return 3.0
        self._send_events()
        for entry in self.journal.unreported():
            self._call(
                RESULT % entry.uuid,
                {
                    "state": entry.state,
                    "settled": entry.settled,
                    "result": entry.result,
                },
                10,
            )
            self.journal.mark_reported(entry.uuid, entry.state)
        return 30.0

    def _send_events(self) -> None:
        with self._lock:
            events, self._events = self._events, []
        fresh = [one for one in events if self.now() - one["at"] < STALE]
        if not fresh:
            return
        try:
            self._call(EVENTS, {"events": fresh}, 5)
        except ServerAway:
            with self._lock:
                self._events = fresh + self._events
            raise

    # One call

    def _get_keys(self) -> dict[str, bytes] | None:
        place = self.where()
        if place is None:
            return None
        token = place[1]
        if self._keys is None or self._keys[0] != token:
            self._keys = (token, signature.derive_keys(token, self.identifier))
        return self._keys[1]

    def _call(
        self, path: str, values: dict[str, Any], timeout: float
    ) -> dict[str, Any]:
        """Post to the server and return its answer, if it is its own."""
        status, reply = self._post(path, values, timeout)
        if status == 401 and reply.get("error") == "clock":
            # Our clock was wrong; by now it is set.
            status, reply = self._post(path, values, timeout)
        if status != 200:
            raise ServerAway(f"{path}: {status} {reply.get('error') or ''}")
        return reply

    def _post(
        self, path: str, values: dict[str, Any], timeout: float
    ) -> tuple[int, dict[str, Any]]:
        place, keys = self.where(), self._get_keys()
        if place is None or keys is None:
            raise ServerAway("not paired")
        body = json.dumps(
            {"identifier": self.identifier, "journal": self.journal.identity, **values}
        ).encode()
        headers = signature.request_headers(
            keys["request"], self.identifier, path, body, int(self.now())
        )
        nonce = headers[signature.HEADER_NONCE]
        headers["Content-Type"] = "application/json"
        try:
            answer = self.post(
                place[0].rstrip("/") + path,
                data=body,
                headers=headers,
                timeout=(5, timeout),
                allow_redirects=False,
            )
            status, content = answer.status_code, answer.content
            sign = answer.headers.get(signature.HEADER_SIGNATURE, "")
            signature.check_reply(keys["reply"], nonce, status, content, sign)
            reply = json.loads(content)
        except signature.BadSignature:
            raise ServerAway(f"{path}: {status}, not signed by our server") from None
        except (OSError, ValueError) as error:
            # What requests raises is an OSError.
            raise ServerAway(f"{path}: {type(error).__name__}") from error
        if not isinstance(reply, dict):
            raise ServerAway(f"{path}: not an object")
        self._set_clock(reply.get("time"))
        return status, reply

    def _set_clock(self, theirs: Any) -> None:
        if isinstance(theirs, int | float) and abs(theirs - self.now()) > 30:
            self._offset = theirs - time.time()
            _logger.warning("The clock of the box is off by %d s", self._offset)
