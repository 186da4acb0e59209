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

    def _add_specialists(self, count):
        rooms = self.env["clinic.room"].create(
            [
                {"name": f"Room X{number} of {count}", "branch_id": self.branch.id}
                for number in range(count)
            ]
        )
        for number, room in enumerate(rooms):
            name = f"Doctor {number} of {count}"
            specialist = self._create_specialist(name, self.specialty)
            for days in range(2):
                self._create_shift(
                    specialist,
                    day=self.day + timedelta(days=days),
                    room_id=room.id if number % 2 else False,
                )

    def test_four_queries_for_any_number_of_specialists(self):
        """With the rules of a receptionist, and nothing in memory but who may what.

        Three, in fact: the fourth reads branches, rooms and devices, once a process.
        """
        visits = self.env["clinic.appointment"].with_user(self._user("reception"))
        self.env["clinic.patient.habit"].create(
            {"patient_id": self.patient.id, "usual_weekday": "2", "usual_time": 11.0}
        )
        self._book(9, patient_id=self._create_patient().id)
        span = (self._at(0), self._at(0) + timedelta(days=10))
        patient = {"patient_id": self.patient.id}
        for count in (5, 45):
            self._add_specialists(count)
            for options in (patient, {**patient, "limit": 20}, {"limit": 20}, {}):
                visits.find_slots(self.service.id, *span, **options)
                self.env.flush_all()
                self.env.invalidate_all()
                with self.subTest(count=count, options=options):
                    with self.assertQueryCount(3):
                        found = visits.find_slots(self.service.id, *span, **options)
                    found_by = {slot["specialist_id"] for slot in found}
                    self.assertGreater(len(found_by), 1)
