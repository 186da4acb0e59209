from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .order_common import OrderCommon
from .test_document import SIGNATURE


@tagged("post_install", "-at_install")
class TestReferralVisits(OrderCommon):
    """Visits booked before the order is written, and by hand."""

    def _booked(self, **values):
        return self._create_appointment(
            specialist=self.specialist2, **{"state": "booked", **values}
        )

    def _order(self, **values):
        request = self._create_request(**values)
        request.action_activate()
        return request

    def _hold(self, visit):
        for state in ("arrived", "fulfilled"):
            visit.sudo()._move(state, force=True)

    def _choose(self, request, visits, user=None):
        """Tick the visits in the dialog as the web client does."""
        user = user or self.doctor
        referral = request.sudo().referral_id.with_user(user)
        action = referral.action_choose_visits()
        choice = self.env[action["res_model"]].with_user(user).browse(action["res_id"])
        for line in choice.line_ids:
            line.is_attached = line.visit in visits.ids
        choice.action_apply()

    def test_visit_booked_before_the_order_is_attached(self):
        visit = self._booked()
        request = self._order()
        self.assertEqual(visit.service_request_id, request)
        self.assertEqual(request.booking_state, "booked")
        self._hold(visit)
        self.assertEqual(request.state, "completed")

    def test_attached_when_the_visit_that_orders_is_signed(self):
        visit = self._booked()
        request = self._create_request()
        self.assertFalse(visit.referral_id)
        self.encounter.action_finish()
        self.assertEqual(visit.service_request_id, request)

    def test_what_does_not_fit_is_not_attached(self):
        yesterday = fields.Datetime.now() - timedelta(days=1)
        visits = self.env["clinic.appointment"].union(
            self._booked(patient_id=self.patient2.id),
            self._create_appointment(state="booked"),
            self._booked(start=yesterday),
            self._booked(state="cancelled"),
            self._booked(state="fulfilled"),
        )
        request = self._order()
        self.assertEqual(request.booking_state, "open")
        self.assertFalse(visits.referral_id)

    def test_a_visit_of_another_order_stays_there(self):
        visit = self._booked()
        first = self._order()
        second = self._order()
        self.assertEqual(visit.service_request_id, first)
        self.assertEqual(second.booking_state, "open")

    def test_with_more_visits_than_ordered_the_first_to_come_is_meant(self):
        visits = self._booked() + self._booked()
        request = self._order()
        self.assertFalse(visits.referral_id)
        self._hold(visits[1])
        self.assertEqual(visits[1].service_request_id, request)
        self.assertFalse(visits[0].referral_id)
        self.assertEqual(request.state, "completed")
        self._hold(visits[0])
        self.assertFalse(visits[0].referral_id)

    def test_a_course_takes_what_is_booked(self):
        visits = self._booked() + self._booked()
        request = self._order(kind="course", quantity=3)
        self.assertEqual(visits.service_request_id, request)
        self.assertEqual(request.sudo().referral_id.left_count, 1)

    def test_the_visit_in_which_it_is_ordered_is_not_the_one_ordered(self):
        request = self._create_request(service_id=self.service.id)
        own = self.encounter.appointment_id
        self.encounter.action_finish()
        self.assertEqual(own.state, "fulfilled")
        self.assertEqual(request.state, "active")
        with self.assertRaisesRegex(UserError, "no visit"):
            request.action_choose_visits()

    def test_choosing_a_time_says_when_the_patient_is_booked(self):
        visit = self._booked()
        request = self._create_request()
        action = request.action_book()
        self.assertEqual(action["tag"], "display_notification")
        self.assertIn(visit.local_time, action["params"]["message"])
        self.assertEqual(request.state, "active")
        self.assertEqual(visit.service_request_id, request)

    def test_a_care_plan_comes_to_its_end_by_visits_booked_before(self):
        plan = (
            self.env["clinic.care.plan"]
            .with_user(self.doctor)
            .create(
                {
                    "record_id": self.record.id,
                    "title": "Test plan",
                    "line_ids": [
                        (0, 0, {"service_id": self.service2.id, "quantity": 2})
                    ],
                }
            )
        )
        visits = self._booked() + self._booked()
        document = self.env["clinic.document"].browse(plan.action_sign()["res_id"])
        document.write({"signature": SIGNATURE})
        document.with_user(self.doctor).action_issue()
        plan.action_order_stage()
        for visit in visits:
            self.assertEqual(plan.state, "active")
            self._hold(visit)
        self.assertEqual(plan.state, "completed")
        # one of them was not by the plan: it goes on
        request = plan.line_ids.request_ids
        self._choose(request, visits[0])
        self.assertEqual((request.state, plan.state), ("active", "active"))
        self._choose(request, visits)
        self.assertEqual((request.state, plan.state), ("completed", "completed"))

    def test_attached_by_hand(self):
        visits = self._booked() + self._booked()
        request = self._order()
        self._choose(request, visits[1])
        self.assertEqual(visits[1].service_request_id, request)
        self._choose(request, visits[0], user=self._user("reception"))
        self.assertEqual(visits[0].service_request_id, request)
        self.assertFalse(visits[1].referral_id)
        with self.assertRaisesRegex(UserError, "not more"):
            self._choose(request, visits)

    def test_what_was_held_already_completes_the_order(self):
        visit = self._booked(state="fulfilled")
        request = self._order()
        self.assertEqual(request.state, "active")
        self._choose(request, visit)
        self.assertEqual(request.state, "completed")

    def test_taken_off_by_hand_it_stays_off(self):
        visit = self._booked()
        request = self._order()
        self._choose(request, self.env["clinic.appointment"])
        self.assertFalse(visit.referral_id)
        self.assertEqual(request.booking_state, "open")
        self._hold(visit)
        self.assertFalse(visit.referral_id)
        self._choose(request, visit)
        self.assertEqual(request.state, "completed")

    def test_a_held_visit_attached_by_mistake_is_taken_off(self):
        visit = self._booked(state="fulfilled")
        request = self._order()
        nothing = self.env["clinic.appointment"]
        for user in (self.doctor, self._user("reception")):
            with self.subTest(user=user.login):
                self._choose(request, visit, user=user)
                self.assertRecordValues(
                    request, [{"state": "completed", "booking_state": "done"}]
                )
                self.assertTrue(request.closed_at)
                self.assertTrue(request.with_user(self.doctor).can_choose_visits)
                self._choose(request, nothing, user=user)
                self.assertRecordValues(
                    request,
                    [
                        {
                            "state": "active",
                            "booking_state": "open",
                            "closed_at": False,
                            "closed_by_id": False,
                        }
                    ],
                )

    def test_what_was_closed_otherwise_keeps_its_visits(self):
        nothing = self.env["clinic.appointment"]
        by_hand, revoked = self._order(), self._order()
        self._booked(state="fulfilled")
        by_hand.action_complete()
        revoked._revoke("A mistake")
        for request in (by_hand, revoked):
            self.assertFalse(request.can_choose_visits)
            with self.assertRaisesRegex(UserError, "closed"):
                request.referral_id._choose_visits(nothing)

    def test_only_what_fits_and_only_by_author_and_desk(self):
        visit = self._booked()
        foreign = self._booked(patient_id=self.patient2.id)
        request = self._order()
        referral = request.sudo().referral_id
        with self.assertRaisesRegex(UserError, "changed meanwhile"):
            referral.with_user(self.doctor)._choose_visits(foreign)
        for user in (
            self.other_doctor,
            self._user("nurse"),
            self._user("cashier"),
            self._user("chief_physician"),
        ):
            self.env.invalidate_all()
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                referral.with_user(user).action_choose_visits()
        self.assertEqual(visit.service_request_id, request)
