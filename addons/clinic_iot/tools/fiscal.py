"""What a fiscal receipt says about money, by the law on cash registers (54-ФЗ).

The money of each payment lies in *places*: what the last receipt about it has said it
is for. A place is a charge (an invoice, 0 for none) and a sort of settlement, the
codes of tag 1214. Money that comes is put in places by its own receipt; a service that
is provided moves what is paid for it to "settled" by another one, where nothing is paid
and the advance is set off (tag 1215); what goes back leaves its place by a return.

:func:`plan` compares the places with what the books have matched, and returns the
receipts that are missing. Invariants (``tests/property/test_iot_fiscal.py``): the items
of a receipt cost what is paid by it; money stays in exactly one place; advances that
were set off were taken before; asked again after its receipts, it has nothing to add.

Whole kopecks, no Odoo.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

PREPAID, PART_PREPAID, ADVANCE, SETTLED, PART_CREDIT, CREDIT, REPAID = range(1, 8)
SERVICE, PAYMENT = 4, 10  # tag 1212
NAME_LENGTH = 128
# Before the service the rate is one "of what is in the sum": 20/120.
BEFORE = {
    "vat5": "vat105",
    "vat7": "vat107",
    "vat10": "vat110",
    "vat20": "vat120",
    "vat22": "vat122",
}
OPPOSITE = {
    "income": "income_return",
    "income_return": "income",
    "expense": "expense_return",
    "expense_return": "expense",
}
Place = tuple[int, int]  # charge or 0, method


@dataclass(frozen=True, slots=True)
class Line:
    """One service or good of a charge."""

    name: str
    total: int
    quantity: float = 1.0
    vat: str = "none"
    object: int = SERVICE
    marking: str = ""


@dataclass(frozen=True, slots=True)
class Charge:
    """What is to be paid for. ``open`` is still unpaid; ``credit`` is what an earlier
    receipt has said to be paid later; ``lend`` wants the rest said so now."""

    id: int
    lines: tuple[Line, ...]
    provided: bool
    open: int = 0
    credit: int = 0
    lend: bool = False


@dataclass(frozen=True, slots=True)
class Money:
    """A payment; ``fresh`` has no receipt yet, ``matched`` is {charge: kopecks}."""

    id: int
    amount: int
    way: str  # cash, card
    fresh: bool = False
    given: int = 0  # notes given for it; the change is printed
    places: Mapping[Place, int] = field(default_factory=dict)
    matched: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Back:
    """A refund; ``sources`` is {payment: kopecks of it that go back}."""

    id: int
    way: str
    sources: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Part:
    """So much of a payment comes to a place (or leaves it, below zero)."""

    money: int
    charge: int
    method: int
    amount: int


@dataclass(slots=True)
class Draft:
    """A receipt to be printed, and what it changes."""

    operation: str
    items: list[dict[str, Any]] = field(default_factory=list)
    payments: dict[str, int] = field(default_factory=dict)
    parts: list[Part] = field(default_factory=list)
    own: tuple[int, ...] = ()  # payments or refunds whose own receipt it is
    credits: dict[int, int] = field(default_factory=dict)  # charge: change

    def pay(self, way: str, amount: int) -> None:
        if amount:
            self.payments[way] = self.payments.get(way, 0) + amount

    @property
    def total(self) -> int:
        return sum(item["total"] for item in self.items)

    @property
    def charges(self) -> set[int]:
        """The charges it speaks of."""
        return {part.charge for part in self.parts if part.charge} | set(self.credits)


def plan(
    moneys: Iterable[Money],
    charges: Iterable[Charge],
    backs: Iterable[Back] = (),
    *,
    touched: set[int] | None = None,
    advance: Line | None = None,
) -> list[Draft]:
    """Return the receipts that are missing, in the order they are to be printed.

    All fresh money is on one receipt: it was taken together.

    :param touched: charges of which all the money is given; None for all
    :param advance: what money for nothing known is called
    """
    planner = _Planner(moneys, charges, touched, advance or Line("Аванс", 0))
    drafts = [planner.give_back(back) for back in backs]
    drafts += planner.take_back()
    drafts += planner.receive_and_settle()
    return [draft for draft in drafts if draft.items]


class _Planner:
    def __init__(self, moneys, charges, touched, advance):
        self.moneys = {money.id: money for money in moneys}
        self.charges = {charge.id: charge for charge in charges}
        self.touched = set(self.charges) if touched is None else touched
        self.advance = advance
        self.places = {
            money.id: {
                place: amount for place, amount in money.places.items() if amount
            }
            for money in self.moneys.values()
        }

    def _move(self, draft, money, charge, method, amount):
        """Write down that ``amount`` comes to a place or leaves it."""
        places = self.places.setdefault(money, {})
        places[charge, method] = places.get((charge, method), 0) + amount
        draft.parts.append(Part(money, charge, method, amount))

    def _settled(self, money, charge):
        return self.places[money].get((charge, SETTLED), 0)

    def _excess(self, money):
        """Yield (charge, kopecks) settled by this money, but no longer paid by it."""
        for (charge, method), amount in sorted(self.places[money.id].items()):
            extra = amount - money.matched.get(charge, 0)
            if method == SETTLED and extra > 0 and charge in self.touched:
                yield charge, extra

    # Money goes back ---------------------------------------------------------------

    def give_back(self, back):
        draft = Draft("income_return", own=(back.id,))
        for source, amount in sorted(back.sources.items()):
            for charge, method, part in self._places_to_leave(source, amount):
                draft.items += self._items(charge, method, part)
                self._move(draft, source, charge, method, -part)
        draft.pay(back.way, sum(back.sources.values()))
        return draft

    def _places_to_leave(self, source, amount):
        """Return [(charge, method, kopecks)]: what is paid for nothing goes first."""
        left = amount
        result = []

        def leave(charge, method, most):
            nonlocal left
            taken = min(most, left)
            if taken > 0:
                result.append((charge, method, taken))
                left -= taken

        money = self.moneys.get(source)
        places = dict(self.places.get(source, {}))
        if money:
            for charge, extra in self._excess(money):
                leave(charge, SETTLED, extra)
                places[charge, SETTLED] -= min(extra, places[charge, SETTLED])
            leave(0, ADVANCE, places.pop((0, ADVANCE), 0))
            # Not needed by what stands first, then the rest, the settled last.
            for needed in (False, True):
                for (charge, method), most in sorted(places.items(), reverse=True):
                    if needed == (charge in money.matched):
                        leave(charge, method, most)
        # Money from before the register: of it nothing was printed.
        if left:
            result.append((0, ADVANCE, left))
        return result

    def take_back(self):
        """Return the returns of what was settled and is not paid by that money now."""
        drafts = {}
        for money in self.moneys.values():
            for charge, extra in list(self._excess(money)):
                draft = drafts.setdefault(charge, Draft("income_return"))
                self._move(draft, money.id, charge, SETTLED, -extra)
                self._move(draft, money.id, 0, ADVANCE, extra)
                draft.pay("advance", extra)
        for charge, draft in drafts.items():
            draft.items = self._items(charge, SETTLED, draft.payments["advance"])
        return list(drafts.values())

    # Money comes, services are provided -----------------------------------------------

    def receive_and_settle(self):
        fresh = [money for money in self.moneys.values() if money.fresh]
        receipt = Draft("income", own=tuple(money.id for money in fresh))
        settlements = []
        for charge in self.charges.values():
            if charge.id not in self.touched:
                continue
            paid = {m.id: m.matched[charge.id] for m in fresh if charge.id in m.matched}
            if charge.provided:
                draft = receipt if paid else Draft("income")
                self._settle(draft, charge, paid)
                if not paid:
                    settlements.append(draft)
            elif paid:
                self._prepay(receipt, charge, paid)
        rest = 0
        for money in fresh:
            left = money.amount - sum(self.places[money.id].values())
            rest += left
            if left:
                self._move(receipt, money.id, 0, ADVANCE, left)
            receipt.pay(money.way, money.amount)
        receipt.items += self._items(0, ADVANCE, rest)
        self._print_change(receipt, fresh)
        return [receipt, *settlements]

    def _print_change(self, receipt, fresh):
        change = sum(m.given - m.amount for m in fresh if m.given > m.amount)
        if change and receipt.payments.get("cash"):
            receipt.pay("cash", change)

    def _prepay(self, receipt, charge, paid):
        amount = sum(paid.values())
        whole = not charge.open and amount == sum(line.total for line in charge.lines)
        method = PREPAID if whole else PART_PREPAID
        for money, part in paid.items():
            self._move(receipt, money, charge.id, method, part)
        receipt.items += self._items(charge.id, method, amount)

    def _settle(self, draft, charge, paid):
        before = sum(self._settled(money, charge.id) for money in self.places)
        offset = self._set_off(draft, charge)
        for money, part in paid.items():
            self._move(draft, money, charge.id, SETTLED, part)
        draft.pay("advance", offset)
        amount = offset + sum(paid.values())
        if not amount:
            self._lend(draft, charge)
            return
        repaid = min(amount, charge.credit)
        draft.items += self._items(charge.id, REPAID, repaid)
        amount -= repaid
        later = charge.open if not (before or charge.credit) else 0
        draft.items += self._items(
            charge.id, PART_CREDIT if later else SETTLED, amount + later
        )
        draft.pay("credit", later)
        if later or repaid:
            draft.credits[charge.id] = later - repaid

    def _lend(self, draft, charge):
        """Say that a service was provided, and is to be paid later (1216)."""
        later = charge.open - charge.credit
        if charge.lend and later > 0:
            draft.items += self._items(charge.id, CREDIT, later)
            draft.pay("credit", later)
            draft.credits[charge.id] = later

    def _set_off(self, draft, charge):
        """Move to "settled" what was paid in advance; return how much."""
        offset = 0
        for money in self.moneys.values():
            if money.fresh:
                continue
            wanted = money.matched.get(charge.id, 0)
            wanted -= self._settled(money.id, charge.id)
            places = self.places[money.id]
            order = sorted(
                (place for place in places if place[1] != SETTLED),
                # what was paid for this charge, then what for none
                key=lambda place: (place[0] != charge.id, place),
            )
            for place in order:
                taken = min(wanted, places[place])
                if taken > 0:
                    self._move(draft, money.id, *place, -taken)
                    self._move(draft, money.id, charge.id, SETTLED, taken)
                    offset += taken
                    wanted -= taken
        return offset

    # Words --------------------------------------------------------------------------

    def _items(self, charge_id, method, amount):
        if amount <= 0:
            return []
        charge = self.charges.get(charge_id)
        if method == ADVANCE or not charge or not charge.lines:
            return [_item(self.advance, method, amount, object_=PAYMENT)]
        return items(charge.lines, method, amount)


def items(lines: Iterable[Line], method: int, amount: int) -> list[dict[str, Any]]:
    """Return the items of a receipt for ``amount`` of these lines.

    The whole of them keep their quantities; of a part the first lines are paid first,
    and what is above their sum goes to the last.
    """
    lines = [line for line in lines if line.total > 0]
    if sum(line.total for line in lines) == amount:
        return [_item(line, method, line.total, whole=True) for line in lines]
    result = []
    left = amount
    for index, line in enumerate(lines):
        last = index == len(lines) - 1
        part = left if last else min(left, line.total)
        if part:
            result.append(_item(line, method, part, whole=part == line.total))
        left -= part
    return result


def _item(line, method, amount, whole=False, object_=None):
    # The register multiplies anew: a price that does not divide is one of one.
    quantity = line.quantity if whole and line.quantity > 0 else 1
    pieces = int(quantity)
    if pieces != quantity or not pieces or amount % pieces:
        pieces = 1
    return {
        "name": line.name[:NAME_LENGTH] or "Услуга",
        "quantity": str(pieces),
        "price": amount // pieces,
        "total": amount,
        "vat": vat_for(line.vat, method),
        "method": method,
        "object": PAYMENT if method == REPAID else object_ or line.object,
        "marking": line.marking if whole else "",
    }


def vat_for(vat: str, method: int) -> str:
    """Return the rate for a sort of settlement: of an advance it is in the sum.

    Credit that is paid back is not taxed (tag 1199 = 6): the tax was on the receipt
    that gave it.
    """
    if method == REPAID:
        return vat_of(None)
    return BEFORE.get(vat, vat) if method in (PREPAID, PART_PREPAID, ADVANCE) else vat


def vat_of(rate: float | None) -> str:
    """Return the code of a rate in percent, ``none`` where there is no tax."""
    return "none" if rate is None else f"vat{rate:g}"


def payload(draft: Draft, **header: Any) -> dict[str, Any]:
    """Return the job for the register; ``header`` as the README of the addon has it."""
    return {
        "operation": draft.operation,
        "items": draft.items,
        "payments": {
            way: draft.payments.get(way, 0)
            for way in ("cash", "card", "advance", "credit", "barter")
        },
        "open_shift": True,
        **{name: value for name, value in header.items() if value},
    }


def without_drawer(original: Mapping[str, Any]) -> dict[str, Any]:
    """Return the receipt for money that changes hands no more: a correction."""
    return {key: value for key, value in original.items() if key != "open_drawer"}


def reversed_payload(original: Mapping[str, Any], sign: str) -> dict[str, Any]:
    """Return the receipt that takes back a wrong one (ФФД 1.05: by its number 1192).

    Change is not given twice: the notes are those that stayed.
    """
    total = sum(item["total"] for item in original["items"])
    payments = dict(original["payments"])
    payments["cash"] -= sum(payments.values()) - total
    return {
        **original,
        "operation": OPPOSITE[original["operation"]],
        "payments": payments,
        "wrong_document_sign": sign,
    }


def repaid_payload(
    original: Mapping[str, Any], sign: str, way: str = "same"
) -> dict[str, Any]:
    """Return the right receipt after a wrong one; ``way`` is how it was really paid."""
    payments = dict(original["payments"])
    money = sum(item["total"] for item in original["items"])
    money -= sum(payments.get(name, 0) for name in ("advance", "credit", "barter"))
    if way in ("cash", "card"):
        payments.update({"cash": 0, "card": 0, way: money})
    return {**original, "payments": payments, "wrong_document_sign": sign}
