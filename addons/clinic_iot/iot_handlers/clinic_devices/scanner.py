"""A barcode scanner in COM mode: what it reads goes to the desk.

Not in keyboard mode: there the layout of the keyboard spoils the codes.
"""

import logging
import time
from collections.abc import Callable, Mapping
from typing import Any

from . import gs1
from .backend import Backend
from .jobs import NotReady
from .ports import Line, LinkLost, SerialLine

_logger = logging.getLogger(__name__)


class Scanner(Backend):
    kinds = frozenset[str]()
    type = "scanner"

    def __init__(self, identifier: str, options: Mapping[str, str]):
        super().__init__(identifier, options)
        self._line: Line | None = None
        self._buffer = b""
        self._heard = 0.0

    def close(self) -> None:
        if self._line is not None:
            self._line.close()
            self._line = None
        self._buffer = b""

    @property
    def listening(self) -> bool:
        return self._line is not None

    def watch(self, tell: Callable[[str, dict[str, Any]], None]) -> bool:
        try:
            if self._line is None:
                baudrate = int(self.number("baudrate", 9600))
                self._line = SerialLine(self.options["port"], baudrate)
            # The first byte is waited for, those behind it come at once.
            data = self._line.read(1, self.number("listen", 0.5))
            while data and (more := self._line.read(256, 0.02)):
                data += more
        except (LinkLost, NotReady) as trouble:
            _logger.info("The scanner %s is away: %s", self.identifier, trouble)
            self.close()
            return False
        now = time.monotonic()
        if self._buffer and now - self._heard > 2:
            self._buffer = b""  # a code that was cut: its rest never came
        if data:
            self._heard = now
        lines, self._buffer = gs1.split_lines(self._buffer + data)
        for line in lines:
            scan = gs1.read(line)
            tell(
                "scan",
                {"raw": scan.raw.hex(), "text": scan.text, "gs1": scan.fields},
            )
        return True
