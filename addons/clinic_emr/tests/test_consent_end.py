from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from .common import EmrCommon
from .test_document import SIGNATURE


@tagged("post_install", "-at_install")
class TestConsentEnd(EmrCommon):
    """The card reminds of consents that end."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.encounter = cls._create_encounter().with_user(cls.doctor)
        cls.record = cls.encounter.record_id
        cls.template = cls.env["clinic.document.template"].create(
            {
                "name": "Test operation",
                "kind": "consent",
                "validity_days": 365,
                "body": "<p>{{signer.name}}</p>",
            }
        )

    def _sign(self, days):
        document = (
            self.env["clinic.document"]
            .with_user(self.doctor)
            .create(
                {
                    "patient_id": self.patient.id,
                    "template_id": self.template.id,
                    "signature": SIGNATURE,
                }
            )
        )
        document.action_issue()
        today = fields.Date.context_today(document)
        self.assertEqual(document.valid_until, today + timedelta(days=365))
        # let time pass: what was issued can't be changed by the program
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE clinic_document SET valid_until = %s WHERE id = %s",
            [today + timedelta(days=days), document.id],
        )
        self.env.invalidate_all()

    def test_reminds_within_two_weeks_until_given_anew(self):
        for days, expected in [(60, False), (10, "ends"), (-3, "ended"), (-60, False)]:
            with self.subTest(days=days):
                self._sign(days)
                hint = self.record.hint_text or ""
                self.assertEqual("Test operation" in hint, bool(expected))
                if expected:
                    self.assertIn(f"Consent {expected}", hint)
                self.env["clinic.document"].search(
                    [
                        ("template_id", "=", self.template.id),
                        ("state", "=", "issued"),
                    ]
                ).with_user(self.doctor)._annul("Test")
        self._sign(5)
        self._sign(365)
        self.assertNotIn("Test operation", self.record.hint_text or "")

    def test_general_consents_too(self):
        consent = self.env["clinic.consent"]._give(self.patient, "personal_data")
        self.assertFalse(consent.valid_until)
        self.assertNotIn("onsent", self.record.hint_text or "")
        consent.action_withdraw()
        consent.template_id.validity_days = 7
        again = self.env["clinic.consent"]._give(self.patient, "personal_data")
        self.assertEqual((again.valid_until - again.given_at.date()).days, 7)
        self.env.invalidate_all()
        self.assertIn(again.template_id.name, self.record.hint_text)

    def test_from_fifteen_one_consents_and_from_eighteen_one_contracts(self):
        child = self._create_patient(
            name="Test Child", guardian_ids=[(6, 0, self.patient2.ids)]
        )
        contract = self.template.copy({"kind": "contract", "name": "Contract"})
        today = fields.Date.today()
        for years, signs_consent, signs_contract in [
            (14, self.patient2, self.patient2),
            (16, child, self.patient2),
            (19, child, child),
        ]:
            child.birthdate_date = today - timedelta(days=years * 366)
            for template, signer in [
                (self.template, signs_consent),
                (contract, signs_contract),
            ]:
                with self.subTest(years=years, kind=template.kind):
                    document = self.env["clinic.document"].new(
                        {"patient_id": child.id, "template_id": template.id}
                    )
                    self.assertEqual(document.signed_by_id._origin, signer)
