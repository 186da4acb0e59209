from datetime import timedelta

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError
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
        known = self._wizard(patient_id=self.patient.id)
        known.action_new_patient()
        with Form(known) as form:
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
        for offer in wizard.offers["best"] + wizard.offers["soonest"]:
            self.assertNotEqual(offer["time"], "10:00")  # but is no advice
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


@tagged("post_install", "-at_install")
class TestBookingDialog(ScheduleCommon):
    """What the dialog does beyond one window of one service."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.surgery = cls._create_service(
            name="Test small surgery",
            list_price=3000.0,
            duration=45,
            specialty_ids=[Command.set(cls.specialty2.ids)],
        )

    def _wizard(self, role="reception", **values):
        values = {
            "patient_id": self.patient.id,
            "service_id": self.service.id,
            "date_from": self.day,
            **values,
        }
        return (
            self.env["clinic.booking.wizard"].with_user(self._user(role)).create(values)
        )

    def _both(self, **values):
        line = Command.create({"service_id": self.surgery.id})
        return self._wizard(line_ids=[line], **values)

    def _visits(self):
        return self.patient.appointment_ids.filtered(lambda v: v.state == "booked")

    # Several services

    def test_two_services_follow_each_other(self):
        wizard = self._both()
        offers = wizard.offers
        self.assertEqual(offers["mode"], "chain")
        best = offers["best"][0]
        self.assertEqual(best["waiting"], 0)
        self.assertEqual(len(best["parts"]), 2)
        wizard.chosen = best["key"]
        result = wizard.book_in_dialog()
        visits = self._visits().sorted("start")
        self.assertEqual(len(visits), 2)
        self.assertEqual(visits[0].stop, visits[1].start)
        self.assertEqual(visits.service_id, self.service | self.surgery)
        self.assertEqual(len(result["change_ids"]), 2)

    def test_a_chain_gets_round_what_is_taken(self):
        self._book(9, 30, patient_id=self._create_patient().id)
        for offer in self._both().offers["best"]:
            self.assertEqual(offer["waiting"], 0)

    def test_a_chain_is_booked_whole_or_not_at_all(self):
        wizard = self._both()
        wizard.chosen = wizard.offers["best"][0]["key"]
        start = min(wizard._parse_key(key)[2] for key in wizard.chosen.split(";"))
        # Somebody takes one of the two windows meanwhile.
        for specialist, service in (
            (self.specialist, self.service),
            (self.specialist2, self.surgery),
        ):
            self.env["clinic.appointment"]._book(
                {
                    "patient_id": self._create_patient().id,
                    "service_id": service.id,
                    "specialist_id": specialist.id,
                    "start": start,
                }
            )
        self.assertTrue(wizard.book_in_dialog()["refused"])
        self.assertFalse(self._visits())
        self.assertTrue(wizard.refusal["message"])
        self.assertEqual(wizard.patient_id, self.patient)  # all that was typed stays

    def test_each_by_itself(self):
        wizard = self._both(together="each")
        offers = wizard.offers
        self.assertEqual((offers["mode"], offers["active"]), ("each", 0))
        first = offers["days"][0]["rows"][0]["windows"][0]["key"]
        wizard.write({"chosen": f"{first};", "active_need": 1})
        second = wizard.offers["days"][0]["rows"][0]["windows"][-1]["key"]
        with self.assertRaisesRegex(UserError, "Choose a free time"):
            wizard.book_in_dialog()
        wizard.chosen = f"{first};{second}"
        wizard.book_in_dialog()
        self.assertEqual(len(self._visits()), 2)

    def test_services_of_nobody_in_common_branch(self):
        self.shift2.unlink()
        self.assertEqual(self._both().offers["hint"], "none_chain")

    # Filters and words

    def test_part_of_the_day_and_weekday(self):
        wizard = self._wizard(day_part="morning")
        times = self._times(wizard)
        self.assertTrue(times)
        self.assertTrue(all(time < "12:00" for time in times))
        wizard.day_part = "evening"
        self.assertEqual(wizard.offers["hint"], "none")
        wizard.write({"day_part": False, "weekdays": str((self.day.weekday() + 1) % 7)})
        self.assertEqual(wizard.offers["hint"], "none")
        wizard.weekdays = str(self.day.weekday())
        self.assertTrue(wizard.offers["days"])

    def _times(self, wizard):
        return [
            offer["time"]
            for day in wizard.offers["days"]
            for row in day["rows"]
            for offer in row["windows"]
        ]

    def test_the_next_free_day_is_named(self):
        wizard = self._wizard(date_from=self.day - timedelta(days=12))
        if wizard.date_from >= wizard.create_date.date():
            self.assertTrue(wizard.offers["jumped"])
        self.assertTrue(wizard.offers["soonest"])

    def test_note_of_the_specialist_is_shown(self):
        self.specialist.schedule_note = "Only with a referral"
        row = self._wizard().offers["days"][0]["rows"][0]
        self.assertEqual(row["note"], "Only with a referral")

    def test_price_and_sum(self):
        currency = self.env.company.currency_id
        self.assertEqual(self._wizard().price_words, currency.format(2000.0))
        words = self._both().price_words
        self.assertTrue(words.endswith(f"= {currency.format(5000.0)}"), words)

    def test_patient_at_a_glance(self):
        visit = self._book(10)
        brief = self._wizard().patient_brief
        self.assertIn(visit.local_time, brief["ahead"][0])
        self.assertIn(self.patient.patient_number, brief["line"])

    def test_twins_by_name_and_birth_date(self):
        wizard = self._wizard(
            patient_id=False,
            is_new_patient=True,
            new_name="Patient Test",
            new_phone="+7 912 999-88-77",
            new_birthdate="1985-05-17",
        )
        self.assertIn(self.patient.id, [twin["id"] for twin in wizard.twins])

    # Opened from elsewhere

    def test_window_wished_for_on_the_board_is_chosen(self):
        key = f"{self.specialist.id}|{self.room.id}|{self._at(11, 5)}"
        with Form(
            self.env["clinic.booking.wizard"]
            .with_user(self._user("reception"))
            .with_context(default_chosen=key)
        ) as form:
            self.assertEqual(form.specialist_id, self.specialist)
            self.assertEqual(form.date_from, self.day)
            form.patient_id = self.patient
            form.service_id = self.service
            self.assertEqual(form.chosen, key)
        form.record.book_in_dialog()
        self.assertEqual(self._visits().start, self._at(11, 5))

    def test_window_chosen_in_the_screening_stays_chosen(self):
        key = f"{self.specialist.id}|{self.room.id}|{self._at(11, 5)}"
        wizard = self.env["clinic.booking.wizard"].with_user(self._user("reception"))
        opened = wizard.with_context(
            default_chosen=key,
            default_service_id=self.service.id,
            default_specialist_id=self.specialist.id,
            default_branch_id=self.room.branch_id.id,
        ).onchange(
            {}, [], {name: {} for name in ("service_id", "chosen", "wish", "line_ids")}
        )
        self.assertEqual(opened["value"]["chosen"], key)

    def test_a_branch_in_another_city_says_so(self):
        home = self.room.branch_id
        home.city = "Yekaterinburg"
        far = home.copy({"name": "Far Away", "city": "Moscow"})
        self._book(9)
        wizard = self.env["clinic.appointment.move"].new(
            {"appointment_id": self._visits()[:1].id}
        )
        self.assertEqual(wizard._branch_words(far), "Far Away (Moscow)")
        self.assertEqual(wizard._branch_words(home), home.name)

    def test_who_may_enters_a_visit_afterwards_and_says_why(self):
        specialist = self.specialist
        key = f"{specialist.id}|{self.room.id}|{self._at(10)}"
        values = {
            "patient_id": self.patient.id,
            "service_id": self.service.id,
            "specialist_id": specialist.id,
            "chosen": key,
            "past_reason": "The network was down",
        }
        with freeze_time(self._at(12)):
            self.assertTrue(self._wizard(**values).is_past)
            with self.assertRaisesRegex(UserError, "in the past"):
                self._wizard(**values).book_in_dialog()
            admin = self._user("admin")
            wizard = (
                self._wizard()
                .with_user(admin)
                .create({"date_from": self.day, **values})
            )
            visit_id = wizard.book_in_dialog()["visit_id"]
        visit = self.env["clinic.appointment"].browse(visit_id)
        self.assertEqual(visit.start, self._at(10))
        self.assertEqual(visit.past_reason, "The network was down")

    # Handing over

    def _hand_over(self, visit):
        return (
            self.env["clinic.appointment.move"]
            .with_user(self._user("reception"))
            .with_context(active_id=visit.id, default_hand_over=True)
            .create({})
        )

    def test_hand_over_offers_the_same_time_first(self):
        visit = self._book(10, 3)
        colleague = self._create_specialist("Test Colleague", self.specialty)
        self._create_shift(colleague, room_id=self.room2.id)
        wizard = self._hand_over(visit)
        best = wizard.offers["best"]
        self.assertEqual([offer["time"] for offer in best], ["10:03"])
        self.assertIn("Test Colleague", best[0]["words"])
        shown = {
            row["specialist"] for day in wizard.offers["days"] for row in day["rows"]
        }
        self.assertNotIn(self.specialist.name, shown)
        wizard.chosen = best[0]["key"]
        wizard.action_move()
        self.assertEqual(visit.specialist_id, colleague)
        self.assertEqual(visit.start, self._at(10, 3))
        visit.with_user(self._user("reception")).action_undo()
        self.assertEqual(visit.specialist_id, self.specialist)

    def test_who_waits_is_not_handed_to_another_branch(self):
        visit = self._book(10)
        colleague = self._create_specialist(
            "Test Colleague", self.specialty, branch_ids=self.branch_msk.ids
        )
        room = self.env["clinic.room"].create(
            {"name": "Far", "branch_id": self.branch_msk.id}
        )
        self._create_shift(
            colleague, branch=self.branch_msk, hours=(6, 15), room_id=room.id
        )
        (offer,) = self._hand_over(visit).offers["best"]
        self.assertIn(self.branch_msk.name, offer["words"])
        with freeze_time(self._at(9, 50)):
            visit.action_arrive()
        self.env.invalidate_all()
        self.assertFalse(self._hand_over(visit).offers["best"])

    def test_an_offer_names_the_branch_unless_one_is_asked_for(self):
        wizard = self._wizard(patient_id=self.patient.id, service_id=self.service.id)
        for offer in wizard.offers["best"] + wizard.offers["soonest"]:
            self.assertIn(self.branch.name, offer["words"])
        wizard.branch_id = self.branch
        for offer in wizard.offers["best"] + wizard.offers["soonest"]:
            self.assertNotIn(self.branch.name, offer["words"])

    def test_hand_over_hides_who_is_busy_then(self):
        visit = self._book(10)
        colleague = self._create_specialist("Test Colleague", self.specialty)
        self._create_shift(colleague, room_id=self.room2.id)
        self._book(
            10, 15, specialist_id=colleague.id, patient_id=self._create_patient().id
        )
        self.assertFalse(self._hand_over(visit).offers["best"])

    # On from here

    def test_waiting_list_takes_over_what_was_asked_for(self):
        wizard = self._wizard(
            specialist_id=self.specialist.id, day_part="evening", weekdays="1,3"
        )
        action = wizard.action_waitlist()
        context = action["context"]
        self.assertEqual(action["res_model"], "clinic.waitlist")
        self.assertEqual(context["default_patient_id"], self.patient.id)
        self.assertEqual(context["default_hour_from"], 17)
        self.assertTrue(context["default_tue"])
        self.assertFalse(context["default_mon"])

    def test_repeat_weekly_starts_from_the_window(self):
        wizard = self._wizard()
        wizard.chosen = wizard.offers["days"][0]["rows"][0]["windows"][0]["key"]
        context = wizard.action_repeat()["context"]
        self.assertEqual(context["default_chosen"], wizard.chosen)
        self.assertEqual(context["default_patient_id"], self.patient.id)

    # Refusals

    def test_refusal_stays_in_the_dialog_with_alternatives(self):
        wizard = self._wizard(note="by the window")
        wizard.chosen = wizard.offers["days"][0]["rows"][0]["windows"][0]["key"]
        self._book(9, patient_id=self._create_patient().id)
        self.assertEqual(wizard.book_in_dialog(), {"refused": True})
        self.assertEqual(len(wizard.refusal["offers"]), 3)
        self.assertEqual(wizard.note, "by the window")
        wizard.chosen = wizard.refusal["offers"][0]["key"]
        wizard.book_in_dialog()
        self.assertEqual(len(self._visits()), 1)
        self.assertFalse(wizard.refusal)

    # Now

    def test_walk_in_is_booked_and_received_at_once(self):
        with freeze_time(self._at(10, 2)):
            wizard = self._wizard(walk_in=True)
            offer = wizard.offers["best"][0]
            self.assertEqual(offer["time"], "10:05")
            wizard.chosen = offer["key"]
            wizard.book_in_dialog()
        visit = self._visits() or self.patient.appointment_ids
        self.assertEqual((visit.state, visit.start), ("arrived", self._at(10, 5)))

    def test_time_that_has_passed_is_no_gap(self):
        """At four minutes past the hour the specialist is free at once, not at half."""
        self._book(10, patient_id=self._create_patient().id)
        with freeze_time(self._at(10, 34)):
            wizard = self._wizard(walk_in=True)
            self.assertEqual(wizard.offers["best"][0]["time"], "10:35")
            wizard.walk_in = False
            self.assertEqual(wizard.offers["soonest"][0]["time"][-5:], "10:35")

    def test_walk_in_says_who_is_free_later(self):
        self._book(10, patient_id=self._create_patient().id)
        with freeze_time(self._at(9, 58)):
            offers = self._wizard(walk_in=True).offers
        self.assertFalse(offers["best"])
        self.assertEqual(offers["soonest"][0]["time"], "10:30")

    def test_walk_in_is_not_received_outside_the_shift(self):
        with freeze_time(self._at(16)):
            offers = self._wizard(walk_in=True).offers
        self.assertEqual(offers["hint"], "none_today")

    # Secrecy

    def test_complaint_is_for_the_medical_staff_only(self):
        wizard = self._wizard(complaint="Cough for a week")
        wizard.chosen = wizard.offers["days"][0]["rows"][0]["windows"][0]["key"]
        wizard.book_in_dialog()
        visit = self._visits()
        self.env.invalidate_all()
        self.assertFalse(wizard.complaint)
        desk = visit.with_user(self._user("reception"))
        for ask in (
            lambda: desk.read(["complaint"]),
            lambda: desk.search([("complaint", "ilike", "cough")]),
            lambda: desk.export_data(["complaint"]),
            lambda: desk.complaint,
        ):
            self.env.invalidate_all()
            with self.assertRaises(UserError):  # AccessError is one
                ask()
        self.assertNotIn("complaint", desk.fields_get())
        said = " ".join(str(body) for body in visit.message_ids.mapped("body"))
        self.assertNotIn("Cough", said)
        self.assertNotIn("Cough", str(visit.change_ids.read()))
        self.env.invalidate_all()
        own = visit.with_user(self._user("specialist"))
        self.assertEqual(own.complaint, "Cough for a week")

    def test_cashier_cannot_book(self):
        with self.assertRaises(AccessError):
            self._wizard(role="cashier")

    def test_others_do_not_read_what_is_typed(self):
        wizard = self._wizard(complaint="Secret")
        self.env.invalidate_all()
        with self.assertRaises(AccessError):
            wizard.with_user(self._user("callcenter")).read(["complaint"])

    def test_origin_follows_from_the_role(self):
        for role, origin in (("reception", "desk"), ("callcenter", "callcenter")):
            wizard = self._wizard(role=role)
            wizard.chosen = wizard.offers["days"][0]["rows"][0]["windows"][0]["key"]
            wizard.book_in_dialog()
            self.assertEqual(self._visits().origin, origin)
            self._visits().action_cancel()
