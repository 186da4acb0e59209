from datetime import UTC
from zoneinfo import ZoneInfo

import psycopg2

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import SQL, mute_logger

from .common import EmrCommon


@tagged("post_install", "-at_install")
class TestEncounterLock(EmrCommon):
    def _attempt(self, query):
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaisesRegex(psycopg2.Error, "finished visit"),
            self.env.cr.savepoint(flush=False),
        ):
            self.env.cr.execute(query)

    def test_finished_visit_is_frozen_in_the_database(self):
        encounter = self._create_encounter()
        encounter._set_values({"temperature": 36.6})
        encounter.action_finish()
        self.env["clinic.encounter.addendum"].create(
            {"encounter_id": encounter.id, "text": "More", "reason": "result"}
        )
        self.env.flush_all()
        for query in [
            SQL("UPDATE clinic_encounter SET complaint = 'x'"),
            SQL("UPDATE clinic_encounter SET state = 'in_progress'"),
            SQL("UPDATE clinic_encounter SET signature = 'x'"),
            SQL("DELETE FROM clinic_observation"),
            SQL("UPDATE clinic_observation SET value_number = 40"),
            SQL("UPDATE clinic_diagnosis SET note = 'x'"),
            SQL("DELETE FROM clinic_diagnosis"),
            SQL("UPDATE clinic_encounter_addendum SET text = 'x'"),
        ]:
            with self.subTest(query=query.code):
                self._attempt(
                    SQL(
                        "%s WHERE %s = %s",
                        query,
                        SQL.identifier(
                            "id"
                            if "clinic_encounter SET" in query.code
                            else "encounter_id"
                        ),
                        encounter.id,
                    )
                )

    def test_visit_in_progress_is_not_frozen(self):
        encounter = self._create_encounter()
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                "UPDATE clinic_encounter SET complaint = 'x' WHERE id = %s",
                encounter.id,
            )
        )

    def test_signature_says_who_and_proves_what(self):
        encounter = self._create_encounter(finished=True)
        self.assertEqual(encounter.signed_by_id, self.doctor)
        self.assertTrue(encounter._is_as_signed())
        self.assertEqual(len(encounter.signature), 64)
        other = self._create_encounter()
        with self.assertRaises(UserError):
            other.with_user(self.doctor).write({"signed_by_id": self.other_doctor.id})

    def test_printed_with_values_warnings_and_addenda(self):
        encounter = self._create_encounter()
        encounter._set_values({"temperature": 38.5})
        self.env["clinic.allergy"].create(
            {"record_id": encounter.record_id.id, "substance": "Penicillin"}
        )
        encounter.action_finish()
        encounter.branch_id.tz = "Asia/Kamchatka"
        addendum = self.env["clinic.encounter.addendum"].create(
            {"encounter_id": encounter.id, "text": "Culture", "reason": "result"}
        )
        # by the clock on the wall, wherever it is read
        local = addendum.date.replace(tzinfo=UTC).astimezone(ZoneInfo("Asia/Kamchatka"))
        self.assertIn(f"{local:%d %b %Y %H:%M}", addendum.local_time)
        report = self.env["ir.actions.report"].with_user(self.doctor)
        html = report._render_qweb_html("clinic_emr.report_encounter", encounter.ids)[0]
        for words in [
            "Temperature: 38.5 °C",
            "Penicillin",
            "A result came",
            addendum.local_time,
            encounter.signature[:16],
        ]:
            self.assertIn(words, html.decode())
