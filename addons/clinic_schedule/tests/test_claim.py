from datetime import timedelta

import psycopg2

from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import ScheduleCommon


@tagged("post_install", "-at_install")
class TestClaim(ScheduleCommon):
    """The database itself refuses what must not be."""

    def test_exclusion_constraints_exist(self):
        # Odoo only logs a constraint that it could not create.
        self.env.cr.execute(
            """SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint
                WHERE contype = 'x' AND conrelid IN
                      ('clinic_claim'::regclass, 'clinic_shift'::regclass)"""
        )
        found = dict(self.env.cr.fetchall())
        self.assertEqual(
            found.keys(),
            {
                "clinic_claim_specialist_no_overlap",
                "clinic_claim_room_no_overlap",
                "clinic_claim_device_no_overlap",
                "clinic_claim_patient_no_overlap",
                "clinic_claim_session_one_start",
                "clinic_shift_specialist_no_overlap",
            },
        )
        for definition in found.values():
            self.assertIn("EXCLUDE USING gist", definition)
        for name in found.keys() - {"clinic_claim_session_one_start"}:
            self.assertIn("WITH &&", found[name])

    def _claim(self, start, minutes=30, **values):
        return self.env["clinic.claim"].create(
            {
                "kind": "booked",
                "start": start,
                "stop": start + timedelta(minutes=minutes),
                **values,
            }
        )

    def test_overlap_is_refused_by_postgresql(self):
        things = (
            {"specialist_id": self.specialist.id},
            {"room_id": self.room.id},
            {"patient_id": self.patient.id},
        )
        for thing in things:
            with self.subTest(thing=thing):
                self._claim(self._at(10), **thing)
                self._claim(self._at(10, 30), **thing)  # touching is fine
                with (
                    mute_logger("odoo.sql_db"),
                    self.assertRaises(psycopg2.errors.ExclusionViolation),
                    self.env.cr.savepoint(),
                ):
                    self._claim(self._at(10, 15), **thing)

    def test_a_claim_takes_exactly_one_thing(self):
        for thing in (
            {},
            {"specialist_id": self.specialist.id, "room_id": self.room.id},
        ):
            with (
                self.subTest(thing=thing),
                mute_logger("odoo.sql_db"),
                self.assertRaises(psycopg2.errors.CheckViolation),
                self.env.cr.savepoint(),
            ):
                self._claim(self._at(10), **thing)

    def test_superuser_create_claims_too(self):
        visit = (
            self.env["clinic.appointment"]
            .sudo()
            .create(
                {
                    "patient_id": self.patient.id,
                    "service_id": self.service.id,
                    "specialist_id": self.specialist.id,
                    "start": self._at(10),
                    "room_id": self.room.id,
                }
            )
        )
        self.assertEqual(len(visit.claim_ids), 3)
        self.assertEqual(visit.branch_id, self.branch)

    def test_superuser_write_moves_the_claims(self):
        visit = self._book(10)
        visit.sudo().write({"start": self._at(12)})
        self.assertEqual(visit.stop, self._at(12, 30))
        self.assertEqual(set(visit.claim_ids.mapped("start")), {self._at(12)})

    def test_ledger_follows_deletion(self):
        visit = self._book(10, hold_minutes=5)
        claims = visit.claim_ids
        visit.unlink()
        self.assertFalse(claims.exists())
