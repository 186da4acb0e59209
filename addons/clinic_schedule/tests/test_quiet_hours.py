from datetime import datetime, timedelta

from odoo.tests import BaseCase, tagged

from odoo.addons.clinic_schedule.tools import quiet_hours


def at(text):
    return datetime.strptime(f"2026-03-{text}", "%Y-%m-%d %H:%M")


@tagged("post_install", "-at_install")
class TestQuietHours(BaseCase):
    def test_news_wait_for_the_morning_unless_that_is_too_late(self):
        cases = [
            # now, visit, quiet hours, sent
            ("10 12:00", "12 12:00", (21, 9), "10 12:00"),
            ("10 21:00", "12 12:00", (21, 9), "11 09:00"),
            ("10 23:30", "11 10:00", (21, 9), "11 09:00"),
            ("10 23:30", "11 09:30", (21, 9), "10 23:30"),
            ("11 03:00", "11 08:00", (21, 9), "11 03:00"),
            ("11 08:59", "11 18:00", (21, 9), "11 09:00"),
            ("11 09:00", "11 18:00", (21, 9), "11 09:00"),
            ("10 13:30", "12 12:00", (13, 14.5), "10 14:30"),
            ("10 03:00", "12 12:00", (0, 0), "10 03:00"),
            ("10 03:00", "12 12:00", (9, 9), "10 03:00"),
        ]
        for now, visit, hours, sent in cases:
            with self.subTest(now=now, visit=visit):
                moment = quiet_hours.send_at_once_or_later(at(now), at(visit), *hours)
                self.assertEqual(moment, at(sent))

    def test_reminders_come_before_the_night_if_the_morning_is_too_late(self):
        cases = [
            # visit, hours ahead, sent
            ("12 12:00", 24, "11 12:00"),
            ("12 08:00", 24, "11 09:00"),
            ("12 08:00", 22, "11 10:00"),
            ("12 21:30", 24, "12 09:00"),
            ("12 10:00", 2, "12 09:00"),
            ("12 09:30", 2, "11 20:45"),
            ("12 12:00", 2, "12 10:00"),
        ]
        for visit, lead, sent in cases:
            with self.subTest(visit=visit, lead=lead):
                moment = quiet_hours.reminder_moment(
                    at(visit), timedelta(hours=lead), 21, 9
                )
                self.assertEqual(moment, at(sent))
