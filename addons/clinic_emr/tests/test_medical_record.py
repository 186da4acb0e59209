from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import EmrCommon


@tagged("post_install", "-at_install")
class TestMedicalRecord(EmrCommon):
    def test_name_says_nothing_but_the_number(self):
        encounter = self._create_encounter()
        number = self.patient.patient_number
        self.assertTrue(number)
        self.assertEqual(encounter.record_id.display_name, number)
        for record in encounter | encounter.previous_ids:
            self.assertNotIn(self.patient.name, record.display_name)
        self.assertTrue(encounter.display_name.startswith(number))
        self.assertEqual(encounter.diagnosis_ids.display_name, encounter.display_name)

    def test_found_by_the_patient(self):
        record = self._create_encounter().record_id.with_user(self.doctor)
        self.assertEqual(record.search([("display_name", "ilike", "Test Pat")]), record)

    def test_opened_from_the_patient(self):
        record = self._create_encounter().record_id
        action = self.patient.with_user(self.doctor).action_clinic_medical_record()
        self.assertEqual(action["res_id"], record.id)

    def test_made_when_the_specialist_opens_it_before_the_first_visit(self):
        self._create_appointment(state="booked")
        action = self.patient.with_user(self.doctor).action_clinic_medical_record()
        record = self.env["clinic.medical.record"].browse(action["res_id"])
        self.assertEqual(record.patient_id, self.patient)
        record.with_user(self.doctor).allergy_note = "Latex"

    def test_not_made_for_somebody_elses_patient(self):
        with self.assertRaises(AccessError):
            self.patient2.with_user(self.doctor).action_clinic_medical_record()
        self.assertFalse(
            self.env["clinic.medical.record"].search(
                [("patient_id", "=", self.patient2.id)]
            )
        )

    def test_record_with_content_is_not_deleted(self):
        record = self._create_encounter().record_id
        with self.assertRaises(UserError):
            record.unlink()

    def test_merging_patients_joins_their_records(self):
        """Odoo's merge deletes what is unique per patient: the visits must survive."""
        kept = self._create_encounter(finished=True)
        twin = self._create_patient(name="Test Patient", phone="+79122000003")
        moved = self._create_encounter(
            finished=True, patient_id=twin.id, specialist=self.specialist2
        )
        moved.record_id.allergy_note = "Novocaine"
        twin_record = moved.record_id
        self._merge(twin, self.patient)
        self.assertFalse(twin_record.exists())
        self.assertFalse(twin.exists())
        record = kept.record_id
        self.assertEqual(record.patient_id, self.patient)
        self.assertEqual(record.encounter_ids, kept | moved)
        self.assertEqual(moved.patient_id, self.patient)
        self.assertEqual(moved.diagnosis_ids.patient_id, self.patient)
        self.assertEqual(moved.appointment_id.patient_id, self.patient)
        self.assertEqual(
            record.allergy_note.splitlines(), ["SECRETOTITIS allergy", "Novocaine"]
        )

    def test_merging_into_a_patient_without_a_record(self):
        encounter = self._create_encounter(finished=True)
        twin = self._create_patient(name="Test Patient", phone="+79122000003")
        self._merge(self.patient, twin)
        self.assertEqual(encounter.record_id.patient_id, twin)
        self.assertEqual(encounter.patient_id, twin)

    def _merge(self, source, destination):
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((source | destination).ids, destination)
        self.env.invalidate_all()
