from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .test_decisions import DecisionCommon


@tagged("post_install", "-at_install")
class TestDryRun(DecisionCommon):
    """Visits of last week; the rules look at them as if it were then."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.past_day = cls.day - timedelta(days=21)
        cls._create_shift(cls.specialist, day=cls.past_day, room_id=cls.room.id)

    def _past(self, hour, paid=None, **values):
        """Return a visit of the past; ``paid``: days before (above zero) or after."""
        visit = self._book(
            start=self._at(hour, day=self.past_day),
            service_id=self.service_prepaid.id,
            allow_past=True,
            **values,
        )
        if paid is not None:
            day = self.past_day - timedelta(days=paid)
            self._pay(visit, amount=5000, date=day)
        visit._move("arrived", force=True)
        visit._move("fulfilled", force=True)
        return visit

    def _try(self, *rules, **values):
        run = self.env["clinic.finance.dry.run"].create(
            {
                "rule_ids": [fields.Command.set([rule.id for rule in rules])],
                "date_from": self.past_day,
                "date_to": self.past_day,
                **values,
            }
        )
        run.action_try()
        return run

    def test_shows_what_would_have_been_touched(self):
        people = [self._create_patient(name=name).id for name in ("A", "B", "C")]
        early = self._past(9, paid=2, patient_id=people[0])
        late = self._past(10, paid=-1, patient_id=people[1])
        debtor = self._past(11, patient_id=people[2])
        rule = self._rule("cancel", ("hours_left", "lt", 24))
        run = self._try(rule)
        self.assertEqual(run.line_ids.appointment_id, late | debtor)
        self.assertNotIn(early, run.line_ids.appointment_id)
        line = run.line_ids.filtered(lambda li: li.appointment_id == late)
        self.assertAlmostEqual(
            line.moment, late.start - timedelta(hours=24), delta=timedelta(minutes=2)
        )
        self.assertEqual(line.outcome, "came_paid")
        self.assertIn("2", run.summary)
        self.assertIn("1", run.warning)
        outcome = run.line_ids.filtered(lambda li: li.appointment_id == debtor)
        self.assertEqual(outcome.outcome, "came_owes")

    def test_changes_nothing(self):
        visit = self._past(10)
        rule = self._rule("cancel", ("hours_left", "lt", 24))
        block = self._rule("block", ("hours_left", "lt", 24), sequence=1, last=False)
        before = self.env["clinic.notice"].search_count([])
        self._try(rule, block)
        self.assertEqual(visit.state, "fulfilled")
        self.assertFalse(visit.decision_ids)
        self.assertFalse(self.patient.financial_block)
        self.assertEqual(self.env["clinic.notice"].search_count([]), before)

    def test_debt_is_that_of_the_day(self):
        """The debt of a visit before it, not what came after."""
        self._past(9)
        rule = self._rule("call", ("debt", "ge", 1000), ("hours_left", "ge", 1))
        self.assertFalse(self._try(rule).line_ids)
        self._past(10)
        self.assertFalse(self._try(rule).line_ids, "due on the day, not overdue then")
        after = self._rule("call", ("debt_days", "ge", 5))
        self.assertEqual(len(self._try(after).line_ids), 2)

    def test_urgent_and_paid_are_spared_on_the_past_too(self):
        self._past(9, is_urgent=True)
        self._past(10, paid=4)
        self.assertFalse(self._try(self._rule("cancel")).line_ids)

    def test_what_is_booked_now(self):
        visit = self._book(10, service_id=self.service_prepaid.id)
        run = self._try(self._rule("cancel"), scope="now")
        self.assertIn(visit, run.line_ids.appointment_id)
        self.assertEqual(visit.state, "booked")

    def test_starter_rules_can_be_tried(self):
        self._past(9)
        rules = self.env["clinic.finance.rule"].with_context(active_test=False)
        self.assertTrue(self._try(*rules.search([])).summary)

    def test_queries_do_not_grow_with_visits(self):
        rule = self._rule("cancel", ("hours_left", "lt", 24))
        history = self.env["clinic.finance.history"]
        visits = self.env["clinic.appointment"]
        for hour in range(9, 14):
            visits += self._past(
                hour, patient_id=self._create_patient(name=f"P{hour}").id
            )

        def queries(some):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            history._replay(rule, some)
            return self.env.cr.sql_log_count - before

        queries(visits[:1])
        self.assertLessEqual(queries(visits), queries(visits[:1]) + 3)

    def test_who_tries(self):
        rule = self._rule("cancel")
        for role in ("finance", "director"):
            run = self.env["clinic.finance.dry.run"].with_user(self._user(role))
            run.create({"rule_ids": [fields.Command.set(rule.ids)]}).action_try()
        for role in ("reception", "specialist", "callcenter"):
            self.env.invalidate_all()
            with self.subTest(role), self.assertRaises(AccessError):
                self.env["clinic.finance.dry.run"].with_user(self._user(role)).create(
                    {"rule_ids": [fields.Command.set(rule.ids)]}
                )
