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

    def test_known_patients_card_is_never_opened(self):
        """Who knows phone, birth date, name and e-mail is not yet the patient."""
        card = self._create_patient(
            name="Newcomer Nina",
            phone="+79122000077",
            birthdate_date="1991-07-08",
            email="nina@example.com",
        )
        visit = self._book(10, patient_id=card.id)
        plain = self._register(phone="8 912 200-00-78", email="plain@example.com")
        response = self._register()
        self.assertEqual(response.status_code, plain.status_code)
        self.assertEqual(self._path(response), self._path(plain))
        user = self._new_user()
        self.assertNotEqual(user.partner_id, card)
        self.assertFalse(card.user_ids)
        text = self._page(self._get("/my/clinic")).text_content()
        self.assertNotIn(visit.invoice_id.name, text)
        self.assertNotIn(self.specialist.name, text)
        visit_path = f"/my/clinic/appointment/{visit.id}"
        self.assertEqual(self._get(visit_path).status_code, 404)
        # the desk sees that the two may be one
        self.assertTrue(user.partner_id.clinic_duplicate_count)

    def test_desk_gives_access_to_a_card(self):
        """Odoo's own wizard opens a card that exists to its patient."""
        card = self._create_patient(name="Newcomer Nina", email="nina@example.com")
        wizard = (
            self.env["portal.wizard"]
            .with_user(self._user("reception"))
            .with_context(active_ids=card.ids, active_model="res.partner")
            .create({})
        )
        wizard.user_ids.action_grant_access()
        self.assertTrue(card.user_ids._is_portal())

    def test_who_has_an_account_is_told_to_sign_in(self):
        self.user.login = "taken@example.com"
        before = self.env["res.partner"].search_count([])
        for email in ("taken@example.com", " Taken@Example.com "):
            with self.subTest(email=email):
                tree = self._page(self._register(email=email))
                self.assertTrue(self._found(tree, "o_clinic_notice"))
                self.assertEqual(self._value(tree, "name"), "Newcomer Nina")
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
        response = self._redirect("/web/signup?redirect=/clinic/book")
        path, params = self._path(response)
        self.assertEqual(path, "/clinic/register")
        self.assertEqual(params["redirect"], "/clinic/book")
