from odoo.tests import HttpCase, tagged

from .common import EmrCommon


@tagged("post_install", "-at_install")
class TestSecrecyTours(HttpCase, EmrCommon):
    """Emergency access and withdrawing, on the screen, by those who do it."""

    def test_a_specialist_breaks_the_glass_and_the_chief_judges(self):
        encounter = self._create_encounter(finished=True)
        self.patient.name = "Tour Patient"
        self.start_tour(
            "/odoo/clinic-patients",
            "clinic_emr_emergency",
            login=self.other_doctor.login,
        )
        grant = self.env["clinic.record.grant"].search(
            [("record_id", "=", encounter.record_id.id)]
        )
        self.assertRecordValues(
            grant, [{"user_id": self.other_doctor.id, "verdict": False}]
        )
        self.assertTrue(grant.look_count)
        chief = self._user("chief_physician")
        self.assertEqual(grant.activity_ids.user_id & chief, chief)
        self.start_tour(
            "/odoo/clinic-emergency-access",
            "clinic_emr_emergency_verdict",
            login=chief.login,
        )
        self.assertRecordValues(
            grant,
            [
                {
                    "verdict": "justified",
                    "judge_id": chief.id,
                    "verdict_note": "The nurse on duty has confirmed it",
                }
            ],
        )
        self.assertFalse(grant.activity_ids, "the task is done")

    def test_the_looks_shown_are_those_counted(self):
        encounter = self._create_encounter(finished=True)
        self.env["clinic.record.emergency"].with_user(self.other_doctor).create(
            {"patient_id": self.patient.id, "reason": "Unconscious in the corridor"}
        ).action_take()
        self.env.invalidate_all()
        encounter.record_id.with_user(self.other_doctor).read(["allergy_note"])
        encounter.with_user(self.other_doctor).read(["complaint"])
        grant = self.env["clinic.record.grant"].search(
            [("record_id", "=", encounter.record_id.id)]
        )
        action = grant.with_user(self._user("chief_physician")).action_open_looks()
        looks = self.env[action["res_model"]].search(action["domain"])
        self.assertEqual(len(looks), grant.look_count)
        self.assertEqual(looks.user_id, self.other_doctor)

    def test_nobody_follows_an_emergency_access(self):
        self._create_encounter(finished=True)
        self.env["clinic.record.emergency"].with_user(self.other_doctor).create(
            {"patient_id": self.patient.id, "reason": "Unconscious in the corridor"}
        ).action_take()
        followers = self.env["mail.followers"].with_user(self._user("reception"))
        domain = [("res_model", "=", "clinic.record.grant")]
        self.assertFalse(followers.search(domain))
        grant = self.env["clinic.record.grant"].search(
            [("user_id", "=", self.other_doctor.id)]
        )
        self.assertTrue(grant.activity_ids)

    def test_an_author_withdraws_and_the_chief_brings_back(self):
        encounter = self._create_encounter()
        self.start_tour(
            f"/odoo/clinic-visits/{encounter.id}",
            "clinic_emr_withdraw",
            login=self.doctor.login,
        )
        self.assertFalse(encounter.active)
        self.start_tour(
            "/odoo/clinic-withdrawn",
            "clinic_emr_bring_back",
            login=self._user("chief_physician").login,
        )
        self.assertTrue(encounter.active)
