"""A card terminal with the VTK protocol (Vendotek and kin), over TCP or a serial line.

The terminal takes a repeated operation number for the same operation and gives the
result it has: so the number is kept in the journal before it is sent, and after a doubt
it is asked again. A refund and the reconciliation are made on the terminal by hand.
"""

import time
from collections.abc import Mapping
from typing import Any

from . import vtk_frame as frames
from .backend import Backend, Note, Result
from .jobs import InDoubt, Job, NotDone, NotReady, Refused, Unclear
from .ports import Line, LinkLost, SerialLine


class VtkTerminal(Backend):
    kinds = frozenset(("payment", "state"))
    type = "payment"
    manufacturer = "VTK"

    def __init__(self, identifier: str, options: Mapping[str, str]):
        super().__init__(identifier, options)
        self.serial = self.option("link", "tcp") == "serial"
        self._line: Line | None = None

    def close(self) -> None:
        if self._line is not None:
            self._line.close()
            self._line = None

    # One message and its answer

    def _say(self, name: str, timeout: float, **values: int | str) -> frames.Arguments:
        """Send a message, return the answer of the same name.

        Every message may be repeated: the operation number says which it belongs to.
        """
        keys = {"operation": frames.OPERATION, "amount": frames.AMOUNT}
        arguments = {frames.NAME: name}
        arguments |= {keys[key]: str(value) for key, value in values.items()}
        message = frames.encode(frames.TO_TERMINAL, arguments)
        try:
            if self._line is None:
                baudrate = int(self.number("baudrate", 115200))
                self._line = SerialLine(self.options["port"], baudrate)
            self._line.drain()
            self._line.write(frames.wrap(message) if self.serial else message)
            until = time.monotonic() + timeout
            while (left := until - time.monotonic()) > 0:
                answer = self._read(left)
                if answer.get(frames.NAME) == name:
                    return answer
        except (LinkLost, frames.BadMessage) as error:
            self.close()
            raise InDoubt("line", str(error)) from error
        except NotReady:
            self.close()
            raise
        self.close()
        raise InDoubt("no_answer", "The terminal has not answered")

    def _read(self, timeout: float) -> frames.Arguments:
        line = self._line
        assert line is not None
        start = b""
        until = time.monotonic() + timeout
        if self.serial:
            while start != bytes([frames.START]):
                start = line.read(1, max(until - time.monotonic(), 0))
                if not start:
                    return {}
        length = line.read(2, max(until - time.monotonic(), 0.5))
        if len(length) < 2:
            return {}
        rest = int.from_bytes(length, "big") + (2 if self.serial else 0)
        message = start + length + line.read(rest, 2.0)
        if self.serial:
            message = frames.unwrap(message)
        return frames.decode(message, frames.FROM_TERMINAL)

    def _last_operation(self) -> int:
        answer = self._say("IDL", self.number("idle_timeout", 5))
        try:
            return int(answer[frames.OPERATION])
        except (KeyError, ValueError) as error:
            raise InDoubt("bad_answer", "The terminal gives no number") from error

    # Jobs

    def check(self, job: Job) -> None:
        super().check(job)
        if job.kind == "payment":
            amount = job.payload.get("amount")
            if isinstance(amount, bool) or not isinstance(amount, int) or amount <= 0:
                raise Refused("bad_amount", "An amount is a whole number of kopecks")

    def ready(self, job: Job) -> None:
        try:
            self._last_operation()
        except InDoubt as doubt:
            raise NotReady("offline", str(doubt)) from doubt

    def status(self) -> Result:
        return {"operation": self._last_operation()}

    def perform(self, job: Job, note: Note) -> Result:
        if job.kind == "state":
            return self.status()
        operation = self._last_operation() + 1
        note(operation=operation)
        return self._pay(job, operation, note)

    def _pay(self, job: Job, operation: int, note: Note) -> Result:
        amount = job.payload["amount"]
        answer = self._say(
            "VRP", self.number("timeout", 90), operation=operation, amount=amount
        )
        if answer.get(frames.OPERATION) != str(operation):
            raise Unclear("other_operation", "The terminal speaks of another payment")
        approved = answer.get(frames.AMOUNT) or "0"
        if approved == "0":
            self._finish_quietly(operation)
            raise Refused("declined", "The terminal has declined the card")
        if approved != str(amount):
            raise Unclear("other_amount", "The terminal took another amount")
        note(approved=True)
        answer = self._say("FIN", 15, operation=operation, amount=amount)
        if answer.get(frames.AMOUNT) not in (str(amount), None):
            raise Unclear("not_confirmed", "The terminal has not confirmed the payment")
        result = {"operation": operation, "amount": amount}
        slip = answer.get(frames.SLIP)
        return result | ({"slip": slip} if slip else {})

    def _finish_quietly(self, operation: int) -> None:
        """End a declined operation; whether it hears it does not matter."""
        try:
            self._say("FIN", 5, operation=operation, amount=0)
        except (InDoubt, NotReady):
            self.close()

    def recover(self, job: Job, notes: dict[str, Any], note: Note) -> Result:
        if job.kind == "state" or "operation" not in notes:
            raise NotDone
        operation, last = notes["operation"], self._last_operation()
        if last == operation - 1:
            # Our request never came. The patient may have gone: the cashier decides.
            raise Refused("interrupted", "The payment was not begun; nothing was taken")
        if last != operation:
            raise Unclear("later_operation", "The terminal has gone on without us")
        return self._pay(job, operation, note)
