from odoo import Command
from odoo.tests import tagged

from .common import PortalCommon


@tagged("post_install", "-at_install")
class TestScreening(PortalCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.urgent, cls.pregnant, cls.strong = cls._publish_questions(
            {
                "name": "Test urgent",
                "kind": "multi",
                "required": False,
                "sequence": 1,
                "answer_ids": [
                    Command.create(
                        {"name": "Test pain", "is_red_flag": True, "advice": "Go 103!"}
                    ),
                    Command.create({"name": "Test none"}),
                ],
            },
            {
                "name": "Test women",
                "kind": "single",
                "sequence": 2,
                "gender": "female",
                "age_min": 18,
                "answer_ids": [Command.create({"name": "Test no"})],
            },
            {
                "name": "Test duration",
                "kind": "single",
                "required": False,
                "sequence": 3,
                "answer_ids": [Command.create({"name": "Test long"})],
            },
        )
        cls.red_flag, cls.no_flag = cls.urgent.answer_ids

    def _answers(self, **values):
        return {
            "problem": self.problem.id,
            "birthdate": "1990-05-31",
            "gender": "male",
            "branch": self.branch.id,
            **values,
        }

    def _finish(self, **values):
        self._sign_out()
        response = self._post(
            "/clinic/screening", self._answers(**values), allow_redirects=False
        )
        self.assertEqual(response.status_code, 303)
        return self._path(response)[0]

    def test_form_is_open_to_everybody_and_needs_no_script(self):
        self._sign_out()
        tree = self._page(self._get("/clinic/screening"))
        form = self._found(tree, "o_clinic_steps")[0]
        self.assertEqual(form.get("method"), "post")
        self.assertTrue(form.xpath(".//input[@name='csrf_token']"))
        self.assertTrue(form.xpath(f".//input[@value='{self.problem.id}']"))

    def test_answers_lead_to_specialists_with_windows(self):
        path = self._finish()
        tree = self._page(self._get(path))
        matches = self._found(tree, "o_clinic_match")
        ours = [
            m for m in matches if m.get("data-specialist") == str(self.specialist.id)
        ]
        self.assertTrue(ours)
        self.assertTrue(self._found(ours[0], "o_clinic_reasons"))
        window = self._found(ours[0], "o_clinic_window")[0]
        confirm = self._page(self._get(window.get("href")))
        self.assertTrue(self._found(confirm, "o_clinic_to_register"))

    def test_screening_is_kept_for_the_doctor(self):
        path = self._finish()
        screening = self.env["clinic.screening"].search(
            [("token", "=", path.rsplit("/", 1)[1])]
        )
        self.assertEqual(screening.problem_ids, self.problem)
        self.assertEqual(screening.branch_ids, self.branch)
        self.assertEqual(screening.gender, "male")

    def test_red_flag_stops_and_keeps_nothing(self):
        self._sign_out()
        before = self.env["clinic.screening"].search_count([])
        key = f"question_{self.urgent.id}"
        response = self._post("/clinic/screening", {key: self.red_flag.id})
        tree = self._page(response)
        self.assertTrue(self._found(tree, "o_clinic_stop"))
        self.assertTrue(tree.xpath("//a[@href='tel:103']"))
        self.assertIn("Go 103!", response.text)
        self.assertEqual(self.env["clinic.screening"].search_count([]), before)

    def test_wrong_answers_get_a_sentence_and_are_kept(self):
        self._sign_out()
        for values, field in [
            ({"birthdate": "2190-01-01"}, "birthdate"),
            ({"birthdate": "31.02.1990"}, "birthdate"),
            ({"birthdate": ""}, "birthdate"),
            ({"gender": "x"}, "gender"),
            ({"problem": "999999"}, "problem"),
        ]:
            with self.subTest(values=values):
                tree = self._page(
                    self._post("/clinic/screening", self._answers(**values))
                )
                self.assertTrue(tree.xpath(f"//*[@id='{field}_error']"))
                if field != "birthdate":
                    self.assertEqual(self._value(tree, "birthdate"), "1990-05-31")

    def test_foreign_branch_is_taken_for_any(self):
        path = self._finish(branch="999999")
        self.assertTrue(self._found(self._page(self._get(path)), "o_clinic_match"))

    def test_child_is_not_sent_to_a_doctor_for_adults(self):
        self.specialist.age_min = 18
        path = self._finish(birthdate="2020-01-01")
        tree = self._page(self._get(path))
        shown = [m.get("data-specialist") for m in self._found(tree, "o_clinic_match")]
        self.assertNotIn(str(self.specialist.id), shown)

    def test_unknown_token_leads_back_to_the_questions(self):
        self._sign_out()
        for token in ("x", "x" * 32):
            response = self._get(f"/clinic/screening/{token}", allow_redirects=False)
            self.assertEqual(response.status_code, 303)
            self.assertEqual(self._path(response)[0], "/clinic/screening")

    def test_answers_are_not_in_the_address(self):
        path = self._finish()
        self.assertRegex(path, r"^/clinic/screening/[\w-]{20,}$")

    def test_only_questions_meant_for_the_person_must_be_answered(self):
        self._sign_out()
        woman = self._answers(gender="female")
        tree = self._page(self._post("/clinic/screening", woman))
        self.assertTrue(tree.xpath(f"//*[@id='question_{self.pregnant.id}_error']"))
        self.assertIn("/clinic/screening/", self._finish())
        self.assertIn("/clinic/screening/", self._finish(birthdate="2015-01-01"))

    def test_answer_nobody_was_asked_for_is_dropped(self):
        path = self._finish(
            **{f"question_{self.pregnant.id}": self.pregnant.answer_ids.id}
        )
        screening = self.env["clinic.screening"].search(
            [("token", "=", path.rsplit("/", 1)[1])]
        )
        self.assertFalse(screening.answer_ids)
        self.assertEqual(screening.questionnaire_id, self.urgent.questionnaire_id)

    def test_steps_are_counted_once(self):
        def counts():
            steps = self.env["clinic.screening.step"].get_funnel(channel="web")["steps"]
            return {step["step"]: step["count"] for step in steps}

        before = counts()
        self._sign_out()
        self._get("/clinic/screening")
        self._get("/clinic/screening")
        self.make_jsonrpc_request(
            "/clinic/screening/step", {"question_id": self.strong.id}
        )
        self.make_jsonrpc_request("/clinic/screening/step", {"question_id": 10**9})
        response = self._post(
            "/clinic/screening", self._answers(), allow_redirects=False
        )
        tree = self._page(self._get(self._path(response)[0]))
        window = self._found(tree, "o_clinic_window")[0]
        self._get(window.get("href"))
        after = counts()
        self.assertEqual(
            {step: after[step] - before[step] for step in after},
            {
                "opened": 1,
                "answered": 1,
                "finished": 1,
                "matched": 1,
                "chose": 1,
                "booked": 0,
            },
        )
