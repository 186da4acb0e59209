from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import tagged

from ..models.clinic_medical_record import TREATING_STATES
from .common import SECRET, EmrCommon


@tagged("post_install", "-at_install")
class TestAccessStaff(EmrCommon):
    """Who is let in, and from when on."""

    def test_appointment_makes_the_specialist_a_treating_one(self):
        encounter = self._create_encounter(finished=True)
        record = encounter.record_id.with_user(self.other_doctor)
        for state in (
            "hold",
            "booked",
            "confirmed",
            "arrived",
            "in_progress",
            "fulfilled",
            "cancelled",
            "noshow",
        ):
            appointment = self._create_appointment(
                specialist=self.specialist2, state=state
            )
            self.env.invalidate_all()
            with self.subTest(state=state):
                self.assertEqual(record.has_access("read"), state in TREATING_STATES)
                self.assertEqual(record.is_treated_by_me, state in TREATING_STATES)
                self.assertEqual(
                    bool(record.search([("is_treated_by_me", "=", True)])),
                    state in TREATING_STATES,
                )
            if state != "cancelled":
                appointment.sudo().state = "cancelled"

    def test_treating_specialist_reads_the_whole_history(self):
        encounter = self._create_encounter(finished=True)
        self._create_appointment(specialist=self.specialist2, state="booked")
        self.env.invalidate_all()
        record = encounter.record_id.with_user(self.other_doctor)
        self.assertIn(SECRET, record.encounter_ids.complaint)
        self.assertIn(SECRET, record.diagnosis_ids.note)
        self.assertIn(SECRET, record.allergy_note)

    def test_treating_specialist_notes_allergies(self):
        record = self._create_encounter().record_id
        record.with_user(self.doctor).allergy_note = "Latex"
        self.assertEqual(record.allergy_note, "Latex")

    def test_nurse_reads_what_she_carries_out(self):
        nurse = self._user("nurse")
        encounter = self._create_encounter()
        other = self._create_encounter(
            patient_id=self.patient2.id, specialist=self.specialist2
        )
        encounter.with_user(self.doctor).nurse_ids = [Command.link(nurse.id)]
        self.env.invalidate_all()
        self.assertIn(SECRET, encounter.with_user(nurse).recommendations)
        self.assertIn(SECRET, encounter.diagnosis_ids.with_user(nurse).note)
        self.assertIn(SECRET, encounter.record_id.with_user(nurse).allergy_note)
        for victim in (other, other.record_id, other.diagnosis_ids):
            with self.subTest(model=victim._name), self.assertRaises(AccessError):
                victim.with_user(nurse).read()
        for attempt in (
            lambda: encounter.with_user(nurse).write({"complaint": "x"}),
            lambda: encounter.record_id.with_user(nurse).write({"allergy_note": "x"}),
            lambda: encounter.diagnosis_ids.with_user(nurse).write({"note": "x"}),
        ):
            with self.assertRaises(AccessError):
                attempt()

    def test_chief_reads_all(self):
        encounter = self._create_encounter()
        self.env.invalidate_all()
        chief = encounter.with_user(self._user("chief_physician"))
        self.assertIn(SECRET, chief.complaint)

    def test_lists_cost_the_same_for_many_visits(self):
        def read_all():
            self.env.flush_all()
            self.env.invalidate_all()
            # as a request of its own, each writes its looks to the log
            self.env.cr.precommit.data.pop("clinic_record_access", None)
            encounters = self.env["clinic.encounter"].with_user(self.doctor)
            before = self.env.cr.sql_log_count
            encounters.web_search_read(
                [], {"diagnosis_summary": {}, "local_time": {}, "complaint": {}}
            )
            return self.env.cr.sql_log_count - before

        self._create_encounter(finished=True)
        read_all()
        few = read_all()
        for _i in range(6):
            self._create_encounter(finished=True)
        self.assertLessEqual(read_all(), few + 2)
