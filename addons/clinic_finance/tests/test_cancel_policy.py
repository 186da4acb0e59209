from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import freeze_time, tagged

from .common import FinanceCommon


@tagged("post_install", "-at_install")
class TestCancelPolicy(FinanceCommon):
    """Late cancellations cost what the rules say; the rest of the money is free."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.policy = cls.env["clinic.cancel.policy"].create(
            {
                "name": "Test rules",
                "noshow_percent": 100,
                "step_ids": [
                    Command.create({"hours": 24, "percent": 30}),
                    Command.create({"hours": 3, "percent": 50}),
                ],
            }
        )
        cls.company.clinic_cancel_policy_id = cls.policy
        reasons = cls.env["clinic.cancel.reason"]
        cls.by_clinic = reasons.create({"name": "Test ill", "side": "clinic"})
        cls.by_patient = reasons.create({"name": "Test plans", "side": "patient"})

    def _book_before(self, **values):
        """Book long ago, as far as the rules can tell."""
        visit = self._book(**values)
        self.env.cr.execute(
            "UPDATE clinic_appointment SET create_date = create_date - interval '3 day'"
            " WHERE id = %s",
            [visit.id],
        )
        visit.invalidate_recordset(["create_date"])
        return visit

    def _cancel(self, visit, hours, **options):
        with freeze_time(visit.start - timedelta(hours=hours)):
            visit.action_cancel("test", **options)

    def test_steps(self):
        cases = [(30, 0.0), (24, 0.0), (23.9, 600.0), (3, 600.0), (2, 1000.0)]
        visit = self._book_before()
        for hours, fee in cases:
            with self.subTest(hours=hours):
                at = visit.start - timedelta(hours=hours)
                self.assertEqual(visit._cancel_fee(at=at), fee)

    def test_early_cancellation_is_free(self):
        visit = self._book_before()
        self._pay(visit)
        self._cancel(visit, hours=48)
        self.assertEqual(self._balance(), 2000.0)
        self.assertEqual(visit.payment_state, "reversed")
        self.assertConserved(visit)

    def test_late_cancellation_keeps_a_part_of_what_was_paid(self):
        visit = self._book_before()
        self._pay(visit)
        self._cancel(visit, hours=2)
        fee = visit.charge_ids.filtered(lambda charge: charge.kind == "fee")
        self.assertEqual((fee.amount, fee.state), (1000.0, "done"))
        self.assertRecordValues(
            visit, [{"payment_state": "paid", "amount_total": 1000.0, "amount_due": 0}]
        )
        self.assertEqual(self._balance(), 1000.0)
        self.assertConserved(visit)

    def test_late_cancellation_unpaid_is_owed(self):
        visit = self._book_before()
        self._cancel(visit, hours=10)
        self.assertEqual((visit.payment_state, visit.amount_due), ("not_paid", 600.0))
        self.assertIn("600", visit.fee_words)
        self.assertEqual(self._balance(), -600.0)
        self._pay(visit)
        self.assertEqual(visit.payment_state, "paid")

    def test_money_of_the_visit_pays_the_fee_before_older_debts(self):
        visit = self._book_before()
        self._pay(visit)
        older = self._book(12, service_id=self.service_prepaid.id)
        self._cancel(visit, hours=2)
        self.assertEqual(visit.payment_state, "paid")
        self.assertEqual(older.amount_due, 4000.0)

    def test_clinic_cancels_for_free(self):
        visit = self._book_before()
        self._cancel(visit, hours=1, reason_id=self.by_clinic.id)
        self.assertEqual((visit.payment_state, self._balance()), ("reversed", 0.0))
        other = self._book_before()
        self._cancel(other, hours=1, reason_id=self.by_patient.id)
        self.assertEqual(other.amount_due, 1000.0)

    def test_hold_and_fresh_booking_are_free(self):
        visit = self._book()
        at = fields.Datetime.now() + timedelta(minutes=10)
        self.assertEqual(visit._cancel_fee(at=at), 0.0)
        hold = self._book(12, hold_minutes=15)
        self.assertEqual(hold._cancel_fee(at=hold.start), 0.0)

    def test_forfeited_deposit(self):
        self.policy.base = "deposit"
        self.policy.step_ids.percent = 100
        service = self._create_service(
            name="Deposit", list_price=4000.0, prepayment="deposit"
        )
        visit = self._book_before(service_id=service.id)
        self._pay(visit, amount=1200)
        self._cancel(visit, hours=10)
        self.assertEqual((visit.amount_total, visit.payment_state), (1200.0, "paid"))
        self.assertEqual(self._balance(), 0.0)
        self.assertConserved(visit)

    def test_only_what_has_been_paid(self):
        self.policy.base = "paid"
        visit = self._book_before()
        self._pay(visit, amount=500)
        self._cancel(visit, hours=2)
        self.assertEqual((visit.amount_total, visit.amount_due), (250.0, 0.0))
        self.assertEqual(self._balance(), 250.0)

    def test_no_show(self):
        visit = self._book_before()
        with freeze_time(visit.start + timedelta(minutes=20)):
            visit.action_noshow()
            self.assertEqual(visit.amount_due, 2000.0)
            visit.action_undo()
        self.assertEqual((visit.state, visit.amount_due), ("booked", 2000.0))
        self.assertConserved(visit)

    def test_undone_cancellation_drops_the_fee(self):
        visit = self._book_before()
        self._pay(visit)
        with freeze_time(visit.start - timedelta(hours=2)):
            visit.action_cancel("test")
            visit.action_undo()
        self.assertEqual((visit.payment_state, visit.amount_total), ("paid", 2000.0))
        self.assertEqual(self._balance(), 0.0)
        self.assertConserved(visit)

    def test_undone_cancellation_brings_the_money_back_from_an_older_debt(self):
        older = self._book_before(hour=9)
        visit = self._book_before(hour=11)
        self._pay(visit, amount=600, hold=True)
        self.policy.step_ids.percent = 0
        with freeze_time(visit.start - timedelta(hours=48)):
            visit.action_cancel("test")
            self.env.cr.precommit.run()
            self.assertEqual(older.amount_due, 1400.0)
            visit.action_undo()
            self.env.cr.precommit.run()
        self.assertEqual((visit.amount_due, older.amount_due), (1400.0, 2000.0))
        self.assertConserved(visit)

    def test_rules_of_the_service_come_first(self):
        mild = self.policy.copy({"name": "Mild"})
        mild.step_ids.percent = 10
        self.service.cancel_policy_id = mild
        visit = self._book_before()
        self.assertEqual(visit._cancel_fee(at=visit.start), 200.0)

    # Override ----------------------------------------------------------------

    def _wizard_of(self, visit, user, **values):
        wizard = self.env["clinic.appointment.cancel"].with_user(user)
        return wizard.create(
            {
                "appointment_ids": [Command.set(visit.ids)],
                "reason_id": self.by_patient.id,
                "details": "test",
                **values,
            }
        )

    def test_waived_with_a_reason_that_is_kept(self):
        visit = self._book_before()
        # The accountant of the test works at the desk too: only the desk cancels.
        user = self._user("reception")
        user.group_ids |= self.env.ref("clinic_finance.group_charge_override")
        with freeze_time(visit.start - timedelta(hours=2)):
            wizard = self._wizard_of(visit, user, waive_fee=True)
            self.assertEqual(wizard.fee, 1000.0)
            with self.assertRaisesRegex(UserError, "why"):
                wizard.action_cancel()
            wizard.waive_reason = "an ambulance took her"
            wizard.action_cancel()
        fee = visit.charge_ids.filtered(lambda charge: charge.kind == "fee")
        self.assertRecordValues(
            fee,
            [
                {
                    "state": "dropped",
                    "amount": 1000.0,
                    "drop_reason": "an ambulance took her",
                    "dropped_by_id": user.id,
                }
            ],
        )
        self.assertIn("an ambulance took her", visit.fee_words)
        self.assertEqual(self._balance(), 0.0)
        self.assertConserved(visit)

    def test_desk_cannot_waive(self):
        visit = self._book_before()
        user = self._user("reception")
        with freeze_time(visit.start - timedelta(hours=2)):
            wizard = self._wizard_of(
                visit, user, waive_fee=True, waive_reason="a friend"
            )
            with self.assertRaises(AccessError):
                wizard.action_cancel()
            self._wizard_of(visit, user).action_cancel()
        self.assertEqual(visit.amount_due, 1000.0)

    def test_fee_taken_back_later_by_the_accountant_only(self):
        visit = self._book_before()
        self._pay(visit)
        self._cancel(visit, hours=2)
        fee = visit.charge_ids.filtered(lambda charge: charge.kind == "fee")
        with self.assertRaises(AccessError):
            fee.with_user(self._user("reception")).drop("she asked")
        fee.with_user(self._user("finance")).drop("proved she was ill")
        self.assertEqual(self._balance(), 2000.0)
        self.assertEqual(fee.dropped_by_id, self._user("finance"))
        self.assertConserved(visit)

    def test_steps_are_checked(self):
        for values in ({"hours": 0, "percent": 5}, {"hours": 9, "percent": 101}):
            with self.subTest(values=values), self.assertRaises(ValidationError):
                self.policy.step_ids = [Command.create(values)]

    def test_rules_are_the_accountants(self):
        for role in ("reception", "specialist", "callcenter", "cashier"):
            user = self._user(role)
            self.env.invalidate_all()
            policy = self.policy.with_user(user)
            self.assertTrue(policy.summary)
            with self.subTest(role=role), self.assertRaises(AccessError):
                policy.noshow_percent = 0
