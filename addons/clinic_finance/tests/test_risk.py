from datetime import date, timedelta

from odoo import Command, fields
from odoo.tests import BaseCase, tagged

from ..tools import risk
from .test_decisions import DecisionCommon

DAY = date(2026, 1, 1)


def invoice(patient, day, late, amount=200_000, **values):
    due = DAY + timedelta(days=day)
    paid = due if late is False else None
    return risk.Invoice(
        patient, due, due, amount, late, due + timedelta(days=8), paid, **values
    )


@tagged("post_install", "-at_install")
class TestRiskTool(BaseCase):
    def test_few_invoices_say_little(self):
        prior = risk.fit_prior([(0, 10)] * 8 + [(8, 10), (9, 10)])
        self.assertAlmostEqual(prior.mean, 0.17, delta=0.02)
        once = risk.posterior(prior, 1, 1)
        often = risk.posterior(prior, 10, 10)
        self.assertLess(once, 0.8)
        self.assertGreater(often, 0.9)

    def test_old_sins_are_forgotten(self):
        self.assertEqual(risk.forget(0), 1)
        self.assertAlmostEqual(risk.forget(365), 0.5)

    def test_regression_finds_what_was_put_in(self):
        rows = [((n % 7) / 7.0, (n % 5) / 5.0) for n in range(2000)]
        labels = [
            (n * 37 % 1000) / 1000 < risk.sigmoid(-2 + 4 * row[0])
            for n, row in enumerate(rows)
        ]
        weights, _means, scales = risk.fit_logistic(rows, labels)
        self.assertAlmostEqual(weights[1] / scales[0], 4, delta=0.8)
        self.assertAlmostEqual(weights[2] / scales[1], 0, delta=0.8)

    def test_who_pays_late_is_found_and_told_why(self):
        bad = [invoice(1, day, True) for day in range(0, 200, 20)]
        good = [
            invoice(patient, day + patient, False)
            for patient in range(2, 30)
            for day in range(0, 200, 20)
        ]
        model = risk.train(bad + good, {})
        found = risk.assess(model, bad + good, {}, DAY + timedelta(days=300))
        self.assertEqual((found[1].late, found[1].invoices), (10, 10))
        self.assertEqual(found[1].level, "high")
        self.assertEqual(found[2].level, "low")

    def test_one_or_two_late_payments_make_nobody_a_debtor(self):
        others = [invoice(n, 0, n % 3 == 0) for n in range(2, 40)]
        for count, said in ((1, "unknown"), (2, "unknown"), (3, "high")):
            with self.subTest(count):
                own = [invoice(1, day, True) for day in range(count)]
                model = risk.train(own + others, {})
                found = risk.assess(model, own, {}, DAY + timedelta(days=60))
                self.assertEqual((found[1].late, found[1].level), (count, said))

    def test_nothing_shown_nothing_said(self):
        fresh = [invoice(1, 0, None)]
        found = risk.assess(risk.train(fresh, {}), fresh, {}, DAY)
        self.assertEqual(found[1].level, "unknown")

    def test_quality_of_a_coin_and_of_a_seer(self):
        labels = [n % 4 == 0 for n in range(400)]
        coin = risk.measure([0.25] * 400, labels)
        self.assertEqual((coin["auc"], round(coin["ece"], 6)), (0.5, 0.0))
        seer = risk.measure([float(label) for label in labels], labels)
        self.assertEqual((seer["auc"], seer["ece"], seer["brier"]), (1.0, 0.0, 0.0))


@tagged("post_install", "-at_install")
class TestRisk(DecisionCommon):
    """Invoices of last month: some paid in time, some late, some not."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.past_day = cls.day - timedelta(days=42)
        for back in (0, 7):
            day = cls.past_day - timedelta(days=back)
            cls._create_shift(cls.specialist, day=day, room_id=cls.room.id)

    def _past(self, hour, paid_after=None, back=0, **values):
        day = self.past_day - timedelta(days=back)
        visit = self._book(start=self._at(hour, day=day), allow_past=True, **values)
        if paid_after is not None:
            self._pay(visit, amount=2000, date=day + timedelta(days=paid_after))
        return visit

    def _risk(self, patient=None):
        self.env["clinic.debt.risk"]._refresh(self.company)
        return self.env["clinic.debt.risk"].search(
            [("patient_id", "=", (patient or self.patient).id)]
        )

    def test_late_and_unpaid_are_counted(self):
        self._past(9, paid_after=0)
        self._past(10, paid_after=20)
        self._past(11)
        found = self._risk()
        self.assertEqual((found.late, found.invoices), (2, 3))
        self.assertIn("2 of 3 paid late or not", found.words)
        self.assertGreater(found.probability, 0.1)
        # Again: the same row, not another one.
        self.assertEqual(self._risk(), found)

    def test_little_data_is_said_and_no_ground_for_a_rule(self):
        self._past(9)
        found = self._risk()
        self.assertEqual((found.level, found.late), ("unknown", 1))
        self.assertIn("little data: 1 of 1", found.words)
        visit = self._book()
        facts = visit._finance_facts()[visit.id]
        self.assertIsNone(facts["risk"])
        self.assertEqual(facts["risk_level"], "unknown")

    def test_what_an_organisation_pays_says_nothing_of_the_patient(self):
        firm = self.env["res.partner"].create({"name": "Firm", "is_company": True})
        worker = self._create_patient(name="Worker", payer_id=firm.id)
        self._past(9, patient_id=worker.id)
        self.assertFalse(self._risk(worker))

    def test_cancelled_visit_is_no_debt(self):
        visit = self._past(9)
        visit._move("cancelled", force=True)
        self.assertFalse(self._risk())

    def test_fit_tells_its_quality(self):
        people = [self._create_patient(name=f"P{n}") for n in range(2)]
        for number, patient in enumerate(people):
            for hour in (9, 10, 11):
                self._past(
                    hour,
                    paid_after=0 if number else 30,
                    back=7 * number,
                    patient_id=patient.id,
                )
        fit = self.env["clinic.debt.risk"]._refresh(self.company)
        self.assertEqual((fit.kind, fit.invoices), ("counts", 6))
        late, good = (self._risk(patient) for patient in people)
        self.assertGreater(late.probability, good.probability)

    def test_cron_refreshes(self):
        self._past(9)
        cron = self.env.ref("clinic_finance.ir_cron_debt_risk")
        with self.enter_registry_test_mode():
            cron.method_direct_trigger()
        self.assertEqual(
            self.env["clinic.debt.risk"]
            .search([("patient_id", "=", self.patient.id)])
            .date,
            fields.Date.context_today(self.patient),
        )

    def test_rule_asks_prepayment_of_high_risk(self):
        self._rule("prepayment", ("risk_level", "in", ["high"]), ("risk", "ge", 40))
        visit = self._book(10)
        self.assertFalse(self._decide(visit), "unknown is no ground")
        self.env["clinic.debt.risk"].create(
            {
                "patient_id": self.patient.id,
                "company_id": self.company.id,
                "probability": 0.61,
                "level": "high",
            }
        )
        decision = self._decide(visit)
        self.assertEqual(visit.prepay_state, "asked")
        self.assertIn("61", decision.reason)

    def test_insured_visit_is_left_alone(self):
        insurer = self.env["res.partner"].create({"name": "DMS", "is_company": True})
        visit = self._book(10, service_id=self.service_prepaid.id)
        visit.write({"price_payer_id": insurer.id, "price_covered": 5000.0})
        self._rule("cancel")
        self._rule("remind")
        self.assertFalse(self._decide(visit))

    def test_queries_of_a_refresh_do_not_grow(self):
        self.env.user.group_ids = [
            Command.link(self.env.ref("clinic_base.group_finance").id)
        ]
        self._past(9)
        self._risk()

        def queries():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.env["clinic.debt.risk"]._refresh(self.company)
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        few = queries()
        for hour in (10, 11, 12, 13):
            patient = self._create_patient(name=f"R{hour}")
            self._past(hour, patient_id=patient.id)
        queries()
        self.assertLessEqual(queries(), few + 2)
