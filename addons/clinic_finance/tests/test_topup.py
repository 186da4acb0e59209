from urllib.parse import parse_qs, urlsplit

from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, tagged

from .common import FinanceCommon


@tagged("post_install", "-at_install")
class TestTopup(FinanceCommon, HttpCase):
    def _link(self, user=None, **values):
        env = self.env(user=user) if user else self.env
        context = self.patient.with_env(env).action_clinic_topup_link()["context"]
        return env["clinic.topup.link"].with_context(**context).create(values)

    def test_link_asks_for_what_is_owed(self):
        self._book()
        self.assertEqual(self._link().amount, 2000)

    def test_link_opens_for_anybody_and_no_other_sum(self):
        self._online_provider()
        url = self._link(user=self._user("reception"), amount=1500).url
        split = urlsplit(url)
        self.authenticate(None, None)
        path = f"{split.path}?{split.query}"
        page = self.url_open(path)
        self.assertEqual(page.status_code, 200)
        self.assertIn("Top-up of a Personal Account", page.text)
        self.assertIn(self.patient.clinic_account_number, page.text)
        wrong = path.replace("amount=1500.0", "amount=1.0")
        self.assertNotEqual(wrong, path)
        self.assertEqual(self.url_open(wrong).status_code, 404)
        self.assertEqual(parse_qs(split.query)["partner_id"], [str(self.patient.id)])

    def test_what_is_paid_finds_its_invoices(self):
        visit = self._book()
        tx = self._online_payment(visit, invoice_ids=False, amount=2500)
        tx._set_done()
        tx._post_process()
        self.assertEqual(visit.payment_state, "paid")
        self.assertEqual(self._balance(), 500)

    def test_top_up_at_the_desk(self):
        payment = self._pay(amount=3000)
        self.assertFalse(payment.clinic_appointment_id)
        self.assertEqual(self._balance(), 3000)

    def test_link_is_sent_to_the_payer(self):
        self.patient.write({"phone": "+7 912 345-67-89", "email": "anna@example.com"})
        link = self._link(user=self._user("cashier"), amount=1500)
        link.action_send_sms()
        text = self.env["sms.sms"].search([], order="id desc", limit=1)
        self.assertEqual(text.number, "+79123456789")
        self.assertEqual(text.state, "outgoing")
        self.assertIn(link.url, text.body)
        link.action_send_email()
        mail = self.env["mail.mail"].search([], order="id desc", limit=1)
        self.assertEqual(mail.email_to, "anna@example.com")
        self.assertIn("/payment/pay?", mail.body_html)

    def test_nothing_is_sent_to_nobody(self):
        self.patient.write({"phone": False, "email": False})
        link = self._link(amount=1500)
        for send in (link.action_send_sms, link.action_send_email):
            with self.assertRaises(UserError):
                send()

    def test_who_makes_links(self):
        for role in ("director", "specialist", "callcenter"):
            self.env.invalidate_all()
            with self.subTest(role), self.assertRaises(AccessError):
                self._link(user=self._user(role), amount=5)
