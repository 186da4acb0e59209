import json
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import ConcurrencyError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import YookassaCommon, simulator


@tagged("post_install", "-at_install")
class TestYookassaWebhook(YookassaCommon):
    """Notices that come twice, in the wrong order, late, or not at all."""

    def setUp(self):
        super().setUp()
        self.address = f"{self.base_url()}/payment/yookassa/webhook"

    def _post(self, notice):
        """Send a notice; return the status of the answer."""
        raw = notice if isinstance(notice, str) else json.dumps(notice)
        headers = {"Content-Type": "application/json"}
        return self.url_open(self.address, data=raw, headers=headers).status_code

    def _tell(self, notices=None, copies=1):
        notices = self.shop.notices if notices is None else notices
        return [self._post(notice) for notice in notices for _copy in range(copies)]

    def test_notice_pays(self):
        tx = self._start()
        self.shop.pay(tx.provider_reference)
        self.assertEqual(self._tell(), [200])
        self.assertEqual(tx.state, "done")

    def test_the_same_notice_many_times(self):
        tx = self._start()
        self.shop.pay(tx.provider_reference)
        self.assertEqual(self._tell(copies=5), [200] * 5)
        self.assertEqual(tx.state, "done")

    def test_notice_that_loses_a_race_is_read_again(self):
        """The server repeats such a request: its body must still be there."""
        tx = self._start()
        self.shop.pay(tx.provider_reference)
        ask, clashes = type(tx)._yookassa_ask, [ConcurrencyError("clash")]

        def clash(records):
            if clashes:
                raise clashes.pop()
            return ask(records)

        with patch.object(type(tx), "_yookassa_ask", clash):
            self.assertEqual(self._tell(), [200])
        self.assertFalse(clashes)
        self.assertEqual(tx.state, "done")

    def test_notice_out_of_order_tells_nothing_old(self):
        """The bank refused, then the payer succeeded; the notices come reversed."""
        tx = self._start()
        number = tx.provider_reference
        self.shop.cancel(number)
        self.shop.pay(number)
        self.assertEqual(self._tell(list(reversed(self.shop.notices))), [200, 200])
        self.assertEqual(tx.state, "done")

    def test_forged_notice_is_only_a_reason_to_ask(self):
        tx = self._start()
        forged = {
            "type": "notification",
            "event": "payment.succeeded",
            "object": {
                "id": tx.provider_reference,
                "status": "succeeded",
                "paid": True,
                "amount": {"value": "1234.50", "currency": "RUB"},
            },
        }
        self.assertEqual(self._post(forged), 200)
        self.assertEqual(tx.state, "pending")

    def test_nonsense_and_strangers(self):
        for notice, status in (
            ("not json", 400),
            ("[]", 400),
            ({"object": {}}, 400),
            ({"object": {"id": {"$gt": ""}}}, 404),
            ({"object": {"id": "b0b0-unknown"}}, 404),
        ):
            with self.subTest(notice=notice):
                self.assertEqual(self._post(notice), status)
        self.assertFalse(self.shop.requests)

    def test_notice_is_asked_for_again_when_yookassa_is_silent(self):
        tx = self._start()
        self.shop.pay(tx.provider_reference)
        payments = dict(self.shop.payments)
        self.shop.payments.clear()
        with mute_logger("odoo.addons.payment_yookassa.controllers.main"):
            self.assertEqual(self._tell(), [503])
        self.shop.payments.update(payments)
        self.assertEqual(self._tell(), [200])
        self.assertEqual(tx.state, "done")

    def test_lost_notice_is_made_up_for(self):
        tx = self._start()
        self.shop.pay(tx.provider_reference)
        self.shop.notices.clear()
        crons = type(self.env["ir.cron"])
        with patch.object(crons, "_commit_progress", return_value=1):
            tx._cron_yookassa_ask()
            self.assertEqual(tx.state, "draft")  # too fresh: the notice may come
            long_ago = fields.Datetime.now() - timedelta(hours=1)
            self.env.cr.execute(
                "UPDATE payment_transaction SET create_date = %s WHERE id = %s",
                (long_ago, tx.id),
            )
            tx._cron_yookassa_ask()
        self.assertEqual(tx.state, "done")

    def test_payer_comes_back_before_the_notice(self):
        tx = self._start()
        self.shop.pay(tx.provider_reference)
        back = self.shop.payments[tx.provider_reference]["confirmation"]["return_url"]
        path = back.partition("//")[2].partition("/")[2]
        response = self.url_open(f"/{path}", allow_redirects=False)
        self.assertEqual(response.status_code, 303)
        self.assertTrue(response.headers["Location"].endswith("/payment/status"))
        self.assertEqual(tx.state, "done")
        self.assertEqual(self._tell(), [200])

    def test_refund_that_takes_its_time(self):
        tx = self._paid()
        self.shop.notices.clear()
        self.shop.refunds_wait = True
        refund = tx._refund(amount_to_refund=500)
        self.assertEqual(refund.state, "pending")
        self.shop.finish_refund(refund.provider_reference)
        self.assertEqual(self._tell(copies=2), [200, 200])
        self.assertEqual(refund.state, "done")
        self.assertEqual(tx.state, "done")

    def test_no_more_than_one_payment_a_key(self):
        self.shop.be(simulator.DROP_AFTER_TAKING, 2)
        self._start()
        keys = [key for verb, _path, key in self.shop.requests if verb == "POST"]
        self.assertEqual(len(keys), 3)
        self.assertEqual(len(set(keys)), 1)
