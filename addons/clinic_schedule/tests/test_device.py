from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged

from .common import ScheduleCommon


@tagged("post_install", "-at_install")
class TestDevice(ScheduleCommon):
    """Devices are taken with the visit, and buffers with each of its things."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.colleague = cls._create_specialist("Test Colleague", cls.specialty)
        cls._create_shift(cls.colleague, room_id=cls.room2.id)
        cls.kind = cls.env["clinic.device.kind"].create({"name": "Test scanner"})
        cls.device = cls._device("Scanner 1")
        cls.scan = cls._create_service(
            name="Test scan", device_kind_ids=[Command.set(cls.kind.ids)]
        )

    @classmethod
    def _device(cls, name, **values):
        return cls.env["clinic.device"].create(
            {
                "name": name,
                "kind_id": cls.kind.id,
                "branch_id": cls.branch.id,
                **values,
            }
        )

    def _scan(self, hour=10, minute=0, **values):
        values.setdefault("patient_id", self._create_patient().id)
        return self._book(hour, minute, service_id=self.scan.id, **values)

    def test_a_device_serves_one_visit_at_a_time(self):
        visit = self._scan()
        self.assertEqual(visit.device_ids, self.device)
        self.assertEqual(visit.claim_ids.device_id, self.device)
        with self.assertRaisesRegex(UserError, "no free device.*Test scanner"):
            self._scan(specialist_id=self.colleague.id)
        self._scan(10, 30, specialist_id=self.colleague.id)

    def test_the_next_free_one_is_taken(self):
        second = self._device("Scanner 2")
        self._scan()
        visit = self._scan(specialist_id=self.colleague.id)
        self.assertEqual(visit.device_ids, second)

    def test_a_fixed_device_is_used_in_its_room_only(self):
        self.device.room_id = self.room2
        with self.assertRaisesRegex(UserError, "no free device"):
            self._scan()
        self.assertTrue(self._scan(specialist_id=self.colleague.id).device_ids)

    def test_a_room_with_the_device_is_found_when_the_shift_has_none(self):
        self.shift.room_id = False
        self.device.room_id = self.room2
        self.shift2.unlink()
        self.assertEqual(self._scan().room_id, self.room2)

    def test_no_device_in_this_branch(self):
        self.device.active = False
        with self.assertRaisesRegex(UserError, "no free device"):
            self._scan()

    def test_moving_and_cancelling_free_the_device(self):
        visit = self._scan()
        visit.reschedule(self._at(12))
        other = self._scan(specialist_id=self.colleague.id)
        other.action_cancel()
        visit.reschedule(self._at(10, 15))
        self.assertEqual(len(visit.claim_ids), 4)

    def test_a_blocked_device(self):
        block = self.env["clinic.block"].create(
            {
                "name": "Service",
                "device_id": self.device.id,
                "start": self._at(9),
                "stop": self._at(11),
            }
        )
        with self.assertRaisesRegex(UserError, "no free device"):
            self._scan()
        block.unlink()
        self._scan()

    def test_buffers_by_kind_of_thing(self):
        self.scan.write(
            {
                "specialist_buffer_after": 10,
                "room_buffer_before": 5,
                "room_buffer_after": 15,
                "device_buffer_after": 20,
            }
        )
        visit = self._scan()
        self.assertEqual((visit.start, visit.stop), (self._at(10), self._at(10, 30)))
        spans = {
            next(name for name in names if claim[name]): (claim.start, claim.stop)
            for names in [("specialist_id", "room_id", "device_id", "patient_id")]
            for claim in visit.claim_ids
        }
        self.assertEqual(
            spans,
            {
                "specialist_id": (self._at(10), self._at(10, 40)),
                "room_id": (self._at(9, 55), self._at(10, 45)),
                "device_id": (self._at(10), self._at(10, 50)),
                "patient_id": (self._at(10), self._at(10, 30)),
            },
        )
        patient = visit.patient_id
        with self.assertRaisesRegex(UserError, "already booked"):
            self._book(10, 35)
        with self.assertRaisesRegex(UserError, "no free room"):
            self._book(10, 40)
        self._book(10, 45)
        self._book(10, 30, specialist_id=self.colleague.id, patient_id=patient.id)

    def test_buffers_may_reach_beyond_the_shift(self):
        self.scan.write({"specialist_buffer_before": 30, "room_buffer_after": 60})
        self._scan(9)
        self._scan(14, 30)

    def test_blocks_over_a_buffer_are_refused(self):
        self.scan.room_buffer_after = 30
        self._scan()
        with self.assertRaises(UserError):
            self.env["clinic.block"].create(
                {
                    "name": "Painting",
                    "room_id": self.room.id,
                    "start": self._at(10, 45),
                    "stop": self._at(11, 30),
                }
            )

    def test_a_room_of_another_branch_is_refused(self):
        room = self.env["clinic.room"].create(
            {"name": "Far away", "branch_id": self.branch_msk.id}
        )
        with self.assertRaisesRegex(ValidationError, "not in branch"):
            self.device.room_id = room

    def test_rights(self):
        for role in ("reception", "specialist", "nurse"):
            device = self.device.with_user(self._user(role))
            self.env.invalidate_all()
            self.assertTrue(device.name)
            with self.subTest(role=role), self.assertRaises(AccessError):
                device.name = "Mine"
        self.device.with_user(self._user("admin")).name = "Scanner A"
        portal = new_test_user(
            self.env, login="clinic_device_portal", groups="base.group_portal"
        )
        for model in ("clinic.device", "clinic.device.kind", "clinic.skill"):
            with self.subTest(model=model), self.assertRaises(AccessError):
                self.env[model].with_user(portal).search([])

    def test_companies_are_apart(self):
        other = self.env["res.company"].create({"name": "Other clinic"})
        user = new_test_user(
            self.env,
            login="clinic_other_admin",
            groups="clinic_base.group_admin",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        for model in ("clinic.device", "clinic.skill"):
            self.assertFalse(
                self.env[model]
                .with_user(user)
                .search([("company_id", "=", self.env.company.id)])
            )
