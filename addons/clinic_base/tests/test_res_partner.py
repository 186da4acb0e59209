from psycopg2.errors import CheckViolation, UniqueViolation

from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, freeze_time, tagged
from odoo.tools import mute_logger

from .common import ClinicCommon


@tagged("post_install", "-at_install")
class TestPatient(ClinicCommon):
    def test_phone_is_kept_in_one_spelling(self):
        for spelling in ("8 (912) 345-67-89", "79123456789", "+7 912 345 67 89"):
            with self.subTest(spelling):
                patient = self._create_patient(phone=spelling)
                self.assertRecordValues(
                    patient,
                    [
                        {
                            "phone": "+79123456789",
                            "phone_sanitized": "+79123456789",
                            "clinic_phone_display": "+7 912 345-67-89",
                        }
                    ],
                )

    def test_phone_is_normalised_when_written(self):
        self.patient.phone = "8 912 000-00-07"
        self.assertEqual(self.patient.phone, "+79120000007")
        self.patient.phone = False
        self.assertFalse(self.patient.phone)

    def test_phone_of_letters_is_refused_with_a_sentence(self):
        for phone, sentence in (
            ("позвоните маме", "write it in digits"),
            ("12", "too few digits"),
            ("+7 000 000-00-00", "no phone number"),
        ):
            with (
                self.subTest(phone),
                self.assertRaisesRegex(ValidationError, sentence),
            ):
                self._create_patient(phone=phone)
        with self.assertRaisesRegex(ValidationError, "write it in digits"):
            self.patient.phone = "нет телефона"

    def test_contacts_that_are_no_patients_keep_their_spelling(self):
        supplier = self.env["res.partner"].create(
            {"name": "Test supplier", "phone": "see the web site"}
        )
        (supplier | self.patient).write({"phone": "8 912 345-67-89"})
        self.assertEqual(supplier.phone, "8 912 345-67-89")
        self.assertEqual(self.patient.phone, "+79123456789")

    def test_patient_is_found_by_any_spelling(self):
        patient = self._create_patient(
            name="Иванова Мария", phone="89123456789", snils="112-233-445 95"
        )
        number = patient.patient_number
        for text in (
            "89123456789",
            "8 912 345",
            "+7(912)345-67-89",
            "345-67-89",
            "9123456789",
            "6789",
            number,
            number.lower(),
            f" {number} ",
            "11223344595",
            "112-233-445 95",
            "иванова",
            "иван мар",
            "Мария Иванова",
        ):
            with self.subTest(text):
                found = self.env["res.partner"].name_search(text)
                self.assertIn(patient.id, [row[0] for row in found])
        self.assertFalse(self.env["res.partner"].name_search("8 912 345-67-80"))

    def test_suggestions_tell_namesakes_apart(self):
        context = {"formatted_display_name": True}
        label = self.patient.with_context(**context).display_name
        self.assertIn(self.patient.patient_number, label)
        self.assertIn("17.05.1985", label)
        self.assertEqual(self.patient.display_name, "Test Patient")

    def test_number_is_given_once(self):
        first, second = self._create_patient(), self._create_patient()
        self.assertRegex(first.patient_number, r"^P\d{6}$")
        self.assertNotEqual(first.patient_number, second.patient_number)
        contact = self.env["res.partner"].create({"name": "Test contact"})
        self.assertFalse(contact.patient_number)
        contact.is_patient = True
        number = contact.patient_number
        self.assertTrue(number)
        contact.is_patient = False
        contact.is_patient = True
        self.assertEqual(contact.patient_number, number)
        self.assertNotEqual(contact.copy().patient_number, number)

    @mute_logger("odoo.sql_db")
    def test_number_is_unique(self):
        with self.assertRaises(UniqueViolation), self.env.cr.savepoint():
            self._create_patient(patient_number=self.patient.patient_number)

    def test_number_of_another_program_is_kept(self):
        patient = self._create_patient(patient_number="A-17")
        self.assertEqual(patient.patient_number, "A-17")

    @mute_logger("odoo.sql_db")
    def test_patient_is_a_person_of_their_own(self):
        company = self.env["res.partner"].create(
            {"name": "Test company", "is_company": True}
        )
        with self.assertRaises(CheckViolation), self.env.cr.savepoint():
            self._create_patient(parent_id=company.id)
        with self.assertRaisesRegex(ValidationError, "cannot be a patient"):
            company.is_patient = True

    @freeze_time("2026-11-22 12:00:00")
    def test_birth_date_must_be_plausible(self):
        with self.assertRaisesRegex(ValidationError, "in the future: 23.11.2026"):
            self._create_patient(birthdate_date="2026-11-23")
        with self.assertRaisesRegex(ValidationError, "too long ago"):
            self._create_patient(birthdate_date="1890-01-01")
        self.assertEqual(self._create_patient(birthdate_date="2026-11-22").age, 0)

    @freeze_time("2026-11-22 12:00:00")
    def test_age_turns_on_the_birthday(self):
        tomorrow, today, yesterday = (
            self._create_patient(birthdate_date="2008-11-23")
            + self._create_patient(birthdate_date="2008-11-22")
            + self._create_patient(birthdate_date="2008-11-21")
        )
        unknown = self._create_patient()
        people = tomorrow | today | yesterday | unknown
        self.assertEqual(people.mapped("age"), [17, 18, 18, 0])
        for operator, value, expected in (
            ("=", 18, today | yesterday),
            ("=", 17, tomorrow),
            (">=", 18, today | yesterday),
            (">", 17, today | yesterday),
            ("<", 18, tomorrow),
            ("<=", 17, tomorrow),
            ("in", [17, 18], tomorrow | today | yesterday),
        ):
            with self.subTest(operator=operator, value=value):
                found = self.env["res.partner"].search(
                    [("id", "in", people.ids), ("age", operator, value)]
                )
                self.assertEqual(found, expected)

    def test_snils_is_checked(self):
        self.patient.snils = "11223344595"
        self.assertEqual(self.patient.snils, "112-233-445 95")
        with self.assertRaisesRegex(ValidationError, "mistyped"):
            self.patient.snils = "112-233-445 90"
        with self.assertRaisesRegex(ValidationError, "11 digits"):
            self.patient.snils = "паспорт"

    def test_payer_is_the_patient_by_default(self):
        self.assertEqual(self.patient._clinic_payer(), self.patient)
        self.patient.payer_id = self.partner
        self.assertEqual(self.patient._clinic_payer(), self.partner)

    def test_family_is_oneself_and_wards(self):
        child = self._create_patient(
            name="Test child", guardian_ids=[Command.link(self.patient.id)]
        )
        self.assertEqual(self.patient.ward_ids, child)
        self.assertEqual(self.patient._clinic_family(), self.patient | child)
        self.assertEqual(child._clinic_family(), child)

    def test_nobody_is_their_own_guardian(self):
        with self.assertRaisesRegex(ValidationError, "their own guardian"):
            self.patient.guardian_ids = self.patient

    def test_web_finds_by_phone_and_birth_date(self):
        Partner = self.env["res.partner"]
        vals = {
            "name": "Test Patient",
            "phone": "8 912 200-00-01",
            "birthdate_date": "1985-05-17",
        }
        self.assertEqual(Partner._clinic_find_or_create_patient(vals), self.patient)

    def test_web_never_finds_by_name_alone(self):
        Partner = self.env["res.partner"]
        for vals in (
            {"name": "Test Patient"},
            {"name": "Test Patient", "birthdate_date": "1985-05-17"},
            {"name": "Test Patient", "phone": "+7 912 200-00-01"},
            {
                "name": "Test Patient",
                "phone": "+7 912 200-00-02",
                "birthdate_date": "1985-05-17",
            },
        ):
            with self.subTest(vals):
                found = Partner._clinic_find_or_create_patient(vals)
                self.assertNotEqual(found, self.patient)
                self.assertTrue(found.patient_number)

    def test_web_does_not_take_a_twin_for_the_patient(self):
        twin = self.env["res.partner"]._clinic_find_or_create_patient(
            {
                "name": "Other Patient",
                "phone": "+7 912 200-00-01",
                "birthdate_date": "1985-05-17",
            }
        )
        self.assertNotEqual(twin, self.patient)

    def test_web_refuses_a_phone_of_letters(self):
        with self.assertRaisesRegex(ValidationError, "write it in digits"):
            self.env["res.partner"]._clinic_find_or_create_patient(
                {"name": "X", "phone": "abc", "birthdate_date": "1985-05-17"}
            )

    def test_reception_registers_on_the_patient_page(self):
        Partner = self.env["res.partner"].with_user(self._user("reception"))
        with Form(
            Partner.with_context(default_is_patient=True),
            view="clinic_base.view_patient_form",
        ) as form:
            form.name = "Новикова Анна"
            form.clinic_phone_display = "8 912 200-00-01"
            form.birthdate_date = "1990-01-31"
            self.assertFalse(form.clinic_duplicate_count)
            form.birthdate_date = "1985-05-17"
            self.assertEqual(form.clinic_duplicate_count, 1)
        patient = form.record
        self.assertEqual(patient.phone, "+79122000001")
        self.assertTrue(patient.patient_number)

    def test_reception_gives_the_personal_account(self):
        self.patient.email = "test.patient@example.com"
        action = self.patient.with_user(
            self._user("reception")
        ).action_clinic_portal_access()
        wizard = self.env[action["res_model"]].browse(action["res_id"])
        line = wizard.with_user(self._user("reception")).user_ids
        self.assertEqual(line.partner_id, self.patient)
        line.action_grant_access()
        user = self.patient.user_ids
        self.assertTrue(user._is_portal())
        self.assertEqual(user.login, "test.patient@example.com")

    def test_patients_are_archived_not_deleted(self):
        patient = self.patient.with_user(self._user("reception"))
        with self.assertRaisesRegex(UserError, "Patients are not deleted"):
            patient.unlink()
        patient.action_archive()
        self.assertFalse(self.patient.active)

    def test_list_reads_in_few_queries(self):
        for index in range(30):
            self._create_patient(
                name=f"Test {index}",
                phone=f"+7 912 200-10-{index:02}",
                birthdate_date="1990-01-01",
                guardian_ids=[Command.link(self.patient.id)],
            )
        Partner = self.env["res.partner"].with_user(self._user("reception"))
        specification = {
            "patient_number": {},
            "name": {},
            "birthdate_date": {},
            "age": {},
            "gender": {},
            "clinic_phone_display": {},
            "guardian_ids": {"fields": {"display_name": {}}},
        }
        domain = [("is_patient", "=", True)]
        Partner.web_search_read(domain, specification)  # fills the caches of rules
        self.env.invalidate_all()
        with self.assertQueryCount(8):
            Partner.web_search_read(domain, specification, limit=80)
