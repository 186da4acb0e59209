from datetime import date

from odoo.tests import BaseCase, tagged

from ..tools import ledger_history
from ..tools.rules import (
    Condition,
    Rule,
    RuleError,
    clock_thresholds,
    decide,
    forbidden,
    moments,
    replay,
)

GOOD = {"state": "booked", "hours_left": 5.0, "is_asked": True, "tags": {1}}


@tagged("post_install", "-at_install")
class TestRules(BaseCase):
    def test_conditions(self):
        cases = [
            ("hours_left", "lt", 6.0, True),
            ("hours_left", "lt", 5.0, False),
            ("hours_left", "ge", 5.0, True),
            ("state", "in", frozenset({"hold", "booked"}), True),
            ("state", "not in", frozenset({"booked"}), False),
            ("tags", "in", frozenset({1, 2}), True),
            ("tags", "not in", frozenset({2}), True),
            # What is not known is no ground, either way.
            ("risk", "ge", 1.0, False),
            ("risk", "lt", 1.0, False),
            ("risk_level", "not in", frozenset({"high"}), False),
        ]
        for fact, operator, value, expected in cases:
            with self.subTest(fact=fact, operator=operator, value=value):
                condition = Condition(fact, operator, value)
                self.assertEqual(condition.holds(GOOD), expected)

    def test_no_hours_are_left_to_a_visit_that_has_begun(self):
        soon = Condition("hours_left", "lt", 24.0)
        for left, expected in [(23.9, True), (0.0, True), (-0.1, False), (-99, False)]:
            with self.subTest(left=left):
                self.assertEqual(soon.holds({"hours_left": left}), expected)

    def test_senseless_conditions_are_refused(self):
        for fact, operator, value in [
            ("weather", "ge", 1.0),
            ("state", "ge", frozenset({"hold"})),
            ("hours_left", "lt", frozenset({1})),
            ("state", "in", 3.0),
        ]:
            with self.subTest(fact=fact), self.assertRaises(RuleError):
                Condition(fact, operator, value)

    def test_limits(self):
        cases = [
            ({}, None),
            ({"is_urgent": True}, "urgent"),
            ({"is_paid": True}, "paid"),
            ({"is_paying": True}, "paying"),
            ({"is_free": True}, "free"),
            ({"is_asked": False}, "not_asked"),
            ({"is_waived": True}, "waived"),
            ({"state": "arrived"}, "begun"),
            ({"hours_left": -0.1}, "begun"),
        ]
        for change, expected in cases:
            with self.subTest(change=change):
                self.assertEqual(forbidden("cancel", GOOD | change), expected)
        self.assertFalse(forbidden("remind", GOOD | {"is_urgent": True}))
        self.assertTrue(forbidden("remind", GOOD | {"is_paid_in_full": True}))

    def test_first_one_wins_even_when_it_has_acted(self):
        rules = [Rule(1, "call"), Rule(2, "cancel")]
        self.assertEqual([d.rule_id for d in decide(rules, GOOD)], [1])
        self.assertEqual(decide(rules, GOOD, {1}), [])
        rules[0] = Rule(1, "call", last=False)
        self.assertEqual([d.rule_id for d in decide(rules, GOOD)], [1, 2])

    def test_forbidden_rule_lets_the_next_one_try(self):
        rules = [Rule(1, "cancel"), Rule(2, "call")]
        paid = GOOD | {"is_paid": True}
        self.assertEqual([d.rule_id for d in decide(rules, paid)], [2])

    def test_what_a_person_let_pass_is_left_alone(self):
        rules = [Rule(1, "block"), Rule(2, "cancel")]
        self.assertEqual(decide(rules, GOOD | {"is_lifted": True}), [])
        blocked = GOOD | {"is_blocked": True}
        self.assertEqual([d.rule_id for d in decide(rules, blocked)], [2])
        rules = [Rule(1, "prepayment"), Rule(2, "cancel")]
        self.assertEqual(decide(rules, GOOD | {"is_waived": True}), [])

    def test_moments_are_where_the_clock_crosses(self):
        rules = [
            Rule(1, "remind", (Condition("hours_left", "lt", 24.0),)),
            Rule(2, "cancel", (Condition("hours_booked", "ge", 10.0),)),
        ]
        found = moments(clock_thresholds(rules), booked=0, start=100, events=[50])
        for expected in (0, 10, 50, 76):
            self.assertIn(expected, found)
        self.assertEqual(found, sorted(found))

    def test_replay_asks_then_cancels(self):
        rules = [
            Rule(1, "prepayment", (Condition("hours_left", "ge", 36.0),), last=False),
            Rule(2, "cancel", (Condition("hours_asked", "ge", 24.0),)),
        ]

        def facts_at(moment, asked):
            return GOOD | {
                "hours_left": 100 - moment,
                "hours_asked": None if asked is None else moment - asked,
                "is_asked": asked is not None,
                "is_paid": moment >= paid_at,
            }

        when = moments(clock_thresholds(rules), booked=0, start=100, events=[30])
        paid_at = 1000
        self.assertEqual(
            [(m, d.action) for m, d in replay(rules, facts_at, when)],
            [(0, "prepayment"), (24, "cancel")],
        )
        paid_at = 20
        self.assertEqual(
            [d.action for _m, d in replay(rules, facts_at, when)], ["prepayment"]
        )

    def test_account_on_a_day(self):
        item = ledger_history.Item
        account = [
            item(1000, date(2026, 3, 1), date(2026, 3, 5), ((date(2026, 3, 20), 400),)),
            item(
                -500, date(2026, 3, 10), date(2026, 3, 10), ((date(2026, 3, 20), 400),)
            ),
        ]
        cases = [
            (date(2026, 2, 1), (0, 0, 0)),
            (date(2026, 3, 5), (0, 0, 0)),
            (date(2026, 3, 7), (1000, 2, 0)),
            (date(2026, 3, 12), (1000, 7, 500)),
            (date(2026, 3, 25), (600, 20, 100)),
        ]
        for day, expected in cases:
            with self.subTest(day=day):
                state = ledger_history.state_on(account, day)
                self.assertEqual((state.overdue, state.days, state.free), expected)
