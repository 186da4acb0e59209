from datetime import timedelta

from odoo import fields
from odoo.tests import freeze_time, tagged

from .common import FinanceCommon


@tagged("post_install", "-at_install")
class TestChargePolicy(FinanceCommon):
    """When a service is invoiced, and how much of it is due when."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.service_deposit = cls._create_service(
            name="Test deposit", list_price=4000.0, prepayment="deposit"
        )
        cls.service_after = cls._create_service(
            name="Test after", list_price=3000.0, prepayment="after"
        )

    def _due(self, visit):
        """Return [(day, amount)] of what is due for the visit."""
        return sorted(
            (line.date_maturity, line.balance)
            for line in visit.invoice_ids.line_ids
            if line.account_type == "asset_receivable"
        )

    def test_charge_is_what_was_agreed(self):
        visit = self._book()
        self.service.list_price = 9000.0
        self.assertRecordValues(
            visit.charge_ids,
            [
                {
                    "product_id": self.service.id,
                    "partner_id": self.patient.id,
                    "quantity": 1.0,
                    "price_unit": 2000.0,
                    "amount": 2000.0,
                    "state": "planned",
                    "kind": "service",
                }
            ],
        )
        self.assertEqual(
            visit.invoice_id.invoice_line_ids.clinic_charge_id, visit.charge_ids
        )
        self._fulfil(visit)
        self.assertEqual(visit.charge_ids.state, "done")
        self.assertEqual(visit.amount_total, 2000.0)

    def test_deposit_is_due_at_once_and_the_rest_on_the_day(self):
        visit = self._book(service_id=self.service_deposit.id)
        today = fields.Date.context_today(visit)
        self.assertEqual(visit.deposit_amount, 1200.0)  # 30 %
        self.assertEqual(self._due(visit), [(today, 1200.0), (self.day, 2800.0)])
        self.assertEqual(visit.invoice_id.state, "posted")
        self.assertEqual(visit.amount_due, 4000.0)
        self._pay(visit, amount=1200)
        self.assertEqual((visit.payment_state, visit.amount_due), ("partial", 2800.0))
        [deposit, rest] = visit.invoice_id._clinic_receivable().sorted("date_maturity")
        self.assertTrue(deposit.reconciled)
        self.assertEqual(rest.amount_residual, 2800.0)

    def test_fixed_deposit_is_never_more_than_the_price(self):
        self.service_deposit.deposit_amount = 500.0
        self.assertEqual(
            self._book(service_id=self.service_deposit.id).deposit_amount, 500.0
        )
        self.service_deposit.deposit_amount = 9000.0
        visit = self._book(12, service_id=self.service_deposit.id)
        self.assertEqual(visit.deposit_amount, 4000.0)
        self.assertEqual(visit.amount_due, 4000.0)

    def test_held_window_is_booked_by_its_deposit(self):
        visit = self._book(service_id=self.service_deposit.id, hold_minutes=15)
        self.assertEqual(visit.invoice_id.state, "draft")
        self.assertEqual(visit._portal_payment_values()["amount"], 1200.0)
        self._pay(visit, amount=1000)
        self.assertEqual(visit.state, "hold")
        self._pay(visit, amount=200)
        self.assertEqual(visit.state, "booked")
        self.assertEqual(visit.amount_due, 2800.0)

    def test_online_deposit_books_the_window(self):
        visit = self._book(service_id=self.service_deposit.id, hold_minutes=15)
        visit.invoice_id._check_online_amount(1200.0)
        with self.assertRaisesRegex(Exception, "sum to pay"):
            visit.invoice_id._check_online_amount(1199.0)
        tx = self._online_payment(visit, amount=1200.0)
        tx._set_done()
        tx._post_process()
        self.assertEqual(visit.state, "booked")
        self.assertEqual((visit.payment_state, visit.amount_due), ("partial", 2800.0))

    def test_after_the_visit_owes_nothing_before(self):
        visit = self._book(service_id=self.service_after.id)
        self.assertEqual(visit.invoice_id.state, "draft")
        self.assertRecordValues(
            visit, [{"payment_state": "later", "amount_total": 3000, "amount_due": 0}]
        )
        self.assertEqual(self._balance(), 0.0)
        self._fulfil(visit)
        self.assertRecordValues(
            visit.invoice_id,
            [
                {
                    "state": "posted",
                    "invoice_date": self.day,
                    "invoice_date_due": self.day,
                    "amount_residual": 3000.0,
                }
            ],
        )
        self.assertEqual((visit.payment_state, visit.amount_due), ("not_paid", 3000.0))

    def test_after_the_visit_cancelled_leaves_no_posted_document(self):
        visit = self._book(service_id=self.service_after.id)
        visit.action_cancel()
        self.assertEqual(visit.invoice_id.state, "cancel")
        self.assertEqual(visit.payment_state, "reversed")
        visit.action_undo()
        self.assertEqual(
            (visit.invoice_id.state, visit.payment_state), ("draft", "later")
        )

    def test_advance_pays_when_the_visit_is_done(self):
        visit = self._book(service_id=self.service_after.id)
        self._pay(visit, amount=3000)
        self.assertEqual(self._balance(), 3000.0)
        self._fulfil(visit)
        self.assertEqual(visit.payment_state, "paid")
        self.assertEqual(self._balance(), 0.0)

    def test_no_show_is_kept_only_by_the_rule(self):
        self.company.clinic_noshow_policy = "always"
        visit = self._book(service_id=self.service_after.id)
        with freeze_time(visit.start + timedelta(minutes=20)):
            visit.action_noshow()
        self.assertEqual((visit.invoice_id.state, visit.amount_due), ("posted", 3000.0))

    def test_due_day_follows_the_visit(self):
        day = self.day + timedelta(days=1)
        self._create_shift(self.specialist, day=day, room_id=self.room.id)
        plain = self._book()
        deposit = self._book(12, service_id=self.service_deposit.id)
        today = fields.Date.context_today(plain)
        plain.reschedule(self._at(10, day=day))
        deposit.reschedule(self._at(12, day=day))
        self.assertEqual(self._due(plain), [(day, 2000.0)])
        self.assertEqual(plain.invoice_id.invoice_date_due, day)
        self.assertEqual(self._due(deposit), [(today, 1200.0), (day, 2800.0)])
        self.assertEqual(deposit.invoice_id.invoice_date_due, day)
