from datetime import datetime

from psycopg2.errors import CheckViolation, UniqueViolation

from odoo.tests import tagged
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
