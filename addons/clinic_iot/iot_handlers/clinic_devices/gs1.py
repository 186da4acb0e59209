"""What a scanner has read: kept to the byte, and taken apart where it is a GS1 code.

A code of "Честный знак" goes to the register exactly as it was read, separators (1D)
included; so the bytes are the truth, and all else is a reading of them.
"""

from dataclasses import dataclass, field

SEPARATOR = 0x1D
# The sign before a GS1 DataMatrix, as scanners may be set to send it.
SYMBOLOGIES = (b"]d2", b"]C1", b"]e0", b"]Q3")
# Fields of a fixed length need no separator behind them.
FIXED = {"00": 18, "01": 14, "02": 14, "11": 6, "12": 6, "13": 6, "15": 6, "17": 6}
ENDS = (b"\r", b"\n")


@dataclass(frozen=True)
class Scan:
    raw: bytes
    fields: dict[str, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        return self.raw.decode("utf-8", "replace")


def split_lines(buffer: bytes) -> tuple[list[bytes], bytes]:
    """Return what was read to its end, and the rest that still comes.

    Only CR and LF end a code; a separator or a tabulator does not.
    """
    *lines, rest = buffer.replace(b"\r", b"\n").split(b"\n")
    return [line for line in lines if line], rest


def read(line: bytes) -> Scan:
    """Return a scan; its fields are empty unless it is a GS1 code with a GTIN."""
    for sign in SYMBOLOGIES:
        if line.startswith(sign):
            line = line[len(sign) :]
            break
    code = line[1:] if line[:1] == bytes([SEPARATOR]) else line
    return Scan(raw=code, fields=parse(code))


def parse(code: bytes) -> dict[str, str]:
    """Return the fields of a GS1 code by their identifiers, {} if it is none."""
    fields: dict[str, str] = {}
    try:
        rest = code.decode("ascii")
    except UnicodeDecodeError:
        return {}
    if not (rest.startswith("01") and rest[2:16].isdigit() and check_digit(rest[2:16])):
        return {}
    separator = chr(SEPARATOR)
    while rest:
        key, rest = rest[:2], rest[2:]
        if len(key) < 2 or not key.isdigit() or key in fields:
            return {}
        if key in FIXED:
            value, rest = rest[: FIXED[key]], rest[FIXED[key] :]
            if len(value) < FIXED[key]:
                return {}
            rest = rest.removeprefix(separator)
        else:
            # The signs of other fields may occur inside: only the separator ends it.
            value, _separator, rest = rest.partition(separator)
        if not value:
            return {}
        fields[key] = value
    return fields


def check_digit(gtin: str) -> bool:
    """Return whether the last digit of a GTIN fits the others."""
    digits = [int(digit) for digit in gtin]
    total = sum(
        digit * (3 if index % 2 == 0 else 1)
        for index, digit in enumerate(reversed(digits[:-1]))
    )
    return (10 - total % 10) % 10 == digits[-1]
