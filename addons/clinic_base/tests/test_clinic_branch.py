from datetime import datetime

from psycopg2.errors import CheckViolation, UniqueViolation

from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from .common import ClinicCommon


@tagged("post_install", "-at_install")
class TestBranch(ClinicCommon):
    def test_wall_time_and_back(self):
        moment = datetime(2026, 11, 23, 5, 0)
        self.assertEqual(self.branch._localize(moment).hour, 10)
        self.assertEqual(self.branch_msk._localize(moment).hour, 8)
        self.assertEqual(self.branch._to_utc(datetime(2026, 11, 23, 10, 0)), moment)
        self.assertEqual(self.branch_msk._to_utc(datetime(2026, 11, 23, 8, 0)), moment)

    def test_the_day_of_the_clinic_is_nobody_elses(self):
        branches = self.env["clinic.branch"].with_context(tz="America/Los_Angeles")
        other = self.env["res.company"].create({"name": "Test Far East"})
        other.partner_id.tz = "Asia/Vladivostok"
        for moment, ural, moscow, far_east in (
            ("2026-11-22 18:59:59", "22", "22", "23"),
            ("2026-11-22 20:30:00", "23", "22", "23"),
            ("2026-11-22 21:30:00", "23", "23", "23"),
            ("2026-11-23 13:59:59", "23", "23", "23"),
            ("2026-11-23 14:00:00", "23", "23", "24"),
        ):
            with self.subTest(moment=moment), freeze_time(moment):
                days = {
                    ural: self.branch.with_env(branches.env)._clinic_day(),
                    moscow: self.branch_msk.with_env(branches.env)._clinic_day(),
                    far_east: branches._clinic_day(other),
                }
                for expected, day in days.items():
                    self.assertEqual(str(day), f"2026-11-{expected}")
        # without a branch at hand: that of the company's first one
        self.env["clinic.branch"].create(
            {"name": "Test Kamchatka", "tz": "Asia/Kamchatka", "company_id": other.id}
        )
        with freeze_time("2026-11-22 12:30:00"):
            self.assertEqual(str(branches._clinic_day(other)), "2026-11-23")

    def test_time_for_people(self):
        moment = datetime(2026, 11, 23, 5, 0)
        self.env["res.lang"]._activate_lang("en_US")
        english = self.branch.with_context(lang="en_US")
        self.assertEqual(english._format_local(moment), "Mon 23 Nov 2026 10:00")
        self.env["res.lang"]._activate_lang("ru_RU")
        russian = self.branch.with_context(lang="ru_RU")
        self.assertEqual(russian._format_local(moment), "пн 23.11.2026 10:00")
        self.assertIn("+05", russian._format_local(moment, with_zone=True))
        self.assertEqual(self.branch._format_local(False), "")

    def test_rooms_are_counted(self):
        self.assertEqual(self.branch.room_count, 2)
        self.assertEqual(self.branch_msk.room_count, 0)

    @mute_logger("odoo.sql_db")
    def test_rooms_of_a_branch_differ(self):
        Room = self.env["clinic.room"]
        Room.create({"name": "Room 1", "branch_id": self.branch_msk.id})
        with self.assertRaises(UniqueViolation), self.env.cr.savepoint():
            Room.create({"name": "Room 1", "branch_id": self.branch.id})
        with self.assertRaises(CheckViolation), self.env.cr.savepoint():
            self.room.capacity = 0
            self.room.flush_recordset()
