from psycopg2.errors import CheckViolation

from odoo.exceptions import AccessError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .common import FinanceCommon


@tagged("post_install", "-at_install")
class TestFinanceSettings(FinanceCommon):
    """The rules of money are the accountant's, on a screen of his own."""

    def _screen(self, role="finance"):
        screen = self.env["clinic.finance.settings"].with_user(self._user(role))
        return Form(screen)

    def test_the_screen_shows_and_keeps_the_rules(self):
        price_list = self.env["product.pricelist"].create({"name": "Next month"})
        policy = self.env["clinic.cancel.policy"].create({"name": "A day before"})
        with self._screen() as form:
            self.assertEqual(form.clinic_block_hold_minutes, 180)
            self.assertEqual(form.clinic_late_days, 7)
            form.clinic_block_hold_minutes = 90
            form.clinic_late_days = 14
            form.clinic_series_ahead = 3
            form.clinic_bill_queue = not form.clinic_bill_queue
            form.clinic_send_payment_links = False
            form.clinic_pricelist_id = price_list
            form.clinic_cancel_policy_id = policy
        had_queue = self.env.company.clinic_bill_queue
        form.record.action_save()
        self.assertRecordValues(
            self.env.company,
            [
                {
                    "clinic_block_hold_minutes": 90,
                    "clinic_late_days": 14,
                    "clinic_series_ahead": 3,
                    "clinic_bill_queue": not had_queue,
                    "clinic_send_payment_links": False,
                    "clinic_pricelist_id": price_list.id,
                    "clinic_cancel_policy_id": policy.id,
                }
            ],
        )

    def test_an_impossible_time_is_refused(self):
        with self._screen() as form:
            form.clinic_block_hold_minutes = 0
        with self.assertRaises(CheckViolation), mute_logger("odoo.sql_db"):
            form.record.action_save()
            self.env.flush_all()

    def test_only_accountants_have_it(self):
        for role in ("director", "reception", "cashier"):
            with self.subTest(role), self.assertRaises(AccessError):
                self._screen(role)
