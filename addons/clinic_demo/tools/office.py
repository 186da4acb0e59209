"""What the office of the demo clinic works with: programmes, budget, bills, bank."""

import json
from dataclasses import dataclass
from datetime import date

from .catalog import CONTENT
from .people import Person

ADULT, RETIRED = 22, 60


@dataclass(frozen=True)
class Programme:
    key: str
    name: str
    kind: str  # insurance | corporate
    payer: str
    vat: str
    contract: str
    coverage: int
    visit_limit: int
    member_limit: int
    discount: int
    excluded: tuple[str, ...]
    policy: str
    members: int


@dataclass(frozen=True)
class Item:
    """An article of the budget; ``plan`` is a usual month of the whole clinic."""

    key: str
    name: str
    code: str
    kind: str | None = None
    parent: str | None = None
    accounts: tuple[str, ...] = ()
    plan: int = 0
    one_off: bool = False


@dataclass(frozen=True)
class Entry:
    """What is booked for a whole month without a bill: wages and the like."""

    debit: str
    credit: str
    amount: int
    name: str


@dataclass(frozen=True)
class Bill:
    """A bill of a supplier; ``day`` and ``due`` are days from today."""

    supplier: str
    number: str
    item: str
    branch: str
    amount: int
    what: str
    day: int
    due: int
    end: str  # submitted | approved | paid | refused
    asker: str = "finance"
    priority: str = "0"
    why: str = ""


@dataclass(frozen=True)
class Receipt:
    """Money that came by the bank, ``days`` from today."""

    payer: str
    inn: str
    number: str
    days: int
    amount: int
    purpose: str


@dataclass(frozen=True)
class Office:
    programmes: tuple[Programme, ...]
    shares: dict[str, int]
    items: tuple[Item, ...]
    branch_shares: dict[str, int]
    payroll: tuple[Entry, ...]
    suppliers: dict[str, tuple[str, str]]
    bills: tuple[Bill, ...]
    bank: tuple[Receipt, ...]


def load() -> Office:
    content = json.loads((CONTENT / "office.json").read_text(encoding="utf-8"))
    return Office(
        programmes=_rows(Programme, content["programmes"]),
        shares=content["shares"],
        items=_rows(Item, content["items"]),
        branch_shares=content["branch_shares"],
        payroll=_rows(Entry, content["payroll"]),
        suppliers={key: tuple(row) for key, row in content["suppliers"].items()},
        bills=_rows(Bill, content["bills"]),
        bank=_rows(Receipt, content["bank"]),
    )


def members(
    programmes: tuple[Programme, ...], people: list[Person], today: date
) -> dict[str, list[Person]]:
    """Choose the members: of working age, paying for themselves, each in one only.

    Those with a log-in and their stories stay as they are.
    """
    able = [
        one
        for one in people
        if one.key.startswith("person")
        and ADULT <= one.age_on(today) < RETIRED
        and not one.payer
    ]
    chosen, start = {}, 0
    for programme in programmes:
        chosen[programme.key] = able[start : start + programme.members]
        start += programme.members
    return chosen


def split(total: int, shares: dict[str, int], step: int = 500) -> dict[str, int]:
    """Share a sum between branches in whole ``step``; the first one gets the rest."""
    parts = {key: total * share // 100 // step * step for key, share in shares.items()}
    first = next(iter(parts))
    parts[first] += total - sum(parts.values())
    return parts


def _rows(kind, rows):
    return tuple(
        kind(
            **{
                key: tuple(value) if isinstance(value, list) else value
                for key, value in row.items()
            }
        )
        for row in rows
    )
