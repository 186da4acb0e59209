from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from .common import ScheduleCommon


@tagged("post_install", "-at_install")
class TestWizards(ScheduleCommon):
    def _wizard(self, model="clinic.booking.wizard", **values):
        return (
            self.env[model]
            .with_user(self._user("reception"))
            .create({"date_from": self.day, **values})
        )

    def _first(self, wizard):
        return wizard.offers["days"][0]["rows"][0]["windows"][0]

    def test_book_a_known_patient(self):
        wizard = self._wizard(patient_id=self.patient.id, service_id=self.service.id)
        offer = self._first(wizard)
        self.assertEqual(offer["time"], "09:00")
        self.assertTrue(wizard.offers["best"])
        wizard.chosen = offer["key"]
        self.assertIn("Test Therapist", wizard.chosen_words)
        visit = self.env["clinic.appointment"].browse(wizard.action_book()["res_id"])
        self.assertEqual(visit.start, self._at(9))
        self.assertEqual(visit.patient_id, self.patient)

    def test_every_offer_shown_can_be_booked(self):
        wizard = self._wizard(patient_id=self.patient.id, service_id=self.service.id)
        for day in wizard.offers["days"]:
            for row in day["rows"]:
                for offer in row["windows"]:
                    wizard.chosen = offer["key"]
                    visit = self.env["clinic.appointment"].browse(
                        wizard.action_book()["res_id"]
                    )
                    visit.action_cancel()

    def test_new_patient_is_registered_on_the_way(self):
        with Form(self._wizard()) as form:
            form.is_new_patient = True
            form.new_name = "Brand New Patient"
            form.new_phone = "8 (912) 555-44-33"
            form.service_id = self.service
        wizard = form.record
        wizard.chosen = self._first(wizard)["key"]
        visit = self.env["clinic.appointment"].browse(wizard.action_book()["res_id"])
        self.assertEqual(visit.patient_id.name, "Brand New Patient")
        self.assertTrue(visit.patient_id.patient_number)
        self.assertIn("555", visit.patient_id.phone)

    def test_known_phone_is_pointed_out(self):
        wizard = self._wizard(is_new_patient=True, new_phone="8 912 200 00 01")
        self.assertIn(self.patient, wizard.same_phone_ids)

    def test_patient_ahead_is_pointed_out(self):
        visit = self._book(10)
        wizard = self._wizard(patient_id=self.patient.id)
        self.assertIn(visit.local_time, wizard.patient_hint)

    def test_nothing_chosen_gets_a_sentence(self):
        wizard = self._wizard(patient_id=self.patient.id, service_id=self.service.id)
        with self.assertRaisesRegex(UserError, "Choose a free time"):
            wizard.action_book()

    def test_window_taken_meanwhile_gets_alternatives(self):
        wizard = self._wizard(patient_id=self.patient.id, service_id=self.service.id)
        wizard.chosen = self._first(wizard)["key"]
        self._book(9, patient_id=self._create_patient().id)
        with self.assertRaisesRegex(UserError, "Free instead"):
            wizard.action_book()

    def test_other_specialist_than_the_service_allows(self):
        wizard = self._wizard(
            service_id=self.service.id, specialist_id=self.specialist2.id
        )
        self.assertEqual(wizard.offers["hint"], "specialty")

    def test_looks_farther_when_the_week_is_empty(self):
        wizard = self._wizard(service_id=self.service.id)
        wizard.date_from = self.day.replace(day=1)
        self.env["clinic.shift"].search([]).filtered(
            lambda shift: shift != self.shift
        ).unlink()
        wizard.invalidate_recordset()
        if self.shift.start.date() > wizard.date_from:
            self.assertTrue(wizard.offers["days"])

    def test_move(self):
        visit = self._book(10)
        wizard = (
            self.env["clinic.appointment.move"]
            .with_user(self._user("reception"))
            .with_context(active_id=visit.id)
            .create({})
        )
        self.assertEqual(wizard.specialist_id, self.specialist)
        times = [o["time"] for o in wizard.offers["days"][0]["rows"][0]["windows"]]
        self.assertIn("10:00", times)  # its own time counts as free
        wizard.chosen = self._first(wizard)["key"]
        wizard.action_move()
        self.assertEqual(visit.start, self._at(9))

    def test_cancel_asks_for_a_reason(self):
        visit = self._book(10)
        wizard = (
            self.env["clinic.appointment.cancel"]
            .with_user(self._user("reception"))
            .with_context(active_ids=visit.ids)
            .create({})
        )
        self.assertIn(self.patient.name, wizard.summary)
        reason = self.env.ref("clinic_schedule.cancel_reason_clinic_other")
        wizard.reason_id = reason
        with self.assertRaisesRegex(UserError, "in a few words"):
            wizard.action_cancel()
        wizard.details = "Moved abroad"
        toast = wizard.action_cancel()
        self.assertEqual(visit.state, "cancelled")
        self.assertIn("Moved abroad", visit.cancel_reason)
        self.assertEqual(visit.cancel_reason_id, reason)
        self.assertEqual(visit.cancelled_side, "clinic")
        self.assertEqual(toast["params"]["change_ids"], visit.change_ids[0].ids)

    def test_make_shifts(self):
        self.env["clinic.shift.template"].create(
            {
                "specialist_id": self.specialist.id,
                "branch_id": self.branch.id,
                "weekday": "3",
                "hour_from": 9,
                "hour_to": 12,
            }
        )
        wizard = (
            self.env["clinic.shift.generate"]
            .with_user(self._user("admin"))
            .create({"specialist_ids": self.specialist.ids})
        )
        action = wizard.action_generate()
        self.assertTrue(self.env["clinic.shift"].search(action["domain"]))
        with self.assertRaisesRegex(UserError, "nothing new"):
            wizard.action_generate()

    def test_cards_booked_at_the_same_time_are_not_merged(self):
        twin = self._create_patient(name="Test Patient Twin")
        colleague = self._create_specialist("Test Colleague", self.specialty)
        self._create_shift(colleague, room_id=self.room2.id)
        self._book(10)
        visit = self._book(10, specialist_id=colleague.id, patient_id=twin.id)
        merge = self.env["base.partner.merge.automatic.wizard"].create({})
        with self.assertRaisesRegex(UserError, "Both cards are booked"):
            merge._merge((self.patient | twin).ids, self.patient)
        visit.reschedule(self._at(12))
        merge._merge((self.patient | twin).ids, self.patient)
        self.assertEqual(visit.patient_id, self.patient)
        self.assertEqual(visit.claim_ids.patient_id, self.patient)
