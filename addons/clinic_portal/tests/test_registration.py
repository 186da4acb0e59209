from odoo.tests import tagged

from .common import PortalCommon


@tagged("post_install", "-at_install")
class TestRegistration(PortalCommon):
    def _form(self, **values):
        consent = self.env["clinic.consent.template"]._current("personal_data")
        return {
            "name": "Newcomer Nina",
            "phone": "8 (912) 200-00-77",
            "birthdate": "1991-07-08",
            "gender": "female",
            "email": "nina@example.com",
            "password": "long-enough",
            "consent_personal_data": consent.id,
            "redirect": "/my/clinic",
            **values,
        }

    def _register(self, **values):
        self._sign_out()
        return self._post(
            "/clinic/register", self._form(**values), allow_redirects=False
        )

    def _new_user(self, login="nina@example.com"):
        return self.env["res.users"].search([("login", "=", login)])

    def test_newcomer_gets_a_card_an_account_and_a_consent(self):
        response = self._register()
        self.assertEqual(response.status_code, 303)
        self.assertEqual(self._path(response)[0], "/my/clinic")
        user = self._new_user()
        self.assertTrue(user._is_portal())
        self.assertRecordValues(
            user.partner_id,
            [
                {
                    "is_patient": True,
                    "phone": "+79122000077",
                    "email": "nina@example.com",
                    "gender": "female",
                }
            ],
        )
        consent = user.partner_id.clinic_consent_ids
        self.assertRecordValues(
            consent,
            [
                {
                    "kind": "personal_data",
                    "state": "given",
                    "channel": "web",
                    "registered_by_id": user.id,
                }
            ],
        )
        self.assertEqual(
            consent.template_id,
            self.env["clinic.consent.template"]._current("personal_data"),
        )

    def test_is_signed_in_at_once(self):
        self._register()
        self._page(self._get("/my/clinic"))

    def test_chosen_window_is_shown_and_comes_back(self):
        self._sign_out()
        confirm = self._get("/clinic/book/confirm?" + self._query(self._window()))
        link = self._found(self._page(confirm), "o_clinic_to_register")[0].get("href")
        tree = self._page(self._get(link))
        self.assertTrue(self._found(tree, "o_clinic_when"))
        response = self._register(redirect=self._value(tree, "redirect"))
        path, params = self._path(response)
        self.assertEqual(path, "/clinic/book/confirm")
        self.assertEqual(params["start"], self._window()["start"])

    def _query(self, params):
        return "&".join(f"{key}={value}" for key, value in params.items())

    def test_own_card_is_found_by_phone_and_birth_date(self):
        card = self._create_patient(
            name="Newcomer Nina Ivanovna",
            phone="+79122000077",
            birthdate_date="1991-07-08",
        )
        self._register()
        self.assertEqual(self._new_user().partner_id, card)
        self.assertEqual(card.name, "Newcomer Nina Ivanovna")
        self.assertEqual(card.gender, "female")

    def test_card_with_another_email_is_not_taken(self):
        card = self._create_patient(
            name="Newcomer Nina",
            phone="+79122000077",
            birthdate_date="1991-07-08",
            email="true.nina@example.com",
        )
        self._register()
        self.assertTrue(self._new_user())
        self.assertNotEqual(self._new_user().partner_id, card)
        self.assertEqual(card.email, "true.nina@example.com")

    def test_card_of_another_name_or_birthday_is_not_taken(self):
        twin = self._create_patient(
            name="Newcomer Olga", phone="+79122000077", birthdate_date="1991-07-08"
        )
        mother = self._create_patient(
            name="Newcomer Nina", phone="+79122000077", birthdate_date="1961-07-08"
        )
        self._register()
        self.assertNotIn(self._new_user().partner_id, twin | mother)

    def test_who_has_an_account_is_told_to_sign_in(self):
        before = self.env["res.partner"].search_count([])
        for values in (
            {
                "name": self.patient.name,
                "phone": self.patient.phone,
                "birthdate": "1985-05-17",
                "email": "patient@example.com",
            },
            {"email": self.user.login + "@example.com"},
        ):
            if values["email"].startswith(self.user.login):
                self.user.login = values["email"]
            with self.subTest(values=values):
                response = self._register(**values)
                tree = self._page(response)
                self.assertTrue(self._found(tree, "o_clinic_notice"))
                self.assertEqual(self._value(tree, "email"), values["email"])
        self.assertEqual(self.env["res.partner"].search_count([]), before)

    def test_wrong_input_gets_a_sentence_and_is_kept(self):
        before = self.env["res.partner"].search_count([])
        for values, field in [
            ({"phone": "call me"}, "phone"),
            ({"phone": "123"}, "phone"),
            ({"phone": ""}, "phone"),
            ({"birthdate": "2190-01-01"}, "birthdate"),
            ({"birthdate": "1800-01-01"}, "birthdate"),
            ({"name": "Nina"}, "name"),
            ({"email": "nina"}, "email"),
            ({"password": "short"}, "password"),
            ({"gender": ""}, "gender"),
            ({"consent_personal_data": ""}, "consent_personal_data"),
            ({"consent_personal_data": "999999"}, "consent_personal_data"),
        ]:
            with self.subTest(values=values):
                tree = self._page(self._register(**values))
                self.assertTrue(tree.xpath(f"//*[@id='{field}_error']"))
                for kept in ("name", "phone", "email"):
                    expected = values.get(kept, self._form()[kept])
                    self.assertEqual(self._value(tree, kept) or "", expected)
                self.assertFalse(tree.xpath("//input[@name='password']/@value"))
        self.assertEqual(self.env["res.partner"].search_count([]), before)

    def test_never_leads_to_another_site(self):
        response = self._register(redirect="https://evil.example/")
        self.assertEqual(self._path(response)[0], "/my/clinic")
        self.assertNotIn("evil", response.headers["Location"])

    def test_too_many_from_one_address_are_stopped(self):
        self.env["ir.config_parameter"].set_param("clinic_portal.limit_register", "1")
        self.assertEqual(self._register().status_code, 303)
        tree = self._page(self._register(email="nina2@example.com"))
        self.assertTrue(self._found(tree, "o_clinic_notice"))
        self.assertFalse(self._new_user("nina2@example.com"))

    def test_odoos_signup_leads_here(self):
        self._sign_out()
        response = self._get("/web/signup?redirect=/clinic/book", allow_redirects=False)
        path, params = self._path(response)
        self.assertTrue(path.endswith("/clinic/register"))
        self.assertEqual(params["redirect"], "/clinic/book")
