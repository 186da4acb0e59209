from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .common import YookassaCommon, simulator


@tagged("post_install", "-at_install")
class TestYookassa(YookassaCommon):
    def test_payer_is_sent_to_the_page_of_yookassa(self):
        tx = self._tx()
        values = tx._get_processing_values()
        payment = self.shop.payments[tx.provider_reference]
        self.assertEqual(payment["amount"], {"value": "1234.50", "currency": "RUB"})
        self.assertEqual(payment["metadata"], {"reference": tx.reference})
        self.assertIn(tx.provider_reference, values["redirect_form_html"])
        self.assertIn("/confirm", values["redirect_form_html"])
        self.assertEqual(tx.state, "draft")

    def test_paid(self):
        tx = self._paid()
        self.assertEqual(tx.state, "done")
        self.assertFalse(tx.token_id)

    def test_refused_by_the_bank_in_words(self):
        tx = self._start()
        self.shop.cancel(tx.provider_reference, "insufficient_funds")
        tx._yookassa_ask()
        self.assertEqual(tx.state, "cancel")
        self.assertIn("not enough money", tx.state_message)

    def test_lost_answer_makes_no_second_payment(self):
        for mood in (
            simulator.DROP_AFTER_TAKING,
            simulator.DROP_BEFORE_TAKING,
            simulator.ERROR_AFTER_TAKING,
            simulator.NONSENSE_AFTER_TAKING,
        ):
            with self.subTest(mood):
                before = len(self.shop.payments)
                self.shop.be(mood)
                tx = self._start()
                self.assertEqual(len(self.shop.payments), before + 1)
                self.assertIn(tx.provider_reference, self.shop.payments)
                self.assertEqual(tx.state, "draft")

    def test_yookassa_that_is_down_is_told_to_the_payer(self):
        self.shop.be(simulator.DROP_BEFORE_TAKING, 9)
        tx = self._start()
        self.assertEqual(tx.state, "error")
        self.assertIn("connection", tx.state_message)
        self.assertEqual(len(self.shop.requests), 3)

    def test_refusal_is_not_repeated(self):
        self.shop.be(simulator.REFUSE, 9)
        tx = self._start()
        self.assertIn("blocked", tx.state_message)
        self.assertEqual(len(self.shop.requests), 1)

    def test_saved_card_is_charged_without_the_payer(self):
        first = self._paid(tokenize=True)
        token = first.token_id
        self.assertEqual(token.provider_ref, first.provider_reference)
        self.assertEqual(token.payment_details, "4242")
        self.shop.be(simulator.DROP_AFTER_TAKING)
        before = len(self.shop.payments)
        tx = self._tx(operation="online_token", token_id=token.id)
        tx._charge_with_token()
        self.assertEqual(tx.state, "done")
        self.assertEqual(len(self.shop.payments), before + 1)

    def test_refund_in_parts(self):
        tx = self._paid()
        first = tx._refund(amount_to_refund=1000)
        self.assertEqual(first.state, "done")
        self.assertEqual(first.amount, -1000)
        second = tx._refund(amount_to_refund=234.5)
        self.assertEqual(second.state, "done")
        third = tx._refund(amount_to_refund=0.01)
        self.assertEqual(third.state, "error")
        self.assertEqual(
            sum(
                float(refund["amount"]["value"])
                for refund in self.shop.refunds.values()
                if refund["payment_id"] == tx.provider_reference
            ),
            1234.5,
        )

    def test_lost_answer_returns_once(self):
        tx = self._paid()
        self.shop.be(simulator.ERROR_AFTER_TAKING)
        before = len(self.shop.refunds)
        self.assertEqual(tx._refund(amount_to_refund=100).state, "done")
        self.assertEqual(len(self.shop.refunds), before + 1)

    def test_other_sum_is_not_believed(self):
        tx = self._start()
        self.shop.pay(tx.provider_reference)["amount"]["value"] = "1.00"
        tx._yookassa_ask()
        self.assertEqual(tx.state, "error")

    def test_other_currency_is_not_offered(self):
        self.assertEqual(self.provider._get_supported_currencies(), self.rouble)

    def test_enabling_needs_the_keys(self):
        with self.assertRaises(ValidationError):
            self.provider.write({"yookassa_secret_key": False, "state": "test"})
