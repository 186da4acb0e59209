from psycopg2.errors import CheckViolation, UniqueViolation

from odoo import Command
from odoo.exceptions import ValidationError
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from .common import ROLES, ClinicCommon


@tagged("post_install", "-at_install")
class TestSpecialist(ClinicCommon):
    def test_everybody_reads_a_specialist_without_hr_rights(self):
        for role in ROLES:
            with self.subTest(role):
                self.env.invalidate_all()
                specialist = self.specialist.with_user(self._user(role))
                self.assertEqual(specialist.name, "Test Therapist")
                self.assertEqual(specialist.display_name, "Test Therapist")
                self.assertEqual(specialist.specialty_ids.name, "Test therapy")
                values = specialist.web_read({"name": {}, "employee_id": {}})
                self.assertEqual(values[0]["name"], "Test Therapist")

    def test_list_of_specialists_for_reception(self):
        Specialist = self.env["clinic.specialist"].with_user(self._user("reception"))
        self.env.invalidate_all()
        found = Specialist.web_search_read(
            [("name", "ilike", "therapist")],
            {"name": {}, "specialty_ids": {"fields": {"display_name": {}}}},
        )
        self.assertEqual(found["length"], 1)

    def test_name_and_user_follow_the_employee(self):
        user = self._user("nurse")
        self.specialist2.employee_id.write({"name": "New Name", "user_id": user.id})
        self.assertRecordValues(
            self.specialist2,
            [
                {
                    "name": "New Name",
                    "user_id": user.id,
                    "resource_id": self.specialist2.employee_id.resource_id.id,
                }
            ],
        )

    @mute_logger("odoo.sql_db")
    def test_one_specialist_for_an_employee(self):
        with self.assertRaises(UniqueViolation), self.env.cr.savepoint():
            self.env["clinic.specialist"].create(
                {
                    "employee_id": self.specialist.employee_id.id,
                    "specialty_ids": [Command.link(self.specialty.id)],
                }
            )

    @mute_logger("odoo.sql_db")
    def test_ages_of_patients_make_a_range(self):
        self.specialist.write({"age_min": 18, "age_max": 0})
        self.specialist.write({"age_min": 0, "age_max": 17})
        with self.assertRaises(CheckViolation), self.env.cr.savepoint():
            self.specialist.write({"age_min": 18, "age_max": 17})
            self.specialist.flush_recordset()

    @freeze_time("2026-11-22")
    def test_years_of_practice(self):
        self.specialist.experience_since = 2006
        self.assertEqual(self.specialist.experience_years, 20)
        with self.assertRaisesRegex(ValidationError, "must be a year"):
            self.specialist.experience_since = 2027

    def test_can_do_by_specialty(self):
        self.assertTrue(self.specialist._can_do(self.service))
        self.assertFalse(self.specialist2._can_do(self.service))
        self.assertEqual(self.service._clinic_specialists(), self.specialist)
        self.service.specialty_ids += self.specialty2
        self.assertEqual(
            self.service._clinic_specialists(), self.specialist | self.specialist2
        )
        self.specialist.active = False
        self.assertEqual(self.service._clinic_specialists(), self.specialist2)

    def test_ordinary_product_is_done_by_nobody(self):
        product = self.env["product.product"].create(
            {"name": "Gloves", "specialty_ids": [Command.link(self.specialty.id)]}
        )
        self.assertFalse(self.specialist._can_do(product))
        self.assertFalse(product._clinic_specialists())

    def test_employee_who_is_a_specialist_is_not_deleted(self):
        with mute_logger("odoo.sql_db"), self.assertRaises(Exception):  # noqa: B017
            with self.env.cr.savepoint():
                self.specialist.employee_id.unlink()
        self.assertTrue(self.specialist.exists())
