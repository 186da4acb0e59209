from datetime import timedelta

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import ScheduleCommon


@tagged("post_install", "-at_install")
class TestChange(ScheduleCommon):
    """The history of a visit, and taking the last change back."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.desk = cls._user("reception")
        cls.Visit = cls.env["clinic.appointment"].with_user(cls.desk)

    def _visit(self, hour=10, **values):
        visit_id = self.Visit.book(
            self.patient.id,
            self.service.id,
            self.specialist.id,
            self._at(hour),
            **values,
        )
        return self.Visit.browse(visit_id)

    def _kinds(self, visit):
        return visit.change_ids.sorted("id").mapped("kind")

    def test_who_reads_no_history_still_opens_the_visit(self):
        visit = self._visit()
        for role in ("cashier", "finance", "nurse", "lab"):
            with self.subTest(role):
                self.env.invalidate_all()
                self.assertFalse(visit.with_user(self._user(role)).can_undo)

    def test_every_change_is_told(self):
        visit = self._visit()
        visit.reschedule(self._at(11))
        visit.action_confirm()
        visit.action_cancel("asked")
        self.assertEqual(self._kinds(visit), ["book", "move", "confirm", "cancel"])
        move = visit.change_ids.filtered(lambda change: change.kind == "move")
        self.assertEqual(move.old["start"], str(self._at(10)))
        self.assertEqual(move.new["start"], str(self._at(11)))
        self.assertEqual(move.user_id, self.desk)
        self.assertIn("10:00", move.details)
        self.assertIn("11:00", move.details)
        self.assertEqual(visit.change_ids[0].details, "asked")
        self.assertNotIn(self.patient.name, "".join(visit.change_ids.mapped("details")))

    def test_undo_a_move(self):
        visit = self._visit()
        visit.reschedule(self._at(13))
        visit.action_undo()
        self.assertEqual(visit.start, self._at(10))
        self.assertEqual(visit.sudo().claim_ids.mapped("start"), [self._at(10)] * 3)
        # the story stays whole: booked, moved, moved back
        self.assertEqual(self._kinds(visit), ["book", "move", "move"])
        moved, back = visit.change_ids.sorted("id")[1:]
        self.assertEqual(moved.undone_by_id, self.desk)
        self.assertEqual(back.reverses_id, moved)

    def test_undo_another_length(self):
        visit = self._visit()
        visit.set_duration(60)
        self.assertEqual(visit.stop, self._at(11))
        visit.action_undo()
        self.assertEqual((visit.duration, visit.stop), (30, self._at(10, 30)))

    def test_undo_a_move_whose_time_was_taken(self):
        visit = self._visit()
        visit.reschedule(self._at(13))
        other = self._create_patient()
        self._book(10, patient_id=other.id)
        with self.assertRaisesRegex(UserError, "Free instead") as refusal:
            visit.action_undo()
        self.assertTrue(refusal.exception.alternatives)
        self.assertEqual(visit.start, self._at(13))

    def test_undo_a_cancellation(self):
        visit = self._visit()
        visit.action_confirm()
        visit.action_cancel("asked")
        self.assertFalse(visit.sudo().claim_ids)
        visit.action_undo()
        self.assertEqual(visit.state, "confirmed")
        self.assertFalse(visit.cancel_reason)
        self.assertFalse(visit.cancelled_at)
        self.assertEqual(visit.room_id, self.room)
        self.assertEqual(len(visit.sudo().claim_ids), 3)
        # and the time is really taken again
        with self.assertRaises(UserError):
            self._book(10, patient_id=self._create_patient().id)

    def test_undo_a_cancellation_whose_time_was_taken(self):
        visit = self._visit()
        visit.action_cancel()
        self._book(10, patient_id=self._create_patient().id)
        with self.assertRaisesRegex(UserError, "Free instead"):
            visit.action_undo()
        self.assertEqual(visit.state, "cancelled")

    def test_undo_a_booking(self):
        visit = self._visit()
        visit.action_undo()
        self.assertEqual(visit.state, "cancelled")
        self.assertFalse(visit.sudo().claim_ids)
        self.assertEqual(self._kinds(visit), ["book", "cancel"])
        with self.assertRaises(UserError):
            visit.action_undo()

    def test_who_waits_goes_to_another_specialist_or_hour(self):
        colleague = self._create_specialist(
            "Test Colleague",
            self.specialty,
            branch_ids=[Command.link(self.branch.id)],
        )
        self._create_shift(colleague, room_id=self.room2.id)
        visit = self._visit()
        with freeze_time(self._at(9, 50)):
            visit.action_arrive()
            since = visit.arrived_at
        with freeze_time(self._at(10, 5)):
            visit.reschedule(self._at(10, 30), specialist_id=colleague.id)
            self.assertEqual(visit.specialist_id, colleague)
            self.assertEqual((visit.state, visit.arrived_at), ("arrived", since))
            # back to ten, which has passed meanwhile
            visit.action_undo()
        self.assertEqual(visit.specialist_id, self.specialist)
        self.assertEqual((visit.start, visit.state), (self._at(10), "arrived"))

    def test_who_waits_goes_home_until_another_day(self):
        tomorrow = self.day + timedelta(days=1)
        self._create_shift(self.specialist, day=tomorrow, room_id=self.room.id)
        visit = self._visit()
        with freeze_time(self._at(9, 50)):
            visit.action_arrive()
            since = visit.arrived_at
            visit.reschedule(self._at(10, day=tomorrow))
            self.assertEqual((visit.state, visit.arrived_at), ("booked", False))
            visit.action_undo()
        self.assertEqual((visit.state, visit.arrived_at), ("arrived", since))
        self.assertEqual(visit.start, self._at(10))

    def test_undo_arrival_and_no_show(self):
        visit = self._visit()
        with freeze_time(self._at(10, 5)):
            visit.action_arrive()
            self.assertTrue(visit.arrived_at)
            visit.action_undo()
            self.assertEqual(visit.state, "booked")
            self.assertFalse(visit.arrived_at)
            visit.action_noshow()
            visit.action_undo()
            self.assertEqual(visit.state, "booked")
            self.assertEqual(len(visit.sudo().claim_ids), 3)

    def test_only_the_latest_change(self):
        visit = self._visit()
        visit.reschedule(self._at(13))
        booking = visit.change_ids.filtered(lambda change: change.kind == "book")
        with self.assertRaisesRegex(UserError, "latest"):
            self.Visit.undo(booking.id)
        visit.action_undo()
        self.Visit.undo(booking.id)  # now it is the latest that stands
        self.assertEqual(visit.state, "cancelled")

    def test_undone_once_only(self):
        visit = self._visit()
        change = visit.change_ids
        self.Visit.undo(change.id)
        with self.assertRaisesRegex(UserError, "cannot be undone"):
            self.Visit.undo(change.id)

    def test_only_within_a_quarter_of_an_hour(self):
        visit = self._visit()
        self.assertTrue(visit.can_undo)
        later = visit.change_ids.at + timedelta(minutes=16)
        with freeze_time(later):
            visit.invalidate_recordset()
            self.assertFalse(visit.can_undo)
            with self.assertRaisesRegex(UserError, "Too late"):
                visit.action_undo()

    def test_only_by_the_same_user_or_an_administrator(self):
        visit = self._visit()
        with self.assertRaisesRegex(UserError, "Test reception"):
            visit.with_user(self._user("callcenter")).action_undo()
        visit.with_user(self._user("admin")).action_undo()
        self.assertEqual(visit.state, "cancelled")

    def test_what_the_specialist_began_is_not_undone_at_the_desk(self):
        visit = self._visit()
        with freeze_time(self._at(10, 5)):
            visit.action_arrive()
            visit.action_start()
            with self.assertRaisesRegex(UserError, "cannot be undone"):
                visit.action_undo()

    def test_expired_hold_does_not_come_back(self):
        visit = self._visit(hold_minutes=10)
        visit.action_cancel()
        with freeze_time(visit.change_ids[:1].at + timedelta(minutes=11)):
            with self.assertRaisesRegex(UserError, "run out"):
                visit.action_undo()

    def test_nobody_rewrites_history(self):
        change = self._visit().change_ids
        for user in (self.desk, self._user("admin")):
            own = change.with_user(user)
            with self.assertRaises(UserError):  # or AccessError, which is one
                own.write({"kind": "cancel"})
            with self.assertRaises(AccessError):
                own.write({"undone_at": "2020-01-01 00:00:00"})
            with self.assertRaises(AccessError):
                own.unlink()
            with self.assertRaises(AccessError):
                own.create({"appointment_id": change.appointment_id.id, "kind": "move"})
        with self.assertRaises(UserError):
            change.sudo().write({"kind": "cancel"})
        with self.assertRaises(UserError):
            change.sudo().unlink()

    def test_who_reads_history(self):
        change = self._visit().change_ids
        surgeon = self._user("nurse")
        self.env.invalidate_all()
        with self.assertRaises(AccessError):
            change.with_user(surgeon).read(["kind"])
        with self.assertRaises(AccessError):
            change.with_user(self._user("cashier")).read(["kind"])
        own = change.with_user(self._user("specialist"))
        self.assertEqual(own.read(["kind"])[0]["kind"], "book")
        self.specialist.employee_id.user_id = False
        self.env.flush_all()
        self.env.invalidate_all()
        with self.assertRaises(AccessError):
            own.read(["kind"])

    def test_cashier_undoes_nothing(self):
        visit = self._visit()
        with self.assertRaises(AccessError):
            self.Visit.with_user(self._user("cashier")).undo(visit.change_ids.id)

    def test_other_company_reads_nothing(self):
        change = self._visit().change_ids
        company = self.env["res.company"].create({"name": "Other clinic"})
        stranger = self._user("callcenter")
        stranger.write({"company_ids": [(6, 0, company.ids)], "company_id": company.id})
        self.env.invalidate_all()
        found = change.with_user(stranger).with_company(company).search([])
        self.assertFalse(found & change)
