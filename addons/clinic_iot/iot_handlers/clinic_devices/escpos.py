"""Slip and label printers with ESC/POS, and the drawer on them.

Such a printer says nothing of use: what was sent is taken for printed. Nothing here is
fiscal, so a slip that was interrupted is not repeated by itself; a person prints again.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from .backend import Backend, Note, Result
from .jobs import InDoubt, Job, NotReady, Refused
from .ports import LinkLost, SerialLine

INIT, CYRILLIC = b"\x1b@", b"\x1bt\x11"  # code page 17: CP866
CUT, FEED = b"\x1dV\x42\x00", b"\x1bd\x03"
ALIGN = {"left": b"\x1ba\x00", "center": b"\x1ba\x01", "right": b"\x1ba\x02"}
BOLD, BIG = (b"\x1bE\x00", b"\x1bE\x01"), (b"\x1d!\x00", b"\x1d!\x11")
SELECT, PULSE = b"\x1b=\x01", (b"\x1bp\x00\x19\x19", b"\x1bp\x01\x19\x19")
STAR_PULSE = (b"\x07", b"\x1a")


def text(value: str) -> bytes:
    known = value.replace("«", '"').replace("»", '"').replace("—", "-")
    known = known.replace("№", "N").replace("₽", "руб.")
    return known.encode("cp866", "replace")


def raster(rows: Iterable[str], scale: int = 1, height: int = 1) -> bytes:
    """Return a picture as ``GS v 0``; each row is a text of 0 and 1, 1 is black."""
    lines = []
    for row in rows:
        bits = "".join(bit * scale for bit in row)
        bits = bits.ljust((len(bits) + 7) // 8 * 8, "0")
        line = int(bits, 2).to_bytes(len(bits) // 8, "big") if bits else b""
        lines += [line] * height
    if not lines or not lines[0]:
        return b""
    width = len(lines[0])
    if any(len(line) != width for line in lines):
        raise ValueError("the rows are not of one length")
    head = b"\x1dv0\x00" + width.to_bytes(2, "little")
    return head + len(lines).to_bytes(2, "little") + b"".join(lines)


def code128(value: str, paper: int, height: int = 70) -> bytes:
    """Return a Code 128 as wide as the paper allows."""
    if not value or not value.isascii():
        raise Refused("bad_barcode", "A Code 128 has Latin letters and digits only")
    try:
        import barcode
    except ImportError:
        # The printer's own; not every model has it.
        content = b"{B" + value.encode("ascii")
        head = b"\x1dh" + bytes([height]) + b"\x1dw\x02\x1dH\x00"
        return head + b"\x1dkI" + bytes([len(content)]) + content
    (modules,) = barcode.get("code128", value).build()
    scale = paper // (len(modules) + 20)
    if scale < 1:
        raise Refused("bad_barcode", "The barcode is too long for this paper")
    return raster([modules], scale=min(scale, 3), height=height)


def qr(value: str, size: int = 5) -> bytes:
    """Return a QR code, drawn by the printer (``GS ( k``)."""
    data = value.encode()
    if not data or len(data) > 2000:
        raise Refused("bad_barcode", "The text of the QR code is empty or too long")

    def part(function: bytes) -> bytes:
        return b"\x1d(k" + len(function).to_bytes(2, "little") + function

    return (
        part(b"1A2\x00")
        + part(b"1C" + bytes([size]))
        + part(b"1E1")
        + part(b"1P0" + data)
        + part(b"1Q0")
    )


def render(lines: Iterable[dict[str, Any]], paper: int) -> bytes:
    """Return the bytes of a slip or label.

    A line has ``text`` (with ``align``, ``bold``, ``big``), or ``code128``, or ``qr``.
    """
    parts = [INIT, CYRILLIC]
    for line in lines:
        parts.append(ALIGN.get(line.get("align") or "left", ALIGN["left"]))
        if line.get("code128"):
            parts.append(code128(str(line["code128"]), paper) + b"\n")
        elif line.get("qr"):
            parts.append(qr(str(line["qr"])) + b"\n")
        else:
            bold, big = bool(line.get("bold")), bool(line.get("big"))
            parts += [BOLD[bold], BIG[big], text(str(line.get("text") or "")), b"\n"]
            parts += [BOLD[False], BIG[False]]
    return b"".join(parts)


class EscposPrinter(Backend):
    kinds = frozenset(("slip", "label", "drawer"))
    type = "printer"
    subtype = "receipt_printer"
    manufacturer = "ESC/POS"

    def __init__(self, identifier: str, options: Mapping[str, str]):
        super().__init__(identifier, options)
        self.paper = int(self.number("paper", 384))
        if self.flag("label", False):
            self.subtype = "label_printer"

    def check(self, job: Job) -> None:
        super().check(job)
        if job.kind != "drawer":
            self._bytes_of(job)

    def _bytes_of(self, job: Job) -> bytes:
        if job.kind == "drawer":
            pulses = STAR_PULSE if self.flag("star", False) else PULSE
            pulse = pulses[1 if job.payload.get("drawer") else 0]
            return pulse if self.flag("star", False) else SELECT + pulse
        lines = job.payload.get("lines")
        if not isinstance(lines, list) or not lines or len(lines) > 500:
            raise Refused("bad_slip", "There is nothing to print")
        if not all(isinstance(line, dict) for line in lines):
            raise Refused("bad_slip", "A line is no object")
        copies = max(1, min(int(job.payload.get("copies") or 1), 20))
        content = render(lines, self.paper)
        content += FEED + CUT if job.payload.get("cut", job.kind == "slip") else b"\x0c"
        return content * copies

    def ready(self, job: Job) -> None:
        self._open().close()

    def _open(self) -> SerialLine:
        return SerialLine(self.options["port"], int(self.number("baudrate", 19200)))

    def status(self) -> Result:
        self._open().close()
        return {}

    def perform(self, job: Job, note: Note) -> Result:
        content = self._bytes_of(job)
        try:
            line = self._open()
        except NotReady as trouble:
            raise Refused(trouble.code, str(trouble)) from trouble
        try:
            line.write(content)
        except LinkLost as error:
            raise InDoubt("line", str(error)) from error
        finally:
            line.close()
        return {"bytes": len(content)}
