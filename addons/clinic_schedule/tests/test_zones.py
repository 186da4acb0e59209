from datetime import date, datetime, timedelta

from lxml import etree

from odoo import Command
from odoo.tests import Form, freeze_time, tagged

from .common import ScheduleCommon

SPRING, AUTUMN = date(2027, 3, 28), date(2027, 10, 31)


@tagged("post_install", "-at_install")
class TestZones(ScheduleCommon):
    """The clock of the branch everywhere, whoever looks from wherever."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.berlin = cls.env["clinic.branch"].create(
            {"name": "Test Berlin", "tz": "Europe/Berlin"}
        )
        cls.specialist.branch_ids = [Command.link(cls.berlin.id)]
        cls.far = cls._user("reception")
        cls.far.tz = "Asia/Vladivostok"

    def _as_far(self, records):
        """Return the records as somebody whose browser is in Vladivostok."""
        self.env.invalidate_all()
        return records.with_user(self.far).with_context(tz="Asia/Vladivostok")

    def _night(self, day, hours=(0, 6)):
        return self.env["clinic.shift"].create(
            {
                "specialist_id": self.specialist.id,
                "branch_id": self.berlin.id,
                "day": day,
                "hour_from": hours[0],
                "hour_to": hours[1],
            }
        )

    # Days when clocks change --------------------------------------------------

    def test_search_and_booking_on_both_change_days(self):
        """The hour that is lost is not offered, the doubled one is there twice."""
        for day, hours in ((SPRING, 5), (AUTUMN, 7)):
            with self.subTest(day=day):
                shift = self._night(day)
                self.assertEqual(shift.stop - shift.start, timedelta(hours=hours))
                slots = self._slots(start=shift.start, stop=shift.stop)
                starts = [datetime.fromisoformat(slot["start"]) for slot in slots]
                self.assertEqual(len(starts), hours * 12 - 5)
                walls = [f"{self.berlin._localize(s):%H:%M}" for s in starts]
                self.assertEqual(walls.count("02:15"), 0 if day == SPRING else 2)
                self.assertEqual(walls.count("04:15"), 1)
                visits = [
                    self._book(start=start, patient_id=self._create_patient().id)
                    for start in starts[::6]
                ]
                self.assertEqual(len(visits), hours * 2)
                for visit in visits:
                    self.assertEqual(visit.day, day)
                    self.assertEqual(visit.stop - visit.start, timedelta(minutes=30))

    def test_visit_over_the_change_lasts_as_long_as_ever(self):
        shift = self._night(SPRING)
        visit = self._book(
            start=self._at(1, 45, day=SPRING, branch=self.berlin),
        )
        self.assertEqual(visit.stop - visit.start, timedelta(minutes=30))
        self.assertEqual(visit.local_hours, "01:45–03:15")
        self.assertLess(visit.stop, shift.stop)

    def test_moving_across_the_change_keeps_the_wall_time(self):
        before = self._night(SPRING - timedelta(days=1), (9, 15))
        after = self._night(SPRING, (9, 15))
        visit = self._book(start=before.start + timedelta(hours=1))
        wall = self._at(10, day=SPRING, branch=self.berlin)
        visit.reschedule(wall)
        self.assertEqual(visit.local_hours, "10:00–10:30")
        self.assertEqual(wall - before.start, timedelta(hours=24))
        self.assertEqual(after.start - before.start, timedelta(hours=23))

    def test_day_of_a_visit_at_night(self):
        """Late in Berlin it is tomorrow in Vladivostok and still today there."""
        self._night(AUTUMN, (20, 24))
        visit = self._book(start=self._at(23, 30, day=AUTUMN, branch=self.berlin))
        self.assertEqual(self._as_far(visit).day, AUTUMN)
        self.assertIn("23:30", self._as_far(visit).local_time)

    def test_proposals_over_the_change(self):
        """A visit that must move gets the same hour on the wall, not 24 hours on."""
        saturday = SPRING - timedelta(days=1)
        before, _after = self._night(saturday, (9, 15)), self._night(SPRING, (9, 15))
        with freeze_time(self._at(8, day=saturday - timedelta(days=2))):
            visit = self._book(start=before.start + timedelta(hours=1))
            before.active = False
            todo = self.env["clinic.rebooking"].search(
                [("appointment_id", "=", visit.id)]
            )
            self.assertEqual(
                todo.proposals[0]["start"],
                str(self._at(10, day=SPRING, branch=self.berlin)),
            )

    # A browser in another zone ------------------------------------------------

    def test_today_is_the_day_of_the_branch(self):
        """At 21:00 in Yekaterinburg it is two in the morning in Vladivostok."""
        visit = self._book(14)
        tomorrow = self.day + timedelta(days=1)
        self._create_shift(self.specialist, day=tomorrow)
        next_one = self._book(
            start=self._at(10, day=tomorrow), patient_id=self._create_patient().id
        )
        both = visit | next_one
        with freeze_time(self._at(21)):
            found = self._as_far(self.env["clinic.appointment"]).search(
                [("days_ahead", "=", 0), ("id", "in", both.ids)]
            )
            self.assertEqual(found, visit)
            self.assertTrue(self._as_far(visit).is_today)
            self.assertEqual(self._as_far(next_one).days_ahead, 1)
            domains = {
                ("=", 1): next_one,
                (">=", 0): both,
                (">", 0): next_one,
                ("<", 1): visit,
                ("in", (0, 1)): both,
                ("!=", 0): next_one,
            }
            for (operator, value), expected in domains.items():
                with self.subTest(operator=operator):
                    self.assertEqual(
                        self._as_far(self.env["clinic.appointment"]).search(
                            [
                                ("days_ahead", operator, value),
                                ("id", "in", both.ids),
                            ]
                        ),
                        expected,
                    )

    def test_lists_group_by_the_day_of_the_branch(self):
        self._create_shift(self.specialist, hours=(22, 23))
        visit = self._book(22)
        for model, record in (
            ("clinic.appointment", visit),
            ("clinic.shift", self.shift),
        ):
            groups = self._as_far(self.env[model])._read_group(
                [("id", "=", record.id)], ["day:day"], ["__count"]
            )
            self.assertEqual(groups, [(self.day, 1)])

    def test_booking_dialog_from_afar(self):
        form = Form(self._as_far(self.env["clinic.booking.wizard"]))
        form.patient_id = self.patient
        form.service_id = self.service
        form.date_from = self.day
        offers = form.offers["days"][0]["rows"][0]["windows"]
        self.assertEqual(offers[0]["time"], "09:00")
        self.assertEqual(offers[0]["start"], str(self._at(9)))
        wizard = self._as_far(self.env["clinic.booking.wizard"]).new(
            {"chosen": offers[0]["key"]}
        )
        self.assertIn("09:00", wizard.chosen_words)

    def test_words_of_a_refusal_from_afar(self):
        self._book(10)
        with self.assertRaisesRegex(Exception, "10:00"):
            self._as_far(self.env["clinic.appointment"]).book(
                self._create_patient().id,
                self.service.id,
                self.specialist.id,
                str(self._at(10)),
            )

    def test_moments_of_a_visit(self):
        visit = self._book(10, hold_minutes=15)
        self.assertIn(":", visit.hold_until_local)
        visit.action_confirm()
        with freeze_time(self._at(9, 50)):
            visit.action_arrive()
        self.assertIn("09:50", self._as_far(visit).arrived_local)

    def test_no_screen_of_the_schedule_draws_raw_moments(self):
        """A datetime field on a screen is drawn in the zone of the browser."""
        allowed = {
            # Moments of the machine, not of anybody's day at the branch.
            "create_date",
            "write_date",
            "done_at",
        }
        models = [
            "clinic.appointment",
            "clinic.shift",
            "clinic.block",
            "clinic.rebooking",
        ]
        for model in models:
            moments = {
                name
                for name, field in self.env[model]._fields.items()
                if field.type == "datetime"
            } - allowed
            views = self.env["ir.ui.view"].search(
                [
                    ("model", "=", model),
                    ("type", "in", ("list", "form", "kanban")),
                    ("mode", "=", "primary"),
                    ("inherit_id", "=", False),
                ]
            )
            for view in views:
                arch = self.env[model].get_view(view.id, view.type)["arch"]
                with self.subTest(model=model, view=view.name):
                    self.assertFalse(_shown_fields(arch) & moments)


def _shown_fields(arch):
    return {
        node.get("name")
        for node in etree.fromstring(arch).iter("field")
        if node.get("invisible") not in ("1", "True")
        and node.get("column_invisible") not in ("1", "True")
        and not any(parent.tag == "field" for parent in node.iterancestors())
    }
