"""A receipt as the server asks for it, whatever register prints it.

Money is in kopecks. Codes are those of the law (order ЕД-7-20/662@): 1054, 1212, 1214,
1055. A payload that does not add up is refused before a register sees it.
"""

from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from .jobs import Refused

OPERATIONS = {"income": 1, "income_return": 2, "expense": 3, "expense_return": 4}
# Cash (1031), card (1081), advance (1215), credit (1216), counter-provision (1217).
PAYMENTS = ("cash", "card", "advance", "credit", "barter")
VATS = (
    *("none", "vat0", "vat5", "vat7", "vat10", "vat20", "vat22"),
    *("vat105", "vat107", "vat110", "vat120", "vat122"),
)
TAX_SYSTEMS = (1, 2, 4, 16, 32)
METHODS = range(1, 8)


@dataclass(frozen=True)
class Item:
    name: str
    quantity: Decimal
    price: int
    total: int
    vat: str
    method: int  # 1214
    object: int  # 1212
    department: int = 1
    marking: bytes = b""  # as the scanner has read it


@dataclass(frozen=True)
class Receipt:
    operation: int
    items: tuple[Item, ...]
    payments: dict[str, int]
    tax_system: int
    contact: str = ""
    electronic_only: bool = False
    cashier: str = ""
    cashier_inn: str = ""
    customer: str = ""
    customer_inn: str = ""
    internet_site: str = ""
    wrong_document_sign: str = ""
    correction: dict[str, str] = field(default_factory=dict)

    @property
    def total(self) -> int:
        return sum(item.total for item in self.items)

    @property
    def change(self) -> int:
        return sum(self.payments.values()) - self.total

    @classmethod
    def parse(cls, payload: dict[str, Any]) -> "Receipt":
        try:
            receipt = cls(
                operation=OPERATIONS[payload["operation"]],
                items=tuple(_item(values) for values in payload["items"]),
                payments={
                    name: _money(value) for name, value in payload["payments"].items()
                },
                tax_system=int(payload["tax_system"]),
                **{
                    name: str(payload.get(name) or "")
                    for name in (
                        *("contact", "cashier", "cashier_inn", "customer"),
                        *("customer_inn", "internet_site", "wrong_document_sign"),
                    )
                },
                electronic_only=bool(payload.get("electronic_only")),
                correction=dict(payload.get("correction") or {}),
            )
        except Refused:
            raise
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise Refused("bad_receipt", f"The receipt cannot be read: {error}") from (
                error
            )
        receipt._check()
        return receipt

    def _check(self) -> None:
        problems = []
        if not self.items:
            problems.append("it has no items")
        if set(self.payments) - set(PAYMENTS):
            problems.append("a way of payment is unknown")
        if self.tax_system not in TAX_SYSTEMS:
            problems.append("the tax system is unknown")
        if self.total <= 0:
            problems.append("its total is nothing")
        if self.change < 0:
            problems.append("less is paid than its total")
        if self.change > self.payments.get("cash", 0):
            problems.append("change is given of cash only")
        if self.electronic_only and not self.contact:
            problems.append("an electronic receipt needs a phone or mail")
        if self.internet_site and not self.contact:
            problems.append("a payment on the Internet needs a phone or mail")
        if problems:
            raise Refused("bad_receipt", "The receipt is wrong: " + ", ".join(problems))


def _money(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError("an amount is a whole number of kopecks")
    return value


def _item(values: dict[str, Any]) -> Item:
    try:
        quantity = Decimal(str(values.get("quantity", 1)))
    except InvalidOperation as error:
        raise ValueError("the quantity is no number") from error
    item = Item(
        name=str(values["name"]).strip(),
        quantity=quantity,
        price=_money(values["price"]),
        total=_money(values["total"]),
        vat=values["vat"],
        method=int(values["method"]),
        object=int(values["object"]),
        department=int(values.get("department") or 1),
        marking=bytes.fromhex(values.get("marking") or ""),
    )
    if not item.name or item.vat not in VATS or item.method not in METHODS:
        raise ValueError("an item lacks its name, VAT or sort of settlement")
    if not 0 < quantity < 100000 or quantity != round(quantity, 6):
        raise ValueError("the quantity is out of bounds")
    # A discount is in the price already; only the rounding may differ.
    if abs(quantity * item.price - item.total) > 1:
        raise ValueError("price and quantity do not make the total")
    return item


def check_link(values: dict[str, Any]) -> str:
    """Return the text of the QR code by which a buyer checks the receipt."""
    rubles, kopecks = divmod(int(values["total"]), 100)
    return (
        f"t={values['moment'].replace('-', '').replace(':', '')[:13]}"
        f"&s={rubles}.{kopecks:02}&fn={values['fn']}&i={values['fd']}"
        f"&fp={values['fp']}&n={values['operation']}"
    )
