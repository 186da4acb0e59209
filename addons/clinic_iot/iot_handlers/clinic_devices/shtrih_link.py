"""SHTRIH-M: one command and its answer, whatever happens on the line.

The rule of both levels: a command that changes something is never sent again unless
the register has surely not taken it (it said NAK, or repeats by its own number). If
that cannot be known, :class:`InDoubt` is raised, and the register is asked later which
document it made last.
"""

import time
from typing import Protocol

from . import shtrih_frame as frames
from .jobs import InDoubt, NotReady
from .ports import Line, LinkLost

TRIES = 3


class Session(Protocol):
    def exchange(self, body: bytes, timeout: float, repeatable: bool) -> bytes: ...

    def close(self) -> None: ...


class Level1:
    """ENQ, frame, ACK, answer, ACK."""

    def __init__(self, line: Line, byte_timeout: float = 0.1):
        self.line = line
        self.byte_timeout = byte_timeout
        self.signal_timeout = max(0.5, 5 * byte_timeout)

    def close(self) -> None:
        self.line.close()

    def exchange(self, body: bytes, timeout: float, repeatable: bool) -> bytes:
        """Send a command, return its answer (code included).

        :param repeatable: the command only asks: doing it twice does no harm.
        """
        for attempt in range(TRIES):
            # What is wrong before the frame is sent has done nothing.
            try:
                self._become_idle()
            except LinkLost as error:
                raise NotReady("offline", str(error)) from error
            try:
                if self._send(body):
                    answer = self._receive(body, timeout)
                    if answer is not None:
                        return answer
                    if repeatable:
                        continue
                    raise InDoubt("no_answer", "The register has not answered")
                if not repeatable:
                    raise InDoubt("no_ack", "The register has not taken the command")
            except LinkLost as error:
                raise InDoubt("line", str(error)) from error
            if attempt:
                time.sleep(self.byte_timeout)
        raise NotReady("offline", "The register does not answer")

    def _become_idle(self) -> None:
        """Leave nothing behind: what the register still wants to say is read away."""
        for _ in range(TRIES * 2):
            self.line.drain()
            signal = self._enquire()
            if signal == frames.NAK:
                return
            if signal == frames.ACK:
                self._read_frame(3.0)
        raise NotReady("offline", "The register does not answer")

    def _enquire(self) -> int | None:
        self.line.write(bytes([frames.ENQ]))
        return self._signal(self.signal_timeout)

    def _signal(self, timeout: float) -> int | None:
        """Return ACK or NAK; noise before it is passed over."""
        until = time.monotonic() + timeout
        while (left := until - time.monotonic()) > 0:
            byte = self.line.read(1, left)
            if byte and byte[0] in (frames.ACK, frames.NAK):
                return byte[0]
        return None

    def _send(self, body: bytes) -> bool:
        """Return whether the register has taken the frame, as far as one can know."""
        frame = frames.encode(body)
        for _ in range(TRIES):
            self.line.write(frame)
            signal = self._signal(self.signal_timeout)
            if signal == frames.ACK:
                return True
            if signal is None:
                # Its ACK may be lost. Then it prepares an answer, or has one already.
                return self._enquire() == frames.ACK
            # NAK: the frame came broken and was thrown away, so it may go again.
        return False

    def _receive(self, body: bytes, timeout: float) -> bytes | None:
        """Return the answer to this command, None if there is none any more."""
        until = time.monotonic() + timeout
        for _ in range(TRIES * 2):
            answer = self._read_frame(max(until - time.monotonic(), 1.0))
            if answer is not None:
                if answer[: len(code_of(body))] == code_of(body):
                    return answer
                continue  # what is left of an earlier command
            # Nothing, or broken more than once: does it still have it?
            if self._enquire() != frames.ACK:
                return None
        return None

    def _read_frame(self, timeout: float) -> bytes | None:
        """Read a frame and acknowledge it; a broken one is asked for again."""
        until = time.monotonic() + timeout
        for _ in range(TRIES):
            raw = self._raw_frame(until)
            if raw is None:
                return None
            try:
                body = frames.decode(raw)
            except frames.BadFrame:
                self.line.drain()
                self.line.write(bytes([frames.NAK]))
                if self._enquire() != frames.ACK:
                    return None
                until = max(until, time.monotonic() + 1.0)
                continue
            self.line.write(bytes([frames.ACK]))
            return body
        return None

    def _raw_frame(self, until: float) -> bytes | None:
        while (left := until - time.monotonic()) > 0:
            byte = self.line.read(1, left)
            if byte and byte[0] == frames.STX:
                break
        else:
            return None
        length = self.line.read(1, self.signal_timeout)
        if not length:
            return bytes([frames.STX])
        rest = self.line.read(length[0] + 1, self.signal_timeout + timeout_of(length))
        return bytes([frames.STX]) + length + rest


def timeout_of(length: bytes) -> float:
    """Return how long a frame of this length lasts on the slowest line (4800)."""
    return length[0] * 10 / 4800


class Level2:
    """Numbered frames: a lost answer is repeated by the register, never the deed."""

    def __init__(self, line: Line, byte_timeout: float = 0.1):
        self.line = line
        self.byte_timeout = max(0.5, 5 * byte_timeout)
        self.number: int | None = None

    def close(self) -> None:
        self.line.close()

    def exchange(self, body: bytes, timeout: float, repeatable: bool) -> bytes:
        for _ in range(2 if repeatable else 1):
            answer = self._exchange(body, timeout)
            if answer is not None:
                return answer
        if repeatable:
            raise NotReady("offline", "The register does not answer")
        raise InDoubt("no_answer", "The register has not answered")

    def _exchange(self, body: bytes, timeout: float) -> bytes | None:
        try:
            if self.number is None:
                self.number = self._last_number()
        except LinkLost as error:
            raise NotReady("offline", str(error)) from error
        number = (self.number + 1) & 0xFFFF
        frame = frames.encode2(number, body)
        self.number = None  # until it has answered, nobody knows
        try:
            for _ in range(TRIES):
                self.line.drain()
                self.line.write(frame)
                answer = self._read(timeout)
                if answer is None:
                    continue  # the same number: it is executed once, or not at all
                got, content = answer
                if got != number:
                    # Another program speaks to it, or it was switched off and on.
                    break
                if content[: len(code_of(body))] == code_of(body):
                    self.number = number
                    return content
        except LinkLost as error:
            raise InDoubt("line", str(error)) from error
        return None

    def _last_number(self) -> int:
        for _ in range(TRIES):
            self.line.drain()
            self.line.write(frames.encode2(None))
            answer = self._read(self.byte_timeout)
            if answer is not None and answer[0] is not None:
                return answer[0]
        raise NotReady("offline", "The register does not answer")

    def _read(self, timeout: float) -> tuple[int | None, bytes] | None:
        until = time.monotonic() + timeout
        raw = bytearray()
        while (left := until - time.monotonic()) > 0:
            byte = self.line.read(1, left)
            if not byte:
                continue
            if byte[0] == frames.STX2:
                raw = bytearray(byte)
                continue
            if not raw:
                continue
            raw += byte
            if len(raw) < 5:
                continue
            try:
                content = frames.unstuff(bytes(raw[1:]))
            except frames.BadFrame:
                if raw[-1] != frames.ESC2:
                    raw.clear()
                continue
            if len(content) >= int.from_bytes(content[:2], "little") + 4:
                try:
                    return frames.decode2(bytes(raw))
                except frames.BadFrame:
                    return None
        return None


def code_of(body: bytes) -> bytes:
    return body[:2] if body[0] == 0xFF else body[:1]


LEVELS = {"1": Level1, "2": Level2}


def open_session(level: str, line: Line, byte_timeout: float) -> Session:
    return LEVELS[level](line, byte_timeout)
