from datetime import timedelta

from freezegun import freeze_time

from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from .common import ScheduleCommon


@tagged("post_install", "-at_install")
class TestFindSlots(ScheduleCommon):
    def test_plain_values_by_time(self):
        slots = self._slots()
        self.assertEqual(slots[0]["start"], str(self._at(9)))
        self.assertEqual(slots[-1]["start"], str(self._at(14, 30)))
        starts = [slot["start"] for slot in slots]
        self.assertEqual(starts, sorted(starts))
        self.assertEqual(
            slots[0].keys(),
            {
                "specialist_id",
                "branch_id",
                "room_id",
                "start",
                "stop",
                "score",
                "reasons",
            },
        )
        self.assertEqual(len(slots), 5.5 * 12 + 1)

    def test_every_slot_can_be_booked_as_it_is(self):
        self._book(11, 7)
        self._book(13, patient_id=self._create_patient().id)
        Appointment = self.env["clinic.appointment"]
        slots = self._slots(patient_id=self.patient.id)
        self.assertTrue(slots)
        for slot in slots:
            visit = Appointment.browse(
                Appointment.book(
                    self.patient.id,
                    self.service.id,
                    slot["specialist_id"],
                    slot["start"],
                    room_id=slot["room_id"],
                )
            )
            self.assertEqual(str(visit.stop), slot["stop"])
            self.assertEqual(visit.room_id.id, slot["room_id"])
            visit.action_cancel()

    def test_what_is_not_offered_cannot_be_booked(self):
        self._book(10, 10)
        self._book(12, 50, patient_id=self._create_patient().id)
        offered = {slot["start"] for slot in self._slots(patient_id=self.patient.id)}
        moment = self._at(8, 30)
        while moment < self._at(15, 30):
            if str(moment) not in offered:
                with self.subTest(moment=moment), self.assertRaises(UserError):
                    self._book(start=moment)
            moment += timedelta(minutes=5)

    def test_edges_of_a_window_are_offered_off_the_marks(self):
        self._book(10, 7)
        starts = {slot["start"] for slot in self._slots()}
        self.assertIn(str(self._at(9, 37)), starts)
        self.assertIn(str(self._at(10, 37)), starts)
        self.assertNotIn(str(self._at(9, 40)), starts)

    def test_past_is_not_offered(self):
        with freeze_time(self._at(12, 2)):
            slots = self._slots()
            self.assertEqual(slots[0]["start"], str(self._at(12, 5)))
            self._book(start=slots[0]["start"])

    def test_limit_and_filters(self):
        self.assertEqual(self._slots(limit=3), self._slots()[:3])
        self.assertFalse(self._slots(specialist_ids=[self.specialist2.id]))
        self.assertFalse(self._slots(branch_ids=[self.branch_msk.id]))
        self.assertTrue(self._slots(branch_ids=[self.branch.id]))

    def test_own_specialist_and_usual_time_come_first(self):
        colleague = self._create_specialist("Test Colleague", self.specialty)
        self._create_shift(colleague, room_id=self.room2.id)
        for weeks in (1, 2, 3):
            day = self.day - timedelta(weeks=weeks)
            self._create_shift(colleague, day=day, room_id=self.room2.id)
            self._book(
                start=self._at(13, day=day),
                specialist_id=colleague.id,
                allow_past=True,
            )
        best = self._slots(patient_id=self.patient.id, limit=1)[0]
        self.assertEqual(best["specialist_id"], colleague.id)
        self.assertEqual(best["start"], str(self._at(13)))
        self.assertIn("usual_time", best["reasons"])
        self.assertIn("own_specialist", best["reasons"])

    def test_reasons_have_words(self):
        label = self.env["clinic.appointment"]._slot_reason_label
        for slot in self._slots(patient_id=self.patient.id):
            for code in slot["reasons"]:
                self.assertNotEqual(label(code), code)

    def test_bad_arguments_get_a_sentence(self):
        with self.assertRaisesRegex(ValidationError, "not a time"):
            self._slots(start="soon")
        with self.assertRaisesRegex(UserError, "cannot be booked"):
            self.env["clinic.appointment"].find_slots(0, self._at(9), self._at(10))

    def test_offers_are_fewer_and_real(self):
        slots = self._slots()
        offers = self.env["clinic.appointment"]._find_offers(
            self.service.id, self._at(0), self._at(23), per_day=4
        )
        self.assertEqual(len(offers), 4)
        self.assertLessEqual(
            {offer["start"] for offer in offers}, {slot["start"] for slot in slots}
        )

    def _count_queries(self, **options):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        found = self._slots(**options)
        return self.env.cr.sql_log_count - before, found

    def test_number_of_queries_does_not_grow(self):
        options = {"patient_id": self.patient.id}
        self._count_queries(**options)
        few, found_few = self._count_queries(**options)
        for number in range(12):
            room = self.env["clinic.room"].create(
                {"name": f"Room X{number}", "branch_id": self.branch.id}
            )
            specialist = self._create_specialist(f"Doctor {number}", self.specialty)
            for days in range(5):
                self._create_shift(
                    specialist,
                    day=self.day + timedelta(days=days),
                    room_id=room.id if number % 2 else False,
                )
            self._book(
                9,
                specialist_id=specialist.id,
                patient_id=self._create_patient().id,
            )
        many, found_many = self._count_queries(**options)
        self.assertGreater(len(found_many), 10 * len(found_few))
        self.assertLessEqual(many, few)
        self.env.flush_all()
        self.env.invalidate_all()
        with self.assertQueryCount(20):
            self._slots(**options)
