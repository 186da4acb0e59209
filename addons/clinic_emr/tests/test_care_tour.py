from odoo import Command
from odoo.tests import HttpCase, tagged

from .common import EmrCommon


@tagged("post_install", "-at_install")
class TestCareTour(HttpCase, EmrCommon):
    def test_doctor_follows_a_standard(self):
        self.env["clinic.care.standard"].create(
            {
                "name": "Otitis",
                "icd10_ids": [Command.set(self.icd_otitis.ids)],
                "line_ids": [
                    Command.create({"name": "Otoscopy", "section": "examination"}),
                    Command.create({"name": "Audiometry", "kind": "diagnostic"}),
                ],
            }
        )
        earlier = self._create_encounter(finished=True)
        encounter = self._create_appointment()._start_encounters()
        self.start_tour(
            f"/odoo/clinic-visits/{encounter.id}",
            "clinic_emr_care_standard",
            login=self.doctor.login,
        )
        self.assertRecordValues(
            encounter.care_item_ids,
            [
                {"name": "Otoscopy", "state": "done", "is_ticked": False},
                {"name": "Audiometry", "state": "done", "is_ticked": True},
            ],
        )
        self.assertEqual(encounter.diagnosis_ids.previous_id, earlier.diagnosis_ids)
        self.assertEqual(encounter.episode_id, earlier.episode_id)
        self.assertEqual(encounter.state, "finished")
