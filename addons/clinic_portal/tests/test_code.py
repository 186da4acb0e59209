from datetime import timedelta

from lxml import html

from odoo import fields
from odoo.tests import freeze_time, tagged

from odoo.addons.sms.models.sms_sms import SmsSms

from ..tools.codes import mask, read_code
from .common import PortalCommon

CODE = "/clinic/register/code"
CHECK = "/clinic/register/code/check"


class CodeCommon(PortalCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.card = cls._create_patient(
            name="Known Nina",
            phone="+79122000077",
            birthdate_date="1991-07-08",
            gender="female",
            email="nina@example.com",
        )
        cls._agree(cls.card)

    def setUp(self):
        super().setUp()
        self._sign_out()
        # as if a gateway were there: what is sent is read from the queue
        self.patch(
            self.env.registry["res.company"], "_clinic_sms_ready", lambda self: True
        )
        self.patch(SmsSms, "send", lambda self, **options: None)

    def _ask(self, contact, **values):
        return self._post(CODE, {"contact": contact, **values}, allow_redirects=False)

    def _sent(self, contact):
        """Return the code of the last message to the contact."""
        if "@" in contact:
            mail = self.env["mail.mail"].search(
                [("email_to", "=", contact)], order="id desc", limit=1
            )
            text = "".join(self._text(mail.body_html))
            return read_code(
                next(word for word in text.split() if read_code(word) == word)
            )
        sms = self.env["sms.sms"].search(
            [("number", "=", contact)], order="id desc", limit=1
        )
        return sms.body.split()[0]

    def _text(self, body):
        return html.fromstring(body).itertext()

    def _type(self, code, **values):
        return self._post(CHECK, {"code": code, **values}, allow_redirects=False)

    def _prove(self, contact):
        self._ask(contact)
        return self._type(self._sent(contact))

    def _form(self, **values):
        consent = self.env["clinic.consent.template"]._current("personal_data")
        return {
            "name": "Known Nina",
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
        return self._post(
            "/clinic/register", self._form(**values), allow_redirects=False
        )

    def _account(self, login="nina@example.com"):
        return self.env["res.users"].search([("login", "=", login)])


@tagged("post_install", "-at_install")
class TestCode(CodeCommon):
    # -- the card opens to who proves it

    def test_phone_opens_the_card_with_its_visits(self):
        visit = self._book(10, patient_id=self.card.id)
        self.assertEqual(self._path(self._prove("+79122000077"))[0], "/clinic/register")
        response = self._register(email="new@example.com")
        self.assertEqual(self._path(response)[0], "/my/clinic")
        user = self._account("new@example.com")
        self.assertEqual(user.partner_id, self.card)
        self.assertTrue(user._is_portal())
        # what the desk wrote stays
        self.assertEqual(self.card.email, "nina@example.com")
        tree = self._page(self._get("/my/clinic"))
        self.assertIn(visit.specialist_id.name, tree.text_content())
        notices = self._found(tree, "o_clinic_notice")
        self.assertFalse([n for n in notices if "alert-info" in n.get("class")])

    def test_mail_opens_the_card(self):
        self._prove("nina@example.com")
        self._register(phone="+7 912 200-00-55")
        self.assertEqual(self._account().partner_id, self.card)
        self.assertEqual(self.card.phone, "+79122000077")

    def test_phone_that_is_sent_is_not_the_one_proven(self):
        """The form cannot swap the proven contact for a victim's."""
        other = self._create_patient(
            name="Known Nina", phone="+79122000066", birthdate_date="1991-07-08"
        )
        self._prove("+79122000077")
        self._register(phone="+79122000066")
        self.assertEqual(self._account().partner_id, self.card)
        self.assertFalse(other.user_ids)

    def test_another_birth_date_or_name_opens_nothing(self):
        for values in (
            {"birthdate": "1991-07-09", "email": "a@example.com"},
            {"name": "Stranger Olga", "email": "b@example.com"},
        ):
            with self.subTest(values=values):
                self._sign_out()
                self._prove("+79122000077")
                response = self._register(**values)
                self.assertEqual(self._path(response)[0], "/my/clinic")
                partner = self._account(values["email"]).partner_id
                self.assertTrue(partner)
                self.assertNotEqual(partner, self.card)
                # and who expects earlier visits is told why there are none
                tree = self._page(self._get("/my/clinic"))
                notices = self._found(tree, "o_clinic_notice")
                self.assertTrue([n for n in notices if "alert-info" in n.get("class")])

    def test_of_two_cards_none_is_opened(self):
        self._create_patient(
            name="Known Nina", phone="+79122000077", birthdate_date="1991-07-08"
        )
        self._prove("+79122000077")
        self._register()
        self.assertNotEqual(self._account().partner_id, self.card)

    def test_card_with_an_account_is_not_given_away(self):
        owner = self._portal_user("owner", self.card)
        self._prove("+79122000077")
        tree = self._page(self._register(email="thief@example.com"))
        self.assertTrue(self._found(tree, "o_clinic_notice"))
        self.assertFalse(self._account("thief@example.com"))
        self.assertEqual(self.card.user_ids, owner)

    def test_card_of_a_child_is_not_opened(self):
        born = fields.Date.today() - timedelta(days=365 * 10)
        self.card.birthdate_date = born
        self._prove("+79122000077")
        self._register(birthdate=born.isoformat())
        self.assertNotEqual(self._account().partner_id, self.card)

    # -- the code

    def test_unknown_contact_is_answered_the_same(self):
        known, unknown = self._ask("+79122000077"), self._ask("+79129999999")
        self.assertEqual(self._path(known), self._path(unknown))
        for phone in ("+79122000077", "+79129999999"):
            self.assertTrue(self.env["sms.sms"].search([("number", "=", phone)]))

    def test_code_is_kept_as_a_digest_of_the_session(self):
        self._ask("+79122000077")
        code = self._sent("+79122000077")
        row = self.env["clinic.portal.code"].search([], limit=1)
        self.assertNotIn(code, row.digest)
        # read by somebody else it opens nothing
        self._sign_out()
        self.assertEqual(self._path(self._type(code))[0], CODE)

    def test_wrong_code_few_times_and_it_dies(self):
        self._ask("+79122000077")
        code = self._sent("+79122000077")
        wrong = f"{(int(code) + 1) % 10**6:06d}"
        for _try in range(4):
            tree = self._page(self._type(wrong))
            self.assertTrue(tree.xpath("//*[@id='code_error']"))
        self.assertEqual(self._path(self._type(wrong))[0], CODE)
        self.assertEqual(self._path(self._type(code))[0], CODE)
        self.assertFalse(
            self.env["clinic.portal.code"].search([("state", "=", "sent")])
        )

    def test_code_is_short_lived(self):
        self._ask("+79122000077")
        code = self._sent("+79122000077")
        with freeze_time(fields.Datetime.now() + timedelta(minutes=11)):
            self.assertEqual(self._path(self._type(code))[0], CODE)

    def test_newer_code_kills_the_older(self):
        self._ask("+79122000077")
        older = self._sent("+79122000077")
        self._ask("+79122000077")
        newer = self._sent("+79122000077")
        if older != newer:
            self._page(self._type(older))
        self.assertEqual(self._path(self._type(newer))[0], "/clinic/register")

    def test_code_opens_one_card_once(self):
        self._prove("+79122000077")
        self._register()
        self.assertEqual(
            self.env["clinic.portal.code"].search([], limit=1).state, "used"
        )

    def test_codes_are_limited_by_contact_and_by_address(self):
        params = self.env["ir.config_parameter"]
        params.set_param("clinic_portal.limit_code_contact", "2")
        for _time in range(2):
            self.assertEqual(self._ask("+79122000077").status_code, 303)
        self._page(self._ask("8 (912) 200-00-77"))  # another spelling, the same phone
        self.assertEqual(self._ask("+79122000078").status_code, 303)
        params.set_param("clinic_portal.limit_code", "1")
        self._page(self._ask("+79122000079"))

    def test_only_mail_where_there_is_no_gateway(self):
        self.patch(
            self.env.registry["res.company"], "_clinic_sms_ready", lambda self: False
        )
        tree = self._page(self._ask("+79122000077"))
        self.assertTrue(tree.xpath("//*[@id='contact_error']"))
        self.assertEqual(self._path(self._ask("nina@example.com"))[0], CHECK)

    def test_mail_says_the_code_in_the_letter_only(self):
        self._ask("nina@example.com")
        code = self._sent("nina@example.com")
        mail = self.env["mail.mail"].search(
            [("email_to", "=", "nina@example.com")], limit=1
        )
        self.assertNotIn(code, mail.subject)

    def test_never_leads_to_another_site(self):
        path, params = self._path(
            self._ask("+79122000077", redirect="https://evil.example/")
        )
        self.assertEqual((path, params["redirect"]), (CHECK, "/my/clinic"))

    def test_what_was_typed_is_read(self):
        for text, code in (
            ("123456", "123456"),
            (" 123 456 ", "123456"),
            ("123-456", "123456"),
            ("12345", None),
            ("abcdef", None),
            ("", None),
            (None, None),
        ):
            self.assertEqual(read_code(text), code)
        self.assertEqual(mask("+79122000077"), "+7912•••0077")
        self.assertEqual(mask("nina@example.com"), "n•••@example.com")
