from datetime import datetime, time, timedelta

from lxml import etree

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import EmrCommon


@tagged("post_install", "-at_install")
class TestDoctorPace(EmrCommon):
    """What saves the doctor clicks on a busy day."""

    def _at(self, hour):
        """Return a moment of today at the branch, whatever time it is now."""
        today = self.branch._localize(fields.Datetime.now()).date()
        return self.branch._to_utc(datetime.combine(today, time(hour)))

    def test_next_patient_is_who_waits_longest(self):
        first = self._create_appointment(start=self._at(10))
        patients = [self._create_patient(name=f"Waiting {n}") for n in range(2)]
        later, sooner = (
            self._create_appointment(
                patient_id=patient.id, start=first.start + timedelta(minutes=minutes)
            )
            for patient, minutes in zip(patients, (90, 60), strict=True)
        )
        visit = first.with_user(self.doctor)._start_encounters()
        visit.write({"complaint": "Cough"})
        visit.action_finish()
        action = visit.action_next_patient()
        self.assertEqual(action["res_model"], "clinic.encounter")
        self.assertEqual(action["res_id"], sooner.encounter_ids.id)
        self.assertEqual(sooner.state, "in_progress")
        self.assertEqual(later.state, "arrived")

    def test_the_day_begins_with_whom_one_needs_now(self):
        states = ("fulfilled", "noshow", "confirmed", "arrived", "booked", "arrived")
        visits = [
            self._create_appointment(
                patient_id=self._create_patient(name=f"Patient {n}").id,
                start=self._at(8 + n),
                state=state,
            )
            for n, state in enumerate(states)
        ]
        visits[5].with_user(self.doctor)._start_encounters()
        day = self.env["clinic.appointment"].with_user(self.doctor)
        for view in ("kanban", "list"):
            arch = self.env.ref(f"clinic_emr.view_clinic_appointment_{view}_my_day")
            order = etree.fromstring(arch.arch).get("default_order")
            found = day.search([("id", "in", [one.id for one in visits])], order=order)
            self.assertEqual(
                found.mapped("id"), [visits[n].id for n in (5, 3, 2, 4, 0, 1)]
            )
            self.assertEqual(found.mapped("day_rank"), [1, 2, 3, 3, 4, 5])

    def test_with_nobody_waiting_the_day_is_shown(self):
        visit = self._create_appointment().with_user(self.doctor)._start_encounters()
        self.assertEqual(
            visit.action_next_patient()["xml_id"], "clinic_emr.action_clinic_my_day"
        )

    def test_nobody_else_calls_the_doctors_patients(self):
        visit = self._create_appointment().with_user(self.doctor)._start_encounters()
        chief = self._user("chief_physician")
        self.env.invalidate_all()
        with self.assertRaises(AccessError):
            visit.with_user(chief).action_next_patient()

    def _prescribe(self, visit, days, key):
        return (
            self.env["clinic.medication.request"]
            .with_user(self.doctor)
            .create(
                {
                    "encounter_id": visit.id,
                    "medication_id": self.env.ref(f"clinic_emr.medication_{key}").id,
                    "dose": 0.5,
                    "times_a_day": 2,
                    "days": days,
                    "note": "after a walk",
                }
            )
        )

    def test_medicines_of_the_last_prescription_come_back_as_drafts(self):
        now = fields.Datetime.now()
        old = self._create_appointment(start=now - timedelta(days=10), state="arrived")
        visit = old.with_user(self.doctor)._start_encounters()
        over = self._prescribe(visit, 7, "ibuprofen_tablet")
        runs = self._prescribe(visit, 60, "omeprazole_capsule")
        visit.action_finish()
        (over | runs).sudo().ordered_at = now - timedelta(days=10)
        new = self._create_appointment().with_user(self.doctor)._start_encounters()
        new.action_repeat_prescriptions()
        self.assertRecordValues(
            new.medication_request_ids,
            [
                {
                    "medication_id": over.medication_id.id,
                    "state": "draft",
                    "dose": 0.5,
                    "times_a_day": 2,
                    "days": 7,
                    "note": "after a walk",
                    "warning": "",
                }
            ],
        )
        new.action_repeat_prescriptions()
        self.assertEqual(len(new.medication_request_ids), 1, "not twice")

    def test_only_the_author_of_the_visit_prescribes_again(self):
        visit = self._create_appointment().with_user(self.doctor)._start_encounters()
        self.env.invalidate_all()
        with self.assertRaises(AccessError):
            visit.with_user(self._user("chief_physician")).action_repeat_prescriptions()

    def test_an_examination_is_no_illness_that_goes_on(self):
        visit = self._create_encounter(finished=True)
        check = self.env["clinic.icd10"].search([("code", "=like", "Z%.%")], limit=1)
        visit2 = self._create_appointment()._start_encounters()
        line = self.env["clinic.diagnosis"].create(
            {"encounter_id": visit2.id, "icd10_id": check.id}
        )
        record = visit.record_id
        self.assertEqual(record.current_diagnosis_ids.icd10_id, self.icd_otitis)
        line.course = "chronic"
        record.invalidate_recordset(["current_diagnosis_ids"])
        self.assertIn(check, record.current_diagnosis_ids.icd10_id)
