"""Typed fields of a visit: reading a value from the outside and judging it.

No database here. A value goes in as JSON gives it and comes out as a :class:`Value`,
or a :class:`SheetError` says what is wrong with it by a code.
"""

import datetime
import math
from dataclasses import dataclass

KINDS = (
    "heading",
    "text",
    "choice",
    "multi",
    "number",
    "scale",
    "side",
    "eye",
    "tooth",
    "date",
    "boolean",
)
NUMBERS = ("number", "scale")
SIDES = {"side": ("right", "left", "both"), "eye": ("OD", "OS", "OU")}
# permanent and milk teeth by FDI (ISO 3950)
TEETH = frozenset(
    [f"{quadrant}{tooth}" for quadrant in range(1, 5) for tooth in range(1, 9)]
    + [f"{quadrant}{tooth}" for quadrant in range(5, 9) for tooth in range(1, 6)]
)


class SheetError(ValueError):
    """A value that does not fit its field; ``code`` says why."""

    def __init__(self, code):
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Item:
    """What a template says of one field."""

    kind: str
    choices: tuple = ()
    minimum: float | None = None
    maximum: float | None = None


@dataclass(frozen=True)
class Value:
    """A value that fits its field; one of the four is set."""

    text: str = ""
    number: float | None = None
    date: datetime.date | None = None
    boolean: bool | None = None


def parse_choices(text):
    """Return the choices of a template: one a line, each once, no blank ones."""
    lines = (line.strip() for line in (text or "").splitlines())
    return tuple(dict.fromkeys(line for line in lines if line))


def read_value(item, raw):
    """Return the :class:`Value` of what was entered, or None for nothing.

    >>> read_value(Item("number"), "36,6").number
    36.6
    >>> read_value(Item("tooth"), "16 17").text
    '16, 17'
    """
    if raw is None or raw == "" or raw == [] or item.kind == "heading":
        return None
    return READERS[item.kind](item, raw)


def _read_text(item, raw):
    if not isinstance(raw, str):
        raise SheetError("text")
    return Value(text=raw.strip()) if raw.strip() else None


def _read_choice(item, raw):
    if raw not in item.choices:
        raise SheetError("choice")
    return Value(text=raw)


def _read_multi(item, raw):
    if not isinstance(raw, list) or not set(raw) <= set(item.choices):
        raise SheetError("choice")
    # in the order of the template, whichever was ticked first
    return Value(text="\n".join(choice for choice in item.choices if choice in raw))


def _read_number(item, raw):
    if isinstance(raw, bool):
        raise SheetError("number")
    try:
        number = float(str(raw).strip().replace(",", "."))
    except ValueError as error:
        raise SheetError("number") from error
    if not math.isfinite(number):
        raise SheetError("number")
    if item.minimum is not None and number < item.minimum:
        raise SheetError("minimum")
    if item.maximum is not None and number > item.maximum:
        raise SheetError("maximum")
    return Value(number=number)


def _read_side(item, raw):
    if raw not in SIDES[item.kind]:
        raise SheetError("choice")
    return Value(text=raw)


def _read_tooth(item, raw):
    teeth = str(raw).replace(",", " ").replace(";", " ").split()
    if not set(teeth) <= TEETH:
        raise SheetError("tooth")
    return Value(text=", ".join(dict.fromkeys(teeth))) if teeth else None


def _read_date(item, raw):
    try:
        return Value(date=datetime.date.fromisoformat(raw))
    except (TypeError, ValueError) as error:
        raise SheetError("date") from error


def _read_boolean(item, raw):
    if not isinstance(raw, bool):
        raise SheetError("boolean")
    return Value(boolean=raw)


READERS = {
    "text": _read_text,
    "choice": _read_choice,
    "multi": _read_multi,
    "number": _read_number,
    "scale": _read_number,
    "side": _read_side,
    "eye": _read_side,
    "tooth": _read_tooth,
    "date": _read_date,
    "boolean": _read_boolean,
}


def bounds(low, high):
    """Return two bounds of a form in which an empty bound is a zero.

    >>> bounds(0, 0), bounds(60, 0), bounds(0, 5), bounds(-2, 0)
    ((None, None), (60, None), (0, 5), (-2, 0))
    """
    if not low and not high:
        return None, None
    if not high and low > 0:
        return low, None
    return low, high


def interpret(number, low=None, high=None, critical_low=None, critical_high=None):
    """Judge a number by its norms: ``critical``, ``low``, ``high``, ``normal``, or
    None where there are no norms. Bounds themselves are within.

    >>> interpret(36.6, low=36, high=37)
    'normal'
    >>> interpret(41, low=36, high=37, critical_high=40)
    'critical'
    """
    if critical_low is not None and number < critical_low:
        return "critical"
    if critical_high is not None and number > critical_high:
        return "critical"
    if low is not None and number < low:
        return "low"
    if high is not None and number > high:
        return "high"
    bounds = (low, high, critical_low, critical_high)
    return "normal" if any(bound is not None for bound in bounds) else None


def format_number(number):
    """Return a number without needless zeros: 120, 36.6.

    >>> format_number(120.0), format_number(36.60), format_number(0.1 + 0.2)
    ('120', '36.6', '0.3')
    """
    return f"{number:.6f}".rstrip("0").rstrip(".")
