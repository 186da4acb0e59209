from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import freeze_time, new_test_user, tagged
from odoo.tools import mute_logger

from .common import ScheduleCommon


@tagged("post_install", "-at_install")
class TestQuestionnaire(ScheduleCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.service.is_first_visit = True
        cls._user("callcenter")
        cls._user("specialist")
        cls._user("director")
        drafts = [("state", "=", "draft")]
        cls.env["clinic.screening.questionnaire"].search(drafts).unlink()
        cls.pain, cls.where, cls.flag = cls._publish_questions(
            {
                "name": "Pain?",
                "kind": "single",
                "sequence": 1,
                "answer_ids": [
                    Command.create(
                        {
                            "name": "Yes",
                            "score_ids": [
                                Command.create(
                                    {"problem_id": cls.problem.id, "points": 2}
                                )
                            ],
                        }
                    ),
                    Command.create({"name": "No"}),
                ],
            },
            {
                "name": "Where?",
                "kind": "multi",
                "sequence": 2,
                "required": False,
                "age_min": 18,
                "answer_ids": [Command.create({"name": "Head"})],
            },
            {
                "name": "Sudden?",
                "kind": "single",
                "sequence": 3,
                "required": False,
                "answer_ids": [
                    Command.create(
                        {"name": "In a minute", "is_red_flag": True, "advice": "103"}
                    )
                ],
            },
            threshold=2,
        )
        cls.yes, cls.no = cls.pain.answer_ids
        cls.questionnaire = cls.pain.questionnaire_id
        cls.desk = cls.env["clinic.screening"].with_user(cls._user("callcenter"))

    def _finish(self, *answers, **values):
        return self.desk.finish_at_desk(
            {
                "answer_ids": [answer.id for answer in answers],
                "birthdate": "1990-01-01",
                "gender": "female",
                "session": "s",
                **values,
            }
        )

    def test_duration_shown_is_the_specialists_own(self):
        self.service.is_first_visit = True
        skill = self.env["clinic.skill"].search(
            [
                ("service_id", "=", self.service.id),
                ("specialist_id", "=", self.specialist.id),
            ]
        )
        skill.duration = self.service.duration + 15
        matches = self._finish(self.yes)["matches"]
        shown = {match["specialist_id"]: match["duration"] for match in matches}
        self.assertEqual(shown[self.specialist.id], self.service.duration + 15)

    def test_points_make_problems(self):
        found = self.questionnaire._evaluate(self.yes.ids, 40, "female")
        self.assertEqual(found["problems"], self.problem)
        self.assertFalse(found["missing"])
        self.assertFalse(self.questionnaire._evaluate(self.no.ids, 40)["problems"])

    def test_published_is_not_changed_any_more(self):
        for change in (
            lambda: self.pain.write({"name": "Ache?"}),
            lambda: self.yes.write({"name": "Certainly"}),
            lambda: self.yes.score_ids.write({"points": 5}),
            lambda: self.yes.unlink(),
            lambda: self.questionnaire.write({"threshold": 1}),
            lambda: self.questionnaire.unlink(),
            lambda: self.pain.write({"answer_ids": [Command.create({"name": "x"})]}),
            lambda: self.yes.write({"is_red_flag": True, "advice": "x"}),
        ):
            with self.assertRaises(UserError), self.env.cr.savepoint():
                change()

    def test_new_version_leaves_the_old_answers_their_meaning(self):
        screening = self.env["clinic.screening"].browse(
            self._finish(self.yes)["screening_id"]
        )
        draft = self.env["clinic.screening.questionnaire"].browse(
            self.questionnaire.action_new_version()["res_id"]
        )
        self.assertEqual(draft.version, self.questionnaire.version + 1)
        self.assertEqual(len(draft.question_ids), 3)
        again = self.questionnaire.action_new_version()["res_id"]
        self.assertEqual(again, draft.id, "one draft at a time")
        question = draft.question_ids.sorted()[0]
        question.name = "Does it hurt?"
        question.answer_ids[0].score_ids.points = 1
        draft.action_publish()
        self.assertEqual(self.questionnaire.state, "retired")
        self.assertEqual(screening.answer_ids, self.yes)
        self.assertEqual(screening.answer_ids.question_id.name, "Pain?")
        self.assertEqual(screening.answer_ids.score_ids.points, 2)
        form = self.desk.get_desk_form()
        self.assertEqual(form["questions"][0]["name"], "Does it hurt?")

    def test_conditions_of_a_copy_point_at_the_copy(self):
        first = self._publish_questions(
            {"name": "A", "sequence": 1, "answer_ids": [Command.create({"name": "a"})]}
        )
        draft = self.env["clinic.screening.questionnaire"].browse(
            first.questionnaire_id.action_new_version()["res_id"]
        )
        draft.question_ids = [
            Command.create(
                {
                    "name": "B",
                    "sequence": 2,
                    "need_ids": draft.question_ids.answer_ids.ids,
                    "answer_ids": [Command.create({"name": "b"})],
                }
            )
        ]
        draft.action_publish()
        copy = self.env["clinic.screening.questionnaire"].browse(
            draft.action_new_version()["res_id"]
        )
        asker, asked = copy.question_ids.sorted()
        self.assertEqual(asked.need_ids, asker.answer_ids)

    def test_unanswerable_questions_are_not_published(self):
        answer = Command.create({"name": "a"})
        for questions, words in (
            ([{"name": "Empty"}], "Empty"),
            (
                [
                    {
                        "name": "Mute",
                        "answer_ids": [
                            Command.create({"name": "dumb", "is_red_flag": True})
                        ],
                    }
                ],
                "dumb",
            ),
        ):
            with self.assertRaisesRegex(UserError, words), self.env.cr.savepoint():
                self._publish_questions(*questions)
        draft = self.env["clinic.screening.questionnaire"].create(
            {
                "name": "Loop",
                "question_ids": [
                    Command.create(
                        {"name": "Early", "sequence": 1, "answer_ids": [answer]}
                    ),
                    Command.create(
                        {"name": "Late", "sequence": 2, "answer_ids": [answer]}
                    ),
                ],
            }
        )
        early, late = draft.question_ids.sorted()
        early.need_ids = late.answer_ids
        with self.assertRaisesRegex(UserError, "Early"):
            draft.action_publish()

    def test_one_is_published(self):
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(Exception) as caught,
            self.env.cr.savepoint(),
        ):
            self.env.cr.execute(
                "UPDATE clinic_screening_questionnaire SET state = 'published'"
            )
        self.assertIn("one_published", str(caught.exception))

    # At the desk ---------------------------------------------------------------

    def test_desk_asks_what_suits_the_person(self):
        asked = self.desk.get_desk_questions({"birthdate": "2020-01-01"})["asked"]
        self.assertEqual(asked, [self.pain.id, self.flag.id])
        asked = self.desk.get_desk_questions({"birthdate": "1990-01-01"})["asked"]
        self.assertEqual(asked, [self.pain.id, self.where.id, self.flag.id])

    def test_desk_finds_specialists_and_says_why_not_the_others(self):
        result = self._finish(self.yes)
        match = result["matches"][0]
        self.assertEqual(match["specialist_id"], self.specialist.id)
        self.assertEqual(match["key"].split("|")[2], str(self._at(9)))
        self.assertTrue(match["words"] and match["when"])
        others = {item["specialist_id"]: item["words"] for item in result["refused"]}
        self.assertTrue(others[self.specialist2.id])

    def test_desk_stops_at_a_red_flag_and_keeps_nothing(self):
        before = self.env["clinic.screening"].search_count([])
        result = self._finish(self.yes, self.flag.answer_ids)
        self.assertEqual(result, {"red_flags": ["In a minute: 103"]})
        self.assertEqual(self.env["clinic.screening"].search_count([]), before)

    def test_desk_must_answer_what_is_required(self):
        with self.assertRaisesRegex(UserError, "Pain"):
            self._finish()
        with self.assertRaises(ValidationError):
            self._finish(self.yes, birthdate="2190-01-01")

    def test_who_asked_cannot_read_the_answers_again(self):
        screening_id = self._finish(self.yes)["screening_id"]
        with self.assertRaises(AccessError):
            self.desk.browse(screening_id).read(["answer_ids"])
        with self.assertRaises(AccessError):
            self.desk.search([("problem_ids", "=", self.problem.id)])

    def test_booking_from_the_screening_is_tied_to_it(self):
        screening_id = self._finish(self.yes)["screening_id"]
        visits = self.env["clinic.appointment"].with_user(self._user("callcenter"))
        visit = visits.with_context(clinic_screening_id=screening_id)._book(
            {
                "patient_id": self.patient.id,
                "service_id": self.service.id,
                "specialist_id": self.specialist.id,
                "start": self._at(9),
            }
        )
        screening = self.env["clinic.screening"].browse(screening_id)
        self.assertEqual(screening.appointment_id.id, visit.id)
        self.assertEqual(screening.partner_id, self.patient)

    def test_anothers_screening_is_not_taken_over(self):
        screening = self.env["clinic.screening"].create({"gender": "male"})
        visits = self.env["clinic.appointment"].with_user(self._user("callcenter"))
        visits.with_context(clinic_screening_id=screening.id)._book(
            {
                "patient_id": self.patient.id,
                "service_id": self.service.id,
                "specialist_id": self.specialist.id,
                "start": self._at(9),
            }
        )
        self.assertFalse(screening.appointment_id)

    def test_cashier_and_patients_do_not_screen(self):
        portal = new_test_user(self.env, "s-portal", groups="base.group_portal")
        for user in (self._user("cashier"), portal):
            screening = self.env["clinic.screening"].with_user(user)
            for method in (screening.get_desk_form, screening.get_desk_questions):
                with self.subTest(user=user.login), self.assertRaises(AccessError):
                    method({})
            with self.assertRaises(AccessError):
                screening.finish_at_desk({})
            with self.assertRaises(AccessError):
                self.env["clinic.screening.step"].with_user(user).get_funnel()

    # The funnel ------------------------------------------------------------------

    def test_funnel_counts_people_not_clicks(self):
        steps = self.env["clinic.screening.step"]
        for session, step in (
            ("a", "opened"),
            ("a", "opened"),
            ("b", "opened"),
            ("a", "answered"),
            ("a", "finished"),
        ):
            # What the screen sends where no question is meant.
            question_id = self.pain.id if step == "answered" else False
            steps._count(session, step, "desk", question_id)
        steps._count("a", "answered", "desk", self.where.id)
        director = steps.with_user(self._user("director"))
        found = {s["step"]: s for s in director.get_funnel(channel="desk")["steps"]}
        self.assertEqual(found["opened"]["count"], 2)
        self.assertEqual(found["answered"]["count"], 1)
        self.assertEqual(found["answered"]["of_first"], 50)
        self.assertEqual(found["finished"]["of_previous"], 100)

    def test_step_tells_nobodys_session(self):
        self.env["clinic.screening.step"]._count("secret", "opened", "web")
        row = self.env["clinic.screening.step"].search([], limit=1)
        self.assertNotIn("secret", row.session)

    # The profile -----------------------------------------------------------------

    @freeze_time("2026-03-02 20:30:00")
    def test_pause_follows_the_day_of_the_specialist(self):
        # In Yekaterinburg it is the 3rd of March already, in Moscow still the 2nd.
        self.specialist.pause_ids = [
            Command.create(
                {
                    "problem_id": self.problem.id,
                    "date_from": "2026-03-03",
                    "date_to": "2026-03-03",
                }
            )
        ]
        for zone in ("Europe/Moscow", "Asia/Vladivostok"):
            specialist = self.specialist.with_context(tz=zone)
            specialist.invalidate_recordset(["is_paused"])
            with self.subTest(zone=zone):
                self.assertTrue(specialist.is_paused)
                self.assertIn(specialist, specialist.search([("is_paused", "=", True)]))
        with freeze_time("2026-03-02 18:30:00"):
            self.specialist.invalidate_recordset(["is_paused"])
            self.assertFalse(self.specialist.is_paused)

    def test_specialist_keeps_the_own_profile_and_nothing_else(self):
        user = self.specialist.user_id
        mine = self.specialist.with_user(user)
        mine.write({"age_min": 18, "problem_ids": [Command.set(self.problem.ids)]})
        mine.pause_ids = [
            Command.create({"problem_id": self.problem.id, "date_to": self.day})
        ]
        self.assertTrue(self.specialist.is_paused)
        for record, vals in (
            (mine, {"specialty_ids": [Command.clear()]}),
            (mine, {"active": False}),
            (self.specialist2.with_user(user), {"age_min": 18}),
        ):
            with self.subTest(vals=vals), self.assertRaises(AccessError):
                record.write(vals)
        with self.assertRaises(AccessError):
            self.env["clinic.specialist.pause"].with_user(user).create(
                {
                    "specialist_id": self.specialist2.id,
                    "problem_id": self.problem.id,
                    "date_to": self.day,
                }
            )
        with self.assertRaises(AccessError):
            self.specialist.with_user(self._user("reception")).write({"age_min": 3})

    def test_own_profile_opens(self):
        Specialist = self.env["clinic.specialist"]
        action = Specialist.with_user(self.specialist.user_id).action_open_own_profile()
        self.assertEqual(action["res_id"], self.specialist.id)
        with self.assertRaises(AccessError):
            Specialist.with_user(self._user("reception")).action_open_own_profile()
