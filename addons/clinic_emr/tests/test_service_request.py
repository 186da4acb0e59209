from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import NOT_MEDICAL, SECRET
from .order_common import OrderCommon


@tagged("post_install", "-at_install")
class TestServiceRequest(OrderCommon):
    def _wizard(self, action, user):
        """Fill the booking dialog as the web client does from the action."""
        return (
            self.env["clinic.booking.wizard"]
            .with_user(user)
            .with_context(**action["context"])
            .create({"chosen": f"{self.specialist2.id}|{self.room2.id}|{self._at(10)}"})
        )

    def test_order_becomes_a_line_before_the_desk_without_the_reason(self):
        request = self._create_request(performer_id=self.specialist2.id)
        request.action_activate()
        self.env.invalidate_all()
        referral = (
            self.env["clinic.referral"]
            .with_user(self._user("reception"))
            .search([("patient_id", "=", self.patient.id)])
        )
        self.assertRecordValues(
            referral,
            [
                {
                    "service_id": self.service2.id,
                    "specialist_id": self.specialist2.id,
                    "requester_id": self.specialist.id,
                    "state": "open",
                    "left_count": 1,
                }
            ],
        )
        self.assertNotIn(SECRET, str(referral.read()))
        with self.assertRaises(AccessError):
            request.with_user(self._user("reception")).read(["reason"])

    def test_what_was_done_without_a_visit_is_not_booked(self):
        request = self._create_request()
        request.action_activate()
        referral = request.sudo().referral_id
        self.assertEqual(referral.state, "open")
        request.action_complete()
        self.assertEqual(request.state, "completed")
        self.assertEqual(referral.state, "done")

    def test_reception_books_from_the_referral(self):
        request = self._create_request()
        request.action_activate()
        reception = self._user("reception")
        referral = request.sudo().referral_id.with_user(reception)
        wizard = self._wizard(referral.action_book(), reception)
        self.assertEqual(wizard.patient_id, self.patient)
        self.assertEqual(wizard.service_id, self.service2)
        wizard.action_book()
        self.assertRecordValues(referral, [{"state": "booked", "booked_count": 1}])
        visit = referral.appointment_ids
        self.assertEqual(visit.specialist_id, self.specialist2)
        with self.assertRaises(AccessError):
            visit.read(["service_request_id"])
        self.assertEqual(visit.sudo().service_request_id, request)
        with self.assertRaisesRegex(UserError, "booked already"):
            referral.action_book()

    def test_doctor_ends_in_the_search_and_books_the_colleague(self):
        request = self._create_request(performer_id=self.specialist2.id)
        action = request.action_book()
        self.assertEqual(request.state, "active")
        self.assertEqual(action["res_model"], "clinic.booking.wizard")
        self._wizard(action, self.doctor).action_book()
        self.env.invalidate_all()
        visit = request.appointment_ids
        self.assertEqual(visit.specialist_id, self.specialist2)
        self.assertEqual(visit.state, "booked")
        # the author sees what has become of it, the colleague why the patient comes
        self.assertTrue(visit.with_user(self.doctor).read(["start", "state"]))
        theirs = request.with_user(self.other_doctor)
        self.assertIn(SECRET, theirs.reason)
        self.assertFalse(theirs.is_mine)

    def test_without_a_referral_a_colleague_is_not_booked(self):
        with self.assertRaises(AccessError):
            self.env["clinic.appointment"].with_user(self.doctor).book(
                self.patient.id,
                self.service2.id,
                self.specialist2.id,
                str(self._at(10)),
            )

    def test_a_referral_serves_one_patient_and_service(self):
        request = self._create_request()
        request.action_activate()
        referral = request.sudo().referral_id
        with self.assertRaisesRegex(UserError, "another patient or service"):
            self.env["clinic.appointment"].with_user(self._user("reception"))._book(
                {
                    "patient_id": self.patient2.id,
                    "service_id": self.service2.id,
                    "specialist_id": self.specialist2.id,
                    "start": self._at(10),
                    "referral_id": referral.id,
                }
            )

    def test_booked_past_the_referral_it_is_attached(self):
        request = self._create_request()
        request.action_activate()
        self.env["clinic.appointment"].with_user(self._user("reception")).book(
            self.patient.id, self.service2.id, self.specialist2.id, str(self._at(11))
        )
        self.assertEqual(request.sudo().referral_id.state, "booked")

    def test_followed_to_its_end(self):
        request = self._create_request(kind="course", quantity=2)
        request.action_activate()
        referral = request.sudo().referral_id
        visits = self.env["clinic.appointment"]
        for state, expected in [("booked", "open"), ("booked", "booked")]:
            visits += self._create_appointment(
                specialist=self.specialist2, state=state, referral_id=referral.id
            )
            self.assertEqual(referral.state, expected)
        visits[0].sudo()._move("cancelled", force=True)
        self.assertRecordValues(referral, [{"state": "open", "left_count": 1}])
        for visit in (
            visits[1],
            self._create_appointment(
                specialist=self.specialist2, state="booked", referral_id=referral.id
            ),
        ):
            self.assertEqual(request.state, "active")
            for state in ("arrived", "fulfilled"):
                visit.sudo()._move(state, force=True)
        self.assertEqual(referral.state, "done")
        self.assertEqual(request.state, "completed")

    def test_finishing_the_visit_gives_the_orders(self):
        request = self._create_request()
        prescription = self._create_prescription()
        self.encounter.action_finish()
        self.assertEqual(request.state, "active")
        self.assertEqual(prescription.state, "active")
        with self.assertRaises(UserError):
            request.write({"reason": "Other"})
        with self.assertRaises(UserError):
            request.unlink()

    def test_revoked_with_a_reason(self):
        request = self._create_request()
        request.action_activate()
        action = request.action_revoke()
        wizard = (
            self.env["clinic.order.revoke"]
            .with_user(self.doctor)
            .with_context(**action["context"])
            .create({"reason": "Not needed"})
        )
        wizard.action_revoke()
        self.assertRecordValues(
            request, [{"state": "revoked", "revoke_reason": "Not needed"}]
        )
        self.assertEqual(request.sudo().referral_id.state, "revoked")
        with self.assertRaises(UserError):
            request._revoke("Again")

    def test_only_orders_are_revoked_by_the_dialog(self):
        wizard = (
            self.env["clinic.order.revoke"]
            .with_user(self.doctor)
            .create(
                {
                    "model": "clinic.encounter",
                    "order_ids": self.encounter.ids,
                    "reason": "x",
                }
            )
        )
        with self.assertRaises(AccessError):
            wizard.action_revoke()

    def test_a_performer_who_does_not_do_it(self):
        with self.assertRaisesRegex(ValidationError, "does not provide"):
            self._create_request(performer_id=self.specialist.id)

    def test_author_state_and_foreign_patients(self):
        request = self._create_request(specialist_id=self.specialist2.id)
        self.assertEqual(request.specialist_id, self.specialist)
        with self.assertRaises(UserError):
            request.write({"state": "completed"})
        stranger = self._create_encounter(
            patient_id=self.patient2.id, specialist=self.specialist2
        )
        with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models"):
            self._create_request(encounter_id=stranger.id)
        for attempt in (
            lambda: request.with_user(self.other_doctor).read(["reason"]),
            lambda: request.with_user(self.other_doctor).action_revoke(),
            lambda: request.with_user(self.other_doctor).action_activate(),
        ):
            self.env.invalidate_all()
            with self.assertRaises(AccessError):
                attempt()

    def test_the_desk_and_others_can_do_nothing_with_it(self):
        request = self._create_request()
        request.action_activate()
        referral = request.sudo().referral_id
        for role in NOT_MEDICAL:
            user = self._user(role)
            desk = role in ("reception", "callcenter", "admin")
            with self.subTest(role=role):
                self.env.invalidate_all()
                self.assertEqual(
                    referral.with_user(user).has_access("read"), desk, role
                )
                for attempt in (
                    lambda u=user: referral.with_user(u).write({"quantity": 2}),
                    lambda u=user: referral.with_user(u).unlink(),
                    lambda u=user: request.with_user(u).read(["service_id"]),
                    lambda u=user: request.with_user(u).search([]),
                    lambda u=user: (
                        self.env["clinic.appointment"]
                        .with_user(u)
                        .search([("service_request_id.reason", "ilike", SECRET)])
                    ),
                ):
                    with self.assertRaises(AccessError):
                        attempt()

    def _printed(self, name, record, user=None):
        """Return a report as a user prints it."""
        self.env.invalidate_all()
        html, _kind = (
            self.env["ir.actions.report"]
            .with_user(user or self.doctor)
            ._render_qweb_html(f"clinic_emr.{name}", record.ids)
        )
        return html.decode()

    def test_paper_says_when_the_patient_is_booked(self):
        visit = self._create_appointment(specialist=self.specialist2, state="booked")
        request = self._create_request()
        request.action_activate()
        for name, record in (
            ("report_service_request", request),
            ("report_encounter", request.encounter_id),
        ):
            with self.subTest(name):
                paper = self._printed(name, record)
                self.assertIn(visit.local_time, paper)
                self.assertIn(visit.branch_id.name, paper)
                self.assertIn(self.specialist2.name, paper)

    def test_referral_is_printed_for_medical_staff_only(self):
        request = self._create_request()
        request.action_activate()
        name = "report_service_request"
        self.assertIn(SECRET, self._printed(name, request))
        with self.assertRaises(AccessError):
            self._printed(name, request, user=self._user("reception"))
