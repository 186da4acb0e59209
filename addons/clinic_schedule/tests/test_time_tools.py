from datetime import date, datetime, timedelta

import pytz

from odoo.tests import BaseCase, tagged

from ..tools import absence, rebooking, shift_plan
from ..tools.absence import Absence
from ..tools.windows import Slot, to_minutes

MSK, EKB = pytz.timezone("Europe/Moscow"), pytz.timezone("Asia/Yekaterinburg")
BERLIN, UTC = pytz.timezone("Europe/Berlin"), pytz.utc


@tagged("post_install", "-at_install")
class TestAbsence(BaseCase):
    def test_floating_absence_is_a_day_of_each_zone(self):
        first, last = datetime(2027, 1, 1), datetime(2027, 1, 2)
        day = Absence(first, last, floats=True)
        for tz, hours in ((UTC, 0), (MSK, 3), (EKB, 5)):
            ahead = timedelta(hours=hours)
            self.assertEqual(day.in_zone(tz), (first - ahead, last - ahead))
        self.assertEqual(Absence(first, last).in_zone(EKB), (first, last))

    def test_doubled_hour_is_taken_whole(self):
        """From 2:30 to 2:45 on the day clocks go back: both times it is 2:30."""
        start, stop = datetime(2027, 10, 31, 2, 30), datetime(2027, 10, 31, 2, 45)
        begin, end = Absence(start, stop, floats=True).in_zone(BERLIN)
        self.assertEqual(end - begin, timedelta(minutes=75))

    def test_whole_days(self):
        midnight = datetime(2026, 12, 31, 21)  # of Moscow
        day = (datetime(2027, 1, 1), datetime(2027, 1, 2))
        cases = [
            (midnight, midnight + timedelta(hours=24), [MSK], day),
            (midnight, midnight + timedelta(hours=24, seconds=-1), [MSK], day),
            (midnight, midnight + timedelta(hours=23, minutes=59), [MSK], day),
            (midnight, midnight + timedelta(hours=24), [EKB, UTC, MSK], day),
            (midnight, midnight + timedelta(hours=24), [EKB, UTC], None),
            (midnight, midnight + timedelta(hours=12), [MSK], None),
            (midnight, midnight, [MSK], None),
        ]
        for start, stop, zones, expected in cases:
            with self.subTest(start=start, stop=stop, zones=zones):
                self.assertEqual(absence.whole_days(start, stop, zones), expected)

    def test_clip(self):
        self.assertEqual(
            absence.clip((5, 20), [(0, 10), (12, 15), (18, 30), (20, 40), (0, 5)]),
            [(5, 10), (12, 15), (18, 20)],
        )


@tagged("post_install", "-at_install")
class TestMoves(BaseCase):
    def _slot(self, day, hour, specialist_id=1):
        start = to_minutes(datetime(2027, 3, day) + timedelta(hours=hour))
        return Slot(specialist_id, 1, None, start, start + 30, (start, start + 30))

    def test_the_usual_hour_comes_before_the_first_minute(self):
        wanted = self._slot(10, 14).start
        slots = [self._slot(11, 9), self._slot(11, 14), self._slot(12, 14)]
        found = rebooking.best_moves(slots, wanted, 3)
        # One window of a day is enough.
        self.assertEqual(found, [slots[1], slots[2]])

    def test_earlier_costs_more_than_later(self):
        wanted = self._slot(10, 14).start
        before, after = self._slot(9, 14), self._slot(11, 14)
        self.assertEqual(rebooking.best_moves([before, after], wanted, 1), [after])

    def test_midnight_is_near_midnight(self):
        wanted = self._slot(10, 23.5).start
        cost = rebooking.move_cost(self._slot(11, 0.5), wanted)
        self.assertEqual(cost, 60 + rebooking.DAY_COST)

    def test_one_window_of_a_day_for_each_person(self):
        wanted = self._slot(10, 14).start
        slots = [self._slot(11, 14), self._slot(11, 14, 2), self._slot(11, 15)]
        self.assertEqual(len(rebooking.best_moves(slots, wanted, 5)), 2)
        self.assertEqual(rebooking.best_moves([], wanted, 5), [])


@tagged("post_install", "-at_install")
class TestShiftPlan(BaseCase):
    def test_days(self):
        first, last = date(2026, 12, 21), date(2027, 1, 20)
        cases = [
            (0, "all", None, None, [21, 28, 4, 11, 18]),
            (0, "odd", None, None, [28, 4, 18]),  # week 53 comes before week 1
            (0, "even", None, None, [21, 11]),
            (2, "all", date(2027, 1, 1), date(2027, 1, 13), [6, 13]),
            (2, "all", date(2027, 2, 1), None, []),
        ]
        for weekday, parity, valid_from, valid_to, expected in cases:
            with self.subTest(weekday=weekday, parity=parity, valid_from=valid_from):
                days = shift_plan.template_days(
                    weekday, parity, first, last, valid_from, valid_to
                )
                self.assertEqual([day.day for day in days], expected)

    def test_changes(self):
        days = [date(2027, 3, number) for number in range(1, 7)]
        as_wanted, by_hand, new = "9-15", "9-12", "9-14"
        old = dict.fromkeys(days[:5], as_wanted)
        made = {
            days[0]: as_wanted,  # goes on with the template
            days[1]: by_hand,  # was edited: stays
            days[2]: as_wanted,  # called off: stays so
            days[3]: as_wanted,  # not wanted any more
        }
        wanted = {day: new for day in days if day != days[3]}
        changes = shift_plan.plan_changes(old, wanted, made, frozenset([days[2]]))
        self.assertEqual(changes.write, {days[0]: new})
        self.assertEqual(changes.kept, [days[1]])
        self.assertEqual(changes.remove, [days[3]])
        # The fifth was wanted and not there: deleted, or not due yet.
        self.assertEqual(changes.create, {days[5]: new})
