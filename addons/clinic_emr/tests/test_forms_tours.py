from odoo.tests import HttpCase, tagged

from .order_common import OrderCommon
from .test_document import SIGNATURE


@tagged("post_install", "-at_install")
class TestFormsTours(HttpCase, OrderCommon):
    def test_chief_builds_a_template_and_visits_use_it(self):
        self.start_tour(
            "/odoo/clinic-visit-templates/new",
            "clinic_emr_template_editor",
            login=self._user("chief_physician").login,
        )
        template = self.env["clinic.encounter.template"].search(
            [("name", "=", "Endocrinology")]
        )
        self.assertRecordValues(
            template.current_version_id.item_ids,
            [{"name": "Glucose", "kind": "number", "high": 6.1, "low": 0.0}],
        )
        template.specialty_ids = self.specialty
        visit = self._create_appointment()._start_encounters()
        self.assertEqual(visit.template_version_id.template_id, template)

    def test_doctor_orders_a_stage_of_an_agreed_plan(self):
        plan = (
            self.env["clinic.care.plan"]
            .with_user(self.doctor)
            .create(
                {
                    "record_id": self.record.id,
                    "title": "Test plan",
                    "line_ids": [
                        (0, 0, {"stage": 1, "service_id": self.service.id}),
                        (0, 0, {"stage": 2, "service_id": self.service2.id}),
                    ],
                }
            )
        )
        document = (
            self.env["clinic.document"]
            .with_user(self.doctor)
            .browse(plan.action_sign()["res_id"])
        )
        document.signature = SIGNATURE
        document.action_issue()
        self.start_tour(
            f"/odoo/clinic-care-plans/{plan.id}",
            "clinic_emr_care_plan",
            login=self.doctor.login,
        )
        self.assertEqual(plan.line_ids.request_ids.mapped("state"), ["active"])
        plan.line_ids.request_ids.action_complete()
        self.assertRecordValues(
            plan.line_ids,
            [
                {"done_count": 1, "owed_count": 0},
                {"done_count": 0, "owed_count": 1},
            ],
        )
        self.assertEqual(plan.progress, 50)

    def test_reception_books_a_referral(self):
        self.patient.name = "Tour Patient"
        request = self._create_request(performer_id=self.specialist2.id)
        request.action_activate()
        self.start_tour(
            "/odoo/clinic-referrals",
            "clinic_emr_referral",
            login=self._user("reception").login,
        )
        referral = request.sudo().referral_id
        self.assertEqual(referral.state, "booked")
        self.assertEqual(referral.appointment_ids.patient_id, self.patient)
        self.assertEqual(referral.appointment_ids.specialist_id, self.specialist2)

    def test_doctor_books_a_referral_by_the_keyboard(self):
        request = self._create_request(performer_id=self.specialist2.id)
        self.start_tour(
            f"/odoo/clinic-visits/{self.encounter.id}",
            "clinic_emr_order_keys",
            login=self.doctor.login,
        )
        self.assertEqual(request.booking_state, "booked")
