from lxml import etree

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import file_open

from .common import SECRET, EmrCommon

# a dot of one pixel, as the signature pad sends it
SIGNATURE = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAA"
    "AABJRU5ErkJggg=="
)


@tagged("post_install", "-at_install")
class TestDocument(EmrCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.encounter = cls._create_encounter()
        cls.Template = cls.env["clinic.document.template"]
        cls.extract = cls.Template.create(
            {
                "name": "Test extract",
                "kind": "extract",
                "body": "<p>{{patient.name}}: {{visit.complaint}} {{visit.orders}}</p>",
            }
        )
        cls.contract = cls.Template.create(
            {
                "name": "Test contract",
                "kind": "contract",
                "is_medical": False,
                "body": "<p>{{patient.name}} and {{clinic.name}}</p>",
            }
        )
        cls.consent = cls.Template.create(
            {
                "name": "Test consent",
                "kind": "consent",
                "validity_days": 365,
                "is_blocking": True,
                "body": "<p>{{signer.name}} agrees</p>",
            }
        )

    def test_bundled_texts_do_not_repeat_their_title(self):
        # the title stands above the text; a clinic may have texts of its own, so
        # those that come along are read where they come from
        with file_open("clinic_emr/data/clinic_document_data.xml") as data:
            for text in etree.parse(data).iterfind(".//field[@name='body']"):
                first = text.find("p")
                self.assertTrue(
                    (first.text or "").strip() or len(first) != 1,
                    f"{text.getparent().get('id')} begins with a title",
                )

    def _create_document(self, template=None, user=None, **values):
        template = template or self.extract
        if template.is_medical:
            values.setdefault("encounter_id", self.encounter.id)
        return (
            self.env["clinic.document"]
            .with_user(user or self.doctor)
            .create(
                {
                    "patient_id": self.patient.id,
                    "template_id": template.id,
                    **values,
                }
            )
        )

    def _set_end(self, document, day):
        """Let time pass: what was issued can't be changed by the program."""
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE clinic_document SET valid_until = %s WHERE id = %s",
            [day, document.id],
        )
        self.env.invalidate_all()

    def test_filled_from_the_visit_and_frozen_when_issued(self):
        document = self._create_document()
        self.assertIn(f"{self.patient.name}: {SECRET} complaint", document.body)
        self.assertFalse(document.name)
        document.body = "<p>Looked over</p>"
        document.action_issue()
        self.assertEqual(document.state, "issued")
        self.assertTrue(document.name)
        self.assertTrue(document.pdf)
        with self.assertRaisesRegex(UserError, "stay as they are"):
            document.body = "<p>Other</p>"
        with self.assertRaises(UserError):
            document.unlink()
        self.encounter.complaint = "Later words"
        self.assertIn("Looked over", document.body)

    def test_written_in_the_patients_language_whoever_makes_it(self):
        """As through the API, which may say no language, or another."""
        self.env["res.lang"]._activate_lang("ru_RU")
        self.extract.with_context(lang="ru_RU").name = "Выписка"
        self.env.ref("clinic_emr.report_document_sheet").update_field_translations(
            "arch_db", {"ru_RU": {"signature, seal": "подпись, печать"}}
        )
        self.patient.lang = "ru_RU"
        for lang in (None, "en_US"):
            with self.subTest(lang=lang):
                user = self.doctor.with_context(lang=lang)
                document = self._create_document(user=user).with_context(lang=lang)
                self.assertEqual(document.title, "Выписка")
                document.action_issue()
                html, _kind = (
                    self.env["ir.actions.report"]
                    .with_user(self.doctor)
                    .with_context(lang=lang)
                    ._render_qweb_html("clinic_emr.report_document", document.ids)
                )
                self.assertIn("подпись, печать", html.decode())
                self.assertNotIn("signature, seal", html.decode())

    def test_without_a_language_of_the_patient_in_the_clinics(self):
        self.env["res.lang"]._activate_lang("ru_RU")
        self.extract.with_context(lang="ru_RU").name = "Выписка"
        self.patient.lang = False
        self.encounter.branch_id.company_id.partner_id.lang = "ru_RU"
        document = self._create_document().with_context(lang="en_US")
        self.assertEqual(document.title, "Выписка")

    def test_numbers_follow_each_other(self):
        first, second = self._create_document(), self._create_document()
        first.action_issue()
        second.action_issue()
        self.assertEqual(int(second.name[1:]), int(first.name[1:]) + 1)

    def test_template_refuses_what_nothing_fills(self):
        for body, medical in [
            ("{{patient.password}}", True),
            ("{{object.env}}", True),
            ("{{1+1}}", True),
            ("{{visit.diagnosis}}", False),
        ]:
            with self.subTest(body=body), self.assertRaises(ValidationError):
                self.Template.create(
                    {"name": "Bad", "is_medical": medical, "body": body}
                )

    def test_a_used_text_is_kept_and_a_new_version_begins(self):
        self.extract.body = "<p>Edited before use</p>"
        self.assertEqual(self.extract.version, 1)
        document = self._create_document()
        document.action_issue()
        self.extract.body = "<p>Second text</p>"
        self.assertEqual(self.extract.version, 2)
        self.assertEqual(document.version_id.version, 1)
        self.assertIn("Edited before use", document.version_id.body)
        with self.assertRaises(UserError):
            document.version_id.sudo().body = "<p>Forged</p>"
        with self.assertRaises(UserError):
            self.extract.unlink()

    def test_consent_is_issued_when_signed(self):
        document = self._create_document(self.consent, encounter_id=False)
        with self.assertRaisesRegex(UserError, "not signed"):
            document.action_issue()
        document.signature = SIGNATURE
        document.action_issue()
        self.assertTrue(document.signed_at)
        self.assertTrue(document.valid_until)

    def test_a_signature_goes_with_the_words_that_were_signed(self):
        document = self._create_document(self.consent)
        document.signature = SIGNATURE
        document.body = str(document.body)
        self.assertTrue(document.signature)
        document.body = "<p>Something else</p>"
        self.assertFalse(document.signature)
        with self.assertRaisesRegex(UserError, "not signed"):
            document.action_issue()

    def test_guardian_signs_for_a_child(self):
        child = self._create_patient(
            name="Test Child",
            birthdate_date="2020-01-01",
            guardian_ids=[Command.link(self.patient2.id)],
        )
        self._create_appointment(patient_id=child.id, state="booked")
        document = self._create_document(
            self.consent, patient_id=child.id, encounter_id=False
        )
        self.assertEqual(document.signed_by_id, self.patient2)
        self.assertIn(self.patient2.name, document.body)
        with self.assertRaises(ValidationError):
            document.signed_by_id = self.patient

    def test_visit_says_what_is_to_be_signed_and_does_not_begin_without(self):
        self.service.consent_template_ids = [Command.set(self.consent.ids)]
        appointment = self._create_appointment()
        self.assertTrue(appointment.with_user(self._user("reception")).consent_needed)
        mine = appointment.with_user(self.doctor)
        with self.assertRaisesRegex(UserError, "Sign consent"):
            mine.action_open_encounter()
        action = mine.action_sign_consent()
        document = (
            self.env["clinic.document"].with_user(self.doctor).browse(action["res_id"])
        )
        document.signature = SIGNATURE
        document.action_issue()
        self.env.invalidate_all()
        self.assertFalse(appointment.consent_needed)
        mine.action_open_encounter()
        with self.assertRaises(UserError):
            mine.action_sign_consent()

    def test_an_expired_or_annulled_consent_does_not_count(self):
        self.service.consent_template_ids = [Command.set(self.consent.ids)]
        appointment = self._create_appointment()
        document = self._create_document(
            self.consent, encounter_id=False, signature=SIGNATURE
        )
        document.action_issue()
        self.env.invalidate_all()
        self.assertFalse(appointment.consent_needed)
        self._set_end(document, "2020-01-01")
        self.assertTrue(appointment.consent_needed)
        self._set_end(document, None)
        with self.assertRaisesRegex(UserError, "why"):
            document._annul(" ")
        action = document.action_annul()
        self.env[action["res_model"]].with_user(self.doctor).with_context(
            **action["context"]
        ).create({"reason": "Wrong patient"}).action_annul()
        self.assertEqual(document.annul_reason, "Wrong patient")
        self.env.invalidate_all()
        self.assertTrue(appointment.consent_needed)

    def test_reception_makes_contracts_and_sees_nothing_medical(self):
        reception = self._user("reception")
        medical = self._create_document()
        medical.action_issue()
        contract = self._create_document(
            self.contract, user=reception, signature=SIGNATURE
        )
        contract.action_issue()
        self.env.invalidate_all()
        theirs = self.env["clinic.document"].with_user(reception)
        self.assertEqual(
            theirs.search([("patient_id", "=", self.patient.id)]), contract
        )
        self.assertTrue(contract.with_user(reception).pdf)
        for attempt in (
            lambda: medical.with_user(reception).read(["body"]),
            lambda: medical.with_user(reception).pdf,
            lambda: medical.with_user(reception).action_print(),
            lambda: self._create_document(
                self.consent, user=reception, encounter_id=False
            ),
            lambda: self._create_document(self.extract, user=reception),
        ):
            self.env.invalidate_all()
            with self.assertRaises(AccessError):
                attempt()
        attachments = (
            self.env["ir.attachment"]
            .with_user(reception)
            .search(
                [
                    ("res_model", "=", "clinic.document"),
                    ("res_field", "=", "pdf"),
                    ("res_id", "in", (medical | contract).ids),
                ]
            )
        )
        self.assertEqual(attachments.mapped("res_id"), contract.ids)

    def test_others_have_no_way_in(self):
        document = self._create_document()
        for role in ("callcenter", "cashier", "finance", "director", "lab", "admin"):
            self.env.invalidate_all()
            with self.subTest(role=role), self.assertRaises(AccessError):
                document.with_user(self._user(role)).read(["body"])

    def test_another_specialist_has_none_either(self):
        document = self._create_document()
        self.env.invalidate_all()
        with self.assertRaises(AccessError):
            document.with_user(self.other_doctor).read(["body"])
        with self.assertRaises(AccessError):
            self._create_document(
                self.consent, user=self.other_doctor, encounter_id=False
            )
        self._create_appointment(specialist=self.specialist2, state="booked")
        self.env.invalidate_all()
        theirs = document.with_user(self.other_doctor)
        self.assertIn(SECRET, theirs.body)
        for attempt in (theirs.action_issue, lambda: theirs._annul("Why not")):
            with self.assertRaises(AccessError):
                attempt()

    def test_documents_and_orders_follow_a_merge_of_two_cards(self):
        twin = self._create_patient(name="Test Patient", phone="+79122000003")
        self._create_appointment(patient_id=twin.id, state="booked")
        document = self._create_document(self.contract, patient_id=twin.id)
        order = (
            self.env["clinic.service.request"]
            .with_user(self.doctor)
            .create(
                {
                    "record_id": document.sudo().record_id.id,
                    "service_id": self.service2.id,
                }
            )
        )
        order.action_activate()
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((twin | self.patient).ids, self.patient)
        self.env.invalidate_all()
        for moved in (document.sudo(), order.sudo()):
            self.assertEqual(moved.record_id, self.encounter.record_id)
            self.assertEqual(moved.patient_id, self.patient)
        self.assertEqual(order.sudo().referral_id.patient_id, self.patient)
