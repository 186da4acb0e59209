from odoo.tests import HttpCase, JsonRpcException, tagged
from odoo.tools import mute_logger

from .common import FinanceCommon


@tagged("post_install", "-at_install")
class TestOnlineRoutes(FinanceCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.visit = cls._hold()
        cls.invoice = cls.visit.invoice_id
        cls.provider = cls._online_provider()
        cls.method = cls.env["payment.method"].search([], limit=1)

    def _ask_to_pay(self, amount, token=None):
        return self.make_jsonrpc_request(
            f"/invoice/transaction/{self.invoice.id}",
            {
                "access_token": token or self.invoice._portal_ensure_token(),
                "provider_id": self.provider.id,
                "payment_method_id": self.method.id,
                "token_id": None,
                "amount": amount,
                "flow": "redirect",
                "tokenization_requested": False,
                "landing_route": "/my",
            },
        )

    def _transactions(self):
        return self.env["payment.transaction"].search(
            [("invoice_ids", "in", self.invoice.ids)]
        )

    def test_tampered_amount_makes_no_transaction(self):
        self.authenticate(None, None)
        for amount in (1, 0, -5000, 4999.99, 5000.01, "a lot", None):
            with (
                self.subTest(amount=amount),
                mute_logger("odoo.http"),
                self.assertRaisesRegex(JsonRpcException, "ValidationError"),
            ):
                self._ask_to_pay(amount)
        self.assertFalse(self._transactions())

    def test_wrong_token_makes_no_transaction(self):
        self.authenticate(None, None)
        with mute_logger("odoo.http"), self.assertRaises(JsonRpcException):
            self._ask_to_pay(5000, token="guessed")
        self.assertFalse(self._transactions())

    def test_right_amount_makes_one(self):
        self.authenticate(None, None)
        values = self._ask_to_pay(5000)
        tx = self._transactions()
        self.assertEqual(values["reference"], tx.reference)
        self.assertEqual(tx.amount, 5000)
        self.assertEqual(tx.partner_id, self.patient)

    def test_released_hold_cannot_be_paid(self):
        self._expire(self.visit)
        self.authenticate(None, None)
        with (
            mute_logger("odoo.http"),
            self.assertRaisesRegex(JsonRpcException, "ValidationError"),
        ):
            self._ask_to_pay(5000)

    def test_payment_link_opens_for_anybody(self):
        self.authenticate(None, None)
        url = self.visit.payment_url.replace(self.visit.get_base_url(), "")
        response = self.url_open(url)
        self.assertEqual(response.status_code, 200)
        self.assertIn("o_payment_form", response.text)
