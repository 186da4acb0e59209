from datetime import date, datetime, timedelta
from unittest.mock import patch

import pytz

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import BaseCase, HttpCase, new_test_user, tagged

from odoo.addons.clinic_schedule.tools.board import PLAIN, day_frame, short_name

from .common import ScheduleCommon
from .queries import own_queries

MOST_QUERIES = 12


@tagged("post_install", "-at_install")
class TestBoardClock(BaseCase):
    def test_a_day_is_as_long_as_it_really_is(self):
        cases = [
            ("Asia/Yekaterinburg", date(2027, 3, 28), 1440, PLAIN),
            ("Europe/Berlin", date(2027, 3, 28), 1380, ((0, 0), (120, 60))),
            ("Europe/Berlin", date(2027, 10, 31), 1500, ((0, 0), (180, -60))),
        ]
        for zone, day, length, clock in cases:
            with self.subTest(zone=zone, day=day):
                frame = day_frame(day, pytz.timezone(zone))
                self.assertEqual(frame.length, length)
                self.assertEqual(frame.clock, clock)

    def test_noon_is_noon_on_the_wall_on_any_day(self):
        berlin = pytz.timezone("Europe/Berlin")
        for day in (date(2027, 3, 28), date(2027, 10, 31), date(2027, 7, 1)):
            noon = berlin.localize(datetime(day.year, day.month, day.day, 12))
            frame = day_frame(day, berlin)
            moment = noon.astimezone(pytz.utc).replace(tzinfo=None)
            self.assertEqual(frame.wall(moment), 12 * 60)

    def test_short_names(self):
        for name, short in (
            ("Иванов Иван Иванович", "Иванов И. И."),
            ("Иванов Иван", "Иванов И."),
            ("Мадонна", "Мадонна"),
            ("", ""),
            (False, ""),
        ):
            self.assertEqual(short_name(name), short)


class BoardCommon(ScheduleCommon):
    def _board(self, role="reception", view="specialist", **options):
        self.env.invalidate_all()
        board = self.env["clinic.board"].with_user(self._user(role))
        return board.get_board(self.branch.id, str(self.day), view, **options)

    def _column(self, board, record):
        [column] = [c for c in board["columns"] if c["id"] == record.id]
        return column


@tagged("post_install", "-at_install")
class TestBoard(BoardCommon):
    def test_a_day_by_specialist(self):
        visit = self._book(10)
        column = self._column(self._board(), self.specialist)
        [card] = column["cards"]
        self.assertEqual(card["id"], visit.id)
        # Minutes from midnight in the branch, whatever the zone of the browser.
        self.assertEqual((card["start"], card["stop"]), (600, 630))
        self.assertEqual(card["patient"], "Test P.")
        self.assertTrue(card["new"])
        [shift] = column["shifts"]
        self.assertEqual((shift["start"], shift["stop"]), (9 * 60, 15 * 60))
        self.assertEqual(shift["room"], "Room 1")
        self.assertEqual(column["origin"], str(self._at(0)))

    def test_idle_specialists_are_shown(self):
        column = self._column(self._board(), self.specialist2)
        self.assertFalse(column["cards"])
        self.assertTrue(column["shifts"])

    def test_a_day_by_room(self):
        visit = self._book(10)
        board = self._board(view="room")
        [card] = self._column(board, self.room)["cards"]
        self.assertEqual(card["id"], visit.id)
        self.assertFalse(self._column(board, self.room2)["cards"])
        [shift] = self._column(board, self.room)["shifts"]
        self.assertEqual(shift["who"], "Test T.")

    def test_a_week_of_one(self):
        visit = self._book(10)
        board = self._board(view="week", specialist_id=self.specialist.id)
        self.assertEqual(len(board["columns"]), 7)
        # The day of the tests is a Wednesday.
        [card] = board["columns"][2]["cards"]
        self.assertEqual(card["id"], visit.id)
        self.assertEqual(board["columns"][2]["day"], str(self.day))
        self.assertFalse(board["columns"][1]["cards"])

    def test_blocks_time_off_and_holds(self):
        self.env["clinic.block"].create(
            {
                "name": "Meeting",
                "specialist_id": self.specialist.id,
                "start": self._at(12),
                "stop": self._at(13),
            }
        )
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Dentist",
                "resource_id": self.specialist.resource_id.id,
                "date_from": self._at(14),
                "date_to": self._at(15),
            }
        )
        self._book(9, hold_minutes=10)
        column = self._column(self._board(), self.specialist)
        [block] = column["blocks"]
        self.assertEqual((block["name"], block["start"]), ("Meeting", 720))
        [off] = column["off"]
        # Why somebody is away is nobody's business here.
        self.assertEqual(off, {"start": 840, "stop": 900})
        [card] = column["cards"]
        self.assertEqual(card["state"], "hold")
        self.assertTrue(card["hold_until"])

    def test_cancelled_visits_leave_the_board(self):
        self._book(10).action_cancel()
        self.assertFalse(self._column(self._board(), self.specialist)["cards"])

    def test_whoever_was_here_is_not_new(self):
        visit = self._book(10)
        past = self.day - timedelta(days=60)
        self._create_shift(self.specialist, day=past, room_id=self.room.id)
        old = self._book(start=self._at(9, day=past), allow_past=True)
        old._move("arrived", force=True)
        old._move("fulfilled", force=True)
        [card] = self._column(self._board(), self.specialist)["cards"]
        self.assertEqual(card["id"], visit.id)
        self.assertFalse(card["new"])

    def test_one_read_whatever_the_size(self):
        patients = [self._create_patient(name=f"Crowd {n}") for n in range(8)]
        self._book(9)
        self._board()
        self._queries()
        few = self._queries()
        specialists = []
        for number in range(10):
            specialist = self._create_specialist(
                f"Crowd {number}",
                self.specialty,
                branch_ids=[Command.link(self.branch.id)],
            )
            room = self.env["clinic.room"].create(
                {"name": f"Crowd {number}", "branch_id": self.branch.id}
            )
            self._create_shift(specialist, room_id=room.id)
            specialists.append(specialist)
        for index, patient in enumerate(patients):
            self._book(
                9 + index // 2,
                30 * (index % 2),
                patient_id=patient.id,
                specialist_id=specialists[index].id,
            )
        self._queries()  # new records empty the caches of the server
        many = self._queries()
        self.assertLessEqual(len(many), len(few), "\n".join(many))
        self.assertLessEqual(len(few), MOST_QUERIES, "\n".join(few))

    def _queries(self):
        self.env.flush_all()
        self.env.invalidate_all()
        with own_queries(self.env) as queries:
            self._board()
        return queries


@tagged("post_install", "-at_install")
class TestBoardRights(BoardCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for role in ("callcenter", "nurse", "storekeeper", "cashier"):
            cls._user(role)
        cls.foreign_patient = cls._create_patient(name="Foreign Person")
        cls.service2 = cls._create_service(
            name="Test surgery", specialty_ids=[Command.set(cls.specialty2.ids)]
        )
        cls.own = cls._book(10)
        cls.foreign = cls._book(
            11,
            patient_id=cls.foreign_patient.id,
            specialist_id=cls.specialist2.id,
            service_id=cls.service2.id,
        )

    def test_the_desk_sees_all(self):
        for role in ("reception", "callcenter", "admin", "nurse", "cashier"):
            with self.subTest(role=role):
                board = self._board(role)
                for specialist in (self.specialist, self.specialist2):
                    column = self._column(board, specialist)
                    self.assertEqual(len(column["cards"]), 1)
                    self.assertFalse(column["busy"])

    def test_a_doctor_sees_of_others_that_they_are_busy(self):
        board = self._board("specialist")
        self.assertEqual(board["can"]["own_id"], self.specialist.id)
        self.assertFalse(board["can"]["book"])
        self.assertEqual(len(self._column(board, self.specialist)["cards"]), 1)
        column = self._column(board, self.specialist2)
        self.assertFalse(column["cards"])
        [busy] = column["busy"]
        self.assertEqual((busy["start"], busy["stop"]), (660, 690))
        self.assertNotIn("Foreign", str(board))
        with self.assertRaises(AccessError):
            self.env["clinic.board"].with_user(self._user("specialist")).get_visit(
                self.foreign.id
            )

    def test_who_reads_no_visits_sees_no_names(self):
        board = self._board("storekeeper")
        self.assertEqual(len(self._column(board, self.specialist)["busy"]), 1)
        self.assertNotIn("Test P", str(board["columns"]))

    def test_portal_gets_no_board(self):
        user = new_test_user(self.env, login="board_portal", groups="base.group_portal")
        with self.assertRaises(AccessError):
            self.env["clinic.board"].with_user(user).get_board(self.branch.id)

    def test_only_staff_hear_of_changes(self):
        socket = self.env["ir.websocket"]
        name = f"clinic_board_{self.branch.id}"
        portal = new_test_user(self.env, login="board_ear", groups="base.group_portal")
        other = self.env["res.company"].create({"name": "Other clinic"})
        stranger = new_test_user(
            self.env,
            login="board_stranger",
            groups="clinic_base.group_reception",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        for user, expected in (
            (self._user("reception"), True),
            (self._user("nurse"), True),
            (stranger, False),
            (portal, False),
        ):
            with self.subTest(user=user.login):
                channels = self._channels(socket.with_user(user), [name])
                self.assertEqual(self.branch in channels, expected)
        channels = self._channels(
            socket.with_user(self._user("reception")), ["clinic_board_x"]
        )
        self.assertFalse(channels)

    def _channels(self, socket, names):
        """Return the branches heard; what a request gives to the list is made up."""
        request = type("Request", (), {"session": type("S", (), {"uid": 0})()})()
        path = "odoo.addons.bus.models.ir_websocket"
        with patch(f"{path}.request", request), patch(f"{path}.wsrequest", request):
            channels = socket._build_bus_channel_list(list(names))
        return [
            channel[0]
            for channel in channels
            if isinstance(channel, tuple) and channel[0]._name == "clinic.branch"
        ]


@tagged("post_install", "-at_install")
class TestBoardActions(BoardCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.visit = cls._book(10)

    def _desk(self, role="reception"):
        self.env.invalidate_all()
        return self.env["clinic.board"].with_user(self._user(role))

    def test_drag_to_another_time_and_back(self):
        answer = self._desk().move_visit(self.visit.id, str(self._at(12)))
        self.assertTrue(answer["ok"])
        self.assertEqual(self.visit.start, self._at(12))
        undo = answer["undo"]
        answer = getattr(self._desk(), undo["method"])(*undo["args"])
        self.assertTrue(answer["ok"])
        self.assertEqual(self.visit.start, self._at(10))

    def test_several_changes_are_taken_back_together_or_not_at_all(self):
        second = self._book(12)
        ids = (self.visit | second).change_ids.ids
        desk = self._desk("admin")
        self.assertTrue(desk.undo(sorted(ids))["ok"])
        self.assertEqual((self.visit | second).mapped("state"), ["cancelled"] * 2)
        third, fourth = self._book(13), self._book(14)
        ids = (third | fourth).change_ids.ids
        third.action_confirm()  # meanwhile
        answer = self._desk("admin").undo(sorted(ids))
        self.assertFalse(answer["ok"])
        self.assertEqual(fourth.state, "booked")

    def test_a_refusal_has_alternatives_to_click_on(self):
        self._book(12, patient_id=self._create_patient(name="In the way").id)
        answer = self._desk().move_visit(self.visit.id, str(self._at(12)))
        self.assertFalse(answer["ok"])
        self.assertIn("already booked", answer["message"])
        self.assertNotIn("instead", answer["message"])
        self.assertEqual(self.visit.start, self._at(10))
        self.assertEqual(len(answer["alternatives"]), 3)
        choice = answer["alternatives"][0]
        answer = self._desk().move_visit(
            self.visit.id,
            choice["start"],
            choice["specialist_id"],
            choice["room_id"] or None,
        )
        self.assertTrue(answer["ok"])
        self.assertEqual(str(self.visit.start), choice["start"])

    def test_the_lower_edge_makes_a_visit_longer(self):
        answer = self._desk().resize_visit(self.visit.id, 45)
        self.assertTrue(answer["ok"])
        self.assertEqual(self.visit.stop, self._at(10, 45))
        self.assertEqual(self.visit.duration, 45)
        self.assertEqual(
            set(self.visit.sudo().claim_ids.mapped("stop")), {self._at(10, 45)}
        )
        # The length stays when the visit is moved on.
        self._desk().move_visit(self.visit.id, str(self._at(13)))
        self.assertEqual(self.visit.stop, self._at(13, 45))
        self._desk().resize_visit(self.visit.id, 15)
        self.assertEqual(self.visit.stop, self._at(13, 15))

    def test_a_longer_visit_obeys_the_ledger_and_the_shift(self):
        self._book(10, 30, patient_id=self._create_patient(name="Next").id)
        answer = self._desk().resize_visit(self.visit.id, 45)
        self.assertFalse(answer["ok"])
        self.assertIn("already booked", answer["message"])
        self.assertEqual(self.visit.stop, self._at(10, 30))
        late = self._book(14, 30, patient_id=self._create_patient(name="Late").id)
        self.assertFalse(self._desk().resize_visit(late.id, 60)["ok"])
        self.assertFalse(self._desk().resize_visit(late.id, 0)["ok"])

    def test_others_do_not_stretch_a_visit(self):
        self._user("nurse")
        self.assertFalse(self._desk("nurse").resize_visit(self.visit.id, 45)["ok"])
        self.assertEqual(self.visit.duration, 30)

    def test_buttons_follow_state_and_role(self):
        def names(role):
            visit = self._desk(role).get_visit(self.visit.id)
            return {
                action["name"]
                for action in visit["actions"]
                if self._is_own(action["name"])
            }

        self.assertEqual(
            names("reception"),
            {"action_confirm", "action_open_hand_over", "action_open_cancel"},
        )
        self.assertTrue(self._desk().run(self.visit.id, "action_confirm")["ok"])
        self.assertEqual(self.visit.state, "confirmed")
        self.visit._move("arrived", force=True)
        self.assertEqual(
            names("reception"), {"action_open_hand_over", "action_open_cancel"}
        )
        self.assertIn("action_start", names("specialist"))
        self._user("nurse")
        self.assertFalse(names("nurse"))

    def _is_own(self, name):
        """Return whether a button is of this addon; others may add theirs."""
        return any(
            name in vars(part)
            and part.__module__.startswith("odoo.addons.clinic_schedule.")
            for part in type(self.visit).mro()
        )

    def test_patients_are_found_by_phone(self):
        found = self._desk().search_patients("8 (912) 200-00-01")
        self.assertIn(self.patient.id, [row["id"] for row in found])
        self.assertFalse(self._desk().search_patients("8"))

    def test_boards_hear_where_it_was_and_where_it_is(self):
        day2 = self.day + timedelta(days=1)
        self._create_shift(self.specialist, day=day2, room_id=self.room.id)
        self.env.cr.flush()
        bus = self.env["bus.bus"].sudo()
        last = bus.search([], order="id desc", limit=1).id
        self._desk().move_visit(self.visit.id, str(self._at(10, day=day2)))
        self.env.cr.flush()
        messages = bus.search([("id", ">", last), ("message", "like", "clinic_board")])
        self.assertTrue(messages)
        for message in messages:
            self.assertIn(f'"clinic.branch",{self.branch.id},"board"', message.channel)
            self.assertNotIn("Test", message.message)
        said = "".join(messages.mapped("message"))
        self.assertIn(str(self.day), said)
        self.assertIn(str(day2), said)


@tagged("post_install", "-at_install")
class TestBoardTour(BoardCommon, HttpCase):
    def test_drag_refusal_and_undo(self):
        """The reception drags a visit about on a day ahead."""
        patient = self._create_patient(name="Board Person", phone="+7 912 200-77-02")
        visit = self._book(10, patient_id=patient.id)
        self._book(12, patient_id=self._create_patient(name="In the way").id)
        self.start_tour(
            f"/odoo/clinic-board?branch={self.branch.id}&day={self.day}",
            "clinic_board_tour",
            login=self._user("reception").login,
        )
        self.assertEqual(visit.state, "confirmed")
        self.assertEqual(visit.start, self._at(12, 30))
