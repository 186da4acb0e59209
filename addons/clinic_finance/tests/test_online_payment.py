from unittest.mock import patch

from odoo import SUPERUSER_ID, fields
from odoo.exceptions import ValidationError
from odoo.tests import freeze_time, tagged

from .common import FinanceCommon


@tagged("post_install", "-at_install")
class TestOnlinePayment(FinanceCommon):
    def _done(self, tx):
        tx._set_done()
        tx._post_process()
        return tx

    def _messages(self, visit):
        return visit.message_ids.filtered(lambda m: m.message_type == "comment")

    def test_paid_hold_becomes_a_booking(self):
        visit = self._hold()
        tx = self._done(self._online_payment(visit))
        self.assertEqual(visit.state, "booked")
        self.assertEqual(visit.payment_state, "paid")
        self.assertEqual(tx.payment_id.amount, 5000.0)
        self.assertEqual(self._balance(), 0.0)
        self.assertEqual(self.patient.clinic_match_ids.rule, "link")

    def test_notice_twice_books_once(self):
        visit = self._hold()
        tx = self._done(self._online_payment(visit))
        self._done(tx)
        tx._post_process()
        self.assertEqual(len(self.patient.clinic_payment_ids), 1)
        self.assertEqual(len(self.patient.clinic_match_ids), 1)
        self.assertEqual(self._balance(), 0.0)

    def test_booked_visit_is_paid(self):
        visit = self._book()
        self._done(self._online_payment(visit))
        self.assertEqual(visit.state, "booked")
        self.assertEqual(visit.payment_state, "paid")

    def test_payment_after_midnight_is_of_the_clinics_day(self):
        visit = self._book()
        day = fields.Date.today()
        # half past two in Yekaterinburg; the job that books it has no time zone
        with freeze_time(f"{day} 21:30:00"):
            tx = self._online_payment(visit)
            tx._set_done()
            tx.with_user(SUPERUSER_ID).with_context(tz=False)._post_process()
        self.assertEqual(tx.payment_id.date, fields.Date.add(day, days=1))

    def test_payment_before_the_release_wins(self):
        visit = self._hold()
        self._done(self._online_payment(visit))
        visit._expire()
        self.assertEqual(visit.state, "booked")

    def test_late_payment_takes_the_free_time_again(self):
        visit = self._hold()
        tx = self._online_payment(visit)
        self._expire(visit)
        self._done(tx)
        self.assertRecordValues(
            visit,
            [
                {
                    "state": "booked",
                    "payment_state": "paid",
                    "hold_expired": False,
                    "cancel_reason": False,
                }
            ],
        )
        self.assertEqual(len(visit.claim_ids), 3)
        self.assertEqual(self._balance(), 0.0)
        self.assertIn("is booked", self._messages(visit).body)

    def test_late_payment_for_a_taken_time_is_kept(self):
        self._user("reception")
        visit = self._hold()
        tx = self._online_payment(visit)
        self._expire(visit)
        other = self._create_patient(name="Other", phone="+7 912 200-00-03")
        taken = self._book(patient_id=other.id)
        self._done(tx)
        tx._post_process()
        self.assertEqual(visit.state, "cancelled")
        self.assertEqual(taken.state, "booked")
        self.assertEqual(self._balance(), 5000.0)
        message = self._messages(visit)
        self.assertEqual(len(message), 1)
        self.assertIn(self.patient, message.partner_ids)
        self.assertIn("safe on your account", message.body)
        self.assertEqual(len(visit.activity_ids), 1)
        self.assertTrue(
            visit.activity_ids.user_id.has_group("clinic_base.group_reception")
        )

    def test_late_payment_of_a_part_is_kept(self):
        visit = self._hold()
        tx = self._online_payment(visit, amount=100.0)
        self._expire(visit)
        self._done(tx)
        self.assertEqual(visit.state, "cancelled")
        self.assertEqual(self._balance(), 100.0)

    def test_payment_for_a_visit_the_patient_cancelled_is_kept(self):
        visit = self._hold()
        tx = self._online_payment(visit)
        visit.action_cancel("changed my mind")
        self._done(tx)
        self.assertEqual(visit.state, "cancelled")
        self.assertEqual(self._balance(), 5000.0)
        self.assertEqual(len(visit.activity_ids), 1)

    def test_payment_without_an_invoice_is_a_top_up(self):
        visit = self._book()
        tx = self._online_payment(visit, invoice_ids=False)
        self._done(tx)
        self.assertEqual(visit.payment_state, "paid")

    def test_somebody_else_may_pay(self):
        visit = self._hold()
        aunt = self._create_patient(name="Aunt", phone="+7 912 200-00-04")
        self._done(self._online_payment(visit, partner_id=aunt.id))
        self.assertEqual(visit.state, "booked")
        self.assertEqual(visit.payment_state, "paid")
        self.assertEqual(self._balance(aunt), 0.0)

    def test_failed_payment_changes_nothing(self):
        visit = self._hold()
        tx = self._online_payment(visit)
        tx._set_error("declined")
        tx._post_process()
        self.assertEqual(visit.state, "hold")
        self.assertEqual(visit.invoice_id.state, "draft")
        self.assertFalse(self.patient.clinic_payment_ids)

    def test_tampered_amount_is_refused(self):
        hold, booked = self._hold(), self._book(12)
        cases = [
            (hold, 1.0, "The sum to pay is"),
            (hold, 9999.0, "The sum to pay is"),
            (hold, 5000.0, None),
            (booked, 0.0, "The sum to pay is"),
            (booked, -5.0, "The sum to pay is"),
            (booked, 2000.5, "The sum to pay is"),
            (booked, 500.0, None),
            (booked, 2000.0, None),
        ]
        for visit, amount, sentence in cases:
            with self.subTest(visit=visit.name, amount=amount):
                if sentence:
                    with self.assertRaisesRegex(ValidationError, sentence):
                        visit.invoice_id._check_online_amount(amount)
                else:
                    visit.invoice_id._check_online_amount(amount)

    def test_what_cannot_be_paid_says_why(self):
        gone = self._hold()
        self._expire(gone)
        with self.assertRaisesRegex(ValidationError, "has run out"):
            gone.invoice_id._check_online_amount(5000.0)
        paid = self._book(12)
        self._pay(paid)
        with self.assertRaisesRegex(ValidationError, "already paid"):
            paid.invoice_id._check_online_amount(2000.0)
        on_its_way = self._hold(13)
        self._online_payment(on_its_way)._set_done()
        with self.assertRaisesRegex(ValidationError, "on its way"):
            on_its_way.invoice_id._check_online_amount(5000.0)

    def test_portal_values(self):
        visit = self._hold()
        values = visit._portal_payment_values()
        self.assertEqual(values["amount"], 5000.0)
        self.assertTrue(values["can_pay"])
        self.assertFalse(values["covered"])
        self.assertTrue(values["access_token"])
        self.assertIn(values["access_token"], values["payment_url"])
        self._done(self._online_payment(visit))
        self.assertEqual(visit._portal_payment_values(), {})

    def test_money_on_the_account_covers_a_hold(self):
        self._pay(amount=6000)
        visit = self._hold()
        self.assertTrue(visit._portal_payment_values()["covered"])
        visit.action_confirm()
        self.assertEqual(visit.payment_state, "paid")
        self.assertEqual(self._balance(), 1000.0)

    def test_messages_of_a_provider_are_in_the_language_of_who_pays(self):
        self.env["res.lang"]._activate_lang("ru_RU")
        providers = self.env["payment.provider"]
        words = {"Your payment has been processed.": "Платёж проведён."}

        def messages(_model, env):
            return words if env.lang == "ru_RU" else {}

        own = "<p>Thank you, see you soon!</p>"
        with patch.object(type(providers), "_clinic_messages", messages):
            plain = providers.create({"name": "Bank A"})
            edited = providers.create({"name": "Bank B", "done_msg": own})
        russian = (plain | edited).with_context(lang="ru_RU")
        self.assertEqual(
            [str(provider.done_msg) for provider in russian],
            ["<p>Платёж проведён.</p>", own],
        )
        english = plain.with_context(lang="en_US")
        self.assertIn("Your payment has been processed.", english.done_msg)
