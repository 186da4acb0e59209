from datetime import timedelta

import psycopg2

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import ScheduleCommon


@tagged("post_install", "-at_install")
class TestSkill(ScheduleCommon):
    """Who does what: made by itself, tuned by hand, kept by the database."""

    def _skill(self, specialist=None, service=None):
        return (
            self.env["clinic.skill"]
            .with_context(active_test=False)
            .search(
                [
                    ("specialist_id", "=", (specialist or self.specialist).id),
                    ("service_id", "=", (service or self.service).id),
                ]
            )
        )

    def test_common_specialties_make_the_rows(self):
        self.assertTrue(self._skill().active)
        self.assertFalse(self._skill(self.specialist2))
        self.specialist2.specialty_ids += self.specialty
        self.assertTrue(self._skill(self.specialist2).active)

    def test_rows_follow_the_service(self):
        self.service.specialty_ids = self.specialty2
        self.assertFalse(self._skill())
        self.assertTrue(self._skill(self.specialist2))
        self.service.is_clinic_service = False
        self.assertFalse(self._skill(self.specialist2))

    def test_rows_follow_the_specialty(self):
        self.specialty.specialist_ids += self.specialist2
        self.assertTrue(self._skill(self.specialist2))
        free = self.env["clinic.specialty"].create(
            {"name": "Short-lived", "specialist_ids": self.specialist.ids}
        )
        service = self._create_service(specialty_ids=[Command.set(free.ids)])
        self.assertTrue(self._skill(service=service))
        service.specialty_ids = False
        free.unlink()
        self.assertFalse(self._skill(service=service))

    def test_rows_in_use_are_closed_not_deleted(self):
        visit = self._book(10)
        skill = self._skill()
        self.specialist.specialty_ids = self.specialty2
        self.assertTrue(skill.exists())
        self.assertFalse(skill.active)
        with self.assertRaisesRegex(UserError, "does not provide"):
            self._book(11)
        with self.assertRaisesRegex(UserError, "There are visits"):
            skill.unlink()
        self.specialist.specialty_ids += self.specialty
        self.assertTrue(skill.active)
        self.assertEqual(visit.state, "booked")

    def test_tuned_rows_are_closed_not_deleted(self):
        self._skill().duration = 45
        self.specialist.specialty_ids = self.specialty2
        self.assertRecordValues(self._skill(), [{"active": False, "duration": 45}])

    def test_a_row_set_by_hand_stays(self):
        extra = self.env["clinic.skill"].create(
            {"specialist_id": self.specialist2.id, "service_id": self.service.id}
        )
        self._skill().active = False
        self.specialist.specialty_ids += self.specialty2
        self.service.specialty_ids += self.specialty2
        self.service.specialty_ids = self.specialty
        self.assertTrue(extra.exists().active)
        self.assertFalse(self._skill().active)
        self.assertEqual(self.service._clinic_specialists(), self.specialist2)
        self._book(10, specialist_id=self.specialist2.id)

    def test_own_duration(self):
        self._skill().duration = 50
        visit = self._book(10)
        self.assertEqual(visit.duration, 50)
        self.assertEqual(visit.stop, self._at(10, 50))
        visit.reschedule(self._at(12))
        self.assertEqual(visit.stop, self._at(12, 50))
        with self.assertRaisesRegex(UserError, "does not receive"):
            self._book(14, 15, patient_id=self._create_patient().id)

    def test_dated_validity(self):
        skill = self._skill()
        skill.date_from = self.day + timedelta(days=1)
        with self.assertRaisesRegex(UserError, "from .* on"):
            self._book(10)
        skill.write({"date_from": False, "date_to": self.day - timedelta(days=1)})
        with self.assertRaisesRegex(UserError, "until .* only"):
            self._book(10)
        skill.date_to = self.day
        self._book(10)

    def test_pause(self):
        skill = self._skill()
        skill.pause_from = self.day
        with self.assertRaisesRegex(UserError, "takes nobody .* for now"):
            self._book(10)
        skill.pause_to = self.day + timedelta(days=3)
        with self.assertRaisesRegex(UserError, "takes nobody .* until"):
            self._book(10)
        skill.write({"pause_from": self.day - timedelta(days=3)})
        skill.pause_to = self.day - timedelta(days=1)
        self._book(10)

    def test_the_database_refuses_a_service_outside_the_skills(self):
        visit = self._book(10)
        service = self._create_service(specialty_ids=[Command.set(self.specialty2.ids)])
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(psycopg2.errors.ForeignKeyViolation) as raised,
            self.env.cr.savepoint(),
        ):
            self.env.cr.execute(
                "UPDATE clinic_appointment SET service_id = %s WHERE id = %s",
                (service.id, visit.id),
            )
        self.assertIn(
            "does not provide",
            self.env["clinic.appointment"]._sql_error_to_message(raised.exception),
        )

    def test_import_obeys(self):
        service = self._create_service(specialty_ids=[Command.set(self.specialty2.ids)])
        Appointment = self.env["clinic.appointment"].with_user(self._user("reception"))
        names = ["patient_id/.id", "service_id/.id", "specialist_id/.id", "start"]
        # A file gives the wall time of the one who imports it.
        row = [self.patient.id, service.id, self.specialist.id, f"{self.day} 10:00:00"]
        result = Appointment.load(names, [list(map(str, row))])
        self.assertFalse(result["ids"])
        self.assertIn("does not provide", result["messages"][0]["message"])
        row[1] = self.service.id
        result = Appointment.load(names, [list(map(str, row))])
        self.assertTrue(result["ids"], result["messages"])
        visit = Appointment.browse(result["ids"])
        self.assertEqual(visit.start, self._at(10))

    def test_an_old_database_is_brought_up_to_date(self):
        visit = self._book(10)
        self.env.cr.execute(
            "ALTER TABLE clinic_appointment"
            " DROP CONSTRAINT clinic_appointment_skill_fkey"
        )
        self.env.cr.execute("DELETE FROM clinic_skill")
        self.service.specialty_ids = self.specialty2
        self.env["clinic.skill"].search([]).unlink()
        self.env["clinic.skill"].init()
        self.assertFalse(self._skill(visit.specialist_id).active)
        model = self.env["clinic.appointment"]
        key = type(model)._table_objects["clinic_appointment_skill_fkey"]
        key.apply_to_database(model)

    def test_only_the_administrator_changes_the_list(self):
        skill = self._skill()
        for role in ("reception", "specialist"):
            with self.subTest(role=role), self.assertRaises(AccessError):
                skill.with_user(self._user(role)).duration = 40
        skill.with_user(self._user("admin")).duration = 40
        self.env.invalidate_all()
        self.assertEqual(skill.with_user(self._user("reception")).duration, 40)
