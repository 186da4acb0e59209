from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import freeze_time, tagged

from .common import ClinicCommon


@tagged("post_install", "-at_install")
class TestConsent(ClinicCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.text = cls.env.ref("clinic_base.consent_template_treatment")
        cls.Consent = cls.env["clinic.consent"]

    @freeze_time("2026-11-22 09:30:00")
    def test_given_to_the_text_in_force(self):
        reception = self._user("reception")
        consent = self.Consent.with_user(reception)._give(
            self.patient.with_user(reception), "treatment"
        )
        self.assertRecordValues(
            consent,
            [
                {
                    "patient_id": self.patient.id,
                    "template_id": self.text.id,
                    "kind": "treatment",
                    "state": "given",
                    "given_at": fields.Datetime.to_datetime("2026-11-22 09:30:00"),
                    "given_by_id": self.patient.id,
                    "registered_by_id": reception.id,
                    "channel": "desk",
                }
            ],
        )

    def test_given_once_for_a_text(self):
        first = self.Consent._give(self.patient, "treatment")
        self.assertEqual(self.Consent._give(self.patient, "treatment"), first)
        first.action_withdraw()
        self.assertNotEqual(self.Consent._give(self.patient, "treatment"), first)

    def test_new_version_needs_a_new_consent(self):
        first = self.Consent._give(self.patient, "treatment")
        new_text = self.text.copy()
        self.assertEqual(new_text.version, self.text.version + 1)
        second = self.Consent._give(self.patient, "treatment")
        self.assertNotEqual(second, first)
        self.assertEqual(second.template_id, new_text)

    def test_version_of_the_future_is_not_in_force(self):
        future = self.text.copy()
        future.date_from = fields.Date.add(fields.Date.today(), days=3)
        Template = self.env["clinic.consent.template"]
        self.assertEqual(Template._current("treatment"), self.text)

    def test_without_a_text_there_is_a_sentence(self):
        self.env["clinic.consent.template"].search([]).action_archive()
        with self.assertRaisesRegex(UserError, "no consent text in force"):
            self.Consent._give(self.patient, "treatment")

    def test_guardian_gives_it_for_the_child(self):
        child = self._create_patient(
            name="Test child", guardian_ids=[Command.link(self.patient.id)]
        )
        consent = self.Consent._give(child, "treatment", given_by=self.patient)
        self.assertEqual(consent.given_by_id, self.patient)
        self.assertEqual(consent.possible_giver_ids, child | self.patient)

    def test_stranger_cannot_give_it(self):
        with self.assertRaisesRegex(ValidationError, "guardian"):
            self.Consent._give(self.patient, "treatment", given_by=self.partner)

    def test_not_given_in_the_future(self):
        with self.assertRaisesRegex(ValidationError, "future"):
            self.Consent.create(
                {
                    "patient_id": self.patient.id,
                    "template_id": self.text.id,
                    "given_at": fields.Datetime.add(fields.Datetime.now(), days=1),
                }
            )

    def test_document_is_not_changed(self):
        consent = self.Consent._give(self.patient, "treatment")
        for vals in (
            {"patient_id": self._create_patient().id},
            {"given_at": "2020-01-01 00:00:00"},
            {"given_by_id": self.partner.id},
            {"channel": "web"},
            {"state": "withdrawn", "template_id": self.text.id},
        ):
            with self.subTest(vals), self.assertRaisesRegex(UserError, "document"):
                consent.write(vals)
        with self.assertRaisesRegex(UserError, "is kept"):
            consent.unlink()

    def test_text_that_was_agreed_to_is_not_changed(self):
        self.text.name = "Test: nobody has agreed yet"
        self.Consent._give(self.patient, "treatment")
        for vals in ({"body": "<p>x</p>"}, {"name": "x"}, {"version": 7}):
            with self.subTest(vals), self.assertRaisesRegex(UserError, "new version"):
                self.text.write(vals)
        with self.assertRaisesRegex(UserError, "new version"):
            self.text.unlink()
        self.text.action_archive()

    def test_withdrawn_with_date_and_reason(self):
        consent = self.Consent._give(self.patient, "treatment")
        wizard = (
            self.env["clinic.consent.withdraw"]
            .with_user(self._user("reception"))
            .with_context(active_id=consent.id)
            .create({"reason": "Moved away"})
        )
        wizard.action_withdraw()
        self.assertRecordValues(
            consent, [{"state": "withdrawn", "withdrawn_reason": "Moved away"}]
        )
        withdrawn_at = consent.withdrawn_at
        self.assertTrue(withdrawn_at)
        consent.action_withdraw("again")
        self.assertEqual(consent.withdrawn_at, withdrawn_at)
        self.assertEqual(consent.withdrawn_reason, "Moved away")

    def test_withdrawn_is_not_given_again(self):
        consent = self.Consent._give(self.patient, "treatment")
        consent.action_withdraw()
        with self.assertRaisesRegex(UserError, "document"):
            consent.write({"state": "given", "withdrawn_at": False})

    def test_cashier_does_not_register_consents(self):
        with self.assertRaises(AccessError):
            self.Consent.with_user(self._user("cashier"))._give(
                self.patient, "treatment"
            )

    def test_child_on_the_page_offers_the_guardian(self):
        child = self._create_patient(
            birthdate_date=fields.Date.subtract(fields.Date.today(), years=5),
            guardian_ids=[Command.link(self.patient.id)],
        )
        context = child.action_clinic_register_consent()["context"]
        self.assertEqual(context["default_given_by_id"], self.patient.id)

    def test_page_offers_the_text_that_is_missing(self):
        personal_data = self.env.ref("clinic_base.consent_template_personal_data")
        self.assertEqual(self.patient._clinic_missing_consent_text(), personal_data)
        self.Consent._give(self.patient, "personal_data")
        self.assertEqual(self.patient._clinic_missing_consent_text(), self.text)
        consent = self.Consent._give(self.patient, "treatment")
        self.assertFalse(self.patient._clinic_missing_consent_text())
        consent.action_withdraw()
        self.assertEqual(self.patient._clinic_missing_consent_text(), self.text)

    @freeze_time("2026-11-22 09:30:00")
    def test_ends_when_the_text_says_so(self):
        self.text.validity_days = 30
        consent = self.Consent._give(self.patient, "treatment")
        self.assertEqual(str(consent.valid_until), "2026-12-22")
        # the term of the text concerns those who agree from now on
        self.text.validity_days = 60
        self.assertEqual(str(consent.valid_until), "2026-12-22")
        self.assertFalse(self.patient.clinic_consent_notice)
        with self.assertRaises(UserError):
            consent.valid_until = "2030-01-01"
        with freeze_time("2026-12-22 09:00:00"):
            self.env.invalidate_all()
            self.assertFalse(consent.is_expired)
            self.assertIn("ends", self.patient.clinic_consent_notice)
            self.assertEqual(self.Consent._give(self.patient, "treatment"), consent)
        with freeze_time("2026-12-23 09:00:00"):
            self.env.invalidate_all()
            self.assertTrue(consent.is_expired)
            self.assertIn(consent, self.Consent.search([("is_expired", "=", True)]))
            self.assertIn("ended", self.patient.clinic_consent_notice)
            again = self.Consent._give(self.patient, "treatment")
            self.assertNotEqual(again, consent)
            self.assertFalse(self.patient.clinic_consent_notice)
