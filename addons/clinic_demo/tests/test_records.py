from odoo.tests import TransactionCase, tagged


@tagged("post_install", "-at_install")
class TestRecords(TransactionCase):
    """Nothing of the medical record opens empty in the demo clinic."""

    def _user(self, login):
        return self.env["res.users"].search([("login", "=", login)])

    def test_the_doctor_sees_work_on_every_screen(self):
        doctor = self._user("doctor")
        self.env.invalidate_all()
        for model in (
            "clinic.encounter",
            "clinic.diagnosis",
            "clinic.episode",
            "clinic.observation",
            "clinic.medication.request",
            "clinic.service.request",
            "clinic.care.plan",
            "clinic.document",
            "clinic.allergy",
            "clinic.phrase",
            "clinic.care.standard",
        ):
            with self.subTest(model=model):
                self.assertTrue(self.env[model].with_user(doctor).search([], limit=1))

    def test_values_are_measured_and_judged(self):
        values = self.env["clinic.observation"].search([])
        self.assertLessEqual(
            {"systolic", "temperature", "weight"}, set(values.mapped("code"))
        )
        self.assertLessEqual({"normal", "high"}, set(values.mapped("interpretation")))
        for value in values.filtered("encounter_id"):
            self.assertEqual(value.effective, value.encounter_id.start)

    def test_reception_has_referrals_to_book(self):
        reception = self._user("reception")
        self.env.invalidate_all()
        referrals = self.env["clinic.referral"].with_user(reception)
        self.assertTrue(referrals.search([("state", "=", "open")]))

    def test_care_plans_are_at_every_point(self):
        plans = self.env["clinic.care.plan"].search([])
        self.assertEqual(set(plans.mapped("state")), {"draft", "active", "completed"})
        for plan in plans.filtered(lambda one: one.state != "draft"):
            self.assertEqual(plan.document_ids.state, "issued")
            self.assertTrue(plan.document_ids.signature)
            self.assertTrue(plan.document_ids.pdf)
        own = plans.filtered(lambda one: one.patient_id.user_ids.login == "patient")
        self.assertEqual(own.state, "active")

    def test_prescriptions_are_taken_now_and_over(self):
        prescriptions = self.env["clinic.medication.request"].search([])
        self.assertLessEqual(
            {"active", "completed"}, set(prescriptions.mapped("state"))
        )
        for one in prescriptions.filtered(lambda one: one.state == "completed"):
            self.assertLess(one.date_end, one.closed_at.date())

    def test_the_chief_has_something_to_report(self):
        finished = self.env["clinic.encounter"].search([("state", "=", "finished")])
        self.assertTrue(any(finished.mapped("completeness")))
        items = self.env["clinic.care.item"].search([])
        self.assertLessEqual({"done", "missing"}, set(items.mapped("state")))
        self.assertTrue(finished.episode_id)

    def test_what_was_signed_is_as_signed(self):
        for visit in self.env["clinic.encounter"].search([("state", "=", "finished")]):
            self.assertTrue(visit._is_as_signed())

    def test_the_chief_has_secrecy_to_keep(self):
        chief = self._user("chief")
        self.env.invalidate_all()
        grants = self.env["clinic.record.grant"].with_user(chief).search([])
        self.assertEqual(set(grants.mapped("verdict")), {False, "justified"})
        self.assertTrue(all(grants.mapped("look_count")))
        waiting = grants.filtered(lambda grant: not grant.verdict)
        self.assertIn(chief, waiting.activity_ids.user_id)
        teams = self.env["clinic.care.team"].with_user(chief).search([])
        self.assertEqual(set(teams.mapped("kind")), {"patients", "duty"})
        closures = self.env["clinic.record.closure"].with_user(chief).search([])
        self.assertTrue(closures.filtered(lambda closure: not closure.lifted_at))
        self.assertTrue(self.env["clinic.withdrawn"].with_user(chief).search([]))

    def test_a_closed_record_is_read_by_the_chief_only(self):
        closure = self.env["clinic.record.closure"].search(
            [("lifted_at", "=", False)], limit=1
        )
        for login, reads in (("chief", True), ("doctor", False), ("doctor2", False)):
            with self.subTest(login):
                self.env.invalidate_all()
                record = closure.record_id.with_user(self._user(login))
                self.assertEqual(record.has_access("read"), reads)

    def test_a_parent_sees_who_opened_the_childs_record(self):
        child = self.env["res.partner"].search(
            [("guardian_ids", "in", self._user("parent").partner_id.ids)]
        )
        looks = self.env["clinic.record.access"].search(
            [("patient_id", "in", child.ids), ("basis", "=", "emergency")]
        )
        self.assertEqual(looks.user_id, self._user("doctor"))
