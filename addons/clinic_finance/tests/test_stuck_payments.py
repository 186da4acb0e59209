from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import FinanceCommon


@tagged("post_install", "-at_install")
class TestStuckPayments(FinanceCommon):
    """What the provider has and the books do not."""

    def _stuck(self, age=60):
        tx = self._online_payment(self._book(), provider_reference="prov-stuck")
        tx._set_done()
        tx.last_state_change = fields.Datetime.now() - timedelta(minutes=age)
        return tx

    def _sweep(self):
        with patch.object(
            type(self.env["ir.cron"]), "_commit_progress", return_value=1
        ):
            self.env["payment.transaction"]._cron_book_stuck()

    def test_booked_however_old_it_is(self):
        tx = self._stuck(age=60 * 24 * 9)
        self._sweep()
        self.assertTrue(tx.is_post_processed)
        self.assertEqual(tx.payment_id.amount, 2000.0)
        self.assertFalse(tx.clinic_problem)
        self._sweep()
        self.assertEqual(self.patient.clinic_payment_ids, tx.payment_id)

    def test_fresh_ones_are_left_to_odoo(self):
        tx = self._stuck(age=1)
        self._sweep()
        self.assertFalse(tx.payment_id)

    def test_what_cannot_be_booked_says_why_once(self):
        self._user("finance")
        tx = self._stuck()
        method = type(tx)
        with (
            patch.object(method, "_create_payment", side_effect=UserError("locked")),
            mute_logger("odoo.addons.clinic_finance.models.payment_transaction"),
        ):
            self._sweep()
            self._sweep()
        self.assertEqual(tx.clinic_problem, "locked")
        activity = self.patient.activity_ids
        self.assertEqual(len(activity), 1)
        self.assertIn("locked", activity.note)
        tx.with_user(self._user("finance")).action_clinic_book()
        self.assertTrue(tx.payment_id)
        self.assertFalse(tx.clinic_problem)

    def test_who_books_by_hand(self):
        tx = self._stuck()
        for role in ("cashier", "director", "callcenter"):
            self.env.invalidate_all()
            with self.subTest(role), self.assertRaises(AccessError):
                tx.with_user(self._user(role)).action_clinic_book()
