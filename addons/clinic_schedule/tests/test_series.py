from datetime import date, datetime, timedelta
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import freeze_time, new_test_user, tagged

from ..models.clinic_claim import ClaimClash
from .common import ScheduleCommon

WEEKS = 12


class SeriesCommon(ScheduleCommon):
    """The specialist receives on Wednesdays and Thursdays for a quarter ahead."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Series = cls.env["clinic.appointment.series"]
        cls.days = [cls.day + timedelta(weeks=week) for week in range(WEEKS)]
        for day in cls.days:
            if day != cls.day:
                cls._create_shift(cls.specialist, day=day, room_id=cls.room.id)
            cls._create_shift(
                cls.specialist, day=day + timedelta(days=1), room_id=cls.room.id
            )

    @classmethod
    def _values(cls, **values):
        return {
            "patient_id": cls.patient.id,
            "service_id": cls.service.id,
            "specialist_id": cls.specialist.id,
            "branch_id": cls.branch.id,
            "wed": True,
            "hour": 10,
            "date_from": cls.day,
            "count": WEEKS,
            **values,
        }

    @classmethod
    def _plan(cls, user=None, **values):
        Plan = cls.env["clinic.series.plan"]
        if user:
            Plan = Plan.with_user(user)
        return Plan.create(cls._values(**values))

    @classmethod
    def _series(cls, **values):
        """Return a series with all its dates booked that can be."""
        series = cls.Series.create(cls._values(**values))
        series.action_book()
        return series

    @classmethod
    def _holiday(cls, day, name="Founding day"):
        return cls.env["resource.calendar.leaves"].create(
            {
                "name": name,
                "resource_id": False,
                "calendar_id": False,
                "company_id": cls.env.company.id,
                "date_from": cls._at(0, day=day),
                "date_to": cls._at(23, 59, day=day),
            }
        )

    @classmethod
    def _time_away(cls, first, last):
        return cls.env["resource.calendar.leaves"].create(
            {
                "name": "Secret illness",
                "resource_id": cls.specialist.resource_id.id,
                "date_from": cls._at(0, day=first),
                "date_to": cls._at(23, 59, day=last),
            }
        )

    def _rows(self, wizard):
        self.assertFalse(wizard.preview["hint"])
        return wizard.preview["rows"]

    def _wall(self, visits):
        return [f"{self.branch._localize(visit.start):%H:%M}" for visit in visits]


@tagged("post_install", "-at_install")
class TestSeriesPreview(SeriesCommon):
    def test_twelve_free_weeks(self):
        rows = self._rows(self._plan())
        self.assertEqual([row["id"] for row in rows], [str(d) for d in self.days])
        self.assertTrue(all(row["ok"] and row["time"] == "10:00" for row in rows))

    def test_nothing_is_written_by_looking(self):
        wizard = self._plan()
        before = self.env["clinic.appointment"].search_count([])
        self._rows(wizard)
        self.assertEqual(self.env["clinic.appointment"].search_count([]), before)
        self.assertFalse(self.Series.search([("patient_id", "=", self.patient.id)]))

    def test_each_reason_in_its_own_words(self):
        other = self._create_patient(name="Other")
        days = self.days
        self._holiday(days[1])
        self._time_away(days[2], days[2] + timedelta(days=1))
        self.env["clinic.shift"].search(
            [
                ("specialist_id", "=", self.specialist.id),
                ("start", "=", self._at(9, day=days[3])),
            ]
        ).unlink()
        self._book(start=self._at(10, day=days[4]), patient_id=other.id)
        self._create_shift(self.specialist2, day=days[5], room_id=self.room2.id)
        surgery = self._create_service(specialty_ids=[Command.set(self.specialty2.ids)])
        self._book(
            start=self._at(10, day=days[5]),
            specialist_id=self.specialist2.id,
            service_id=surgery.id,
        )
        self.env["clinic.block"].create(
            {
                "name": "Repairs",
                "room_id": self.room.id,
                "start": self._at(9, day=days[6]),
                "stop": self._at(12, day=days[6]),
            }
        )
        rows = self._rows(self._plan(count=WEEKS + 1))
        words = {row["id"]: row["words"] for row in rows if not row["ok"]}
        self.assertEqual(
            words,
            {
                str(days[1]): "Public holiday: Founding day",
                str(days[2]): "The specialist is away",
                str(days[3]): "The specialist does not receive then",
                str(days[4]): "The specialist is busy",
                str(days[5]): "The patient has another visit then",
                str(days[6]): "No free room or device",
                str(days[-1] + timedelta(weeks=1)): (
                    "The schedule is not made that far yet"
                ),
            },
        )

    def test_three_alternatives_each_nearest_to_the_usual_hour(self):
        self._book(
            start=self._at(10, day=self.days[1]),
            patient_id=self._create_patient(name="Other").id,
        )
        row = self._rows(self._plan())[1]
        self.assertEqual(
            [choice["words"] for choice in row["choices"]],
            ["09:30", "10:30", "09:00"],
        )
        self._holiday(self.days[2])
        row = self._rows(self._plan())[2]
        self.assertEqual(len(row["choices"]), 3)
        self.assertTrue(row["choices"][0]["words"].endswith("10:00"))

    def test_alternatives_can_be_booked_as_they_are(self):
        self._holiday(self.days[1])
        choices = self._rows(self._plan())[1]["choices"]
        for choice in choices:
            vals = self.Series._parse_key(choice["key"])
            visit = self._book(**vals)
            visit.action_cancel()

    def test_a_colleague_helps_out_when_the_specialist_is_away(self):
        colleague = self._create_specialist(
            "Test Colleague", self.specialty, branch_ids=[Command.link(self.branch.id)]
        )
        self._create_shift(colleague, day=self.days[1], room_id=self.room2.id)
        self._time_away(self.days[1], self.days[1] + timedelta(days=5))
        words = [c["words"] for c in self._rows(self._plan())[1]["choices"]]
        self.assertIn("10:00 · Test Colleague", words)

    def test_the_reason_of_a_leave_is_not_shown(self):
        self._time_away(self.days[1], self.days[1])
        self.assertNotIn("Secret", str(self._plan().preview))

    def test_a_full_day(self):
        self.specialist.max_visits_per_day = 1
        self._book(14, patient_id=self._create_patient(name="Other").id)
        row = self._rows(self._plan())[0]
        self.assertEqual(row["words"], "The limit of visits of that day is reached")

    def test_past_dates(self):
        with freeze_time(self._at(12)):
            row = self._rows(self._plan())[0]
        self.assertEqual((row["ok"], row["past"]), (False, True))
        self.assertFalse(row["choices"])

    def test_wanted_room(self):
        self.room2.write({"capacity": 1})
        self._book(
            start=self._at(10, day=self.days[2]),
            room_id=self.room2.id,
            patient_id=self._create_patient(name="Other").id,
        )
        rows = self._rows(self._plan(room_id=self.room2.id))
        self.assertEqual([row["ok"] for row in rows[:4]], [True, True, False, True])

    def test_what_is_missing_is_asked_for(self):
        self.assertIn("patient", self._plan(patient_id=False).preview["hint"])
        self.assertIn("days", self._plan(wed=False).preview["hint"])
        self.assertIn("at least one", self._plan(count=0).preview["hint"])
        wizard = self._plan(specialist_id=self.specialist2.id)
        self.assertIn("does not provide", wizard.preview["hint"])

    def test_number_of_queries_does_not_depend_on_the_number_of_dates(self):
        self._holiday(self.days[1])
        self._time_away(self.days[5], self.days[5])

        def queries(count):
            wizard = self._plan(count=count)
            self.env.flush_all()
            self.env.invalidate_all()
            wizard.patient_id.name, wizard.service_id.name  # noqa: B018
            before = self.env.cr.sql_log_count
            wizard._get_preview()
            return self.env.cr.sql_log_count - before

        queries(2)
        few, many = queries(6), queries(WEEKS)
        self.assertEqual(few, many)
        self.assertLess(many, 40)

    def test_form_fills_in_what_is_known_of_a_regular(self):
        for day in self.days[:2]:
            self._book(start=self._at(11, day=day))
        with freeze_time(self._at(8, day=self.days[2])):
            wizard = self.env["clinic.series.plan"].new({"service_id": self.service.id})
            wizard.patient_id = self.patient
            wizard._onchange_patient_id()
        self.assertEqual(wizard.specialist_id, self.specialist)
        self.assertEqual(wizard.branch_id, self.branch)
        self.assertTrue(wizard.wed)
        self.assertEqual(wizard.hour, 11)

    def test_preview_of_the_booking_dialogs_choice(self):
        key = f"{self.specialist.id}|{self.room.id}|{self._at(12, 30)}"
        wizard = (
            self.env["clinic.series.plan"]
            .with_context(
                default_patient_id=self.patient.id,
                default_service_id=self.service.id,
                default_chosen=key,
            )
            .create({})
        )
        rows = self._rows(wizard)
        self.assertEqual((rows[0]["id"], rows[0]["time"]), (str(self.day), "12:30"))
        self.assertEqual(len(rows), WEEKS)


@tagged("post_install", "-at_install")
class TestSeriesBooking(SeriesCommon):
    def _made(self, action):
        return self.Series.browse(action["params"]["next"]["res_id"])

    def test_twelve_weeks_are_booked(self):
        series = self._made(self._plan().action_book())
        visits = series.appointment_ids
        self.assertEqual(visits.sorted("start").mapped("day"), self.days)
        self.assertEqual(set(self._wall(visits)), {"10:00"})
        self.assertEqual(set(visits.mapped("state")), {"booked"})
        self.assertEqual(series.booked_count, WEEKS)
        self.assertFalse(series.todo_count)

    def test_good_ones_are_booked_the_rest_is_to_do(self):
        self._holiday(self.days[3])
        action = self._plan().action_book()
        series = self._made(action)
        self.assertEqual((series.booked_count, series.todo_count), (WEEKS - 1, 1))
        left = series.line_ids.filtered(lambda line: line.state == "to_do")
        self.assertEqual((left.day, left.reason), (self.days[3], "holiday"))
        self.assertIn("To settle: 1", action["params"]["message"])
        self.assertEqual(left.offers["words"], "Public holiday: Founding day")
        self.assertEqual(len(left.offers["choices"]), 3)

    def test_chosen_alternative_and_left_out_date(self):
        self._holiday(self.days[1])
        wizard = self._plan()
        choice = self._rows(wizard)[1]["choices"][0]["key"]
        wizard.choices = {str(self.days[1]): choice, str(self.days[2]): "skip"}
        series = self._made(wizard.action_book())
        self.assertEqual((series.booked_count, series.todo_count), (WEEKS - 1, 0))
        line = series.line_ids[1]
        self.assertEqual(
            line.appointment_id.start, self.Series._parse_key(choice)["start"]
        )
        self.assertTrue(line.is_moved)
        self.assertEqual(series.line_ids[2].state, "skipped")

    def test_race_between_preview_and_booking(self):
        wizard = self._plan()
        self.assertTrue(all(row["ok"] for row in self._rows(wizard)))
        self._book(
            start=self._at(10, day=self.days[4]),
            patient_id=self._create_patient(name="Quicker").id,
        )
        series = self._made(wizard.action_book())
        self.assertEqual((series.booked_count, series.todo_count), (WEEKS - 1, 1))
        self.assertEqual(series.line_ids[4].reason, "busy")

    def test_race_that_only_the_ledger_sees(self):
        """A rival committed after our look: one date is lost, the others are booked."""
        Claim = self.registry["clinic.claim"]
        original = Claim._claim
        lost = self._at(10, day=self.days[4])

        def claim(self, wanted_list):
            for index, wanted in enumerate(wanted_list):
                if wanted.order.start == lost:
                    clash = ClaimClash("specialist_id")
                    clash.index = index
                    raise clash
            return original(self, wanted_list)

        with patch.object(Claim, "_claim", claim):
            series = self._made(self._plan().action_book())
        self.assertEqual((series.booked_count, series.todo_count), (WEEKS - 1, 1))
        self.assertEqual(series.line_ids[4].reason, "taken")
        self.assertEqual(
            len(series.appointment_ids.sudo().claim_ids.mapped("appointment_id")),
            WEEKS - 1,
        )

    def test_dates_are_settled_later_by_one_click(self):
        self._holiday(self.days[3])
        series = self._series()
        line = series.line_ids.filtered(lambda line: line.state == "to_do")
        key = line.offers["choices"][0]["key"]
        line.action_take(key)
        self.assertEqual(line.state, "booked")
        self.assertEqual(line.appointment_id.series_id, series)
        with self.assertRaisesRegex(UserError, "settled already"):
            line.action_take(key)

    def test_rerun_finds_what_has_become_free(self):
        holiday = self._holiday(self.days[3])
        series = self._series()
        line = series.line_ids[3]
        self.assertFalse(line.offers["ok"])
        holiday.unlink()
        line.invalidate_recordset()
        self.assertTrue(line.offers["ok"])
        line.action_retry()
        self.assertEqual(line.state, "booked")
        self.assertEqual(line.appointment_id.start, self._at(10, day=self.days[3]))

    def test_skip_and_reopen(self):
        self._holiday(self.days[3])
        line = self._series().line_ids[3]
        line.action_skip()
        self.assertEqual((line.state, line.offers), ("skipped", False))
        line.action_reopen()
        self.assertEqual(line.state, "to_do")

    def test_alternative_that_is_gone_is_refused_in_words(self):
        self._holiday(self.days[3])
        line = self._series().line_ids[3]
        key = line.offers["choices"][0]["key"]
        vals = self.Series._parse_key(key)
        self._book(**{**vals, "patient_id": self._create_patient(name="Other").id})
        with self.assertRaisesRegex(UserError, "Free instead"):
            line.action_take(key)

    def test_dates_beyond_the_schedule_are_booked_once_it_is_made(self):
        series = self._series(count=WEEKS + 2)
        late = series.line_ids[-2:]
        self.assertEqual(set(late.mapped("reason")), {"not_yet"})
        self._create_shift(self.specialist, day=late[0].day, room_id=self.room.id)
        self.Series._cron_settle()
        self.assertEqual(late.mapped("state"), ["booked", "to_do"])

    def test_past_to_dos_are_dropped(self):
        self._holiday(self.days[0])
        line = self._series().line_ids[0]
        with freeze_time(self._at(10, day=self.days[1])):
            self.Series._cron_settle()
        self.assertEqual((line.state, line.reason), ("skipped", "past"))

    def test_repeat_a_visit(self):
        visit = self._book(14, 30)
        action = visit.action_open_repeat()
        wizard = (
            self.env["clinic.series.plan"].with_context(**action["context"]).create({})
        )
        rows = self._rows(wizard)
        self.assertTrue(rows[0]["booked"])
        series = self._made(wizard.action_book())
        self.assertEqual(visit.series_id, series)
        self.assertEqual(len(series.appointment_ids), WEEKS)
        self.assertEqual(set(self._wall(series.appointment_ids)), {"14:30"})

    def test_extend(self):
        series = self._series(count=4)
        context = series.action_open_extend()["context"]
        wizard = (
            self.env["clinic.series.plan"].with_context(**context).create({"count": 3})
        )
        self.assertEqual(
            [row["id"] for row in self._rows(wizard)],
            [str(day) for day in self.days[4:7]],
        )
        wizard.action_book()
        self.assertEqual(series.booked_count, 7)
        self.assertEqual(series.last_day, self.days[6])

    def test_every_second_week_on_two_days(self):
        series = self._series(wed=True, thu=True, every=2, count=6)
        thursday = timedelta(days=1)
        expected = []
        for day in self.days[:6:2]:
            expected += [day, day + thursday]
        self.assertEqual(series.appointment_ids.sorted("start").mapped("day"), expected)

    def test_until(self):
        series = self._series(end_type="until", date_until=self.days[4])
        self.assertEqual(len(series.line_ids), 5)
        with self.assertRaisesRegex(ValidationError, "before they begin"):
            self._series(end_type="until", date_until=self.day - timedelta(days=1))

    def test_booking_in_bulk_costs_less_than_one_by_one(self):
        def queries(book):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            book()
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        self._book(13)  # warm
        one = queries(lambda: self._book(14))
        wizard = self._plan()
        self.assertLess(queries(wizard.action_book), WEEKS * one)


@tagged("post_install", "-at_install")
class TestSeriesChange(SeriesCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.series = cls._series()
        cls.visits = cls.series.appointment_ids.sorted("start")

    def _change(self, visit, scope, start, **values):
        action = visit.action_open_series_move(start, scope=scope)
        return (
            self.env["clinic.series.change"]
            .with_context(**action["context"])
            .create(values)
        )

    def test_this_only(self):
        self._change(
            self.visits[2], "this", self._at(12, day=self.days[2])
        ).action_move()
        self.assertEqual(
            self._wall(self.visits), ["10:00", "10:00", "12:00"] + ["10:00"] * 9
        )
        self.assertTrue(self.visits[2].series_line_ids.is_moved is False)
        self.assertEqual(self.series.hour, 10)

    def test_this_and_following(self):
        wizard = self._change(
            self.visits[2], "following", self._at(12, 30, day=self.days[2])
        )
        self.assertEqual(len(self._rows(wizard)), 10)
        wizard.action_move()
        self.assertEqual(self._wall(self.visits), ["10:00"] * 2 + ["12:30"] * 10)
        self.assertEqual(self.series.hour, 12.5)
        self.assertEqual(
            self.series._occurrences()[0].start, self._at(12, 30, day=self.day)
        )

    def test_all_to_another_weekday(self):
        thursday = timedelta(days=1)
        self._change(
            self.visits[0], "all", self._at(9, day=self.days[0] + thursday)
        ).action_move()
        self.assertEqual(
            self.visits.mapped("day"), [day + thursday for day in self.days]
        )
        self.assertEqual(set(self._wall(self.visits)), {"09:00"})
        self.assertTrue(self.series.thu and not self.series.wed)

    def test_all_a_week_later_do_not_stand_in_each_others_way(self):
        self._create_shift(
            self.specialist,
            day=self.days[-1] + timedelta(weeks=1),
            room_id=self.room.id,
        )
        wizard = self._change(self.visits[0], "all", self._at(10, day=self.days[1]))
        self.assertTrue(all(row["ok"] for row in self._rows(wizard)))
        wizard.action_move()
        self.assertEqual(self.visits[0].day, self.days[1])
        self.assertEqual(self.visits[-1].day, self.days[-1] + timedelta(weeks=1))

    def test_half_an_hour_later_is_no_clash_with_oneself(self):
        long = self._create_service(duration=60)
        series = self._series(service_id=long.id, hour=12)
        visits = series.appointment_ids.sorted("start")
        wizard = self._change(visits[0], "all", self._at(12, 30))
        self.assertTrue(all(row["ok"] for row in self._rows(wizard)))
        wizard.action_move()
        self.assertEqual(set(self._wall(visits)), {"12:30"})

    def test_failing_dates_stay_and_are_named(self):
        self._book(
            start=self._at(12, day=self.days[5]),
            patient_id=self._create_patient(name="Other").id,
        )
        wizard = self._change(self.visits[0], "all", self._at(12))
        row = self._rows(wizard)[5]
        self.assertEqual((row["ok"], row["words"]), (False, "The specialist is busy"))
        self.assertEqual(len(row["choices"]), 3)
        action = wizard.action_move()
        self.assertEqual(self._wall(self.visits)[5], "10:00")
        self.assertEqual(self._wall(self.visits).count("12:00"), 11)
        self.assertIn(self.visits[5].local_time, action["params"]["message"])
        self.assertEqual(self.visits[5].series_line_ids.state, "booked")

    def test_a_date_without_a_visit_is_not_told_to_keep_its_time(self):
        self.visits[5].action_cancel("Asked")
        line = self.series.line_ids.sorted("start")[5]
        line.write({"state": "to_do", "appointment_id": False})
        self._book(
            start=self._at(12, day=self.days[5]),
            patient_id=self._create_patient(name="Other").id,
        )
        wizard = self._change(self.visits[0], "all", self._at(12))
        self.assertEqual(
            [row["open"] for row in self._rows(wizard)[4:7]], [False, True, False]
        )
        message = wizard.action_move()["params"]["message"]
        self.assertNotIn("Left at the old time", message)
        self.assertIn(f"without a visit as yet: {line.day_words}", message)

    def test_nothing_is_offered_before_the_date_that_comes_first(self):
        # A week and a day later: there is no shift as yet for the last of them.
        wizard = self._change(
            self.visits[0], "all", self._at(10, day=self.day + timedelta(days=8))
        )
        *_rest, before, last = self._rows(wizard)
        self.assertEqual((before["ok"], last["ok"]), (True, False))
        offered = [choice["key"].split("|")[2][:10] for choice in last["choices"]]
        self.assertFalse([day for day in offered if day <= str(self.days[-1])])

    def test_failing_date_to_a_chosen_window_and_one_left_alone(self):
        self._book(
            start=self._at(12, day=self.days[5]),
            patient_id=self._create_patient(name="Other").id,
        )
        wizard = self._change(self.visits[0], "all", self._at(12))
        rows = self._rows(wizard)
        wizard.choices = {
            rows[5]["id"]: rows[5]["choices"][0]["key"],
            rows[6]["id"]: "skip",
        }
        wizard.action_move()
        self.assertEqual(self._wall(self.visits)[5:7], ["11:30", "10:00"])

    def test_another_specialist_from_here_on(self):
        colleague = self._create_specialist(
            "Test Colleague", self.specialty, branch_ids=[Command.link(self.branch.id)]
        )
        for day in self.days[8:]:
            self._create_shift(colleague, day=day, room_id=self.room2.id)
        wizard = self._change(
            self.visits[8],
            "following",
            self.visits[8].start,
            specialist_id=colleague.id,
        )
        wizard.action_move()
        self.assertEqual(self.visits[8:].specialist_id, colleague)
        self.assertEqual(self.visits[:8].specialist_id, self.specialist)
        self.assertEqual(self.series.specialist_id, colleague)

    def test_past_and_attended_visits_never_move(self):
        with freeze_time(self._at(10, 5, day=self.days[3])):
            self.visits[3].action_arrive()
            self.visits[3].action_start()
            self._change(
                self.visits[4], "all", self._at(12, day=self.days[4])
            ).action_move()
        self.assertEqual(self._wall(self.visits), ["10:00"] * 4 + ["12:00"] * 8)

    def test_move_dialog_asks_how_far(self):
        wizard = self.env["clinic.appointment.move"].create(
            {
                "appointment_id": self.visits[1].id,
                "service_id": self.service.id,
                "chosen": f"{self.specialist.id}|{self.room.id}|"
                f"{self._at(13, day=self.days[1])}",
                "series_scope": "following",
            }
        )
        action = wizard.action_move()
        self.assertEqual(action["res_model"], "clinic.series.change")
        self.assertEqual(self._wall(self.visits[1]), ["10:00"])
        change = (
            self.env["clinic.series.change"]
            .with_context(**action["context"])
            .create({})
        )
        change.action_move()
        self.assertEqual(self._wall(self.visits), ["10:00"] + ["13:00"] * 11)

    def _cancel(self, visit, scope):
        wizard = (
            self.env["clinic.appointment.cancel"]
            .with_context(active_ids=visit.ids)
            .create({"series_scope": scope, "details": "Moves away"})
        )
        wizard.action_cancel()

    def test_cancel_this(self):
        self._cancel(self.visits[1], "this")
        self.assertEqual(self.visits[1].state, "cancelled")
        self.assertEqual(self.visits[1].series_line_ids.state, "skipped")
        self.assertEqual(self.series.booked_count, 11)
        self.assertEqual(self.series.state, "running")

    def test_cancel_following(self):
        self._cancel(self.visits[4], "following")
        self.assertEqual(
            self.visits.mapped("state"), ["booked"] * 4 + ["cancelled"] * 8
        )
        for visit in self.visits[4:]:
            self.assertIn("Moves away", visit.cancel_reason)

    def test_cancel_all_ends_the_series(self):
        self._cancel(self.visits[4], "all")
        self.assertEqual(set(self.visits.mapped("state")), {"cancelled"})
        self.assertEqual(self.series.state, "ended")

    def test_end_button(self):
        context = self.series.action_open_end()["context"]
        wizard = (
            self.env["clinic.appointment.cancel"].with_context(**context).create({})
        )
        self.assertEqual(wizard.series_scope, "all")
        self.assertIn("12", wizard.series_summary)
        wizard.action_cancel()
        self.assertEqual(self.series.state, "ended")

    def test_cancelled_date_can_be_settled_again(self):
        self._cancel(self.visits[1], "this")
        line = self.visits[1].series_line_ids
        line.action_reopen()
        line.action_retry()
        self.assertEqual(line.state, "booked")
        self.assertNotEqual(line.appointment_id, self.visits[1])

    def test_rule_is_not_written_by_hand(self):
        reception = self._user("reception")
        with self.assertRaisesRegex(UserError, "buttons"):
            self.series.with_user(reception).write({"hour": 12})
        self.series.with_user(reception).note = "By the window"
        with self.assertRaisesRegex(UserError, "belongs"):
            self.visits[0].with_user(reception).write({"series_id": False})


@tagged("post_install", "-at_install")
class TestSeriesClock(ScheduleCommon):
    """Berlin changes its clocks on 28 March and 31 October 2027."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.berlin = cls.env["clinic.branch"].create(
            {"name": "Test Berlin", "tz": "Europe/Berlin"}
        )
        cls.berlin_room = cls.env["clinic.room"].create(
            {"name": "Room B", "branch_id": cls.berlin.id}
        )
        cls.specialist.branch_ids = [Command.link(cls.berlin.id)]
        # Desk in Yekaterinburg: its own clock must not matter.
        cls.user = cls._user("reception")

    def _shifts(self, first, weeks, hours=(9, 15)):
        for week in range(weeks):
            self._create_shift(
                self.specialist,
                day=first + timedelta(weeks=week),
                branch=self.berlin,
                room_id=self.berlin_room.id,
                hours=hours,
            )

    def _plan(self, **values):
        return (
            self.env["clinic.series.plan"]
            .with_user(self.user)
            .with_context(tz="Asia/Yekaterinburg")
            .create(
                {
                    "patient_id": self.patient.id,
                    "service_id": self.service.id,
                    "specialist_id": self.specialist.id,
                    "branch_id": self.berlin.id,
                    "count": 6,
                    **values,
                }
            )
        )

    def _check(self, first, utc_hours):
        with freeze_time(datetime.combine(first, datetime.min.time())):
            self._shifts(first, 6)
            wizard = self._plan(date_from=first, tue=True, hour=10)
            rows = wizard.preview["rows"]
            self.assertEqual({row["time"] for row in rows}, {"10:00"})
            self.assertTrue(all(row["ok"] for row in rows))
            action = wizard.action_book()
            series = self.env["clinic.appointment.series"].browse(
                action["params"]["next"]["res_id"]
            )
            visits = series.appointment_ids.sorted("start")
            self.assertEqual([visit.start.hour for visit in visits], utc_hours)
            self.assertEqual(
                {f"{self.berlin._localize(v.start):%a %H:%M}" for v in visits},
                {"Tue 10:00"},
            )
            return visits

    def test_into_summer(self):
        visits = self._check(date(2027, 3, 16), [9, 9, 8, 8, 8, 8])
        with freeze_time(datetime(2027, 3, 16)):
            # Moved in winter, kept on the clock in summer.
            action = visits[0].action_open_series_move(
                datetime(2027, 3, 16, 11), scope="all"
            )
            self.env["clinic.series.change"].with_context(**action["context"]).create(
                {}
            ).action_move()
        self.assertEqual([v.start.hour for v in visits], [11, 11, 10, 10, 10, 10])

    def test_into_winter(self):
        self._check(date(2027, 10, 19), [8, 8, 9, 9, 9, 9])

    def test_night_of_the_skipped_hour(self):
        first = date(2027, 3, 21)
        with freeze_time(datetime(2027, 3, 20)):
            self._shifts(first, 3, hours=(0, 6))
            rows = self._plan(date_from=first, sun=True, hour=2.5, count=3).preview[
                "rows"
            ]
        self.assertEqual(
            [(row["time"], row["ok"]) for row in rows],
            [("02:30", True), ("03:30", True), ("02:30", True)],
        )


@tagged("post_install", "-at_install")
class TestSeriesRights(SeriesCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for role in ("callcenter", "cashier", "director", "nurse", "storekeeper"):
            cls._user(role)
        cls.series = cls._series(count=3)
        cls.foreign = cls._create_specialist(
            "Test Colleague", cls.specialty, branch_ids=[Command.link(cls.branch.id)]
        )
        cls._create_shift(cls.foreign, room_id=cls.room2.id)

    def _as(self, role, record=None):
        self.env.invalidate_all()
        user = self._user(role) if isinstance(role, str) else role
        return (self.series if record is None else record).with_user(user)

    def test_the_desk_makes_series(self):
        for number, role in enumerate(("reception", "callcenter", "admin")):
            with self.subTest(role=role):
                wizard = self._plan(
                    user=self._user(role), hour=12 + number / 2, count=2
                )
                self.assertTrue(all(row["ok"] for row in self._rows(wizard)))
                action = wizard.action_book()
                series = self.Series.browse(action["params"]["next"]["res_id"])
                self.assertEqual(series.booked_count, 2)
                self._as(role, series).action_open_end()

    def test_a_specialist_makes_own_series_only(self):
        own = self._plan(user=self._user("specialist"), hour=12, count=2)
        own.action_book()
        wizard = self._plan(
            user=self._user("specialist"), specialist_id=self.foreign.id, count=1
        )
        with self.assertRaises(AccessError):
            wizard.action_book()
        series = self.Series.create(
            self._values(specialist_id=self.foreign.id, hour=12, count=1)
        )
        with self.assertRaises(AccessError):
            self._as("specialist", series).read(["rule_words"])
        with self.assertRaises(AccessError):
            self._as("specialist", series.line_ids).action_skip()
        # Nor does he hand a series to a colleague.
        visit = self._as("specialist", self.series.appointment_ids.sorted("start")[:1])
        action = visit.action_open_series_move(
            self._at(12), self.foreign.id, scope="all"
        )
        change = (
            self._as("specialist", self.env["clinic.series.change"])
            .with_context(**action["context"])
            .create({})
        )
        with self.assertRaises(AccessError):
            change.action_move()

    def test_readers_read_and_no_more(self):
        for role in ("cashier", "director", "nurse"):
            with self.subTest(role=role):
                self.assertTrue(self._as(role).rule_words)
                self.assertTrue(
                    self._as(role, self.series.line_ids).mapped("day_words")
                )
                for method in ("action_book", "action_open_end", "action_open_extend"):
                    with self.assertRaises(AccessError):
                        getattr(self._as(role), method)()
                for method in ("action_skip", "action_retry", "action_reopen"):
                    with self.assertRaises(AccessError):
                        getattr(self._as(role, self.series.line_ids), method)()
                with self.assertRaises(AccessError):
                    self._as(role, self.Series).create(self._values())
                with self.assertRaises(AccessError):
                    self._as(role, self.env["clinic.series.plan"]).create({})

    def test_lines_are_written_by_nobody(self):
        for role in ("reception", "admin", "specialist"):
            with self.subTest(role=role), self.assertRaises(AccessError):
                self._as(role, self.series.line_ids).write({"state": "booked"})

    def test_others_see_nothing(self):
        portal = new_test_user(
            self.env,
            login="clinic_series_portal",
            groups="base.group_portal",
            partner_id=self.patient.id,
        )
        for user in ("storekeeper", portal):
            with self.assertRaises(AccessError):
                self._as(user).read(["rule_words"])
            with self.assertRaises(AccessError):
                self._as(user, self.series.line_ids[:1]).action_take("1|0|2030-01-01")
            with self.assertRaises(AccessError):
                self._as(user, self.Series).create(self._values())

    def test_companies_are_apart(self):
        other = self.env["res.company"].create({"name": "Other clinic"})
        user = new_test_user(
            self.env,
            login="clinic_series_other",
            groups="clinic_base.group_reception",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        for record in (self.series, self.series.line_ids):
            with self.assertRaises(AccessError):
                self._as(user, record).read(["state"])

    def test_own_values_of_a_user_are_taken_for_the_rule_only(self):
        series = self._as("reception", self.Series).create(
            self._values(hour=13, count=1, state="ended", line_ids=[Command.clear()])
        )
        self.assertEqual((series.state, len(series.line_ids)), ("running", 1))

    def test_name_tells_no_patient(self):
        self.assertNotIn(self.patient.name, self.series.display_name)


@tagged("post_install", "-at_install")
class TestSeriesTimeOff(SeriesCommon):
    """Time off that comes after the booking."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.series = cls._series(count=6)
        cls.visits = cls.series.appointment_ids.sorted("start")

    def test_dates_hit_by_time_off_are_to_be_settled(self):
        leave = self._time_away(self.days[2], self.days[3])
        lines = self.visits[2:4].series_line_ids
        self.assertEqual(set(lines.mapped("state")), {"to_do"})
        self.assertEqual(set(lines.mapped("reason")), {"absence"})
        self.assertEqual((self.series.booked_count, self.series.todo_count), (4, 2))
        self.assertEqual(set(self.visits.mapped("state")), {"booked"})
        offer = lines[0].offers
        self.assertEqual((offer["ok"], len(offer["choices"])), (False, 3))
        leave.unlink()
        self.assertEqual(set(lines.mapped("state")), {"booked"})

    def test_settled_on_either_screen(self):
        self._time_away(self.days[2], self.days[3])
        lines = self.visits[2:4].series_line_ids.sorted("start")
        todos = lines.appointment_id._open_rebookings().sorted("old_start")
        self.assertEqual(len(todos), 2)
        lines[0].action_take(lines[0].offers["choices"][0]["key"])
        self.assertEqual(
            (lines[0].state, todos[0].state, todos[0].outcome),
            ("booked", "done", "moved"),
        )
        todos[1].action_take()
        self.assertEqual((lines[1].state, todos[1].state), ("booked", "done"))

    def test_moving_all_includes_the_dates_to_settle(self):
        self._time_away(self.days[2], self.days[2])
        action = self.visits[0].action_open_series_move(
            self._at(10, day=self.days[0] + timedelta(days=1)), scope="all"
        )
        change = (
            self.env["clinic.series.change"]
            .with_context(**action["context"])
            .create({})
        )
        change.action_move()
        self.assertFalse(self.series.todo_count)
        self.assertFalse(self.visits._open_rebookings())

    def test_a_stranded_visit_is_not_just_left_out(self):
        self._time_away(self.days[2], self.days[2])
        with self.assertRaisesRegex(UserError, "move or cancel"):
            self.visits[2].series_line_ids.action_skip()
        self.visits[2].action_cancel()
        self.assertEqual(self.visits[2].series_line_ids.state, "skipped")
