from datetime import date, datetime, time, timedelta

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import ScheduleCommon


@tagged("post_install", "-at_install")
class TestTimeOff(ScheduleCommon):
    """Time off is a statement about the clock on the wall of each branch."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.specialist.employee_id.user_id = False  # nobody to write to
        cls.kinds = {
            unit: cls.env["hr.leave.type"].create(
                {
                    "name": f"Test absence by {unit}",
                    "requires_allocation": False,
                    "leave_validation_type": "hr",
                    "request_unit": unit,
                }
            )
            for unit in ("day", "half_day", "hour")
        }

    def _leave(self, specialist=None, day=None, unit="day", tz=None, **values):
        employee = (specialist or self.specialist).employee_id
        if tz:
            employee.tz = tz
        day = day or self.day
        leave = self.env["hr.leave"].create(
            {
                "employee_id": employee.id,
                "holiday_status_id": self.kinds[unit].id,
                "request_date_from": day,
                "request_date_to": day,
                **values,
            }
        )
        leave.action_approve()
        return leave

    def _hours(self, **options):
        """Return the wall times of the starts that are left on the day."""
        return [
            f"{self.branch._localize(datetime.fromisoformat(slot['start'])):%H:%M}"
            for slot in self._slots(**options)
        ]

    def _assert_free(self, first, last, **options):
        hours = self._hours(**options)
        self.assertEqual((hours[0], hours[-1]), (first, last))

    def test_a_day_off_takes_the_whole_day(self):
        """Early and late shifts too, though Odoo's calendar says 8 to 17."""
        self.shift.write({"start": self._at(6), "stop": self._at(22)})
        self.assertTrue(self._slots())
        self._leave()
        self.assertFalse(self._slots())
        with self.assertRaisesRegex(UserError, "time off"):
            self._book(20)

    def test_a_day_off_is_the_day_of_the_branch(self):
        """Whatever the zone of the employee, which is often never set right."""
        self.shift.write({"start": self._at(0), "stop": self._at(23, 59)})
        before = self._create_shift(
            self.specialist, day=self.day - timedelta(days=1), hours=(9, 23)
        )
        after = self._create_shift(
            self.specialist, day=self.day + timedelta(days=1), hours=(0, 9)
        )
        for zone in ("America/New_York", "Asia/Vladivostok", "UTC"):
            with self.subTest(zone=zone):
                leave = self._leave(tz=zone)
                self.assertFalse(self._slots())
                for shift in (before, after):
                    slots = self._slots(start=shift.start, stop=shift.stop)
                    self.assertEqual(slots[0]["start"], str(shift.start))
                    self.assertEqual(slots[-1]["stop"], str(shift.stop))
                leave.action_refuse()
                self.assertTrue(self._slots())

    def test_half_a_day(self):
        periods = {"am": ("12:00", "14:30"), "pm": ("09:00", "12:30")}
        for period, (first, last) in periods.items():
            with self.subTest(period=period):
                leave = self._leave(
                    unit="half_day",
                    tz="America/New_York",
                    request_date_from_period=period,
                    request_date_to_period=period,
                )
                self._assert_free(first, last)
                hour = 10 if period == "am" else 14
                with self.assertRaisesRegex(UserError, "time off"):
                    self._book(hour)
                leave.action_refuse()

    def test_some_hours(self):
        self._leave(
            unit="hour",
            tz="Asia/Vladivostok",
            request_hour_from=9,
            request_hour_to=11.5,
        )
        self._assert_free("11:30", "14:30")
        with self.assertRaisesRegex(UserError, "time off"):
            self._book(11, 15)
        self._book(11, 30)

    def test_several_days_from_an_afternoon_to_a_morning(self):
        tomorrow = self.day + timedelta(days=1)
        self._create_shift(self.specialist, day=tomorrow)
        self._leave(
            unit="half_day",
            request_date_to=tomorrow,
            request_date_from_period="pm",
            request_date_to_period="am",
        )
        self._assert_free("09:00", "12:30")
        self._assert_free(
            "12:00",
            "14:30",
            start=self._at(0, day=tomorrow),
            stop=self._at(23, day=tomorrow),
        )

    def test_one_leave_in_two_zones(self):
        """Noon in Moscow is two hours after noon in Yekaterinburg."""
        self.specialist.branch_ids = [Command.link(self.branch_msk.id)]
        self.shift.stop = self._at(14)
        self.shift.flush_recordset()
        self._create_shift(self.specialist, branch=self.branch_msk, hours=(12, 18))
        self._leave(
            unit="half_day", request_date_from_period="am", request_date_to_period="am"
        )
        first = {}
        for slot in self._slots():
            first.setdefault(slot["branch_id"], slot["start"])
        self.assertEqual(first[self.branch.id], str(self._at(12)))
        self.assertEqual(
            first[self.branch_msk.id], str(self._at(12, branch=self.branch_msk))
        )

    def test_refused_and_cancelled_leaves_give_the_time_back(self):
        leave = self._leave()
        leave.action_refuse()
        self.assertTrue(self._slots())
        leave = self._leave()
        leave._force_cancel()
        self.assertTrue(self._slots())

    def test_leave_asked_for_takes_no_time_yet(self):
        self.env["hr.leave"].create(
            {
                "employee_id": self.specialist.employee_id.id,
                "holiday_status_id": self.kinds["day"].id,
                "request_date_from": self.day,
                "request_date_to": self.day,
            }
        )
        self.assertTrue(self._slots())

    def test_leave_on_a_day_odoo_thinks_is_free(self):
        """A shift on Saturday, when the working calendar ends on Friday."""
        saturday = self.day + timedelta(days=3)
        shift = self._create_shift(self.specialist, day=saturday)
        self.assertEqual(self._leave(day=saturday).state, "validate")
        self.assertFalse(self._slots(start=shift.start, stop=shift.stop))

    # Public holidays --------------------------------------------------------

    def _holiday(self, start, stop, **values):
        return self.env["resource.calendar.leaves"].create(
            {
                "name": "Test holiday",
                "company_id": self.env.company.id,
                "date_from": start,
                "date_to": stop,
                **values,
            }
        )

    def test_public_holiday_is_a_day_of_each_branch(self):
        """Entered in Moscow, it does not begin two hours late in Yekaterinburg."""
        self.shift.write({"start": self._at(0), "stop": self._at(24 - 1, 59)})
        self._create_shift(self.specialist2, branch=self.branch_msk, hours=(16, 23))
        both = self.specialty | self.specialty2
        self.service.specialty_ids = both
        self.shift2.unlink()
        day_after = self.day + timedelta(days=1)
        zones = {
            zone: (
                self._at(0, branch=branch),
                self._at(0, day=day_after, branch=branch) - timedelta(seconds=1),
            )
            for zone, branch in (("msk", self.branch_msk), ("ekb", self.branch))
        }
        zones["utc"] = (
            datetime.combine(self.day, time()),
            datetime.combine(self.day, time(23, 59, 59)),
        )
        span = {"start": self._at(0), "stop": self._at(0) + timedelta(hours=26)}
        self.assertTrue(self._slots(**span))
        for zone, (start, stop) in zones.items():
            with self.subTest(zone=zone):
                holiday = self._holiday(start, stop)
                self.assertEqual(
                    holiday.clinic_wall_from, datetime.combine(self.day, time())
                )
                self.assertFalse(self._slots(**span))
                holiday.unlink()

    def test_exact_moments_stay_exact(self):
        holiday = self._holiday(self._at(10), self._at(12))
        self.assertFalse(holiday.clinic_wall_from)
        hours = self._hours()
        self.assertIn("09:30", hours)
        self.assertNotIn("10:00", hours)
        self.assertIn("12:00", hours)

    def test_holiday_of_another_company_or_calendar_is_no_obstacle(self):
        start, stop = self._at(0), self._at(0) + timedelta(days=1)
        calendar = self.env["resource.calendar"].create({"name": "Test other hours"})
        other = self.env["res.company"].create({"name": "Test other company"})
        self._holiday(start, stop, calendar_id=calendar.id)
        self.assertTrue(self._slots())
        self.env["resource.calendar.leaves"].with_company(other).create(
            {"name": "Theirs", "date_from": start, "date_to": stop}
        )
        self.assertTrue(self._slots())

    def test_daylight_saving_days(self):
        """Clocks change in Berlin on 28 March and 31 October 2027: 23 and 25 hours."""
        berlin = self.env["clinic.branch"].create(
            {"name": "Test Berlin", "tz": "Europe/Berlin"}
        )
        for day, hours in ((date(2027, 3, 28), 23), (date(2027, 10, 31), 25)):
            with self.subTest(day=day):
                start = self._at(0, day=day, branch=berlin)
                stop = self._at(0, day=day + timedelta(days=1), branch=berlin)
                self.assertEqual(stop - start, timedelta(hours=hours))
                self.env["clinic.shift"].create(
                    {
                        "specialist_id": self.specialist.id,
                        "branch_id": berlin.id,
                        "start": start - timedelta(hours=2),
                        "stop": stop + timedelta(hours=2),
                    }
                )
                self._leave(day=day)
                found = self._slots(
                    start=start - timedelta(hours=2), stop=stop + timedelta(hours=2)
                )
                self.assertFalse(
                    [
                        s
                        for s in found
                        if s["stop"] > str(start) and s["start"] < str(stop)
                    ]
                )
                self.assertEqual(found[-1]["stop"], str(stop + timedelta(hours=2)))
