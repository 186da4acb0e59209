from datetime import timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import mute_logger

from .common import ScheduleCommon


class WaitlistCommon(ScheduleCommon):
    """The clinic's morning, two days before ``cls.day``; e-mail and SMS work.

    The first specialist's day is full but for what a test frees.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for role in ("callcenter", "cashier", "specialist"):
            cls._user(role)
        cls.now = cls._at(12, day=cls.day - timedelta(days=2))
        freezer = freeze_time(cls.now)
        freezer.start()
        cls.addClassCleanup(freezer.stop)
        company = cls.env.company
        company.partner_id.email = "clinic@example.com"
        for model, method in (
            ("res.company", "_clinic_sms_ready"),
            ("clinic.notice", "_mail_ready"),
        ):
            patcher = patch.object(
                cls.env.registry[model], method, lambda _record: True
            )
            cls.startClassPatcher(patcher)
        cls.branch.write({"quiet_from": 21.0, "quiet_to": 9.0})
        cls.people = [
            cls._create_patient(
                name=f"Waiting {n}",
                phone=f"+7 912 300-00-0{n}",
                email=f"waiting{n}@example.com",
            )
            for n in range(4)
        ]
        cls.Window = cls.env["clinic.freed.window"]
        cls.Window.search([("state", "=", "queued")]).write({"state": "nobody"})

    @classmethod
    def _wish(cls, patient=None, **values):
        return cls.env["clinic.waitlist"].create(
            {
                "patient_id": (patient or cls.people[0]).id,
                "service_id": cls.service.id,
                "date_from": cls.day - timedelta(days=7),
                "date_to": cls.day + timedelta(days=7),
                **values,
            }
        )

    @classmethod
    def _fill_day(cls):
        """Book all of the specialist's day; return the visits by their hour."""
        visits = {}
        for half in range(12):
            patient = cls._create_patient(name=f"Busy {half}")
            visits[9 + half / 2] = cls._book(
                9 + half // 2, half % 2 * 30, patient_id=patient.id
            )
        return visits

    def _work(self):
        """Do what the job does, without its commits."""
        self.Window._close_hopeless()
        due = self.Window.search(
            [
                ("state", "in", ("queued", "waiting")),
                ("next_at", "<=", fields.Datetime.now()),
            ],
            order="start, id",
        )
        for window in due:
            window._work()
        return due

    def _pending(self):
        return self.env["clinic.waitlist.offer"].search([("state", "=", "pending")])


@tagged("post_install", "-at_install")
class TestWaitlist(WaitlistCommon):
    def test_a_wish_needs_days_hours_and_a_possible_specialist(self):
        with self.assertRaisesRegex(UserError, "what they do"):
            self._wish(specialist_ids=[Command.set(self.specialist2.ids)])
        for wrong in (
            {"hour_from": 12, "hour_to": 12},
            {"date_to": self.day - timedelta(days=30)},
            {"notice_hours": -1},
            dict.fromkeys(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), False),
        ):
            with (
                self.subTest(wrong=wrong),
                mute_logger("odoo.sql_db"),
                self.assertRaises(Exception) as caught,
                self.env.cr.savepoint(),
            ):
                self._wish(**wrong)
            self.assertIn("CheckViolation", type(caught.exception).__name__)

    def test_weekdays_are_given_by_numbers_or_by_boxes(self):
        entry = self._wish(weekdays="0, 2")
        self.assertTrue(entry.mon and entry.wed)
        self.assertFalse(entry.tue or entry.sun)
        self.assertEqual(entry.weekday_mask, 0b101)
        entry.tue = True
        self.assertEqual(entry.weekdays, "0,1,2")
        self.assertEqual(self._wish().weekdays, "")
        with self.assertRaises(UserError):
            self._wish(weekdays="7")

    def test_the_wish_is_said_in_words(self):
        entry = self._wish(
            weekdays="0,1,2,3,4",
            hour_from=17.5,
            branch_ids=[Command.set(self.branch.ids)],
        )
        self.assertIn("working days from 17:30", entry.wish_words)
        self.assertIn("Test Yekaterinburg", entry.wish_words)
        self.assertNotIn(self.people[0].name, entry.display_name)

    def test_expires_after_its_last_day_by_the_clock_of_the_branch(self):
        entry = self._wish(date_to=self.day, branch_ids=[Command.set(self.branch.ids)])
        entries = self.env["clinic.waitlist"]
        with freeze_time(self._at(23, 50)):
            entries._cron_expire()
            self.assertEqual(entry.state, "open")
        with freeze_time(self._at(0, 10, day=self.day + timedelta(days=1))):
            entries._cron_expire()
        self.assertEqual(entry.state, "expired")

    def test_reopened_entry_gets_a_new_period(self):
        entry = self._wish(date_to=self.day)
        with freeze_time(self._at(9, day=self.day + timedelta(days=3))):
            entry._close("expired")
            entry.action_reopen()
            self.assertEqual(entry.state, "open")
            self.assertGreater(entry.date_to, self.day + timedelta(days=3))

    def test_own_booking_of_the_same_service_ends_the_waiting(self):
        entry, other = self._wish(), self._wish(service_id=self.service_prepaid.id)
        visit = self._book(10, patient_id=self.people[0].id)
        self.assertEqual(entry.state, "booked")
        self.assertEqual(entry.appointment_id, visit)
        self.assertEqual(other.state, "open")

    def test_a_hold_does_not_end_the_waiting_but_its_confirmation_does(self):
        entry = self._wish()
        hold = self._book(10, patient_id=self.people[0].id, hold_minutes=15)
        self.assertEqual(entry.state, "open")
        hold.action_confirm()
        self.assertEqual(entry.state, "booked")

    def test_a_visit_after_the_period_does_not_end_the_waiting(self):
        entry = self._wish(date_to=self.day - timedelta(days=1))
        self._book(10, patient_id=self.people[0].id)
        self.assertEqual(entry.state, "open")

    def test_book_at(self):
        entry = self._wish().with_user(self._user("reception"))
        visit_id = entry.book_at(
            self.specialist.id, fields.Datetime.to_string(self._at(11)), self.room.id
        )
        visit = self.env["clinic.appointment"].browse(visit_id)
        self.assertEqual(visit.patient_id, self.people[0])
        self.assertEqual(visit.origin, "waitlist")
        self.assertEqual(visit.start, self._at(11))
        self.assertEqual(entry.state, "booked")
        with self.assertRaisesRegex(UserError, "not on the waiting list"):
            entry.book_at(self.specialist.id, self._at(12))

    def test_book_at_a_taken_time_keeps_the_entry(self):
        entry = self._wish()
        self._book(11)
        with self.assertRaisesRegex(UserError, "already booked"):
            entry.book_at(self.specialist.id, self._at(11))
        self.assertEqual(entry.state, "open")

    def test_board_entries(self):
        urgent = self._wish(self.people[1], priority="2", weekdays="2")
        plain = self._wish(specialist_ids=[Command.set(self.specialist.ids)])
        self._wish(self.people[2], weekdays="0")
        self._wish(self.people[3], branch_ids=[Command.set(self.branch_msk.ids)])
        found = (
            self.env["clinic.waitlist"]
            .with_user(self._user("callcenter"))
            .board_entries(self.branch.id, fields.Date.to_string(self.day))
        )
        self.assertEqual([item["id"] for item in found], [urgent.id, plain.id])
        self.assertEqual(found[0]["patient"], "Waiting 1")
        self.assertEqual(found[1]["specialist_ids"], self.specialist.ids)
        self.assertEqual(found[0]["minutes"], 30)

    def test_the_form_of_a_search_is_filled_in(self):
        entries = self.env["clinic.waitlist"].with_user(self._user("reception"))
        action = entries.with_context(
            default_patient_id=self.people[0].id,
            default_service_id=self.service.id,
            default_specialist_id=self.specialist.id,
            default_branch_id=self.branch.id,
            default_problem_id=self.problem.id,
            default_date_from=str(self.day),
        ).action_open_from_search()
        with Form(
            entries.with_context(**action["context"]), action["views"][0][0]
        ) as form:
            form.hour_from = 16
        entry = form.record
        self.assertEqual(entry.specialist_ids, self.specialist)
        self.assertEqual(entry.branch_ids, self.branch)
        self.assertEqual(entry.date_from, self.day)
        self.assertEqual(entry.sudo().problem_id, self.problem)

    def test_the_desk_does_not_read_the_problem(self):
        entry = self._wish(problem_id=self.problem.id)
        self.env.invalidate_all()
        for role in ("reception", "callcenter", "admin"):
            seen = entry.with_user(self._user(role))
            with self.subTest(role=role), self.assertRaises(AccessError):
                seen.read(["problem_id"])
            self.assertFalse(seen.problem_choice_id)
            self.assertTrue(seen.by_problem)
            self.assertNotIn("headache", seen.with_whom)

    def test_rights(self):
        entry = self._wish(specialist_ids=[Command.set(self.specialist.ids)])
        foreign = self._wish(self.people[1])
        portal = new_test_user(
            self.env, login="waiting_portal", groups="base.group_portal"
        )
        entry.patient_id.user_ids = portal
        self.env.invalidate_all()
        for user in (self._user("cashier"), portal):
            for model in (
                "clinic.waitlist",
                "clinic.waitlist.offer",
                "clinic.freed.window",
            ):
                with self.subTest(user=user.login, model=model):
                    with self.assertRaises(AccessError):
                        self.env[model].with_user(user).search([])
            for method in ("action_leave", "action_pause", "action_reopen"):
                with self.assertRaises(AccessError):
                    getattr(entry.with_user(user), method)()
            with self.assertRaises(AccessError):
                entry.with_user(user).book_at(self.specialist.id, self._at(10))
        own = self._user("specialist")
        self.assertEqual(self.env["clinic.waitlist"].with_user(own).search([]), entry)
        with self.assertRaises(AccessError):
            entry.with_user(own).note = "Mine"
        with self.assertRaises(AccessError):
            foreign.with_user(own).read(["note"])
        desk = entry.with_user(self._user("reception"))
        desk.note = "Calls back"
        with self.assertRaises(AccessError):
            desk.unlink()
        with self.assertRaises(UserError):
            desk.state = "booked"

    def test_companies_are_apart(self):
        entry = self._wish()
        other = self.env["res.company"].create({"name": "Other clinic"})
        user = new_test_user(
            self.env,
            login="clinic_other_list",
            groups="clinic_base.group_reception",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        self.env.invalidate_all()
        self.assertFalse(self.env["clinic.waitlist"].with_user(user).search([]))
        with self.assertRaises(AccessError):
            entry.with_user(user).read(["note"])

    def test_an_offered_entry_keeps_its_patient(self):
        entry = self._wish()
        entry._set_state("offered")
        with self.assertRaises(UserError):
            entry.patient_id = self.people[1]
