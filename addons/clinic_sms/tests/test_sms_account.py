from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from odoo.addons.clinic_sms.tests.common import SmsCommon, simulator


@tagged("post_install", "-at_install")
class TestSmsAccount(SmsCommon):
    def test_a_secret_goes_in_and_never_comes_out(self):
        admin = self.account.with_user(self._user("admin"))
        admin.new_secret = "another"
        self.assertEqual(self.account.sudo().secret, "another")
        self.env.invalidate_all()
        values = admin.read()[0]
        self.assertNotIn("another", str(values))
        self.assertTrue(values["has_secret"])
        for name in ("secret", "callback_secret"):
            with self.assertRaises(AccessError):
                admin.read([name])
            with self.assertRaises(AccessError):
                admin.search([(name, "=like", "a%")])
        with self.assertRaises(AccessError):
            admin.export_data(["secret"])

    def test_only_administrators_see_the_account(self):
        self.env.invalidate_all()
        for role in ("reception", "callcenter", "finance", "director", "specialist"):
            with self.subTest(role):
                account = self.account.with_user(self._user(role))
                with self.assertRaises(AccessError):
                    account.read(["login"])
                with self.assertRaises(AccessError):
                    account.action_open()

    def test_the_balance_is_asked_for(self):
        admin = self.account.with_user(self._user("admin"))
        for gateway, balance in (("smsc", "1234.50 RUR"), ("smsaero", "1234.5 RUB")):
            self._use(gateway)
            admin.action_check_balance()
            self.assertEqual(self.account.balance, balance)
        self.account.new_secret = "wrong"
        with self.assertRaises(UserError) as caught:
            admin.action_check_balance()
        self.assertIn("does not accept the login", str(caught.exception))

    def test_a_test_sms_says_what_the_gateway_answered(self):
        admin = self._user("admin")
        wizard = (
            self.env["clinic.sms.test"]
            .with_user(admin)
            .create(
                {
                    "account_id": self.account.id,
                    "phone": "8 912 345-67-89",
                    "text": "Hi",
                }
            )
        )
        with self.enter_registry_test_mode():
            wizard.action_send()
        self.assertEqual(self.server.taken[0].phone, "+79123456789")
        self.server.be(simulator.POOR)
        with self.assertRaises(UserError) as caught, self.enter_registry_test_mode():
            wizard.action_send()
        self.assertIn("not enough money", str(caught.exception))
        wizard.phone = "Anna"
        with self.assertRaises(UserError):
            wizard.action_send()

    def test_without_a_key_it_is_not_ready(self):
        company = self.account.company_id
        self.assertTrue(company._clinic_sms_ready())
        self.account.sudo().secret = False
        self.assertFalse(company._clinic_sms_ready())
        with self.assertRaises(UserError):
            self.account.action_check_balance()
        self.account.gateway = "none"
        self.assertFalse(company._clinic_sms_ready())
        self.account.gateway = "odoo"
        self.assertTrue(company._clinic_sms_ready())
