"""Fiscal receipts of random histories: the sums hold, the box understands them."""

from hypothesis import given, settings, strategies as st

from odoo.addons.clinic_iot.iot_handlers.clinic_devices.receipt import Receipt
from odoo.addons.clinic_iot.tools import fiscal

VATS = ("none", "none", "none", "vat10", "vat20", "vat22")


class Books:
    """A clinic's ledger that matches by whatever a test says, and prints receipts."""

    def __init__(self):
        self.charges, self.moneys, self.refunds = {}, {}, {}
        self.receipts = []
        self.serial = 0

    def charge(self, totals, vat):
        self.serial += 1
        lines = tuple(
            fiscal.Line(f"Приём {total}", total, quantity, vat)
            for total, quantity in totals
        )
        self.charges[self.serial] = {"lines": lines, "provided": False, "credit": 0}
        return self.serial

    def total(self, charge):
        return sum(line.total for line in self.charges[charge]["lines"])

    def open(self, charge):
        paid = sum(money["matched"].get(charge, 0) for money in self.moneys.values())
        return self.total(charge) - paid

    def free(self, money):
        values = self.moneys[money]
        return values["amount"] - sum(values["matched"].values()) - values["back"]

    def pay(self, ways, wanted):
        """Take money in several ways at once and match it."""
        for way, amount, given_more in ways:
            self.serial += 1
            self.moneys[self.serial] = {
                "amount": amount,
                "way": way,
                "fresh": True,
                "given": amount + given_more if way == "cash" else 0,
                "places": {},
                "matched": {},
                "back": 0,
            }
            self.match(self.serial, wanted)

    def match(self, money, charges):
        for charge in charges:
            part = min(self.free(money), self.open(charge))
            if part > 0:
                matched = self.moneys[money]["matched"]
                matched[charge] = matched.get(charge, 0) + part

    def refund(self, money, amount, way):
        """Undo the newest matches until the sum is free, then give it back."""
        values = self.moneys[money]
        amount = min(amount, values["amount"] - values["back"])
        if amount <= 0:
            return
        for charge in sorted(values["matched"], reverse=True):
            if self.free(money) < amount:
                del values["matched"][charge]
        values["back"] += amount
        self.serial += 1
        self.refunds[self.serial] = (way, amount)
        self.print_receipts([fiscal.Back(self.serial, way, {money: amount})])

    def plan(self, backs=(), lend=False):
        charges = [
            fiscal.Charge(
                key,
                values["lines"],
                values["provided"],
                self.open(key),
                values["credit"],
                lend,
            )
            for key, values in self.charges.items()
        ]
        moneys = [
            fiscal.Money(key, **{n: v for n, v in values.items() if n != "back"})
            for key, values in self.moneys.items()
        ]
        return fiscal.plan(moneys, charges, backs)

    def print_receipts(self, backs=(), lend=False):
        drafts = self.plan(backs, lend)
        for draft in drafts:
            self.receipts.append(draft)
            for part in draft.parts:
                places = self.moneys[part.money]["places"]
                key = (part.charge, part.method)
                places[key] = places.get(key, 0) + part.amount
            for charge, change in draft.credits.items():
                self.charges[charge]["credit"] += change
        for values in self.moneys.values():
            values["fresh"] = False
        assert not self.plan(), "nothing is left to print"
        self.check()

    def check(self):
        for values in self.moneys.values():
            places = values["places"]
            assert all(amount >= 0 for amount in places.values())
            assert sum(places.values()) == values["amount"] - values["back"]
            for charge, amount in values["matched"].items():
                if self.charges[charge]["provided"]:
                    assert places.get((charge, fiscal.SETTLED), 0) == amount
        self.check_law()

    def check_law(self):
        drawer = {"cash": 0, "card": 0}
        advance = 0
        for draft in self.receipts:
            read = Receipt.parse(fiscal.payload(draft, tax_system=2))
            sign = 1 if draft.operation == "income" else -1
            drawer["cash"] += sign * (read.payments["cash"] - read.change)
            drawer["card"] += sign * read.payments["card"]
            advance -= sign * read.payments["advance"]
            before = (fiscal.PREPAID, fiscal.PART_PREPAID, fiscal.ADVANCE)
            advance += sign * sum(i.total for i in read.items if i.method in before)
        for way, amount in drawer.items():
            taken = sum(m["amount"] for m in self.moneys.values() if m["way"] == way)
            back = sum(sum_ for to, sum_ in self.refunds.values() if to == way)
            assert amount == taken - back
        unsettled = sum(
            amount
            for values in self.moneys.values()
            for (_charge, method), amount in values["places"].items()
            if method != fiscal.SETTLED
        )
        assert advance == unsettled >= 0


kopecks = st.integers(1, 9_999_99)
way = st.sampled_from(["cash", "card"])
step = st.one_of(
    st.tuples(
        st.just("charge"),
        st.lists(st.tuples(kopecks, st.integers(1, 4)), min_size=1, max_size=3),
        st.sampled_from(VATS),
    ),
    st.tuples(
        st.just("pay"),
        st.lists(
            st.tuples(way, kopecks, st.integers(0, 500_00)), min_size=1, max_size=2
        ),
        st.lists(st.integers(0, 6), max_size=2),
    ),
    st.tuples(st.just("provide"), st.integers(0, 6)),
    st.tuples(st.just("lend")),
    st.tuples(st.just("match"), st.integers(0, 6), st.integers(0, 6)),
    st.tuples(st.just("undo"), st.integers(0, 6)),
    st.tuples(st.just("refund"), st.integers(0, 6), kopecks, way),
)


def chosen(keys, number):
    keys = sorted(keys)
    return keys[number % len(keys)] if keys else None


@settings(max_examples=400, deadline=None)
@given(st.lists(step, max_size=14))
def test_any_history_prints_what_the_law_wants(steps):
    books = Books()
    for kind, *values in steps:
        charge = chosen(books.charges, values[-1]) if kind == "match" else None
        if kind == "charge":
            books.charge(*values)
        elif kind == "pay":
            wanted = {chosen(books.charges, number) for number in values[1]} - {None}
            books.pay(values[0], sorted(wanted))
        elif kind == "provide" and books.charges:
            books.charges[chosen(books.charges, values[0])]["provided"] = True
        elif kind == "match" and books.moneys and charge:
            books.match(chosen(books.moneys, values[0]), [charge])
        elif kind == "undo" and books.moneys:
            matched = books.moneys[chosen(books.moneys, values[0])]["matched"]
            if matched:
                matched.popitem()
        elif kind == "refund" and books.moneys:
            books.refund(chosen(books.moneys, values[0]), *values[1:])
            continue
        elif kind == "lend":
            books.print_receipts(lend=True)
            assert not books.plan(lend=True), "said once"
            for key, values in books.charges.items():
                assert values["credit"] >= books.open(key) or not values["provided"]
        books.print_receipts()


def methods(draft):
    return [(item["method"], item["object"], item["total"]) for item in draft.items]


def test_topping_up_is_an_advance():
    books = Books()
    books.pay([("cash", 1000_00, 0)], [])
    books.print_receipts()
    [receipt] = books.receipts
    assert methods(receipt) == [(3, 10, 1000_00)]
    assert receipt.payments == {"cash": 1000_00}


def test_paid_before_and_settled_when_provided():
    books = Books()
    visit = books.charge([(1500_00, 1)], "none")
    books.pay([("card", 1500_00, 0)], [visit])
    books.print_receipts()
    books.charges[visit]["provided"] = True
    books.print_receipts()
    paid, settled = books.receipts
    assert methods(paid) == [(1, 4, 1500_00)]
    assert methods(settled) == [(4, 4, 1500_00)]
    assert settled.payments == {"advance": 1500_00}


def test_cash_card_and_balance_are_one_receipt():
    books = Books()
    books.pay([("cash", 300_00, 0)], [])
    books.print_receipts()
    visit = books.charge([(1000_00, 1)], "none")
    books.charges[visit]["provided"] = True
    first = min(books.moneys)
    books.match(first, [visit])
    books.pay([("cash", 200_00, 300_00), ("card", 500_00, 0)], [visit])
    books.print_receipts()
    receipt = books.receipts[-1]
    assert methods(receipt) == [(4, 4, 1000_00)]
    assert receipt.payments == {"cash": 500_00, "card": 500_00, "advance": 300_00}
    assert len(books.receipts) == 2


def test_a_part_of_a_provided_service_leaves_a_credit_that_is_repaid():
    books = Books()
    visit = books.charge([(1000_00, 1)], "none")
    books.charges[visit]["provided"] = True
    books.pay([("cash", 400_00, 0)], [visit])
    books.print_receipts()
    books.pay([("cash", 600_00, 0)], [visit])
    books.print_receipts()
    first, second = books.receipts
    assert methods(first) == [(5, 4, 1000_00)]
    assert first.payments == {"cash": 400_00, "credit": 600_00}
    assert methods(second) == [(7, 10, 600_00)]


def test_a_service_that_nobody_has_paid_is_on_credit_until_it_is_paid():
    books = Books()
    visit = books.charge([(1000_00, 1)], "vat20")
    books.print_receipts(lend=True)
    assert not books.receipts, "it has not been provided"
    books.charges[visit]["provided"] = True
    books.print_receipts(lend=True)
    [credit] = books.receipts
    assert methods(credit) == [(6, 4, 1000_00)]
    assert credit.payments == {"credit": 1000_00} and not credit.parts
    assert credit.items[0]["vat"] == "vat20"
    books.pay([("card", 300_00, 0)], [visit])
    books.print_receipts(lend=True)
    books.pay([("cash", 700_00, 0)], [visit])
    books.print_receipts(lend=True)
    assert [methods(one) for one in books.receipts[1:]] == [
        [(7, 10, 300_00)],
        [(7, 10, 700_00)],
    ]


def test_what_is_returned_is_what_was_bought():
    books = Books()
    visit = books.charge([(600_00, 2), (400_00, 1)], "vat20")
    books.charges[visit]["provided"] = True
    books.pay([("card", 1000_00, 0)], [visit])
    books.print_receipts()
    books.refund(max(books.moneys), 1000_00, "card")
    paid, back = books.receipts
    assert back.operation == "income_return"
    assert back.items == paid.items
    assert back.items[0]["quantity"] == "2"
    assert back.items[0]["price"] == 300_00


def test_vat_of_an_advance_is_in_the_sum():
    assert fiscal.vat_for("vat20", fiscal.PREPAID) == "vat120"
    assert fiscal.vat_for("vat20", fiscal.SETTLED) == "vat20"
    assert fiscal.vat_for("none", fiscal.ADVANCE) == "none"
    # The tax was on the receipt that gave the credit.
    assert fiscal.vat_for("vat22", fiscal.CREDIT) == "vat22"
    assert fiscal.vat_for("vat22", fiscal.REPAID) == "none"


def test_a_wrong_receipt_is_taken_back_without_the_change():
    draft = fiscal.Draft("income", payments={"cash": 1000})
    draft.items = fiscal.items([fiscal.Line("Приём", 700)], fiscal.SETTLED, 700)
    payload = fiscal.payload(draft, tax_system=2)
    back = Receipt.parse(fiscal.reversed_payload(payload, "123"))
    assert (back.operation, back.change, back.total) == (2, 0, 700)
    assert back.wrong_document_sign == "123"
