from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .common import EmrCommon


@tagged("post_install", "-at_install")
class TestEncounter(EmrCommon):
    def _open(self, appointment, user=None):
        action = appointment.with_user(user or self.doctor).action_open_encounter()
        self.assertEqual(action["res_model"], "clinic.encounter")
        encounter = self.env["clinic.encounter"].browse(action["res_id"])
        return encounter.with_user(user or self.doctor)

    def test_one_click_starts_the_visit(self):
        appointment = self._create_appointment()
        encounter = self._open(appointment)
        self.assertEqual(appointment.state, "in_progress")
        self.assertRecordValues(
            encounter,
            [
                {
                    "state": "in_progress",
                    "patient_id": self.patient.id,
                    "specialist_id": self.specialist.id,
                    "service_id": self.service.id,
                    "branch_id": self.branch.id,
                    "can_edit": True,
                }
            ],
        )
        self.assertEqual(encounter.record_id.patient_id, self.patient)

    def test_second_click_opens_the_same_visit(self):
        appointment = self._create_appointment()
        self.assertEqual(self._open(appointment), self._open(appointment))

    def test_one_record_for_all_visits(self):
        first = self._open(self._create_appointment())
        second = self._open(
            self._create_appointment(specialist=self.specialist2), self.other_doctor
        )
        self.assertEqual(first.record_id, second.record_id)
        self.assertEqual(first.record_id.encounter_count, 2)

    def test_patient_who_has_not_arrived(self):
        for state in ("booked", "confirmed"):
            appointment = self._create_appointment(state=state)
            with (
                self.subTest(state=state),
                self.assertRaisesRegex(UserError, "arrived"),
            ):
                appointment.with_user(self.doctor).action_open_encounter()

    def test_cancelled_appointment_has_no_visit(self):
        for state in ("cancelled", "noshow"):
            appointment = self._create_appointment(state=state)
            with self.subTest(state=state), self.assertRaises(UserError):
                appointment.with_user(self.doctor).action_open_encounter()

    def test_visit_may_be_written_after_the_desk_fulfilled_the_appointment(self):
        appointment = self._create_appointment(state="fulfilled")
        encounter = self._open(appointment)
        encounter.complaint = "Cough"
        encounter.action_finish()
        self.assertEqual(encounter.state, "finished")
        self.assertEqual(appointment.state, "fulfilled")

    def test_somebody_elses_appointment_is_refused(self):
        appointment = self._create_appointment()
        with self.assertRaises(AccessError):
            appointment.with_user(self.other_doctor).action_open_encounter()
        self.assertEqual(appointment.state, "arrived")

    def test_finishing_locks_and_fulfils(self):
        appointment = self._create_appointment()
        encounter = self._open(appointment)
        encounter.examination = "Throat is red"
        encounter.action_finish()
        self.assertEqual(encounter.state, "finished")
        self.assertTrue(encounter.stop)
        self.assertEqual(appointment.state, "fulfilled")
        self.env.invalidate_all()
        self.assertFalse(encounter.can_edit)

    def test_finished_visit_is_locked_for_everybody(self):
        encounter = self._create_encounter(finished=True)
        diagnosis = encounter.diagnosis_ids
        for label, user in [("doctor", self.doctor), ("superuser", self.env.user)]:
            own, line = encounter.with_user(user), diagnosis.with_user(user)
            for name, attempt in [
                ("write", lambda own=own: own.write({"complaint": "Other"})),
                ("finish again", lambda own=own: own.action_finish()),
                ("diagnosis", lambda line=line: line.write({"note": "Other"})),
                ("drop diagnosis", lambda line=line: line.unlink()),
                (
                    "add diagnosis",
                    lambda line=line, own=own: line.create(
                        {"encounter_id": own.id, "icd10_id": self.icd_cold.id}
                    ),
                ),
                (
                    "through the visit",
                    lambda own=own: own.write({"diagnosis_ids": [Command.clear()]}),
                ),
            ]:
                with (
                    self.subTest(user=label, attempt=name),
                    self.assertRaises(UserError),
                ):
                    attempt()
        with self.assertRaises(UserError):
            encounter.unlink()

    def test_visit_with_text_is_never_deleted(self):
        encounter = self._create_encounter()
        with self.assertRaises(UserError):
            encounter.unlink()
        with self.assertRaises(AccessError):
            encounter.with_user(self.doctor).unlink()

    def test_empty_visit_is_not_finished(self):
        encounter = self._open(self._create_appointment())
        encounter.complaint = "   "
        with self.assertRaisesRegex(UserError, "Nothing is written"):
            encounter.action_finish()
        self.assertEqual(encounter.state, "in_progress")

    def test_state_time_and_patient_are_not_edited(self):
        encounter = self._create_encounter()
        other = self._create_encounter(
            patient_id=self.patient2.id, specialist=self.specialist2
        )
        for vals in [
            {"state": "finished"},
            {"start": fields.Datetime.now() - timedelta(days=3)},
            {"record_id": other.record_id.id},
            {"specialist_id": self.specialist2.id},
            {"appointment_id": other.appointment_id.id},
        ]:
            with self.subTest(vals=vals), self.assertRaises(UserError):
                encounter.with_user(self.doctor).write(vals)

    def test_record_is_not_handed_to_another_patient(self):
        record = self._create_encounter().record_id
        with self.assertRaises(UserError):
            record.with_user(self.doctor).write({"patient_id": self.patient2.id})

    def test_colleague_who_treats_too_reads_and_does_not_write(self):
        encounter = self._create_encounter()
        self._create_appointment(specialist=self.specialist2, state="booked")
        colleague = encounter.with_user(self.other_doctor)
        self.env.invalidate_all()
        self.assertIn("complaint", colleague.complaint)
        with self.assertRaises(AccessError):
            colleague.write({"complaint": "Other"})
        with self.assertRaises(AccessError):
            colleague.action_finish()
        with self.assertRaises(AccessError):
            encounter.diagnosis_ids.with_user(self.other_doctor).write({"note": "x"})

    def test_form_of_the_doctor(self):
        encounter = self._open(self._create_appointment())
        with Form(encounter) as form:
            form.complaint = "Ear ache"
            form.allergy_note = "Penicillin"
            with form.diagnosis_ids.new() as line:
                line.icd10_id = self.icd_otitis
            with form.diagnosis_ids.new() as line:
                line.icd10_id = self.icd_cold
        self.assertEqual(encounter.record_id.allergy_note, "Penicillin")
        self.assertRecordValues(
            encounter.diagnosis_ids.sorted("id"),
            [
                {
                    "icd10_id": self.icd_otitis.id,
                    "kind": "main",
                    "status": "preliminary",
                },
                {
                    "icd10_id": self.icd_cold.id,
                    "kind": "accompanying",
                    "status": "preliminary",
                },
            ],
        )
        self.assertIn("H66.0", encounter.diagnosis_summary.splitlines()[0])

    def test_one_main_diagnosis(self):
        encounter = self._create_encounter()
        with self.assertRaisesRegex(ValidationError, "more than one main"):
            self.env["clinic.diagnosis"].create(
                {
                    "encounter_id": encounter.id,
                    "icd10_id": self.icd_cold.id,
                    "kind": "main",
                }
            )

    def test_main_diagnosis_may_change_places(self):
        encounter = self._create_encounter().with_user(self.doctor)
        first = encounter.diagnosis_ids
        second = first.create(
            {"encounter_id": encounter.id, "icd10_id": self.icd_cold.id}
        )
        encounter.write(
            {
                "diagnosis_ids": [
                    Command.update(first.id, {"kind": "accompanying"}),
                    Command.update(second.id, {"kind": "main"}),
                ]
            }
        )
        self.assertEqual(second.kind, "main")

    def test_same_code_once(self):
        encounter = self._create_encounter()
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaisesRegex(Exception, "code_once"),
        ):
            self.env["clinic.diagnosis"].create(
                {"encounter_id": encounter.id, "icd10_id": self.icd_otitis.id}
            )

    def test_block_of_codes_is_no_diagnosis(self):
        encounter = self._create_encounter()
        with self.assertRaisesRegex(ValidationError, "group of ICD-10 codes"):
            self.env["clinic.diagnosis"].create(
                {
                    "encounter_id": encounter.id,
                    "icd10_id": self.env.ref("clinic_emr.icd10_j00_j06").id,
                }
            )

    def test_diagnosis_date_is_the_branch_date(self):
        encounter = self._create_appointment()._start_encounters(
            when=fields.Datetime.to_datetime("2026-03-01 20:30:00")
        )
        diagnosis = self.env["clinic.diagnosis"].create(
            {"encounter_id": encounter.id, "icd10_id": self.icd_cold.id}
        )
        self.assertEqual(diagnosis.date, fields.Date.to_date("2026-03-02"))

    def test_addendum_to_a_finished_visit(self):
        encounter = self._create_encounter(finished=True)
        Addendum = self.env["clinic.encounter.addendum"].with_user(self.doctor)
        addendum = Addendum.create(
            {
                "encounter_id": encounter.id,
                "text": "X-ray came",
                "author_id": self.other_doctor.id,
                "date": "2020-01-01 00:00:00",
            }
        )
        self.assertEqual(addendum.author_id, self.doctor, "nobody signs for another")
        self.assertNotEqual(addendum.date.year, 2020)
        with self.assertRaises(UserError):
            addendum.sudo().write({"text": "Other"})
        with self.assertRaises(UserError):
            addendum.sudo().unlink()

    def test_addendum_only_to_own_finished_visit(self):
        encounter = self._create_encounter()
        vals = {"encounter_id": encounter.id, "text": "More"}
        Addendum = self.env["clinic.encounter.addendum"]
        with self.assertRaisesRegex(UserError, "not finished"):
            Addendum.with_user(self.doctor).create(vals)
        encounter.action_finish()
        self._create_appointment(specialist=self.specialist2, state="booked")
        with self.assertRaises(AccessError):
            Addendum.with_user(self.other_doctor).create(vals)

    def test_previous_visits_stand_beside_the_new_one(self):
        first = self._create_encounter(finished=True)
        second = self._open(self._create_appointment())
        self.assertEqual(second.previous_ids, first)
        self.assertFalse(first.with_user(self.doctor).previous_ids)

    def test_summary_is_printed(self):
        encounter = self._create_encounter(finished=True)
        report = self.env["ir.actions.report"].with_user(self.doctor)
        html = report._render_qweb_html("clinic_emr.report_encounter", encounter.ids)[0]
        for words in [
            "SECRETOTITIS recommendations",
            "H66.0",
            self.patient.name,
            self.specialist.name,
        ]:
            self.assertIn(words, html.decode())
