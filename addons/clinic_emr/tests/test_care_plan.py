from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .order_common import OrderCommon
from .test_document import SIGNATURE


@tagged("post_install", "-at_install")
class TestCarePlan(OrderCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.service.list_price = 1500
        cls.service2.list_price = 4000
        cls.plan = (
            cls.env["clinic.care.plan"]
            .with_user(cls.doctor)
            .create(
                {
                    "record_id": cls.record.id,
                    "title": "Test plan",
                    "goal": "SECRETGOAL",
                    "line_ids": [
                        (0, 0, {"stage": 1, "service_id": cls.service.id}),
                        (
                            0,
                            0,
                            {"stage": 2, "service_id": cls.service2.id, "quantity": 2},
                        ),
                    ],
                }
            )
        )

    def _sign(self):
        action = self.plan.action_sign()
        document = (
            self.env["clinic.document"].with_user(self.doctor).browse(action["res_id"])
        )
        document.signature = SIGNATURE
        document.action_issue()
        return document

    def test_estimate(self):
        self.assertEqual(self.plan.amount_total, 9500)
        self.assertEqual(self.plan.amount_owed, 9500)
        self.service.list_price = 2000
        self.assertEqual(self.plan.amount_total, 9500)
        self.plan.action_estimate()
        self.assertEqual(self.plan.amount_total, 10000)

    def test_the_patient_signs_what_is_planned(self):
        with self.assertRaisesRegex(UserError, "not signed"):
            self.plan.action_activate()
        document = self._sign()
        self.assertEqual(self.plan.state, "active")
        self.assertIn(self.service2.name, document.body)
        self.assertIn("<table", document.body)
        with self.assertRaises(UserError):
            self.plan.line_ids[0].quantity = 5
        with self.assertRaises(UserError):
            self.plan.line_ids[0].unlink()

    def test_followed_stage_by_stage_to_its_end(self):
        with self.assertRaisesRegex(UserError, "not agreed"):
            self.plan.action_order_stage()
        self._sign()
        self.plan.action_order_stage()
        first, second = self.plan.line_ids
        self.assertEqual((first.ordered_count, second.ordered_count), (1, 0))
        self.assertEqual(first.request_ids.sudo().referral_id.state, "open")
        first.request_ids.action_complete()
        self.assertEqual((first.done_count, first.owed_count), (1, 0))
        self.assertEqual(self.plan.progress, 33)
        self.plan.action_order_stage()
        self.assertEqual(second.request_ids.quantity, 2)
        with self.assertRaisesRegex(UserError, "is ordered"):
            self.plan.action_order_stage()
        self.assertEqual(self.plan.amount_owed, 8000)
        second.request_ids.action_complete()
        self.assertEqual(self.plan.state, "completed")
        self.assertEqual(self.plan.progress, 100)

    def _change(self, line, count, **values):
        wizard = (
            self.env["clinic.care.plan.change"]
            .with_user(self.doctor)
            .create({"line_id": line.id, "count": count, "reason": "Why", **values})
        )
        return wizard.action_change()

    def test_a_service_is_declined(self):
        self._sign()
        first, second = self.plan.line_ids
        self.plan.action_order_stage()
        self._change(first, 1)
        self.assertEqual(first.request_ids.state, "revoked")
        self.assertEqual((first.declined_count, first.owed_count), (1, 0))
        self.assertEqual(first.declined_by_id, self.doctor)
        self.assertEqual(self.plan.amount_total, 8000)
        self.assertEqual(self.plan.next_stage, 2)
        with self.assertRaisesRegex(UserError, "revoke it instead"):
            self._change(second, 2)
        with self.assertRaisesRegex(UserError, "at the most"):
            self._change(second, 3)
        self.plan.action_order_stage()
        second.request_ids.action_complete()
        self.assertEqual(self.plan.state, "completed")
        self.assertEqual(self.plan.progress, 100)

    def test_the_rest_of_an_order_goes_on_when_a_part_is_declined(self):
        self._sign()
        second = self.plan.line_ids[1]
        self._change(self.plan.line_ids[0], 1)
        self.plan.action_order_stage()
        old = second.request_ids
        visit = self._create_appointment(
            specialist=self.specialist2, start=self._at(11), state="booked"
        )
        visit.sudo().referral_id = old.sudo().referral_id
        self._change(second, 1)
        new = second.request_ids - old
        self.assertEqual((old.state, new.state, new.quantity), ("revoked", "active", 1))
        self.assertEqual(visit.referral_id, new.sudo().referral_id)
        self.assertEqual((second.owed_count, second.left_count), (1, 0))

    def test_a_service_is_replaced_once_the_patient_has_signed_again(self):
        self._sign()
        first, second = self.plan.line_ids
        action = self._change(first, 1, service_id=self.service2.id, quantity=2)
        new = self.plan.line_ids - first - second
        self.assertEqual((new.replaces_id, new.stage), (first, 1))
        self.assertEqual(self.plan.amount_total, 16000)
        self.assertTrue(self.plan.awaits_consent)
        self.assertEqual(self.plan.next_stage, 2)
        consent = self.env["clinic.document"].browse(action["res_id"])
        consent = consent.with_user(self.doctor)
        self.assertNotIn(self.service.name, consent.body)
        consent.signature = SIGNATURE
        consent.action_issue()
        self.assertFalse(self.plan.awaits_consent)
        self.assertEqual(self.plan.next_stage, 1)
        self.plan.action_order_stage()
        self.assertEqual(new.request_ids.quantity, 2)

    def test_an_agreed_plan_is_changed_by_its_author_with_a_reason(self):
        self._sign()
        line = self.plan.line_ids[0]
        for values in ({"declined_count": 1}, {"awaits_consent": True}):
            with self.assertRaises(UserError):
                line.write(values)
        with self.assertRaises(UserError):
            line.create(
                {
                    "plan_id": self.plan.id,
                    "service_id": self.service.id,
                    "replaces_id": line.id,
                }
            )
        with self.assertRaisesRegex(UserError, "Write why"):
            line._decline(1, " ")
        self.env.invalidate_all()
        with self.assertRaises(AccessError):
            line.with_user(self.other_doctor).action_change()
            self.env["clinic.care.plan.change"].with_user(self.other_doctor).create(
                {"line_id": line.id, "count": 1, "reason": "x"}
            ).action_change()

    def test_a_consent_waiting_for_a_signature_follows_the_plan(self):
        action = self.plan.action_sign()
        consent = self.env["clinic.document"].browse(action["res_id"])
        consent = consent.with_user(self.doctor)
        consent.signature = SIGNATURE
        self.plan.line_ids[1].quantity = 5
        self.assertFalse(consent.signature)
        self.assertIn("<td>5</td>", consent.body)

    def test_patient_is_found_by_name_for_a_new_plan(self):
        records = self.env["clinic.medical.record"]
        self.env.invalidate_all()
        (found,) = records.with_user(self.doctor).web_name_search(
            self.patient.name, {"display_name": {}}
        )
        self.assertIn(self.patient.name, found["__formatted_display_name"])
        self.assertEqual(found["display_name"], self.patient.patient_number)
        self.env.invalidate_all()
        self.assertFalse(
            records.with_user(self.other_doctor).web_name_search(
                self.patient.name, {"display_name": {}}
            )
        )
        with self.assertRaises(AccessError):
            records.with_user(self._user("reception")).web_name_search(
                self.patient.name, {"display_name": {}}
            )

    def test_closed_to_others(self):
        for role in ("reception", "director", "nurse"):
            self.env.invalidate_all()
            with self.subTest(role=role), self.assertRaises(AccessError):
                self.plan.with_user(self._user(role)).read(["goal"])
        self.env.invalidate_all()
        for attempt in (
            lambda: self.plan.with_user(self.other_doctor).read(["goal"]),
            lambda: self.plan.line_ids.with_user(self.other_doctor).read(["note"]),
            lambda: self.plan.with_user(self.other_doctor).action_sign(),
        ):
            with self.assertRaises(AccessError):
                attempt()
