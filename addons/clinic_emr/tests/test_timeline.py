from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import EmrCommon


@tagged("post_install", "-at_install")
class TestTimeline(EmrCommon):
    def _visits(self, count, days_ago=1):
        """Create finished visits, one a day, the newest first."""
        encounters = self.env["clinic.encounter"].browse()
        for number in range(count):
            start = fields.Datetime.now() - timedelta(days=days_ago + number)
            appointment = self._create_appointment(
                start=start, stop=start + timedelta(minutes=30), state="fulfilled"
            )
            encounters += appointment._start_encounters(when=start)
        encounters.write({"complaint": "Cough"})
        self.env["clinic.observation"].create(
            [
                {
                    "encounter_id": encounter.id,
                    "code": f"test{number}",
                    "name": "Pulse",
                    "value_number": 60,
                }
                for encounter in encounters
                for number in range(2)
            ]
        )
        encounters._finish()
        return encounters

    def test_all_kinds_on_one_line_newest_first(self):
        visits = self._visits(3)
        record = visits.record_id
        today = fields.Date.today()
        vaccination = self.env["clinic.immunization"].create(
            {
                "record_id": record.id,
                "vaccine": "Ultrix",
                "date": today + timedelta(days=1),
            }
        )
        media = self.env["clinic.media"].create(
            {
                "record_id": record.id,
                "file": "U0VDUkVU",
                "file_name": "knee.png",
                "date": today - timedelta(days=9),
            }
        )
        answer = record.with_user(self.doctor).timeline()
        self.assertFalse(answer["cursor"])
        self.assertEqual(
            [(event["kind"], event["id"]) for event in answer["events"]],
            [
                ("vaccination", vaccination.id),
                *[("visit", visit.id) for visit in visits],
                ("file", media.id),
            ],
        )

    def test_portions_lose_and_repeat_nothing(self):
        visits = self._visits(7)
        record = visits.record_id
        seen, cursor = [], None
        while True:
            answer = record.timeline(before=cursor, limit=3)
            seen += [event["id"] for event in answer["events"]]
            cursor = answer["cursor"]
            if not cursor:
                break
        self.assertEqual(seen, visits.ids)

    def test_found_by_kind_and_words(self):
        visits = self._visits(2)
        record = visits.record_id
        self.assertFalse(record.timeline(kinds=["file"])["events"])
        self.assertEqual(len(record.timeline(words="coug")["events"]), 2)
        self.assertFalse(record.timeline(words="sneeze")["events"])

    def test_query_count_is_the_same_for_any_number_of_visits(self):
        record = self._visits(2).record_id.with_user(self.doctor)

        def count():
            self.env.invalidate_all()
            start = self.env.cr.sql_log_count
            record.timeline()
            return self.env.cr.sql_log_count - start

        count()
        few = count()
        self._visits(20, days_ago=3)
        self.assertLessEqual(count(), few)

    def test_closed_to_others(self):
        record = self._visits(1).record_id
        self.env.invalidate_all()
        for user in (self.other_doctor, self._user("reception")):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                record.with_user(user).timeline()
