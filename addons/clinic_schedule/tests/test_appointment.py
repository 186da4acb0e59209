from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import ScheduleCommon


@tagged("post_install", "-at_install")
class TestAppointment(ScheduleCommon):
    def test_book_and_states(self):
        visit = self._book(10)
        self.assertEqual(visit.state, "booked")
        self.assertEqual(visit.room_id, self.room)
        self.assertEqual(visit.branch_id, self.branch)
        self.assertEqual(len(visit.claim_ids), 3)
        self.assertEqual(visit.local_hours, "10:00–10:30")
        visit.action_confirm()
        visit._move("arrived", force=True)
        visit.action_start()
        visit.action_fulfil()
        self.assertEqual(visit.state, "fulfilled")
        with self.assertRaisesRegex(UserError, "not possible"):
            visit.action_cancel("too late")

    def test_every_slot_can_be_booked_as_it_is(self):
        slots = self._slots(patient_id=self.patient.id)
        self.assertTrue(slots)
        for slot in slots:
            visit = self.env["clinic.appointment"].browse(
                self.env["clinic.appointment"].book(
                    self.patient.id,
                    self.service.id,
                    slot["specialist_id"],
                    slot["start"],
                    room_id=slot["room_id"],
                )
            )
            self.assertEqual(str(visit.stop), slot["stop"])
            visit.action_cancel()

    def test_clash_offers_three_alternatives(self):
        self._book(10)
        with self.assertRaisesRegex(
            UserError, "already booked.*Free instead"
        ) as raised:
            self._book(10, 15, patient_id=self._create_patient().id)
        self.assertEqual(len(raised.exception.alternatives), 3)
