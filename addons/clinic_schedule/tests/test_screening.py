from datetime import date, timedelta

from dateutil.relativedelta import relativedelta
from freezegun import freeze_time

from odoo import Command, fields
from odoo.exceptions import ValidationError
from odoo.tests import tagged
from odoo.tools import format_date

from .common import ScheduleCommon


@tagged("post_install", "-at_install")
class TestScreening(ScheduleCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.service.is_first_visit = True
        cls.Screening = cls.env["clinic.screening"]

    def _match(self, **answers):
        result = self.Screening.match_specialists(
            {
                "problem_ids": self.problem.ids,
                "birthdate": "1990-01-01",
                "gender": "female",
                **answers,
            }
        )
        return (
            {match["specialist_id"]: match for match in result["matches"]},
            {item["specialist_id"]: item["reasons"] for item in result["refused"]},
        )

    def test_match_with_reasons_and_next_window(self):
        matches, refused = self._match()
        match = matches[self.specialist.id]
        self.assertIn("treats_problem", match["reasons"])
        self.assertEqual(match["service_id"], self.service.id)
        self.assertEqual(match["next_slot"]["start"], str(self._at(9)))
        self.assertIn("problem_not_treated", refused[self.specialist2.id])

    def test_a_known_patient_is_not_offered_two_places_at_once(self):
        before = self._match()[0][self.specialist.id]["next_slot"]
        surgery = self._create_service(
            name="Test surgery",
            specialty_ids=[Command.set(self.specialist2.specialty_ids.ids)],
        )
        self._book(9, service_id=surgery.id, specialist_id=self.specialist2.id)
        after = self._match(patient_id=self.patient.id)[0][self.specialist.id]
        self.assertEqual(before["start"], str(self._at(9)))
        self.assertGreater(after["next_slot"]["start"], before["start"])

    def test_of_two_specialties_the_one_of_the_problem_receives(self):
        other = self.env["clinic.specialty"].create({"name": "Test Other"})
        self.specialist.specialty_ids |= other
        self._create_service(
            name="Test of the other specialty",
            is_first_visit=True,
            default_code="0",  # first in the catalogue
            specialty_ids=[Command.set(other.ids)],
        )
        match = self._match()[0][self.specialist.id]
        self.assertEqual(match["service_id"], self.service.id)

    def test_next_window_can_be_booked(self):
        match = self._match()[0][self.specialist.id]
        visit_id = self.env["clinic.appointment"].book(
            self.patient.id,
            match["service_id"],
            match["specialist_id"],
            match["next_slot"]["start"],
        )
        self.assertTrue(visit_id)

    def test_everybody_is_either_matched_or_refused(self):
        matches, refused = self._match()
        everybody = self.env["clinic.specialist"].search([]).ids
        self.assertEqual(sorted([*matches, *refused]), sorted(everybody))

    def test_age_on_the_birthday(self):
        self.specialist.age_min = 18
        today = fields.Date.context_today(self.specialist)
        grown = today - relativedelta(years=18)
        self.assertIn(self.specialist.id, self._match(birthdate=str(grown))[0])
        child = grown + timedelta(days=1)
        refused = self._match(birthdate=str(child))[1]
        self.assertEqual(refused[self.specialist.id], ["age_below"])

    def test_pause_ends(self):
        self.env["clinic.specialist.pause"].create(
            {
                "specialist_id": self.specialist.id,
                "problem_id": self.problem.id,
                "date_from": fields.Date.today(),
                "date_to": self.day,
            }
        )
        refused = self.Screening.match_specialists({"problem_ids": self.problem.ids})
        ours = next(
            item
            for item in refused["refused"]
            if item["specialist_id"] == self.specialist.id
        )
        self.assertEqual(ours["reasons"], ["problem_paused"])
        self.assertIn(format_date(self.env, self.day), ours["words"][0])
        with freeze_time(self._at(12) + timedelta(days=1)):
            self.assertIn(self.specialist.id, self._match()[0])

    def test_pause_is_for_new_patients(self):
        self.env["clinic.specialist.pause"].create(
            {
                "specialist_id": self.specialist.id,
                "problem_id": self.problem.id,
                "date_to": self.day,
            }
        )
        with freeze_time(self.day + timedelta(days=1)):
            visit = self._book(10, allow_past=True)
        visit._move("arrived", force=True)
        visit._move("fulfilled", force=True)
        self.assertIn(self.specialist.id, self._match(patient_id=self.patient.id)[0])

    def test_no_window_is_said(self):
        self.shift.active = False
        match = self._match()[0][self.specialist.id]
        self.assertIsNone(match["next_slot"])
        self.assertIn("no_window", match["reasons"])

    def test_branch(self):
        refused = self._match(branch_ids=self.branch_msk.ids)[1]
        self.assertIn("other_branch", refused[self.specialist.id])

    def test_service_asked_for(self):
        match = self._match(service_id=self.service_prepaid.id)[0]
        self.assertEqual(
            match[self.specialist.id]["service_id"], self.service_prepaid.id
        )

    def test_nonsense_birth_date(self):
        for birthdate in ("2999-01-01", "1700-01-01", "yesterday"):
            with (
                self.subTest(birthdate=birthdate),
                self.assertRaisesRegex(ValidationError, "birth date"),
            ):
                self._match(birthdate=birthdate)

    def test_soon_is_better(self):
        colleague = self._create_specialist(
            "Test Colleague",
            self.specialty,
            problem_ids=[Command.link(self.problem.id)],
            branch_ids=[Command.link(self.branch.id)],
        )
        self._create_shift(colleague, day=self.day - timedelta(days=4))
        matches = self._match()[0]
        self.assertGreater(
            matches[colleague.id]["score"], matches[self.specialist.id]["score"]
        )

    def test_words_for_every_reason(self):
        matches, refused = self._match()
        codes = [code for m in matches.values() for code in m["reasons"]]
        codes += [code for reasons in refused.values() for code in reasons]
        for code in codes:
            self.assertNotEqual(self.Screening._reason_label(code), code)

    def test_default_questions_are_there(self):
        urgent = self.env.ref("clinic_schedule.screening_question_urgent")
        flags = urgent.answer_ids.filtered("is_red_flag")
        self.assertTrue(all(flags.mapped("advice")))

    def test_unused_screenings_are_forgotten(self):
        old, used = self.Screening.create(
            [{"birthdate": date(1990, 1, 1)}, {"birthdate": date(1990, 1, 1)}]
        )
        used.appointment_id = self._book(10)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE clinic_screening SET create_date = now() - interval '40 days'"
        )
        self.Screening._gc_unused()
        self.assertFalse(old.exists())
        self.assertTrue(used.exists())
