from datetime import date, datetime, timedelta

import psycopg2

from odoo.exceptions import ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import ScheduleCommon


@tagged("post_install", "-at_install")
class TestShift(ScheduleCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.berlin = cls.env["clinic.branch"].create(
            {"name": "Test Berlin", "tz": "Europe/Berlin"}
        )
        cls.monday = date(2027, 3, 22)

    def _template(self, **values):
        return self.env["clinic.shift.template"].create(
            {
                "specialist_id": self.specialist.id,
                "branch_id": self.berlin.id,
                "weekday": "0",
                "hour_from": 9.5,
                "hour_to": 15,
                **values,
            }
        )

    def _generate(self, template, days=20, start=None):
        start = start or self.monday
        return template._generate(start, start + timedelta(days=days))

    def test_wall_time_survives_the_change_of_clocks(self):
        """Clocks go forward in Berlin on 28 March 2027."""
        shifts = self._generate(self._template())
        self.assertEqual(
            shifts.mapped("start"),
            [
                datetime(2027, 3, 22, 8, 30),
                datetime(2027, 3, 29, 7, 30),
                datetime(2027, 4, 5, 7, 30),
            ],
        )
        for shift in shifts:
            self.assertEqual(self.berlin._localize(shift.start).hour, 9)

    def test_shift_over_the_lost_and_the_doubled_hour(self):
        night = self._template(weekday="6", hour_from=0, hour_to=6)
        lost = self._generate(night, days=6)  # Sunday 28 March: 5 real hours
        self.assertEqual(lost.hours, 5.0)
        doubled = self._generate(night, start=date(2027, 10, 25), days=6)
        self.assertEqual(doubled.hours, 7.0)  # Sunday 31 October
        service = self._create_service(duration=60)
        slots = self.env["clinic.appointment"].find_slots(
            service.id, lost.start, lost.stop, branch_ids=self.berlin.ids
        )
        self.assertEqual(slots[0]["start"], str(lost.start))
        self.assertEqual(slots[-1]["stop"], str(lost.stop))
        self.assertEqual(len(slots), 4 * 12 + 1)

    def test_midnight_is_the_end_of_the_day(self):
        shift = self._generate(self._template(hour_from=20, hour_to=24), days=0)
        self.assertEqual(shift.hours, 4.0)

    def test_parity_of_iso_weeks(self):
        for parity in ("odd", "even"):
            template = self._template(parity=parity, weekday="2")
            shifts = self._generate(template, days=60)
            weeks = {shift.template_day.isocalendar().week % 2 for shift in shifts}
            self.assertEqual(weeks, {1 if parity == "odd" else 0})

    def test_validity(self):
        template = self._template(
            date_from=date(2027, 3, 29), date_to=date(2027, 3, 29)
        )
        self.assertEqual(
            self._generate(template, days=60).template_day, date(2027, 3, 29)
        )

    def test_generation_is_repeatable(self):
        template = self._template()
        first = self._generate(template)
        self.assertEqual(len(first), 3)
        self.assertFalse(self._generate(template))
        first[0].active = False  # called off: does not come back
        self.assertFalse(self._generate(template))
        first[1].unlink()  # deleted: does
        self.assertEqual(len(self._generate(template)), 1)

    def test_other_shift_of_the_specialist_is_respected(self):
        self._create_shift(
            self.specialist, day=self.monday, hours=(12, 18), branch=self.berlin
        )
        days = self._generate(self._template()).mapped("template_day")
        self.assertNotIn(self.monday, days)
        self.assertEqual(len(days), 2)

    def test_past_days_can_be_made(self):
        template = self._template(weekday="4")
        self.assertEqual(len(self._generate(template, 27, date(2026, 10, 1))), 4)

    def test_cron_makes_the_horizon(self):
        template = self._template(branch_id=self.branch.id)
        self.env["ir.config_parameter"].set_param("clinic_schedule.horizon_weeks", 3)
        self.env["clinic.shift.template"]._cron_generate()
        self.assertIn(len(template.shift_ids), (3, 4))

    def test_overlapping_shifts_are_refused_by_postgresql(self):
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(psycopg2.errors.ExclusionViolation),
            self.env.cr.savepoint(),
        ):
            self._create_shift(self.specialist, hours=(14, 16))

    def test_room_must_be_in_the_branch(self):
        with self.assertRaisesRegex(ValidationError, "not in branch"):
            self._template(room_id=self.room.id)

    def test_called_off_shift_is_not_offered(self):
        self.shift.active = False
        self.assertFalse(self._slots())

    def test_new_shift_is_offered_at_once(self):
        self.shift.stop = self._at(17)
        self.assertEqual(self._slots()[-1]["start"], str(self._at(16, 30)))
