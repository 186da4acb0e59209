from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import Form, new_test_user, tagged

from .common import ClinicCommon


@tagged("post_install", "-at_install")
class TestDuplicates(ClinicCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.original = cls._create_patient(
            name="Семёнова Ольга Ильинична",
            phone="+7 912 300-00-01",
            birthdate_date="1990-04-02",
        )

    def _merge(self, patients, keep, role="reception"):
        wizard = (
            self.env["base.partner.merge.automatic.wizard"]
            .with_user(self._user(role))
            .with_context(active_model="res.partner", active_ids=patients.ids)
            .create({})
        )
        wizard.dst_partner_id = keep
        wizard.action_merge()

    def assertDuplicate(self, other, expected=True):
        self.env.invalidate_all()
        found = bool(other in self.original.clinic_duplicate_ids)
        self.assertEqual(found, expected)
        self.assertEqual(bool(self.original.clinic_duplicate_count), expected)
        searched = self.env["res.partner"].search(
            [("is_patient", "=", True), ("clinic_duplicate_count", ">", 0)]
        )
        self.assertEqual(bool({self.original, other} <= set(searched)), expected)

    def test_found_by_phone(self):
        other = self._create_patient(name="Ольга С.", phone="8 912 300-00-01")
        self.assertDuplicate(other)

    def test_found_by_name_and_birth_date(self):
        other = self._create_patient(
            name="ольга ильинична семенова", birthdate_date="1990-04-02"
        )
        self.assertDuplicate(other)

    def test_found_by_insurance_number(self):
        self.original.snils = "112-233-445 95"
        other = self._create_patient(name="Петрова Ольга", snils="11223344595")
        self.assertDuplicate(other)

    def test_same_name_alone_is_no_duplicate(self):
        other = self._create_patient(
            name="Семёнова Ольга Ильинична", birthdate_date="1961-04-02"
        )
        self.assertDuplicate(other, expected=False)

    def test_same_phone_with_another_birth_date_is_no_duplicate(self):
        other = self._create_patient(
            name="Семёнов Игорь", phone="+7 912 300-00-01", birthdate_date="1988-01-01"
        )
        self.assertDuplicate(other, expected=False)

    def test_family_on_one_phone_is_no_duplicate(self):
        child = self._create_patient(
            name="Семёнов Миша",
            phone="+7 912 300-00-01",
            guardian_ids=[Command.link(self.original.id)],
        )
        self.assertDuplicate(child, expected=False)

    def test_contacts_and_archived_cards_are_no_duplicates(self):
        self.env["res.partner"].create({"name": "X", "phone": "+79123000001"})
        self._create_patient(phone="+7 912 300-00-01", active=False)
        self.assertFalse(self.original.clinic_duplicate_count)

    def test_button_shows_both_cards(self):
        other = self._create_patient(phone="+7 912 300-00-01")
        action = self.original.action_clinic_duplicates()
        shown = self.env["res.partner"].search(action["domain"])
        self.assertEqual(shown, self.original | other)

    def test_merging_keeps_the_number_and_moves_the_rest(self):
        mother, father = (
            self._create_patient(name="Test mother"),
            self._create_patient(name="Test father"),
        )
        self.original.guardian_ids = mother
        other = self._create_patient(
            name="Ольга С.",
            phone="+7 912 300-00-01",
            email="olga@example.com",
            snils="112-233-445 95",
            guardian_ids=[Command.set((mother | father).ids)],
        )
        child = self._create_patient(
            name="Test child",
            guardian_ids=[Command.link(other.id)],
            payer_id=other.id,
        )
        consent = self.env["clinic.consent"]._give(other, "treatment")
        number, spare = self.original.patient_number, other.patient_number

        self._merge(self.original | other, self.original)

        self.assertFalse(other.exists())
        self.assertRecordValues(
            self.original,
            [
                {
                    "patient_number": number,
                    "name": "Семёнова Ольга Ильинична",
                    "email": "olga@example.com",
                    "snils": "112-233-445 95",
                    "guardian_ids": (mother | father).ids,
                    "ward_ids": child.ids,
                    "clinic_consent_ids": consent.ids,
                }
            ],
        )
        self.assertEqual(child.payer_id, self.original)
        self.assertFalse(
            self.env["res.partner"].search([("patient_number", "=", spare)])
        )

    def test_desk_merges_from_the_list_and_sees_the_kept_card(self):
        other = self._create_patient(name="Ольга С.", phone="+7 912 300-00-01")
        cards = (self.original | other).with_user(self._user("reception"))
        with self.assertRaisesRegex(UserError, "two or three"):
            cards[:1].action_clinic_merge()
        action = cards.action_clinic_merge()
        with Form(
            self.env[action["res_model"]]
            .with_user(self._user("reception"))
            .with_context(**action["context"]),
            view=action["views"][0][0],
        ) as form:
            form.dst_partner_id = self.original
        wizard = form.record
        opened = wizard.action_clinic_merge()
        self.assertEqual(opened["res_id"], self.original.id)
        self.assertFalse(other.exists())

    def test_login_of_a_self_registered_card_works_on_the_kept_card(self):
        """The desk keeps its card; the patient goes on signing in as before."""
        registered = self._create_patient(
            name="Семёнова Ольга",
            phone="+7 912 300-00-01",
            birthdate_date="1990-04-02",
            email="olga@example.com",
        )
        user = new_test_user(
            self.env,
            "olga@example.com",
            "base.group_portal",
            partner_id=registered.id,
            password="olga@example.com",
        )
        self._merge(self.original | registered, self.original)
        self.assertFalse(registered.exists())
        self.assertRecordValues(
            user,
            [
                {
                    "partner_id": self.original.id,
                    "login": "olga@example.com",
                    "email": "olga@example.com",
                    "active": True,
                }
            ],
        )
        self.assertTrue(user._is_portal())
        self.env.invalidate_all()
        self.assertTrue(self.original.with_user(user).has_access("read"))
        credential = {
            "login": user.login,
            "password": "olga@example.com",
            "type": "password",
        }
        signed_in = self.env["res.users"].authenticate(
            credential, {"interactive": True}
        )
        self.assertEqual(signed_in["uid"], user.id)

    def test_merging_a_card_without_number_takes_it_over(self):
        contact = self.env["res.partner"].create({"name": "Ольга С."})
        number = self.original.patient_number
        self._merge(self.original | contact, contact, role="admin")
        self.assertRecordValues(
            contact, [{"patient_number": number, "is_patient": True}]
        )

    def test_merging_guardian_and_ward_leaves_nobody_their_own_guardian(self):
        other = self._create_patient(
            name="Ольга С.",
            guardian_ids=[Command.link(self.original.id)],
            payer_id=self.original.id,
        )
        self._merge(self.original | other, self.original)
        self.assertFalse(self.original.guardian_ids | self.original.ward_ids)
        self.assertFalse(self.original.payer_id)

    def test_cards_with_different_emails_are_for_the_administrator(self):
        self.original.email = "olga@example.com"
        other = self._create_patient(name="Ольга С.", email="other@example.com")
        with self.assertRaisesRegex(UserError, "different e-mails"):
            self._merge(self.original | other, self.original)

    def test_reception_cannot_merge_what_are_no_patients(self):
        contacts = self.env["res.partner"].create(
            [{"name": "A"}, {"name": "B", "email": "b@example.com"}]
        )
        with self.assertRaises(UserError):
            self._merge(contacts, contacts[0])

    def test_reception_cannot_merge_a_patient_into_a_colleague(self):
        colleague = self._user("cashier").partner_id
        colleague.email = "cashier@example.com"
        with self.assertRaises(UserError):
            self._merge(self.original | colleague, colleague)
