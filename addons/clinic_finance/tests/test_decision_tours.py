from datetime import timedelta

from odoo.tests import HttpCase, tagged

from .test_decisions import DecisionCommon


@tagged("post_install", "-at_install")
class TestDecisionTours(DecisionCommon, HttpCase):
    def test_accountant_writes_a_rule_and_tries_it(self):
        day = self.day - timedelta(days=21)
        self._create_shift(self.specialist, day=day, room_id=self.room.id)
        debtor = self._create_patient(name="Tour Debtor")
        visit = self._book(
            start=self._at(10, day=day), patient_id=debtor.id, allow_past=True
        )
        visit._move("arrived", force=True)
        visit._move("fulfilled", force=True)
        self.start_tour(
            "/odoo/clinic-decision-rules",
            "clinic_decision_rules_tour",
            login=self._user("finance").login,
        )
        rule = self.env["clinic.finance.rule"].search(
            [("name", "=", "Tour rule"), ("active", "=", False)]
        )
        self.assertEqual(rule.condition_ids.mapped("number"), [24.0])
        self.assertFalse(visit.decision_ids, "trying changes nothing")
