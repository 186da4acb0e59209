"""One worker a port: jobs go to a device one after the other, in their order.

A job that cannot begin (no paper, switched off) keeps its place until its deadline. One
that was begun and whose end is not known is found out about before anything else goes
to the device; meanwhile the server hears ``unknown``.
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from . import journal as book
from .backend import Backend, Result
from .jobs import (
    DeviceTrouble,
    InDoubt,
    Job,
    NotDone,
    NotReady,
    Refused,
    Unclear,
    open_envelope,
)

_logger = logging.getLogger(__name__)


class Server(Protocol):
    """What a worker needs of the way to the server."""

    def may_begin(self, uuid: str) -> bool | None:
        """Return its word, None if it cannot be asked now."""

    def report(self) -> None:
        """Say that there are results to be sent."""

    def tell(self, device: str, kind: str, values: dict[str, Any]) -> None:
        """Pass on what a device says by itself."""

    def now(self) -> float:
        """Return the time of the server."""


class Worker(threading.Thread):
    """Serves the devices of one port.

    :param job_key: returns the key that jobs are signed with, None before the pairing
    """

    def __init__(
        self,
        port: str,
        journal: book.Journal,
        server: Server,
        job_key: Callable[[], bytes | None],
        *,
        pause: float = 2.0,
        patience: float = 60.0,
    ):
        super().__init__(daemon=True, name=f"clinic {port}")
        self.journal = journal
        self.server = server
        self.job_key = job_key
        self.pause = pause
        self.patience = patience
        self.backends: dict[str, Backend] = {}
        self.troubles: dict[str, Result] = {}
        self._waiting_for: dict[str, Job] = {}  # what a device in trouble is asked by
        self._wake = threading.Event()
        self._ended = threading.Event()

    def add(self, backend: Backend) -> None:
        self.backends = {**self.backends, backend.identifier: backend}
        self.wake()

    def remove(self, identifier: str) -> None:
        self.backends = {
            name: one for name, one in self.backends.items() if name != identifier
        }

    def wake(self) -> None:
        self._wake.set()

    def end(self) -> None:
        self._ended.set()
        self.wake()

    @property
    def conditions(self) -> Mapping[str, Result]:
        """Return what keeps each device from working, {} if nothing does."""
        return {name: self.troubles.get(name, {}) for name in self.backends}

    def run(self) -> None:
        while not self._ended.is_set():
            self._wake.clear()
            try:
                wait = self.step()
            except Exception:
                _logger.exception("The worker of %s stumbled", self.name)
                wait = self.pause
            if wait:
                self._wake.wait(wait)

    def step(self) -> float:
        """Do what comes next; return for how long there is nothing to do."""
        entry = self.journal.next_of(self.backends)
        if entry is None:
            return self._watch()
        backend = self.backends[entry.device]
        key = self.job_key()
        if key is None:
            return self.pause  # not paired: nobody can say that the job is right
        try:
            job = open_envelope(key, entry.envelope, entry.signature)
            if (job.uuid, job.device) != (entry.uuid, entry.device):
                raise Refused("bad_job", "The job is another one")
        except Refused as refusal:
            # After a new pairing nobody vouches for it. What was begun may be done.
            begun = entry.state != book.RECEIVED
            state = book.UNKNOWN if begun else book.FAILED
            self._finish(entry, state, error(refusal))
            return 0
        try:
            if entry.state == book.RECEIVED:
                return self._begin(backend, job, entry)
            return self._find_out(backend, job, entry)
        finally:
            self.journal_changed()

    def journal_changed(self) -> None:
        if self.journal.unreported():
            self.server.report()

    def _watch(self) -> float:
        self._look_again()
        waits = [
            backend.watch(
                lambda kind, values, name=name: self.server.tell(name, kind, values)
            )
            for name, backend in self.backends.items()
        ]
        # A device that is listened to (a scanner) has done the waiting itself.
        return 0.0 if any(waits) else self.pause

    def _look_again(self) -> None:
        """Ask the devices in trouble whether they work again, though no job waits.

        What ran out of paper prints on by that, and nobody reads of an old trouble.
        """
        for name, job in self._waiting_for.items():
            backend = self.backends.get(name)
            if backend is None or not self.troubles.get(name):
                continue
            try:
                backend.ready(job)
            except NotReady as trouble:
                backend.close()
                self._trouble(name, trouble)
            else:
                self._trouble(name, None)

    def _begin(self, backend: Backend, job: Job, entry: book.Entry) -> float:
        try:
            backend.check(job)
        except Refused as refusal:
            self._finish(entry, book.FAILED, error(refusal))
            return 0
        if job.is_late(self.server.now()):
            trouble = self.troubles.get(job.device) or {}
            late = Refused("too_late", "Its time is over; nothing was sent")
            self._finish(entry, book.FAILED, {**error(late), "because": trouble})
            return 0
        try:
            self._waiting_for[job.device] = job
            backend.ready(job)
        except NotReady as trouble:
            backend.close()
            self._trouble(job.device, trouble)
            return self.pause
        self._trouble(job.device, None)
        allowed = self.server.may_begin(job.uuid)
        if allowed is None:
            return self.pause
        if not allowed:
            withdrawn = Refused("withdrawn", "The server has withdrawn it")
            self._finish(entry, book.FAILED, error(withdrawn))
            return 0
        if self.journal.start(job.uuid):
            self._perform(backend, job, entry)
        return 0

    def _perform(self, backend: Backend, job: Job, entry: book.Entry) -> None:
        def note(**values: Any) -> None:
            self.journal.note(job.uuid, **values)

        try:
            result = backend.perform(job, note)
        except Refused as refusal:
            self._finish(entry, book.FAILED, error(refusal))
        except Unclear as trouble:
            self._finish(entry, book.UNKNOWN, error(trouble))
        except (InDoubt, NotReady, NotDone) as trouble:
            # Begun is begun: from here on only asking helps.
            backend.close()
            self._doubt(job, entry, trouble)
        except Exception as trouble:
            _logger.exception("%s failed on %s", job.kind, job.device)
            backend.close()
            self._doubt(job, entry, InDoubt("bug", type(trouble).__name__))
        else:
            self._done(job, entry, result)

    def _done(self, job: Job, entry: book.Entry, result: Result) -> None:
        self._finish(entry, book.DONE, result)
        trouble = None
        if result.get("printed") is False:
            # Made, but the patient has no paper yet: it is told before the next job.
            trouble = NotReady("no_paper", "There is no paper in the register")
        self._waiting_for[job.device] = job
        self._trouble(job.device, trouble)

    def _find_out(self, backend: Backend, job: Job, entry: book.Entry) -> float:
        def note(**values: Any) -> None:
            self.journal.note(job.uuid, **values)

        try:
            result = backend.recover(job, entry.notes, note)
        except NotDone as answer:
            return self._again(backend, job, entry, answer)
        except Refused as refusal:
            self._finish(entry, book.FAILED, error(refusal))
            return 0
        except Unclear as trouble:
            self._finish(entry, book.UNKNOWN, error(trouble))
            return 0
        except (InDoubt, NotReady) as trouble:
            backend.close()
            self._trouble(job.device, trouble)
            self._doubt(job, entry, trouble)
            return self.pause
        except Exception as trouble:
            _logger.exception("Asking %s about a job failed", job.device)
            backend.close()
            self._doubt(job, entry, InDoubt("bug", type(trouble).__name__))
            return self.pause
        self._done(job, entry, result)
        return 0

    def _again(
        self, backend: Backend, job: Job, entry: book.Entry, answer: NotDone
    ) -> float:
        """Do once more what was surely not done, if it is still wanted."""
        self._trouble(job.device, None)
        tries = int(entry.notes.get("tries") or 0) + 1
        if job.is_late(self.server.now()) or tries > 5:
            self._finish(entry, book.FAILED, error(answer))
            return 0
        try:
            backend.ready(job)
        except NotReady as trouble:
            backend.close()
            self._trouble(job.device, trouble)
            return self.pause
        # A person may have settled it by hand while it stood as unknown.
        allowed = self.server.may_begin(job.uuid)
        if allowed is None:
            return self.pause
        if not allowed:
            withdrawn = Refused("withdrawn", "The server has withdrawn it")
            self._finish(entry, book.FAILED, error(withdrawn))
            return 0
        self.journal.note(job.uuid, tries=tries, doubt_since=None)
        self._perform(backend, job, entry)
        return 0

    def _doubt(self, job: Job, entry: book.Entry, trouble: DeviceTrouble) -> None:
        """Say ``unknown`` when it has lasted; the box goes on asking the device."""
        notes = (self.journal.find(job.uuid) or entry).notes
        since = notes.get("doubt_since")
        if since is None:
            self.journal.note(job.uuid, doubt_since=time.time())
        elif entry.state == book.RUNNING and time.time() - since > self.patience:
            self._finish(entry, book.UNKNOWN, error(trouble), settled=False)

    def _finish(
        self, entry: book.Entry, state: str, result: Result, settled: bool = True
    ) -> None:
        self.journal.finish(entry.uuid, state, result, settled=settled)
        self.server.report()

    def _trouble(self, device: str, trouble: DeviceTrouble | None) -> None:
        """Tell the server when a device stops working, and when it works again."""
        value = {} if trouble is None else error(trouble)
        if self.troubles.get(device, {}) != value:
            self.troubles = {**self.troubles, device: value}
            self.server.tell(device, "condition", value)


def error(trouble: DeviceTrouble) -> Result:
    return {"code": trouble.code, "message": str(trouble)}
