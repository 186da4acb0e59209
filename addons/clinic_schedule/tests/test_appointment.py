from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from ..models.clinic_appointment import MOVES, STATES
from .common import ScheduleCommon


@tagged("post_install", "-at_install")
class TestAppointment(ScheduleCommon):
    """States, moving, holds, and what people are told."""

    def test_book_fills_in_everything(self):
        visit = self._book(10)
        self.assertRecordValues(
            visit,
            [
                {
                    "state": "booked",
                    "branch_id": self.branch.id,
                    "room_id": self.room.id,
                    "duration": 30,
                    "stop": self._at(10, 30),
                    "day": self.day,
                    "local_hours": "10:00–10:30",
                    "specialist_user_id": self._user("specialist").id,
                    "company_id": self.env.company.id,
                }
            ],
        )
        self.assertTrue(visit.name.startswith("V"))

    def test_local_time_is_the_wall_time_of_the_branch(self):
        self._create_shift(self.specialist2, branch=self.branch_msk, hours=(16, 18))
        service = self._create_service(specialty_ids=[(6, 0, self.specialty2.ids)])
        start = self._at(17, branch=self.branch_msk)
        visit = self._book(
            service_id=service.id, specialist_id=self.specialist2.id, start=start
        )
        self.assertEqual(visit.branch_id, self.branch_msk)
        self.assertEqual(visit.local_hours, "17:00–17:30")
        self.assertIn("17:00", visit.with_context(lang="ru_RU").local_time)

    def test_display_name_does_not_name_the_patient(self):
        visit = self._book(10)
        self.assertNotIn(self.patient.name, visit.display_name)

    def test_table_of_moves_covers_every_state(self):
        self.assertEqual(set(MOVES), dict(STATES).keys())

    def test_moves_outside_the_table_are_refused(self):
        paths = {
            "booked": [],
            "confirmed": ["confirmed"],
            "arrived": ["arrived"],
            "in_progress": ["arrived", "in_progress"],
            "fulfilled": ["arrived", "fulfilled"],
            "cancelled": ["cancelled"],
            "noshow": ["noshow"],
        }
        for state, path in paths.items():
            visit = self._book(10)
            for step in path:
                visit._move(step, force=True)
            for target in MOVES.keys() - MOVES[state] - {"hold"}:
                with (
                    self.subTest(state=state, target=target),
                    self.assertRaises(UserError),
                ):
                    visit._move(target, force=True)
            self.assertEqual(visit.state, state)
            visit.claim_ids.unlink()

    def test_whole_day_at_the_desk(self):
        visit = self._book(10)
        visit.action_confirm()
        self.assertEqual(visit.state, "confirmed")
        with freeze_time(self._at(9, 50)):
            visit.action_arrive()
            visit.action_start()
            visit.action_fulfil()
        self.assertRecordValues(
            visit,
            [
                {
                    "state": "fulfilled",
                    "arrived_at": self._at(9, 50),
                    "started_at": self._at(9, 50),
                    "fulfilled_at": self._at(9, 50),
                }
            ],
        )

    def test_arrival_only_on_the_local_day(self):
        visit = self._book(10)
        with self.assertRaisesRegex(UserError, "another day"):
            visit.action_arrive()
        # Half past midnight in Yekaterinburg is still yesterday in UTC.
        with freeze_time(self._at(0, 30)):
            visit.action_arrive()
        self.assertEqual(visit.state, "arrived")

    def test_no_show_only_after_the_start(self):
        visit = self._book(10)
        with self.assertRaisesRegex(UserError, "Too early"):
            visit.action_noshow()
        with freeze_time(self._at(10, 20)):
            visit.action_noshow()
        self.assertFalse(visit.claim_ids)

    def test_moment_of_a_move_can_be_given(self):
        visit = self._book(10)
        visit._move("arrived", force=True, at=self._at(9, 40))
        self.assertEqual(visit.arrived_at, self._at(9, 40))

    def test_cancel_frees_the_time_and_keeps_the_reason(self):
        visit = self._book(10)
        visit.action_cancel("The patient asked")
        self.assertEqual(visit.cancel_reason, "The patient asked")
        self.assertFalse(visit.claim_ids)
        self._book(10)

    def test_reschedule_keeps_the_record_and_moves_the_claims(self):
        visit = self._book(10)
        claims = visit.claim_ids
        # Half an hour later, over its own time: a row is never in its own way.
        visit.reschedule(str(self._at(10, 15)))
        self.assertEqual(visit.start, self._at(10, 15))
        self.assertEqual(visit.claim_ids, claims)
        self.assertEqual(set(claims.mapped("start")), {self._at(10, 15)})
        self.assertIn("10:00", visit.message_ids[0].body)
        other = self._create_patient(name="Other")
        self._book(9, 30, patient_id=other.id)

    def test_reschedule_to_another_specialist(self):
        colleague = self._create_specialist("Test Colleague", self.specialty)
        self._create_shift(colleague, room_id=self.room2.id, hours=(16, 19))
        visit = self._book(10)
        visit.reschedule(self._at(17), specialist_id=colleague.id)
        self.assertRecordValues(
            visit, [{"specialist_id": colleague.id, "room_id": self.room2.id}]
        )
        self.assertEqual(len(visit.claim_ids), 3)
        self._book(10)

    def test_reschedule_to_a_taken_time_changes_nothing(self):
        visit = self._book(10)
        self._book(11, patient_id=self._create_patient().id)
        with self.assertRaisesRegex(UserError, "already booked.*Free instead"):
            visit.reschedule(self._at(11))
        self.assertEqual(visit.start, self._at(10))
        self.assertEqual(set(visit.claim_ids.mapped("start")), {self._at(10)})

    def test_reschedule_of_a_finished_visit_is_refused(self):
        visit = self._book(10)
        visit.action_cancel()
        with self.assertRaisesRegex(UserError, "cannot be moved"):
            visit.reschedule(self._at(12))

    def test_hold_is_confirmed(self):
        visit = self._book(10, hold_minutes=15)
        self.assertEqual(visit.state, "hold")
        self.assertEqual(set(visit.claim_ids.mapped("kind")), {"hold"})
        visit.action_confirm()
        self.assertEqual(visit.state, "booked")
        self.assertFalse(visit.hold_until)
        self.assertEqual(set(visit.claim_ids.mapped("kind")), {"booked"})

    def test_late_confirmation_is_good_while_the_time_is_free(self):
        visit = self._book(10, hold_minutes=15)
        with freeze_time(fields.Datetime.now() + timedelta(minutes=20)):
            visit.action_confirm()
        self.assertEqual(visit.state, "booked")

    def test_expired_hold_gives_way_to_the_next_patient(self):
        hold = self._book(10, hold_minutes=15)
        other = self._create_patient(name="Other")
        with self.assertRaisesRegex(UserError, "being booked by somebody"):
            self._book(10, patient_id=other.id)
        with freeze_time(fields.Datetime.now() + timedelta(minutes=20)):
            starts = {slot["start"] for slot in self._slots()}
            self.assertIn(str(self._at(10)), starts)
            self._book(10, patient_id=other.id)
        self.assertEqual(hold.state, "cancelled")
        self.assertEqual(hold.cancel_reason, "The hold has expired")
        with self.assertRaisesRegex(UserError, "not held any more"):
            hold.action_confirm()

    def test_cron_releases_only_expired_holds(self):
        old = self._book(10, hold_minutes=5)
        new = self._book(11, hold_minutes=60)
        with (
            freeze_time(fields.Datetime.now() + timedelta(minutes=10)),
            self.enter_registry_test_mode(),
        ):
            self.env.ref(
                "clinic_schedule.ir_cron_release_holds"
            ).method_direct_trigger()
        self.assertEqual(old.state, "cancelled")
        self.assertEqual(new.state, "hold")

    def test_several_visits_in_one_call(self):
        visits = self.env["clinic.appointment"]._book(
            [
                {
                    "patient_id": self.patient.id,
                    "service_id": self.service.id,
                    "specialist_id": self.specialist.id,
                    "start": self._at(hour),
                }
                for hour in (9, 10, 11)
            ]
        )
        self.assertEqual(len(visits), 3)
        self.assertEqual(len(visits.claim_ids), 9)

    def test_hooks_are_called_on_recordsets(self):
        called = []

        def spy(name):
            return lambda visits, *args: called.append((name, len(visits)))

        cls = self.registry["clinic.appointment"]
        names = ("book", "confirm_hold", "cancel", "noshow", "reschedule")
        for name in names:
            self.patch(cls, f"_after_{name}", spy(name))
        hold = self._book(10, hold_minutes=10)
        hold.action_confirm()
        hold.reschedule(self._at(11))
        hold._move("noshow", force=True)
        self._book(12).action_cancel()
        self.assertEqual(
            called,
            [
                ("book", 1),
                ("confirm_hold", 1),
                ("reschedule", 1),
                ("noshow", 1),
                ("book", 1),
                ("cancel", 1),
            ],
        )

    def test_charge_is_the_service_on_the_day(self):
        visit = self._book(10)
        self.assertEqual(
            visit._get_charge_vals(),
            [
                {
                    "product_id": self.service.id,
                    "quantity": 1.0,
                    "name": self.service.name,
                    "date": self.day,
                }
            ],
        )
        self.assertEqual(visit._get_charge_partner(), self.patient)

    def test_tracking_is_administrative_and_nobody_follows(self):
        visit = self._book(10, note="Comes with a pram")
        visit.action_confirm()
        self.env.flush_all()
        self.assertFalse(visit.message_partner_ids)
        tracked = visit.message_ids.tracking_value_ids.field_id.mapped("name")
        self.assertLessEqual(set(tracked), {"state", "specialist_id", "room_id"})

    def test_visits_are_cancelled_not_deleted(self):
        with self.assertRaisesRegex(UserError, "Cancel these"):
            self._book(10).unlink()
