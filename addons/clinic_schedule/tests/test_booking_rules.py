from datetime import datetime, timedelta

from freezegun import freeze_time

from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from .common import ScheduleCommon


@tagged("post_install", "-at_install")
class TestBookingRules(ScheduleCommon):
    """Each refusal has a sentence of its own, with the wall time of the branch."""

    def _assert_refused(self, words, alternatives=None, **values):
        with self.assertRaisesRegex(UserError, words) as raised:
            self._book(**values)
        if alternatives is not None:
            found = raised.exception.alternatives
            self.assertEqual(len(found), alternatives)
            self.assertEqual("Free instead" in str(raised.exception), bool(found))
        self.assertFalse(self.env["clinic.claim"].search([("kind", "=", "hold")]))
        return str(raised.exception)

    def test_past_time(self):
        with freeze_time(self._at(12)):
            self._assert_refused("in the past", hour=10)
            self._book(hour=12)

    def test_past_is_allowed_to_the_generator_only(self):
        with freeze_time(self._at(12)):
            self.assertEqual(self._book(10, allow_past=True).state, "booked")

    def test_wrong_specialty(self):
        words = self._assert_refused(
            "does not provide", specialist_id=self.specialist2.id
        )
        self.assertIn(self.specialist2.name, words)

    def test_outside_the_shift(self):
        words = self._assert_refused("does not receive", alternatives=3, hour=16)
        self.assertIn("16:00", words)
        self._assert_refused("does not receive", hour=14, minute=45)
        self._book(14, 30)

    def test_not_a_patient_not_a_service(self):
        stranger = self.env["res.partner"].create({"name": "Supplier"})
        self._assert_refused("Choose the patient", patient_id=stranger.id)
        self._assert_refused("Choose the patient", patient_id=987654321)
        goods = self.env["product.product"].create({"name": "Gloves"})
        self._assert_refused("cannot be booked", service_id=goods.id)

    def test_odd_times_are_refused_kindly(self):
        with self.assertRaisesRegex(ValidationError, "not a time"):
            self._book(start="tomorrow")
        with self.assertRaisesRegex(ValidationError, "whole minute"):
            self._book(start=self._at(10) + timedelta(seconds=7))

    def test_hold_of_impossible_length(self):
        with self.assertRaisesRegex(ValidationError, "held for"):
            self._book(10, hold_minutes=5000)

    def _leave(self, start, stop, **values):
        return self.env["resource.calendar.leaves"].create(
            {"name": "Away", "date_from": start, "date_to": stop, **values}
        )

    def test_personal_time_off(self):
        self._leave(
            self._at(10), self._at(12), resource_id=self.specialist.resource_id.id
        )
        self._assert_refused("time off", alternatives=3, hour=11)
        self._assert_refused("time off", hour=9, minute=45)
        self._book(12)
        self.assertNotIn(str(self._at(11)), {slot["start"] for slot in self._slots()})

    def test_time_off_of_a_colleague_is_no_obstacle(self):
        self._leave(
            self._at(0), self._at(23), resource_id=self.specialist2.resource_id.id
        )
        self._book(10)

    def test_public_holiday_of_the_company(self):
        self._leave(self._at(0), self._at(23, 59), resource_id=False, calendar_id=False)
        self._assert_refused("time off", hour=10)
        self.assertFalse(self._slots())

    def test_holiday_of_another_company_is_no_obstacle(self):
        other = self.env["res.company"].create({"name": "Other clinic"})
        leave = self._leave(
            self._at(0), self._at(23), resource_id=False, calendar_id=False
        )
        leave.company_id = other
        self._book(10)

    def test_validated_vacation_takes_time(self):
        kind = self.env["hr.leave.type"].create(
            {
                "name": "Vacation",
                "requires_allocation": False,
                "leave_validation_type": "no_validation",
            }
        )
        leave = self.env["hr.leave"].create(
            {
                "employee_id": self.specialist.employee_id.id,
                "holiday_status_id": kind.id,
                "request_date_from": self.day,
                "request_date_to": self.day,
            }
        )
        self.assertEqual(leave.state, "validate")
        self._assert_refused("time off", hour=10)

    def test_clash_with_a_visit(self):
        self._book(10)
        words = self._assert_refused(
            "already booked",
            alternatives=3,
            hour=10,
            minute=15,
            patient_id=self._create_patient().id,
        )
        self.assertIn("10:15", words)

    def test_alternatives_can_be_booked(self):
        self._book(10)
        other = self._create_patient()
        with self.assertRaises(UserError) as raised:
            self._book(10, patient_id=other.id)
        starts = [slot["start"] for slot in raised.exception.alternatives]
        for start in starts:
            self._book(start=start, patient_id=self._create_patient().id)
        nearest = min(
            abs(datetime.fromisoformat(start) - self._at(10)) for start in starts
        )
        self.assertEqual(nearest, timedelta(minutes=30))

    def test_clash_names_a_colleague_when_the_day_is_full(self):
        colleague = self._create_specialist("Test Colleague", self.specialty)
        self._create_shift(colleague, room_id=self.room2.id, hours=(15, 16))
        self._leave(
            self._at(0),
            self._at(0) + timedelta(days=30),
            resource_id=self.specialist.resource_id.id,
        )
        self.assertIn("Test Colleague", self._assert_refused("time off", hour=10))

    def test_patient_busy(self):
        colleague = self._create_specialist("Test Colleague", self.specialty)
        self._create_shift(colleague, room_id=self.room2.id)
        self._book(10)
        words = self._assert_refused(
            "already has a visit",
            alternatives=3,
            hour=10,
            minute=15,
            specialist_id=colleague.id,
        )
        self.assertIn(self.patient.name, words)

    def test_room_busy(self):
        colleague = self._create_specialist("Test Colleague", self.specialty)
        self._create_shift(colleague, room_id=self.room.id)
        self._book(10)
        self._assert_refused(
            "no free room",
            alternatives=3,
            hour=10,
            specialist_id=colleague.id,
            patient_id=self._create_patient().id,
        )

    def test_room_of_another_branch(self):
        room = self.env["clinic.room"].create(
            {"name": "Far away", "branch_id": self.branch_msk.id}
        )
        self._assert_refused("not in branch", room_id=room.id)

    def test_any_free_room_when_the_shift_has_none(self):
        self.shift.room_id = False
        self.room.specialty_ids = self.specialty2
        first = self._book(10)
        self.assertEqual(first.room_id, self.room2)

    def test_room_for_several_patients(self):
        self.room.capacity = 2
        colleague = self._create_specialist("Test Colleague", self.specialty)
        third = self._create_specialist("Test Third", self.specialty)
        for specialist in (colleague, third):
            self._create_shift(specialist, room_id=self.room.id)
        self._book(10)
        self._book(10, specialist_id=colleague.id, patient_id=self._create_patient().id)
        self._assert_refused(
            "no free room",
            hour=10,
            specialist_id=third.id,
            patient_id=self._create_patient().id,
        )

    def test_block_takes_time(self):
        self.env["clinic.block"].create(
            {
                "name": "Staff meeting",
                "specialist_id": self.specialist.id,
                "start": self._at(9),
                "stop": self._at(10),
            }
        )
        self._assert_refused("occupied otherwise", alternatives=3, hour=9, minute=30)
        self._book(10)

    def test_block_over_a_visit_is_refused_with_the_list(self):
        visit = self._book(10)
        with self.assertRaisesRegex(UserError, visit.name):
            self.env["clinic.block"].create(
                {
                    "name": "Cleaning",
                    "room_id": self.room.id,
                    "start": self._at(9),
                    "stop": self._at(11),
                }
            )

    def test_block_can_be_moved_and_removed(self):
        block = self.env["clinic.block"].create(
            {
                "name": "Cleaning",
                "room_id": self.room.id,
                "start": self._at(9),
                "stop": self._at(11),
            }
        )
        block.start = self._at(10)
        self._book(9)
        block.unlink()
        self._book(10)

    def test_archived_specialist(self):
        self.specialist.active = False
        self._assert_refused("does not receive patients", hour=10)
