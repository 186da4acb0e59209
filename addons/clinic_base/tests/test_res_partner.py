from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .common import ClinicCommon


@tagged("post_install", "-at_install")
class TestResPartner(ClinicCommon):
    def test_phone_is_normalised(self):
        spellings = (
            "8 912 345-67-89",
            "8(912)3456789",
            "+7 (912) 345 67 89",
            "79123456789",
            "9123456789",
            "+7-912-345-67-89",
            "007 912 345 67 89",
        )
        for spelling in spellings:
            with self.subTest(spelling):
                patient = self._create_patient(phone=spelling)
                self.assertEqual(patient.phone, "+79123456789")
                self.assertEqual(patient.phone_sanitized, "+79123456789")

    def test_phone_of_letters_is_refused(self):
        with self.assertRaisesRegex(ValidationError, "digits"):
            self._create_patient(phone="позвоните маме")

    def test_patient_is_found_by_any_spelling(self):
        patient = self._create_patient(
            name="Иванова Мария", phone="89123456789", snils="112-233-445 95"
        )
        for text in (
            "8 912 345",
            "89123456789",
            "+7(912)345-67-89",
            "345-67-89",
            "9123456789",
            patient.patient_number,
            patient.patient_number.lower(),
            "11223344595",
            "иванова",
        ):
            with self.subTest(text):
                found = self.env["res.partner"].name_search(text)
                self.assertIn(patient.id, [row[0] for row in found])
