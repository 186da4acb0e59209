from datetime import date

from odoo.tests import BaseCase, tagged

from ..tools.allocation import AllocationError, Charge, Credit, allocate

DAY1, DAY2, DAY3 = (date(2026, 3, day) for day in (1, 2, 3))


@tagged("post_install", "-at_install")
class TestAllocation(BaseCase):
    """The rules by example; tests/property proves the invariants."""

    def test_rules(self):
        first = Charge(1, 500, DAY1, ("INV/2026/00011", "A000011"))
        second = Charge(2, 300, DAY2, ("INV/2026/00012",))
        cases = [
            ("nothing", [], [], []),
            ("nothing to pay", [], [Credit(9, 100, DAY1)], []),
            ("advance", [first], [Credit(9, 700, DAY1)], [(1, 9, 500, "oldest")]),
            (
                "made for the newer",
                [first, second],
                [Credit(9, 100, DAY3, links=frozenset({2}))],
                [(2, 9, 100, "link")],
            ),
            (
                "named in the text",
                [first, second],
                [Credit(9, 100, DAY3, text="оплата inv-2026-00012")],
                [(2, 9, 100, "reference")],
            ),
            (
                "names the appointment",
                [second, first],
                [Credit(9, 100, DAY3, text="A000011")],
                [(1, 9, 100, "reference")],
            ),
            (
                "same amount",
                [first, second],
                [Credit(9, 300, DAY3)],
                [(2, 9, 300, "amount")],
            ),
            (
                "oldest first, over two charges",
                [second, first],
                [Credit(9, 600, DAY3)],
                [(1, 9, 500, "oldest"), (2, 9, 100, "oldest")],
            ),
            (
                "two payments for one charge",
                [first],
                [Credit(8, 200, DAY2), Credit(9, 200, DAY1)],
                [(1, 9, 200, "oldest"), (1, 8, 200, "oldest")],
            ),
        ]
        for name, charges, credits, expected in cases:
            with self.subTest(name):
                matches = [
                    (match.charge_id, match.credit_id, match.amount, match.rule)
                    for match in allocate(charges, credits)
                ]
                self.assertEqual(matches, expected)

    def test_bad_input(self):
        for charges in (
            [Charge(1, 0, DAY1)],
            [Charge(1, -5, DAY1)],
            [Charge(1, 5, DAY1), Charge(1, 5, DAY1)],
        ):
            with self.subTest(charges), self.assertRaises(AllocationError):
                allocate(charges, [])
