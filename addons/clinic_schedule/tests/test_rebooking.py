from datetime import timedelta

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.service.model import call_kw
from odoo.tests import new_test_user, tagged

from .common import ScheduleCommon


@tagged("post_install", "-at_install")
class TestRebooking(ScheduleCommon):
    """A visit whose time is taken away becomes a to-do with proposals."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.specialist.employee_id.user_id = False
        cls.kind = cls.env["hr.leave.type"].create(
            {
                "name": "Test absence",
                "requires_allocation": False,
                "leave_validation_type": "hr",
            }
        )
        cls.colleague = cls._create_specialist(
            "Test Colleague",
            cls.specialty,
            branch_ids=[Command.link(cls.branch.id)],
        )
        cls._create_shift(cls.colleague, room_id=cls.room2.id, hours=(9, 12))
        cls.later = cls._create_shift(
            cls.specialist, day=cls.day + timedelta(days=1), room_id=cls.room.id
        )
        cls.visit = cls._book(10)
        cls.other_patient = cls._create_patient(name="Test Second")
        cls.visit2 = cls._book(14, patient_id=cls.other_patient.id)

    def _todos(self, **values):
        domain = [("appointment_id", "in", (self.visit | self.visit2).ids)]
        domain += [(name, "=", value) for name, value in values.items()]
        return self.env["clinic.rebooking"].search(domain)

    def _leave(self, **values):
        leave = self.env["hr.leave"].create(
            {
                "employee_id": self.specialist.employee_id.id,
                "holiday_status_id": self.kind.id,
                "request_date_from": self.day,
                "request_date_to": self.day,
                **values,
            }
        )
        leave.action_approve()
        return leave

    def _as(self, role, records):
        self.env.invalidate_all()
        return records.with_user(self._user(role))

    # Opening and closing ----------------------------------------------------

    def test_leave_over_bookings_opens_to_dos(self):
        leave = self._leave()
        todos = self._todos(state="open")
        self.assertRecordValues(
            todos,
            [
                {
                    "appointment_id": visit.id,
                    "specialist_id": self.specialist.id,
                    "reason_kind": "leave",
                    "reason_model": "hr.leave",
                    "reason_id": leave.id,
                    "old_start": visit.start,
                }
                for visit in (self.visit, self.visit2)
            ],
        )
        self.assertTrue(self.visit.must_move)
        self.assertEqual(self.visit.state, "booked", "nothing moves by itself")
        self.assertNotIn("absence", todos[0].cause, "its kind is no business of ours")

    def test_half_a_day_opens_half(self):
        half = self.kind.copy({"request_unit": "half_day"})
        self._leave(
            holiday_status_id=half.id,
            request_date_from_period="am",
            request_date_to_period="am",
        )
        self.assertEqual(self._todos().appointment_id, self.visit)

    def test_refused_leave_closes_them(self):
        leave = self._leave()
        leave.action_refuse()
        self.assertFalse(self._todos(state="open"))
        self.assertEqual(set(self._todos().mapped("outcome")), {"needless"})
        self.assertFalse(self.visit.must_move)
        leave = self._leave()
        self.assertEqual(len(self._todos(state="open")), 2)
        leave._force_cancel()
        self.assertFalse(self._todos(state="open"))

    def test_public_holiday(self):
        holiday = self.env["resource.calendar.leaves"].create(
            {
                "name": "Test holiday",
                "company_id": self.env.company.id,
                "date_from": self._at(0),
                "date_to": self._at(23, 59),
            }
        )
        todos = self._todos(state="open")
        self.assertEqual(set(todos.mapped("reason_kind")), {"holiday"})
        self.assertIn("Test holiday", todos[0].cause)
        holiday.write({"date_from": self._at(12)})
        self.assertEqual(self._todos(state="open").appointment_id, self.visit2)
        holiday.unlink()
        self.assertFalse(self._todos(state="open"))

    def test_shorter_and_called_off_shifts(self):
        self.shift.stop = self._at(14)
        self.assertEqual(self._todos(state="open").appointment_id, self.visit2)
        self.shift.active = False
        self.assertEqual(len(self._todos(state="open")), 2)
        self.shift.write({"active": True, "stop": self._at(15)})
        self.assertFalse(self._todos(state="open"))
        self.shift.unlink()
        self.assertEqual(len(self._todos(state="open")), 2)
        self._create_shift(self.specialist, hours=(9, 12), room_id=self.room.id)
        self.assertEqual(self._todos(state="open").appointment_id, self.visit2)

    def test_to_do_ends_with_the_visit(self):
        self._leave()
        self.visit.reschedule(self._at(9, day=self.day + timedelta(days=1)))
        self.visit2.action_cancel("Asked")
        self.assertEqual(set(self._todos().mapped("outcome")), {"moved", "cancelled"})

    def test_who_waits_already_is_handed_over(self):
        with freeze_time(self._at(9, 50)):
            self.visit.action_arrive()
            self._leave()
            todo = self._todos(appointment_id=self.visit.id)
            self.assertEqual(todo.state, "open")
            todo.action_take()
            self.assertEqual(self.visit.specialist_id, self.colleague)
            self.assertEqual((self.visit.state, todo.outcome), ("arrived", "handed"))

    def test_past_visits_are_left_alone(self):
        yesterday = self.day - timedelta(days=20)
        shift = self._create_shift(self.specialist, day=yesterday)
        past = self._book(
            start=self._at(10, day=yesterday),
            patient_id=self.other_patient.id,
            allow_past=True,
        )
        shift.unlink()
        self.assertFalse(past.must_move)

    # Blocks -----------------------------------------------------------------

    def _block(self, hours=(9, 12), **values):
        return self.env["clinic.block"].create(
            {
                "name": "Test meeting",
                "specialist_id": self.specialist.id,
                "day": self.day,
                "hour_from": hours[0],
                "hour_to": hours[1],
                **values,
            }
        )

    def test_block_over_visits_is_refused_unless_forced(self):
        with self.assertRaisesRegex(UserError, self.visit.name):
            self._block()
        block = self._block(forced=True)
        self.assertEqual((block.start, block.stop), (self._at(9), self._at(12)))
        self.assertEqual(self._todos(state="open").appointment_id, self.visit)
        self.assertEqual(self._todos().reason_kind, "block")
        # What is free of it is taken at once; the rest when the visit has left.
        self.assertEqual(
            sorted((claim.start, claim.stop) for claim in block.claim_ids),
            [(self._at(9), self._at(10)), (self._at(10, 30), self._at(12))],
        )
        self.visit.reschedule(self._at(12, 30))
        self.assertEqual(
            [(claim.start, claim.stop) for claim in block.claim_ids],
            [(self._at(9), self._at(12))],
        )
        self.assertEqual(self._todos().outcome, "moved")

    def test_forced_block_of_a_room(self):
        block = self._block(specialist_id=False, room_id=self.room.id, forced=True)
        self.assertEqual(self._todos(state="open").appointment_id, self.visit)
        self.visit.action_cancel()
        self.assertEqual(len(block.claim_ids), 1)

    def test_lifted_block_closes_the_to_do(self):
        block = self._block(forced=True)
        block.hour_to = 10
        self.assertFalse(self._todos(state="open"))
        block.hour_to = 13
        self.assertEqual(len(self._todos(state="open")), 1)
        block.unlink()
        self.assertFalse(self._todos(state="open"))

    def test_proposals_keep_out_of_the_block(self):
        block = self._block(forced=True)
        proposals = self._todos(state="open").proposals
        self.assertTrue(proposals)
        for one in proposals:
            if one["specialist_id"] == self.specialist.id:
                self.assertFalse(
                    one["start"] < str(block.stop) and one["stop"] > str(block.start)
                )

    # Proposals --------------------------------------------------------------

    def test_colleague_at_the_same_time_comes_first(self):
        self._leave()
        first, second = self._todos(state="open")
        self.assertEqual(
            (first.proposals[0]["kind"], first.proposals[0]["specialist_id"]),
            ("colleague", self.colleague.id),
        )
        self.assertEqual(first.proposals[0]["start"], str(self.visit.start))
        # At two in the afternoon no colleague is there: tomorrow at two instead.
        tomorrow = self._at(14, day=self.day + timedelta(days=1))
        self.assertEqual(
            (second.proposals[0]["kind"], second.proposals[0]["start"]),
            ("own", str(tomorrow)),
        )

    def test_every_proposal_can_be_taken(self):
        self._leave()
        todo = self._todos(state="open")[0]
        for proposal in todo.proposals:
            with (
                self.subTest(words=proposal["words"]),
                self.env.cr.savepoint() as point,
            ):
                todo.action_take(proposal["key"])
                self.assertEqual(str(self.visit.start), proposal["start"])
                self.assertEqual(self.visit.specialist_id.id, proposal["specialist_id"])
                self.assertEqual(todo.state, "done")
                point.rollback()
                self.env.invalidate_all()

    def test_who_does_not_suit_is_not_proposed(self):
        self.colleague.write({"age_min": 80})
        self._leave()
        for proposal in self._todos(state="open")[0].proposals:
            self.assertNotEqual(proposal["specialist_id"], self.colleague.id)

    def test_first_proposals_do_not_collide(self):
        third = self._book(10, 30, patient_id=self._create_patient().id)
        fourth = self._book(11, patient_id=self._create_patient().id)
        self.env["clinic.shift"].search(
            [("specialist_id", "=", self.colleague.id)]
        ).write({"start": self._at(10), "stop": self._at(10, 45)})
        self._leave()
        todos = self.env["clinic.rebooking"].search(
            [("appointment_id", "in", (self.visit | third | fourth).ids)]
        )
        keys = [todo.proposals[0]["key"] for todo in todos]
        self.assertEqual(len(set(keys)), 3)

    def test_all_at_once_with_a_summary(self):
        self._leave()
        todos = self._as("reception", self._todos(state="open"))
        result = todos.action_take_first()
        summary = self.env["clinic.rebooking.result"].browse(result["res_id"])
        self.assertEqual((summary.moved_count, summary.left_count), (2, 0))
        self.assertIn(self.other_patient.name, summary.summary)
        self.assertEqual(
            (self.visit.specialist_id, self.visit.start), (self.colleague, self._at(10))
        )
        self.assertEqual(set(self._todos().mapped("outcome")), {"handed", "moved"})

    def test_the_button_for_all_is_for_all_whatever_is_ticked(self):
        self._leave()
        todos = self._as("reception", self._todos(state="open"))
        self.assertEqual(len(todos), 2)
        # A button of a list sends the ids of what is ticked, as here.
        call_kw(todos.browse(), "action_take_first_of_all", [todos[:1].ids], {})
        self.assertEqual(set(self._todos().mapped("outcome")), {"handed", "moved"})

    def test_taking_all_leaves_what_the_list_does_not_show(self):
        self._leave()
        shown, *others = self._todos()
        todos = shown.with_context(active_domain=[("id", "=", shown.id)])
        todos.action_take_first_of_all()
        self.assertEqual(shown.state, "done")
        self.assertEqual({todo.state for todo in others}, {"open"})

    def test_what_cannot_be_moved_stays_with_the_reason(self):
        self.later.unlink()
        self._leave()
        self.colleague.active = False
        todos = self._as("reception", self._todos(state="open"))
        result = todos.action_take_first()
        summary = self.env["clinic.rebooking.result"].browse(result["res_id"])
        self.assertEqual((summary.moved_count, summary.left_count), (0, 2))
        self.assertIn("Nothing is free", summary.summary)
        self.assertEqual(len(self._todos(state="open")), 2)

    def test_left_as_agreed(self):
        leave = self._leave()
        todo = self._as("reception", self._todos(state="open"))[0]
        todo.action_keep()
        self.assertEqual(todo.outcome, "kept")
        self.assertEqual(self.visit.state, "booked")
        # Another look at the same leave does not ask again; another leave does.
        self.env["clinic.rebooking"]._sync(self.visit)
        self.assertFalse(self.visit.must_move)
        leave.action_refuse()
        self._leave()
        self.assertTrue(self.visit.must_move)

    def test_settled_ones_are_not_taken_again(self):
        self._leave()
        todo = self._todos(state="open")[0]
        todo.action_take()
        with self.assertRaisesRegex(UserError, "settled"):
            todo.action_take()

    def test_damaged_choice_is_refused_kindly(self):
        self._leave()
        for key in ("x", "1|2", "1|2|noon"):
            with self.assertRaisesRegex(UserError, "Choose a free time"):
                self._todos(state="open")[0].action_take(key)

    # Rights -----------------------------------------------------------------

    def test_the_desk_settles_them(self):
        self._leave()
        for role in ("reception", "callcenter", "admin"):
            with self.subTest(role=role), self.env.cr.savepoint() as point:
                todo = self._as(role, self._todos(state="open"))[0]
                self.assertEqual(
                    self._as(role, self.env["clinic.rebooking"]).open_count(), 2
                )
                todo.action_take(todo.proposals[0]["key"])
                self.assertEqual(todo.state, "done")
                point.rollback()
                self.env.invalidate_all()

    def test_nobody_writes_them_by_hand(self):
        self._leave()
        for role in ("reception", "admin", "specialist"):
            todo = self._as(role, self._todos())[0]
            with self.subTest(role=role), self.assertRaises(AccessError):
                todo.write({"state": "done", "outcome": "kept"})

    def test_others_do_not_see_them(self):
        self._leave()
        portal = new_test_user(
            self.env,
            login="clinic_rebooking_portal",
            groups="base.group_portal",
            partner_id=self.patient.id,
        )
        users = [self._user(role) for role in ("cashier", "nurse", "storekeeper")]
        for user in (*users, portal):
            with self.subTest(user=user.login):
                self.env.invalidate_all()
                todos = self._todos(state="open").with_user(user)
                with self.assertRaises(AccessError):
                    todos.read(["cause"])
                for method in ("action_take", "action_keep", "action_take_first"):
                    with self.assertRaises(AccessError):
                        getattr(todos[0], method)()
                self.assertEqual(
                    self.env["clinic.rebooking"].with_user(user).open_count(), 0
                )

    def test_specialist_sees_own_only(self):
        self._leave()
        self.specialist.employee_id.user_id = self._user("specialist")
        foreign = self._book(
            12,
            specialist_id=self.specialist2.id,
            service_id=self._create_service(
                specialty_ids=[Command.set(self.specialty2.ids)]
            ).id,
            patient_id=self._create_patient().id,
        )
        self.shift2.active = False
        self.assertTrue(foreign.must_move)
        seen = self._as("specialist", self.env["clinic.rebooking"]).search([])
        self.assertEqual(seen.appointment_id, self.visit | self.visit2)
        with self.assertRaisesRegex(AccessError, "yourself only"):
            seen[0].action_take()  # the first proposal is a colleague
        with self.assertRaises(AccessError):
            seen[0].action_keep()
