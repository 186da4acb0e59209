from unittest.mock import patch

from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import FinanceCommon


@tagged("post_install", "-at_install")
class TestPaymentIntent(FinanceCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.intents = cls.env["clinic.payment.intent"]

    def _vals(self, **values):
        journal = self.company.clinic_cash_journal_id
        return {
            "payment_type": "inbound",
            "partner_type": "customer",
            "partner_id": self.patient.id,
            "company_id": self.company.id,
            "amount": 700.0,
            "currency_id": self.company.currency_id.id,
            "journal_id": journal.id,
            **values,
        }

    def _take(self, **vals_by_key):
        return self.intents._take("bank", self.company, vals_by_key)

    def test_a_repeat_returns_the_first_result(self):
        first = self._take(one=self._vals())
        self.assertEqual(self._take(one=self._vals(memo="sent again")), first)
        self.assertEqual(self.patient.clinic_payment_ids, first)
        intent = self.intents.search([("key", "=", "one")])
        self.assertRecordValues(
            intent,
            [
                {
                    "state": "done",
                    "payment_id": first.id,
                    "amount": 700.0,
                    "partner_id": self.patient.id,
                    "source": "bank",
                }
            ],
        )

    def test_known_and_new_in_one_batch_keep_their_order(self):
        known = self._take(b=self._vals(amount=20))
        both = self._take(c=self._vals(amount=30), b=self._vals(amount=20))
        self.assertEqual(both.mapped("amount"), [30.0, 20.0])
        self.assertEqual(both[1], known)

    def test_another_order_under_the_same_key_is_refused(self):
        self._take(one=self._vals())
        for change in ({"amount": 700.01}, {"partner_id": self.company.partner_id.id}):
            with (
                self.subTest(change),
                self.assertRaisesRegex(UserError, "already taken"),
            ):
                self._take(one=self._vals(**change))

    def test_sources_and_companies_do_not_share_keys(self):
        first = self._take(one=self._vals())
        second = self.intents._take("corporate", self.company, {"one": self._vals()})
        self.assertNotEqual(first, second)

    def test_failing_leaves_no_claim_behind(self):
        payments = type(self.env["account.payment"])
        with (
            self.assertRaises(UserError),
            patch.object(payments, "action_post", side_effect=UserError("no")),
            self.env.cr.savepoint(),
        ):
            self._take(one=self._vals())
        self.assertFalse(self.intents.search([("key", "=", "one")]))
        self.assertEqual(len(self._take(one=self._vals())), 1)

    def test_database_keeps_one_row_a_key(self):
        intent = self.intents.search([], limit=1) or self._take(one=self._vals()).env[
            "clinic.payment.intent"
        ].search([], limit=1)
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            intent.copy({"payment_id": False, "state": "waiting"})
            self.env.flush_all()

    def test_database_wants_a_payment_for_what_is_booked(self):
        self._take(one=self._vals())
        intent = self.intents.search([("key", "=", "one")])
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            intent.state = "waiting"
            self.env.flush_all()

    def test_desk_and_online_go_through_it(self):
        visit, hold = self._book(), self._hold(12)
        desk = self._pay(visit)
        tx = self._online_payment(hold, provider_reference="prov-1")
        tx._set_done()
        tx._post_process()
        intents = self.intents.search([("partner_id", "=", self.patient.id)])
        self.assertEqual(
            {(intent.source, intent.payment_id) for intent in intents},
            {("desk", desk), ("online", tx.payment_id)},
        )
        self.assertEqual(tx.payment_id.clinic_appointment_id, hold)
        self.assertEqual(tx.payment_id.clinic_patient_id, self.patient)

    def test_two_transactions_for_one_payment_of_the_provider(self):
        first = self._online_payment(self._hold(), provider_reference="prov-1")
        second = self._online_payment(self._hold(12), provider_reference="prov-1")
        first._set_done()
        second._set_done()
        self.assertEqual(second.state, "error")
        self.assertIn(first.reference, second.state_message)
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            second.state = "done"
            self.env.flush_all()

    def test_nobody_writes_and_few_read(self):
        self._take(one=self._vals())
        intent = self.intents.search([("key", "=", "one")])
        for role in ("reception", "cashier", "finance", "director", "callcenter"):
            as_role = intent.with_user(self._user(role))
            self.env.invalidate_all()
            with self.subTest(role), self.assertRaises(AccessError):
                as_role.write({"key": "other"})
        for role in ("reception", "callcenter", "specialist", "nurse", "lab"):
            self.env.invalidate_all()
            with self.subTest(role), self.assertRaises(AccessError):
                intent.with_user(self._user(role)).read(["amount"])
        for role in ("cashier", "finance", "director"):
            self.env.invalidate_all()
            with self.subTest(role):
                intent.with_user(self._user(role)).read(["amount"])

    def test_other_company_is_out_of_sight(self):
        self._take(one=self._vals())
        intent = self.intents.search([("key", "=", "one")])
        other = self.env["res.company"].create({"name": "Other clinic"})
        user = self._user("finance")
        user.write({"company_ids": [(4, other.id)]})
        found = intent.with_user(user).with_context(allowed_company_ids=other.ids)
        self.assertFalse(found.search([("id", "=", intent.id)]))

    def test_payment_with_its_log_is_cheap(self):
        self._pay(self._book())  # warm the caches
        wizard = self._wizard(self._book(12))
        self.env.flush_all()
        with self.assertQueryCount(90):
            wizard._take()
            self.env.flush_all()
