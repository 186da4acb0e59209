from odoo.tests import HttpCase, tagged

from .common import EmrCommon


@tagged("post_install", "-at_install")
class TestDoctorTour(HttpCase, EmrCommon):
    def test_doctor_writes_a_visit(self):
        self.patient.name = "Tour Patient"
        appointment = self._create_appointment()
        self.start_tour(
            "/odoo/clinic-my-day", "clinic_emr_doctor_day", login=self.doctor.login
        )
        encounter = appointment.encounter_ids
        self.assertRecordValues(
            encounter,
            [
                {
                    "state": "finished",
                    "complaint": "Болит правое ухо",
                    "examination": "Барабанная перепонка гиперемирована",
                    "recommendations": "Капли в ухо, повторный приём через 5 дней",
                    "allergy_note": "Пенициллин",
                }
            ],
        )
        self.assertRecordValues(
            encounter.diagnosis_ids,
            [{"icd10_id": self.icd_otitis.id, "kind": "main"}],
        )
        self.assertEqual(appointment.state, "fulfilled")
