"""What patients measure at home: kinds, units, and which values cannot be true."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation


@dataclass(frozen=True, slots=True)
class Value:
    """One number of a kind.

    ``code`` and ``unit`` (UCUM) are those of the clinic's own visits, so that both
    stand on one line of time.
    """

    code: str
    unit: str
    low: Decimal
    high: Decimal
    digits: int = 0


def _value(code: str, unit: str, low: str, high: str, digits: int = 0) -> Value:
    return Value(code, unit, Decimal(low), Decimal(high), digits)


KINDS: dict[str, tuple[Value, ...]] = {
    "pressure": (
        _value("systolic", "mm[Hg]", "50", "280"),
        _value("diastolic", "mm[Hg]", "30", "180"),
    ),
    "pulse": (_value("pulse", "/min", "25", "250"),),
    "glucose": (_value("glucose", "mmol/L", "0.5", "50", 1),),
    "weight": (_value("weight", "kg", "1", "350", 1),),
    "temperature": (_value("temperature", "Cel", "33", "43", 1),),
}


def read_values(
    kind: str, texts: Mapping[str, str | None]
) -> tuple[dict[str, Decimal], dict[str, str]]:
    """Read what was typed for a kind.

    :param texts: what stands in the inputs, by code
    :return: numbers by code, and what is wrong by code: ``missing``, ``unreadable``,
        ``unlikely`` or ``swapped`` (the lower pressure is above the upper one)
    """
    numbers: dict[str, Decimal] = {}
    wrong: dict[str, str] = {}
    for value in KINDS[kind]:
        text = "".join((texts.get(value.code) or "").split()).replace(",", ".")
        if not text:
            wrong[value.code] = "missing"
            continue
        try:
            number = Decimal(text)
        except InvalidOperation:
            wrong[value.code] = "unreadable"
            continue
        if not number.is_finite():
            wrong[value.code] = "unreadable"
        elif not value.low <= number <= value.high:
            wrong[value.code] = "unlikely"
        else:
            numbers[value.code] = round(number, value.digits)
    if not wrong and kind == "pressure":
        if numbers["diastolic"] >= numbers["systolic"]:
            wrong["diastolic"] = "swapped"
    return numbers, wrong
