import psycopg2

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import ScheduleCommon


@tagged("post_install", "-at_install")
class TestGroupVisit(ScheduleCommon):
    """Several patients at one time with one specialist: a session."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.group = cls._create_service(name="Test group", group_size=3)

    def _join(self, hour=10, minute=0, **values):
        values.setdefault("patient_id", self._create_patient().id)
        values.setdefault("service_id", self.group.id)
        return self._book(hour, minute, **values)

    def test_a_session_takes_so_many_patients(self):
        visits = self._join() + self._join() + self._join()
        self.assertEqual(len(set(visits.claim_ids.mapped("party"))), 1)
        self.assertEqual(visits.room_id, self.room)
        places = visits.claim_ids.filtered("specialist_id").mapped("place")
        self.assertEqual(sorted(places), [0, 1, 2])
        with self.assertRaisesRegex(UserError, "group .* is full.*Free instead"):
            self._join()

    def test_a_cancelled_place_is_taken_again(self):
        first = self._join()
        self._join()
        self._join()
        first.action_cancel()
        visit = self._join()
        claim = visit.claim_ids.filtered("specialist_id")
        self.assertEqual(claim.place, 0)

    def test_one_person_does_not_sit_in_two_places(self):
        visit = self._join()
        with self.assertRaisesRegex(UserError, "already has a visit"):
            self._join(patient_id=visit.patient_id.id)

    def test_another_service_or_time_is_not_the_session(self):
        self._join()
        other = self._create_service(name="Other group", group_size=3)
        for values in ({"service_id": other.id}, {"minute": 15}):
            with self.subTest(values=values):
                with self.assertRaisesRegex(UserError, "already booked"):
                    self._join(**values)
        with self.assertRaisesRegex(UserError, "already booked"):
            self._join(service_id=self.service.id)

    def test_several_participants_in_one_call(self):
        visits = self.env["clinic.appointment"]._book(
            [
                {
                    "patient_id": self._create_patient().id,
                    "service_id": self.group.id,
                    "specialist_id": self.specialist.id,
                    "start": self._at(10),
                }
                for _n in range(3)
            ]
        )
        self.assertEqual(len(set(visits.claim_ids.mapped("party"))), 1)

    def test_moving_one_leaves_the_others(self):
        visits = self._join() + self._join()
        one = visits[0]
        one.reschedule(self._at(12))
        self.assertEqual(len(set(visits.claim_ids.mapped("party"))), 2)
        one.reschedule(self._at(10))
        self.assertEqual(len(set(visits.claim_ids.mapped("party"))), 1)
        with self.assertRaisesRegex(UserError, "already booked"):
            one.reschedule(self._at(10, 15))

    def test_the_session_keeps_its_room_and_buffers(self):
        self.shift.room_id = False
        self.shift2.unlink()
        first = self._join()
        self.group.room_buffer_after = 30
        self.room.sequence = 99
        second = self._join()
        self.assertEqual(second.room_id, first.room_id)
        rooms = (first + second).claim_ids.filtered("room_id")
        self.assertEqual(len(set(rooms.mapped("stop"))), 1)

    def test_an_expired_hold_gives_its_place(self):
        holds = self._join(hold_minutes=10) + self._join(hold_minutes=10)
        self._join()
        past = self._at(0).replace(year=2020)
        holds.sudo().hold_until = past
        holds.claim_ids.hold_until = past
        self._join()
        self.assertEqual(sorted(holds.mapped("state")), ["cancelled", "hold"])

    def test_the_database_keeps_places_and_times(self):
        visit = self._join()
        claim = visit.claim_ids.filtered("specialist_id")
        values = {
            "specialist_id": self.specialist.id,
            "party": claim.party,
            "session": claim.session,
            "kind": "booked",
            "start": claim.start,
            "stop": claim.stop,
        }
        for extra, error in (
            ({"place": 0}, psycopg2.errors.UniqueViolation),
            (
                {"place": 1, "start": self._at(10, 10)},
                psycopg2.errors.ExclusionViolation,
            ),
        ):
            with (
                self.subTest(extra=extra),
                mute_logger("odoo.sql_db"),
                self.assertRaises(error),
                self.env.cr.savepoint(),
            ):
                self.env["clinic.claim"].create({**values, **extra})
