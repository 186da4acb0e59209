from datetime import timedelta

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import ScheduleCommon


@tagged("post_install", "-at_install")
class TestShiftCopy(ScheduleCommon):
    """A week of shifts becomes the pattern of the weeks that follow."""

    def _copy(self, user=None, **values):
        wizards = self.env["clinic.shift.copy"]
        if user:
            wizards = wizards.with_user(user)
        return wizards.create(
            {
                "date_from": self.day,
                "date_to": self.day + timedelta(weeks=1),
                "specialist_ids": (self.specialist | self.specialist2).ids,
                **values,
            }
        )

    def _shifts_on(self, day, specialist):
        return self.env["clinic.shift"].search(
            [("specialist_id", "=", specialist.id), ("day", "=", day)]
        )

    def test_same_hours_room_and_note_in_each_week(self):
        self.shift.note = "No first visits"
        self._copy(weeks=2, user=self._user("admin")).action_copy()
        for weeks in (1, 2):
            day = self.day + timedelta(weeks=weeks)
            copied = self._shifts_on(day, self.specialist)
            self.assertEqual(copied.room_id, self.room)
            self.assertEqual(copied.note, "No first visits")
            self.assertEqual((copied.hour_from, copied.hour_to), (9, 15))
        self.assertFalse(
            self._shifts_on(self.day + timedelta(weeks=3), self.specialist)
        )

    def test_what_is_there_stays(self):
        day = self.day + timedelta(weeks=1)
        own = self._create_shift(self.specialist, day=day, hours=(12, 18))
        wizard = self._copy()
        self.assertIn("make: 1. There already, and left as they are: 1", wizard.summary)
        wizard.action_copy()
        self.assertEqual(self._shifts_on(day, self.specialist), own)
        self.assertTrue(self._shifts_on(day, self.specialist2))
        with self.assertRaisesRegex(UserError, "all these shifts exist"):
            self._copy().action_copy()

    def test_windows_open_in_the_copied_week(self):
        day = self.day + timedelta(weeks=1)
        start = self._at(0, day=day)
        self.assertFalse(self._slots(start=start, stop=start + timedelta(days=1)))
        self._copy().action_copy()
        self.assertTrue(self._slots(start=start, stop=start + timedelta(days=1)))

    def test_not_backwards_and_only_by_the_administrator(self):
        with self.assertRaisesRegex(UserError, "later week"):
            self._copy(date_to=self.day).action_copy()
        with self.assertRaises(AccessError):
            self._copy(user=self._user("reception"))
