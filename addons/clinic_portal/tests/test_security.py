from odoo.tests import tagged

from .common import PortalCommon


@tagged("post_install", "-at_install")
class TestSecurity(PortalCommon):
    """Passkeys and the second factor, as a patient meets them on a phone.

    What they are is tested by Odoo; here, that they can be read and pressed.
    """

    def test_second_factor_says_what_is_wrong(self):
        self.start_tour("/my/security", "clinic_portal_totp", login="portal_patient")
        self.assertFalse(self.user.totp_enabled)

    def test_passkey_waved_away(self):
        # as if the patient had made it: keys belong to who made them
        keys_sudo = self.env["auth.passkey.key"].with_user(self.user).sudo()
        key = keys_sudo.create({"name": "Old", "credential_identifier": "test"})
        self.start_tour("/my/security", "clinic_portal_passkey", login="portal_patient")
        self.assertEqual(self.user.auth_passkey_key_ids, key)

    def test_signing_in_by_passkey_waved_away(self):
        self.start_tour("/web/login", "clinic_portal_passkey_login", login=None)

    def test_scripts_speak_the_language(self):
        answer = self.url_open("/website/translations?lang=en_US").json()
        self.assertLessEqual(
            {"auth_passkey", "auth_passkey_portal", "auth_totp_portal"},
            set(answer["modules"]),
        )

    def test_pages_of_signing_in_have_our_words(self):
        self._sign_out()
        tree = self._page(self._get("/web/login"))
        [form] = self._found(tree, "oe_login_form")
        self.assertIn("E-mail", form.text_content())
        self.user.sudo().totp_secret = "A" * 32
        credential = {"login": "portal_patient", "password": "portal_patient"}
        tree = self._page(self._post("/web/login", credential))
        self.assertTrue(tree.xpath("//input[@name='totp_token']"))
        self.assertIn("Code of the second factor", tree.findtext(".//title"))
        self.assertFalse(tree.xpath("//a[contains(@href, 'odoo.com/documentation')]"))
