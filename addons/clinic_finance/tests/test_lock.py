from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import FinanceCommon


@tagged("post_install", "-at_install")
class TestLock(FinanceCommon):
    """Closed up to yesterday; a visit was billed and paid the day before."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for role in ("finance", "reception", "cashier", "director"):
            cls._user(role)
        today = fields.Date.context_today(cls.patient)
        cls.yesterday = today - timedelta(days=1)
        cls.old_day = today - timedelta(days=2)
        cls.visit = cls._book(9)
        cls.invoice = cls.visit.invoice_id
        cls.invoice.button_draft()
        cls.invoice.write({"invoice_date": cls.old_day, "date": cls.old_day})
        cls.invoice.action_post()

    def _close(self, fname="fiscalyear_lock_date", day=None):
        # As SQL would be: the books of a test database have unfinished drafts.
        self.company[fname] = day or self.yesterday

    def _open_payment(self, **values):
        """Return a payment of the old day that is matched with nothing."""
        payment = self.env["account.payment"].create(
            {
                "payment_type": "inbound",
                "partner_type": "customer",
                "partner_id": self.patient.id,
                "amount": 2000.0,
                "date": self.old_day,
                "journal_id": self.company.clinic_cash_journal_id.id,
                **values,
            }
        )
        payment.action_post()
        return payment

    def _receivable(self, move):
        return move.line_ids.filtered(
            lambda line: line.account_type == "asset_receivable"
        )

    def _pair(self, payment):
        return self._receivable(self.invoice) | self._receivable(payment.move_id)

    def test_items_of_a_closed_period_cannot_be_matched(self):
        payment = self._open_payment()
        self._close()
        with self.assertRaisesRegex(UserError, "closed on"):
            self._pair(payment).reconcile()

    def test_match_of_a_closed_period_cannot_be_undone(self):
        payment = self._open_payment()
        self._pair(payment).reconcile()
        self._close()
        with self.assertRaisesRegex(UserError, "closed on"):
            self._receivable(payment.move_id).remove_move_reconcile()
        self.assertEqual(self.invoice.payment_state, "paid")

    def test_debt_of_a_closed_month_is_paid_today(self):
        self._close()
        payment = self._pay(self.visit)
        self.assertEqual(self.visit.payment_state, "paid")
        self._receivable(payment.move_id).remove_move_reconcile()
        self.assertEqual(self.visit.payment_state, "not_paid")

    def test_automatic_matching_leaves_the_closed_period_alone(self):
        self._open_payment(amount=500)
        self._close()
        self.assertEqual(self.patient.clinic_allocate()["matched"], 0)
        self._pay(self.visit, amount=2000)
        self.assertEqual(self.visit.payment_state, "paid")
        self.assertEqual(self._balance(), 500.0)

    def test_sales_lock_does_not_stop_money(self):
        payment = self._open_payment()
        self._close("sale_lock_date")
        self._pair(payment).reconcile()
        self.assertEqual(self.invoice.payment_state, "paid")

    def test_manager_passes_with_a_reason_that_is_kept(self):
        payment = self._open_payment()
        self._close()
        pair = self._pair(payment).with_user(self._user("finance"))
        with self.assertRaises(UserError):
            pair.with_context(clinic_lock_reason="  ").reconcile()
        pair.with_context(clinic_lock_reason="The bank was late").reconcile()
        self.assertEqual(self.invoice.payment_state, "paid")
        self.assertIn("The bank was late", self.invoice.message_ids[:1].body)

    def test_desk_does_not_pass_with_a_reason(self):
        payment = self._open_payment()
        self._pair(payment).reconcile()
        partial = self._receivable(payment.move_id).matched_debit_ids
        self._close()
        for role in ("reception", "cashier", "director"):
            self.env.invalidate_all()
            with self.subTest(role), self.assertRaises(UserError):
                partial.with_user(self._user(role)).with_context(
                    clinic_lock_reason="I want to"
                ).unlink()

    def test_reason_sent_by_a_client_opens_no_door(self):
        self._open_payment()
        self._close()
        patient = self.patient.with_user(self._user("reception")).with_context(
            clinic_lock_reason="I want to"
        )
        self.assertEqual(patient.clinic_allocate()["matched"], 0)

    def test_nobody_passes_what_is_locked_for_good(self):
        payment = self._open_payment()
        self._pair(payment).reconcile()
        partial = self._receivable(payment.move_id).matched_debit_ids
        self.env["account.move"].search([("state", "=", "draft")]).button_cancel()
        self._close("hard_lock_date", self.old_day)
        with self.assertRaises(UserError):
            partial.with_context(clinic_lock_reason="Even so").unlink()

    def test_closed_and_paid_visit_can_be_cancelled(self):
        payment = self._open_payment()
        self._pair(payment).reconcile()
        self._close()
        self.visit.with_user(self._user("reception")).action_cancel("ill")
        self.env.invalidate_all()
        self.assertEqual(self.visit.payment_state, "reversed")
        self.assertEqual(self._balance(), 2000.0)

    def test_payment_of_a_closed_day_is_refused(self):
        self._close()
        with self.assertRaisesRegex(UserError, "is closed up to"):
            self._open_payment()
        wizard = self._wizard(self.visit, date=self.old_day)
        with self.assertRaisesRegex(UserError, "is closed up to"):
            wizard._take()

    def test_accountant_closes_and_opens_for_a_while(self):
        payment = self._open_payment()
        self._pair(payment).reconcile()
        wizards = self.env["clinic.period.wizard"].with_user(self._user("finance"))
        wizards.create({"fiscalyear_lock_date": self.yesterday}).action_close()
        self.assertEqual(self.company.fiscalyear_lock_date, self.yesterday)
        partial = self._receivable(payment.move_id).matched_debit_ids
        partial = partial.with_user(self._user("finance"))
        with self.assertRaises(UserError):
            partial.unlink()
        opening = wizards.create({"open_from": self.old_day, "reason": ""})
        with self.assertRaisesRegex(UserError, "Say why"):
            opening.action_open()
        opening.reason = "The bank has corrected its statement"
        opening.action_open()
        partial.unlink()
        self.assertEqual(self.invoice.payment_state, "not_paid")
        self.assertEqual(
            self.env["account.lock_exception"].search([], limit=1).reason,
            "The bank has corrected its statement",
        )

    def test_today_cannot_be_closed(self):
        wizard = self.env["clinic.period.wizard"].create(
            {"fiscalyear_lock_date": fields.Date.today() + timedelta(days=1)}
        )
        with self.assertRaisesRegex(UserError, "over"):
            wizard.action_close()

    def test_others_do_not_close(self):
        for role in ("reception", "cashier", "director"):
            self.env.invalidate_all()
            with self.subTest(role), self.assertRaises(AccessError):
                self.env["clinic.period.wizard"].with_user(self._user(role)).create(
                    {"fiscalyear_lock_date": self.yesterday}
                )
