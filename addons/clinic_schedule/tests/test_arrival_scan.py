from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import ScheduleCommon


@tagged("post_install", "-at_install")
class TestArrivalScan(ScheduleCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.visit = cls._book(10)
        cls.Visit = cls.env["clinic.appointment"].with_user(cls._user("reception"))

    def _scan(self, code, hour=9, minute=50):
        with freeze_time(self._at(hour, minute)):
            self.env.invalidate_all()
            return self.Visit.scan_arrival(code)

    def test_the_card_of_a_patient_with_one_visit(self):
        answer = self._scan(self.patient.patient_number)
        self.assertEqual(answer["status"], "arrived")
        self.assertEqual(self.visit.state, "arrived")
        self.assertEqual(answer["patient"]["name"], self.patient.name)
        shown = answer["visits"][0]
        self.assertEqual(shown["time"], "10:00–10:30")
        self.assertEqual(shown["room"], self.room.name)
        self.assertEqual(shown["specialist"], self.specialist.name)
        self.assertTrue(answer["change_ids"])

    def test_a_scanner_with_the_wrong_case_and_spaces(self):
        answer = self._scan(f"  {self.patient.patient_number.lower()} ")
        self.assertEqual(answer["status"], "arrived")

    def test_the_slip_of_the_visit(self):
        self.assertEqual(self._scan(self.visit.name)["status"], "arrived")

    def test_a_phone_typed_by_hand(self):
        self.assertEqual(self._scan("8 912 200-00-01")["status"], "arrived")

    def test_of_namesakes_who_is_expected_today_comes_first(self):
        for number in range(10):
            self._create_patient(name=f"Aaa {self.patient.name} {number}")
        answer = self._scan(self.patient.name)
        self.assertEqual(answer["status"], "many")
        self.assertEqual(len(answer["patients"]), 8)
        first, second = answer["patients"][:2]
        self.assertEqual(first["number"], self.patient.patient_number)
        self.assertIn("10:00–10:30", first["today"])
        self.assertFalse(second["today"])
        self.assertEqual(self.visit.state, "booked")

    def test_double_scan_does_no_harm(self):
        self._scan(self.patient.patient_number)
        at = self.visit.arrived_at
        answer = self._scan(self.patient.patient_number, minute=55)
        self.assertEqual(answer["status"], "already")
        self.assertEqual(self.visit.arrived_at, at)
        self.assertEqual(len(self.visit.change_ids), 2)

    def test_several_visits_are_chosen_from(self):
        second = self._book(12)
        answer = self._scan(self.patient.patient_number)
        self.assertEqual(answer["status"], "choose")
        self.assertEqual(
            [visit["id"] for visit in answer["visits"]], (self.visit | second).ids
        )
        self.assertEqual(self.visit.state, "booked")
        with freeze_time(self._at(9, 50)):
            answer = self.Visit.receive_scanned((self.visit | second).ids)
        self.assertEqual(answer["status"], "arrived")
        self.assertEqual(second.state, "arrived")

    def test_no_visit_today(self):
        self.visit.action_cancel()
        answer = self._scan(self.patient.patient_number)
        self.assertEqual(answer["status"], "none")
        self.assertEqual(answer["patient"]["id"], self.patient.id)

    def test_the_slip_of_another_day_says_when(self):
        answer = self.Visit.scan_arrival(self.visit.name)
        self.assertEqual(answer["status"], "none")
        self.assertEqual(answer["visits"][0]["time"], self.visit.local_time)
        self.assertEqual(self.visit.state, "booked")

    def test_unknown_and_empty_codes(self):
        for code in ("X-999-none", "", None, "   "):
            self.assertEqual(self._scan(code)["status"], "unknown", repr(code))

    def test_namesakes_are_chosen_from(self):
        self._create_patient(name="Test Patient Twin", phone="+7 912 200-00-02")
        answer = self._scan("Test Patient")
        self.assertEqual(answer["status"], "many")
        self.assertGreaterEqual(len(answer["patients"]), 2)

    def test_a_refusal_is_told_and_changes_nothing(self):
        def refuse(visits):
            raise UserError("Not paid")  # pylint: disable=translation-required

        self.patch(type(self.visit), "_check_can_arrive", refuse)
        answer = self._scan(self.patient.patient_number)
        self.assertEqual((answer["status"], answer["message"]), ("refused", "Not paid"))
        self.assertEqual(self.visit.state, "booked")

    def test_phone_of_a_child_is_the_guardians(self):
        child = self._create_patient(name="Test Child", guardian_ids=self.patient.ids)
        visit = self._book(12, patient_id=child.id)
        self.assertIn("+7 912 200-00-01", visit.contact_phone)
        self.assertIn(self.patient.name, visit.contact_phone)

    def test_only_who_receives_patients_scans(self):
        for role in ("cashier", "nurse"):
            with self.assertRaises(AccessError):
                self.Visit.with_user(self._user(role)).scan_arrival(self.visit.name)

    def test_not_closed(self):
        domain = self.Visit._not_closed_domain()
        self.visit.flush_recordset()
        self.env.cr.execute(
            "UPDATE clinic_appointment SET day = day - 30 WHERE id = %s",
            [self.visit.id],
        )
        self.env.invalidate_all()
        self.assertIn(self.visit, self.Visit.search(domain))
        self.assertGreaterEqual(self.Visit.desk_status()["not_closed"], 1)
        self.visit.action_cancel()
        self.assertNotIn(self.visit, self.Visit.search(domain))

    def test_slip_has_what_the_patient_needs(self):
        self.service.clinic_preparation = "Come fasting"
        report = self.env["ir.actions.report"]
        html = report._render_qweb_html(
            "clinic_schedule.report_clinic_appointment_slip", self.visit.ids
        )[0].decode()
        for word in (
            "Come fasting",
            self.room.name,
            self.branch.name,
            self.visit.name,
            self.specialist.name,
        ):
            self.assertIn(word, html)
