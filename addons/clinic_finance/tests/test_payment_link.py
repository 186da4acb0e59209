from datetime import timedelta

from freezegun import freeze_time

from odoo.tests import tagged

from .common import FinanceCommon


@tagged("post_install", "-at_install")
class TestPaymentLink(FinanceCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["payment.provider"].search([]).state = "disabled"
        cls._online_provider()
        cls.visit = cls._book(14)
        cls.visit.slot_since = cls.visit.start - timedelta(days=9)

    def _notices(self):
        return self.env["clinic.notice"].search(
            [("appointment_id", "=", self.visit.id), ("kind", "=", "pay_link")]
        )

    def _run(self, hours_before):
        with freeze_time(self.visit.start - timedelta(hours=hours_before)):
            self.env["clinic.appointment"]._send_payment_links()
        return set(self._notices().mapped("occurrence"))

    def test_two_days_before_and_again_the_day_before_each_once(self):
        start = self.visit.start
        self.assertFalse(self._run(60))
        self.assertEqual(self._run(47), {f"{start} 48h"})
        self.assertEqual(self._run(46), {f"{start} 48h"})
        both = {f"{start} 48h", f"{start} 24h"}
        self.assertEqual(self._run(23), both)
        self.assertEqual(self._run(22), both)
        self.assertEqual(self._run(2), both)
        channels = self._notices().mapped("channel")
        self.assertEqual(len(channels), len(set(channels)) * 2)

    def test_the_sum_is_written_as_the_payer_writes_it(self):
        self.env["res.lang"]._activate_lang("ru_RU")
        self.patient.lang = "ru_RU"
        self._run(47)
        currency = self.visit.currency_id.with_context(lang="ru_RU")
        [amount] = {notice.body_values["amount"] for notice in self._notices()}
        self.assertEqual(amount, currency.format(self.visit.amount_due))
        self.assertNotIn(".", amount)

    def test_who_has_paid_gets_none(self):
        self._run(47)
        first = self._notices()
        self._pay(self.visit)
        self._run(23)
        self.assertEqual(self._notices(), first)
        self.assertEqual(
            first[:1]._why_pointless(self.visit.start - timedelta(hours=20)), "paid"
        )

    def test_booked_late_starts_with_the_next(self):
        self.visit.slot_since = self.visit.start - timedelta(hours=30)
        self.assertFalse(self._run(29))
        self.assertEqual(self._run(23), {f"{self.visit.start} 24h"})

    def test_cancelled_or_switched_off_or_without_a_provider(self):
        self.company.clinic_send_payment_links = False
        self.assertFalse(self._run(47))
        self.company.clinic_send_payment_links = True
        self.env["payment.provider"].search([]).state = "disabled"
        self.assertFalse(self._run(47))
        self._online_provider()
        self.visit.action_cancel("ill")
        self.assertFalse(self._run(47))

    def test_company_that_pays_gets_no_link_of_a_patient(self):
        employer = self.env["res.partner"].create(
            {"name": "Employer", "is_company": True}
        )
        self.patient.payer_id = employer
        self.assertFalse(self._run(47))

    def test_link_opens_what_is_due_now(self):
        self._run(47)
        values = self._notices()[:1].sudo()
        self.assertIn(self.visit.invoice_id.access_token, values.pay("link"))
