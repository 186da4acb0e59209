from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import ScheduleCommon


@tagged("post_install", "-at_install")
class TestFindSlotsNeeds(ScheduleCommon):
    """All needs of a visit at once: what is offered can be booked, the rest cannot."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.kind = cls.env["clinic.device.kind"].create({"name": "Test ultrasound"})
        cls.skill = cls.env["clinic.skill"].search(
            [
                ("specialist_id", "=", cls.specialist.id),
                ("service_id", "=", cls.service.id),
            ]
        )

    def _assert_true_to_the_ledger(self, patient, service, step=15):
        """Book at every mark of the day: it works exactly where a window was shown."""
        shown = {
            slot["start"]: slot
            for slot in self._slots(service, patient_id=patient.id)
            if slot["specialist_id"] == self.specialist.id
        }
        moment = self._at(8, 30)
        while moment < self._at(15, 15):
            values = {
                "start": moment,
                "patient_id": patient.id,
                "service_id": service.id,
            }
            slot = shown.get(str(moment))
            with self.subTest(moment=moment):
                if slot:
                    visit = self._book(room_id=slot["room_id"] or None, **values)
                    self.assertEqual(str(visit.stop), slot["stop"])
                    visit.action_cancel()
                else:
                    with self.assertRaises(UserError):
                        self._book(**values)
            moment += timedelta(minutes=step)
        return shown

    def test_buffers_devices_and_own_duration(self):
        device = self.env["clinic.device"].create(
            {
                "name": "Test scanner",
                "kind_id": self.kind.id,
                "branch_id": self.branch.id,
            }
        )
        service = self._create_service(
            name="Test scan",
            device_kind_ids=[Command.set(self.kind.ids)],
            specialist_buffer_after=10,
            room_buffer_before=5,
            room_buffer_after=15,
            device_buffer_after=20,
        )
        self.env["clinic.skill"].search(
            [
                ("specialist_id", "=", self.specialist.id),
                ("service_id", "=", service.id),
            ]
        ).duration = 40
        self._book(11, patient_id=self._create_patient().id)
        self.env["clinic.block"].create(
            {
                "name": "Maintenance",
                "device_id": device.id,
                "start": self._at(13),
                "stop": self._at(13, 45),
            }
        )
        shown = self._assert_true_to_the_ledger(self.patient, service)
        self.assertTrue(shown)
        device.active = False
        self.assertFalse(self._slots(service))

    def test_a_device_fixed_in_another_room_is_of_no_use(self):
        device = self.env["clinic.device"].create(
            {
                "name": "Test scanner",
                "kind_id": self.kind.id,
                "branch_id": self.branch.id,
                "room_id": self.room2.id,
            }
        )
        service = self._create_service(
            name="Test scan", device_kind_ids=[Command.set(self.kind.ids)]
        )
        self.assertFalse(self._slots(service))
        device.room_id = self.room
        self.assertTrue(self._slots(service))
        # The specialist goes wherever the device is.
        device.room_id = self.room2
        self.shift.room_id = False
        rooms = {slot["room_id"] for slot in self._slots(service)}
        self.assertEqual(rooms, {self.room2.id})

    def test_a_free_seat_of_a_group_is_offered(self):
        group = self._create_service(name="Test group", group_size=2)
        first = self._book(
            10, 20, service_id=group.id, patient_id=self._create_patient().id
        )
        shown = self._assert_true_to_the_ledger(self.patient, group, step=10)
        slot = shown[str(first.start)]
        self.assertIn("group_seat", slot["reasons"])
        self._book(10, 20, service_id=group.id, patient_id=self._create_patient().id)
        starts = {slot["start"] for slot in self._slots(group)}
        self.assertNotIn(str(first.start), starts)

    def test_limits_of_the_day(self):
        self.specialist.max_visits_per_day = 2
        self._book(9, patient_id=self._create_patient().id)
        self.assertTrue(self._slots(patient_id=self.patient.id))
        last = self._book(10, patient_id=self._create_patient().id)
        self.assertFalse(self._slots(patient_id=self.patient.id))
        last.action_cancel()
        self.assertTrue(self._slots(patient_id=self.patient.id))

    def test_limit_of_first_visits_is_for_newcomers(self):
        self.specialist.max_first_visits_per_day = 1
        known = self._create_patient()
        day = self.day - timedelta(weeks=1)
        self._create_shift(self.specialist, day=day)
        self._book(start=self._at(9, day=day), patient_id=known.id, allow_past=True)
        self._book(9, patient_id=self._create_patient().id)
        self.assertFalse(self._slots(patient_id=self.patient.id))
        self.assertTrue(self._slots(patient_id=known.id))

    def test_validity_pause_and_age(self):
        day = timedelta(days=1)
        for values in (
            {"date_from": self.day + day},
            {"date_to": self.day - day},
            {"pause_from": self.day},
            {"pause_from": self.day - day, "pause_to": self.day},
            {"active": False},
        ):
            with self.subTest(values=values), self.cr.savepoint() as savepoint:
                self.skill.write(values)
                self.assertFalse(self._slots())
                savepoint.rollback()
            self.env.invalidate_all()
        self.assertTrue(self._slots())
        # Grown up on the very day.
        self.specialist.age_min = 18
        self.patient.birthdate_date = self.day - relativedelta(years=18)
        self.assertTrue(self._slots(patient_id=self.patient.id))
        self.patient.birthdate_date = self.day + day - relativedelta(years=18)
        self.assertFalse(self._slots(patient_id=self.patient.id))

    def test_rooms_of_the_directory_are_fresh(self):
        self.shift.room_id = False
        self.assertTrue(self._slots())
        (self.room | self.room2).specialty_ids = self.specialty2
        # No suitable room at all: the visit takes none.
        self.assertEqual({slot["room_id"] for slot in self._slots()}, {False})
        self.room2.specialty_ids = False
        rooms = {slot["room_id"] for slot in self._slots()}
        self.assertEqual(rooms, {self.room2.id})
