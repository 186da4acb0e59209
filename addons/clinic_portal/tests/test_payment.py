from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from .common import PortalCommon


@tagged("post_install", "-at_install")
class TestPayment(PortalCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.provider = cls._online_provider()
        cls.provider.payment_method_ids = cls.env.ref("payment.payment_method_unknown")
        cls.provider.payment_method_ids.active = True

    def _base(self, visit):
        return f"/my/clinic/appointment/{visit.id}"

    def _result(self, visit):
        tree = self._page(self._get(f"{self._base(visit)}/paid"))
        return self._found(tree, "o_clinic_result")[0].get("data-result")

    def _paid_online(self, visit):
        tx = self._online_payment(visit)
        tx._set_done()
        tx._post_process()
        return tx

    def test_form_asks_what_is_due_and_counts_down(self):
        visit = self._hold()
        self._sign_in()
        tree = self._page(self._get(f"{self._base(visit)}/pay"))
        form = tree.xpath("//form[@id='o_payment_form']")[0]
        self.assertEqual(float(form.get("data-amount")), 5000.0)
        self.assertEqual(
            form.get("data-transaction-route"),
            f"/invoice/transaction/{visit.invoice_id.id}",
        )
        self.assertEqual(form.get("data-landing-route"), f"{self._base(visit)}/paid")
        seconds = int(self._found(tree, "o_clinic_countdown")[0].get("data-seconds"))
        self.assertTrue(0 < seconds <= 15 * 60)

    def test_broken_payment_link_says_so(self):
        url = self._hold().invoice_id._clinic_payment_url().partition("#")[0]
        path = url[url.index("/my/") :]
        self.assertFalse(
            self._found(self._page(self._get(path)), "o_clinic_payment_link")
        )
        token = path.partition("access_token=")[2].partition("&")[0]
        another = path.replace(token, token[:-1] + "z")
        for broken in (another, "/my/invoices/0?access_token=x"):
            page = self._page(self._get(broken), status=404)
            self.assertTrue(self._found(page, "o_clinic_payment_link"))

    def test_payment_link_of_a_cancelled_bill_asks_for_nothing(self):
        visit = self._hold()
        invoice = visit.invoice_id
        url = invoice._clinic_payment_url().partition("#")[0]
        self._expire(visit)
        page = self._page(self._get(url[url.index("/my/") :]))
        self.assertTrue(self._found(page, "o_clinic_payment_link"))
        self.assertFalse(page.xpath("//form[@id='o_payment_form']"))

    def test_another_sum_makes_no_transaction(self):
        visit = self._hold()
        self._sign_in()
        tree = self._page(self._get(f"{self._base(visit)}/pay"))
        form = tree.xpath("//form[@id='o_payment_form']")[0]
        for amount, token in [
            (1.0, form.get("data-access-token")),
            (5000.0, "not-the-token"),
        ]:
            with self.subTest(amount=amount):
                response = self.url_open(
                    form.get("data-transaction-route"),
                    json={
                        "params": {
                            "provider_id": self.provider.id,
                            "payment_method_id": self.provider.payment_method_ids.id,
                            "token_id": None,
                            "amount": amount,
                            "flow": "direct",
                            "tokenization_requested": False,
                            "landing_route": form.get("data-landing-route"),
                            "access_token": token,
                        }
                    },
                )
                self.assertIn("error", response.json())
        self.assertFalse(visit.invoice_id.transaction_ids)

    def test_paid_hold_is_booked(self):
        visit = self._hold()
        self._paid_online(visit)
        self.assertEqual(visit.state, "booked")
        self._sign_in()
        self.assertEqual(self._result(visit), "paid")
        self.assertEqual(self._balance(), 0.0)
        tree = self._page(self._get("/my/clinic"))
        self.assertTrue(self._found(tree, "o_clinic_payments"))

    def test_payment_told_twice_is_booked_once(self):
        visit = self._hold()
        tx = self._paid_online(visit)
        tx._post_process()
        payments = self.env["account.payment"].search(
            [("partner_id", "=", self.patient.id)]
        )
        self.assertEqual(len(payments), 1)

    def test_nothing_paid_yet_is_said(self):
        visit = self._hold()
        self._sign_in()
        self.assertEqual(self._result(visit), "failed")
        tx = self._online_payment(visit)
        tx._set_pending()
        self.assertEqual(self._result(visit), "pending")

    def test_expired_hold_is_not_paid_for(self):
        visit = self._hold()
        self._expire(visit)
        self._sign_in()
        response = self._get(f"{self._base(visit)}/pay", allow_redirects=False)
        self.assertEqual(self._path(response)[0], f"{self._base(visit)}/paid")
        self.assertEqual(self._result(visit), "expired")

    def test_hold_over_but_not_cleared_away_counts_as_expired(self):
        visit = self._hold()
        visit.hold_until = fields.Datetime.now() - timedelta(seconds=1)
        self._sign_in()
        self.assertEqual(self._result(visit), "expired")
        for action in ("later", "balance"):
            self._post(f"{self._base(visit)}/{action}", {})
        self.assertEqual(visit.state, "hold")

    def test_late_money_takes_the_time_again(self):
        visit = self._hold()
        self._expire(visit)
        self._paid_online(visit)
        self._sign_in()
        self.assertEqual(visit.state, "booked")
        self.assertEqual(self._result(visit), "paid")

    def test_late_money_for_a_taken_time_is_kept(self):
        visit = self._hold()
        self._expire(visit)
        self._book(10, patient_id=self.stranger.id)
        self._paid_online(visit)
        self._sign_in()
        self.assertEqual(self._result(visit), "kept")
        self.assertEqual(self._balance(), 5000.0)

    def test_hold_turns_into_paying_at_the_clinic(self):
        visit = self._hold(service_id=self.service.id)
        self._sign_in()
        tree = self._page(self._get(f"{self._base(visit)}/pay"))
        self.assertTrue(self._found(tree, "o_clinic_pay_later"))
        self._post(f"{self._base(visit)}/later", {})
        self.assertEqual(visit.state, "booked")
        self.assertEqual(visit.amount_due, 2000.0)

    def test_prepaid_service_is_not_paid_at_the_clinic(self):
        visit = self._hold()
        self._sign_in()
        tree = self._page(self._get(f"{self._base(visit)}/pay"))
        self.assertFalse(self._found(tree, "o_clinic_pay_later"))
        self._post(f"{self._base(visit)}/later", {})
        self.assertEqual(visit.state, "hold")

    def test_money_on_the_account_books_a_hold(self):
        self._pay(amount=5000.0)
        visit = self._hold()
        self._sign_in()
        tree = self._page(self._get(f"{self._base(visit)}/pay"))
        self.assertTrue(self._found(tree, "o_clinic_pay_balance"))
        self._post(f"{self._base(visit)}/balance", {})
        self.assertEqual(visit.state, "booked")
        self.assertEqual(visit.payment_state, "paid")
        self.assertEqual(self._balance(), 0.0)

    def test_too_little_on_the_account_does_not(self):
        visit = self._hold()
        self._sign_in()
        self._post(f"{self._base(visit)}/balance", {})
        self.assertEqual(visit.state, "hold")
