"""What a driver of a device has to be able to do. A new device is one subclass."""

from collections.abc import Callable, Mapping
from typing import Any

from .jobs import Job, Refused, Unclear

# Keeps what is worth knowing after a loss of power, before the next step begins.
Note = Callable[..., Any]
Result = dict[str, Any]


class Backend:
    """Speaks to one device. All calls come from the one worker of its port.

    A device that was lost is looked for again by itself: ``close`` forgets the line,
    the next call opens it.
    """

    kinds: frozenset[str] = frozenset()
    type = ""  # one of Odoo's types of devices
    subtype = ""
    manufacturer = ""

    def __init__(self, identifier: str, options: Mapping[str, str]):
        self.identifier = identifier
        self.options = options

    def check(self, job: Job) -> None:
        """Refuse what this device cannot do, or what is wrong in itself."""
        if job.kind not in self.kinds:
            raise Refused("bad_kind", f"{self.identifier} does not know {job.kind}")

    def ready(self, job: Job) -> None:
        """Raise ``NotReady`` while the device cannot begin this job."""

    def perform(self, job: Job, note: Note) -> Result:
        """Do it. Raise ``Refused`` if it is surely not done, else ``InDoubt``."""
        raise NotImplementedError

    def recover(self, job: Job, notes: dict[str, Any], note: Note) -> Result:
        """Find out how a job ended that was begun; never do it again here.

        Return its result, or raise ``NotDone`` (it may be performed), ``NotReady`` or
        ``InDoubt`` (ask again later) or ``Unclear`` (a person has to look).
        """
        raise Unclear("interrupted", "The box was stopped in the middle of it")

    def watch(self, tell: Callable[[str, dict[str, Any]], None]) -> bool:
        """Listen for a moment to what the device says by itself.

        Return whether it listens at all: then it is asked again at once.
        """
        return False

    def status(self) -> Result:
        """Return what there is to know about the device; raise if it is not there."""
        return {}

    def close(self) -> None:
        """Forget the line."""

    def option(self, name: str, default: str) -> str:
        return str(self.options.get(name) or default)

    def number(self, name: str, default: float) -> float:
        return float(self.options.get(name) or default)

    def flag(self, name: str, default: bool) -> bool:
        value = self.option(name, "yes" if default else "no").lower()
        return value in ("1", "yes", "true", "on")
