"""What a medical record consists of besides the texts of visits: values, orders."""

import json
from dataclasses import dataclass
from random import Random

from .catalog import CONTENT
from .people import FEMALE, Person

FEVER = {"J06.9", "J20.9", "J03.9", "J01.0", "H66.0", "A08.4"}
PRESSURE = {"I10", "I20.8", "E11.9"}
HEAVY = {"E11.9", "I10"}
ADULT = 18


@dataclass(frozen=True)
class Medicine:
    key: str
    dose: float
    times: int
    timing: str
    days: int
    as_needed: bool


@dataclass(frozen=True)
class Order:
    kind: str
    service: str
    reason: str
    quantity: int = 1


@dataclass(frozen=True)
class Treatment:
    medicines: tuple[Medicine, ...] = ()
    orders: tuple[Order, ...] = ()


def load() -> dict:
    """Return the tables of the record as they are written."""
    return json.loads((CONTENT / "record.json").read_text(encoding="utf-8"))


def treatments(rows: dict) -> dict[str, Treatment]:
    """Return what is prescribed and ordered, by the code of the diagnosis."""
    return {
        code: Treatment(
            tuple(Medicine(*row) for row in row.get("medicines", ())),
            tuple(Order(*row) for row in row.get("orders", ())),
        )
        for code, row in rows.items()
    }


def values(
    rng: Random, person: Person, age: int, code: str, again: bool
) -> dict[str, float]:
    """Return what is measured at a visit, by the codes of the templates' fields.

    :param again: the patient has been treated meanwhile
    """
    ill = code in FEVER and not again
    height, weight = _size(rng, person, age, code)
    measured = {
        "temperature": round(rng.uniform(37.4, 38.4) if ill else 36.6, 1),
        "height": height,
        "weight": weight,
    }
    if age >= ADULT:
        high = code in PRESSURE and not again
        measured |= {
            "systolic": rng.randrange(144, 172, 2) if high else rng.randrange(112, 134),
            "diastolic": rng.randrange(88, 102, 2) if high else rng.randrange(68, 84),
            "pulse": rng.randrange(64, 92),
            "spo2": rng.randrange(96, 100),
            "respiration": rng.randrange(14, 19),
        }
    return measured


def _size(rng, person, age, code):
    """Return height in cm and weight in kg, the same person always being as tall."""
    own = Random(person.key)
    if age >= ADULT:
        height = round(own.gauss(164 if person.gender == FEMALE else 177, 5))
        index = 32 if code in HEAVY else own.uniform(20, 27)
        weight = index * (height / 100) ** 2
    else:
        height = min(75 + 6 * age, 172) + own.randrange(4)
        weight = 9 + 2.6 * age
    return height, round(weight + rng.uniform(-0.6, 0.6), 1)
