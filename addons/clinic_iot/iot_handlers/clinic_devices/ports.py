"""Lines to devices: serial ports, and the same protocols over TCP."""

import socket
import time
from collections.abc import Mapping
from typing import Any, Protocol

from .jobs import NotReady

# The name of a section of odoo.conf that describes a device.
SECTION = "clinic_iot."
# So long the box may take to load its drivers and give them their devices, in seconds.
STARTING = 60.0


def unattached(broken: bool, age: float) -> dict[str, str]:
    """Return the condition of a device that no driver has taken.

    :param broken: a driver has tried and could not
    :param age: of the box, in seconds: at first the drivers are still being loaded
    """
    if not broken and age < STARTING:
        return {"code": "starting", "message": "The box is starting"}
    return {"code": "not_usable", "message": "Its configuration is wrong"}


class LinkLost(Exception):
    """The line broke: what was sent last may have arrived or not."""


class Line(Protocol):
    """What the protocols need of a line."""

    def read(self, count: int, timeout: float) -> bytes: ...

    def write(self, data: bytes) -> None: ...

    def drain(self) -> None: ...

    def close(self) -> None: ...


class SerialLine:
    """A port as pyserial opens it: a path, or ``socket://host:port``."""

    def __init__(self, url: str, baudrate: int = 115200):
        import serial

        try:
            self._port: Any = serial.serial_for_url(url, baudrate=baudrate, timeout=1)
        except (OSError, ValueError) as error:
            # pyserial's own exception is an OSError.
            raise NotReady("offline", f"{url}: {error}") from error
        # Signals are single bytes: they must not wait to be sent with more.
        connection = getattr(self._port, "_socket", None)
        if connection is not None:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def read(self, count: int, timeout: float) -> bytes:
        """Return up to ``count`` bytes, fewer if the time is over."""
        try:
            self._port.timeout = max(timeout, 0.001)
            return bytes(self._port.read(count))
        except (OSError, TypeError) as error:
            raise LinkLost(str(error)) from error

    def write(self, data: bytes) -> None:
        try:
            self._port.write(data)
            self._port.flush()
        except OSError as error:
            raise LinkLost(str(error)) from error

    def drain(self) -> None:
        """Throw away what has come unasked, without waiting for more."""
        until = time.monotonic() + 2
        try:
            while time.monotonic() < until and (count := self._port.in_waiting):
                self.read(count, 0.02)
        except OSError as error:
            raise LinkLost(str(error)) from error

    def close(self) -> None:
        try:
            self._port.close()
        except OSError:
            pass


def device_sections(conf: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
    """Return the devices of a configuration by their identifiers.

    ``[clinic_iot.kassa1]`` with at least ``driver`` describes the device ``kassa1``.
    """
    found = {}
    for name, section in conf.items():
        identifier = name.removeprefix(SECTION)
        if name.startswith(SECTION) and identifier and section.get("driver"):
            found[identifier] = {key: str(value) for key, value in section.items()}
    return found
