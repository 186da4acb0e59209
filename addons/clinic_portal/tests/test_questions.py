from datetime import timedelta

from lxml import html

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import PortalCommon

DESK_WORDS = "When do you open on Sunday"
HEALTH_WORDS = "My knee hurts at night"


@tagged("post_install", "-at_install")
class TestQuestions(PortalCommon):
    """Questions and ratings: who reads what."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.reception = cls._user("reception")
        cls.chief = cls._user("chief_physician")
        cls.doctor = cls.specialist.user_id or cls._user("specialist")
        cls.specialist.employee_id.user_id = cls.doctor
        cls.other_doctor = cls._user("specialist").copy(
            {"login": "question_doctor", "name": "Other Doctor"}
        )

    def setUp(self):
        super().setUp()
        self._sign_in()

    def _ask(self, kind, body, patient=None):
        self._page(
            self._post(
                "/my/clinic/questions/new",
                {"kind": kind, "body": body, "patient": (patient or self.patient).id},
            )
        )
        return self.env["clinic.question"].search([], order="id desc", limit=1)

    def _seen_by(self, user, question):
        self.env.invalidate_all()
        return question in question.with_user(user).search([]).with_user(1)

    # -- questions

    def test_desk_question_is_for_the_desk(self):
        question = self._ask("desk", DESK_WORDS)
        self.assertTrue(self._seen_by(self.reception, question))
        for user in (self.doctor, self.chief, self.other_doctor):
            self.assertFalse(self._seen_by(user, question))
        self.env.invalidate_all()
        messages = question.with_user(self.reception).message_ids
        self.assertEqual(messages.mapped("body"), [DESK_WORDS])

    def test_each_opens_the_form_of_a_question_for_them(self):
        """The form shows what its reader may read, and opens."""
        self._book(10)
        for user, kind in (
            (self.reception, "desk"),
            (self.doctor, "medical"),
            (self.chief, "medical"),
        ):
            question = self._ask(kind, HEALTH_WORDS).with_user(user)
            with self.subTest(user=user.login):
                self.env.invalidate_all()
                view = question.get_view(view_type="form")
                names = [
                    node.get("name")
                    for node in html.fromstring(view["arch"]).iter("field")
                ]
                spec = {name: {} for name in names if name in question._fields}
                [values] = question.web_read(spec)
                bodies = self.env["clinic.question"].browse(question.id)._thread()
                shown = values.get("message_ids", values.get("medical_message_ids"))
                self.assertEqual(
                    values[
                        "medical_message_ids" if kind == "medical" else "message_ids"
                    ],
                    bodies.ids,
                )
                self.assertTrue(shown)

    def test_medical_question_is_for_those_who_treat(self):
        self._book(10)
        question = self._ask("medical", HEALTH_WORDS)
        self.assertTrue(self._seen_by(self.doctor, question))
        self.assertTrue(self._seen_by(self.chief, question))
        self.assertFalse(self._seen_by(self.reception, question))
        self.assertFalse(self._seen_by(self.other_doctor, question))
        messages = self.env["clinic.medical.question.message"].search([])
        self.assertIn(HEALTH_WORDS, messages.mapped("body"))
        for user in (self.reception, self.user):
            self.env.invalidate_all()
            with self.assertRaises(AccessError), mute_logger("odoo.models"):
                messages.with_user(user).read(["body"])

    def test_reading_a_medical_question_is_logged(self):
        question = self._ask("medical", HEALTH_WORDS)
        message = question.medical_message_ids
        self.env.invalidate_all()
        message.with_user(self.chief).read(["body"])
        looks = self.env["clinic.record.access"].search(
            [("record_id", "=", question.record_id.id), ("user_id", "=", self.chief.id)]
        )
        self.assertIn("clinic.medical.question.message", looks.mapped("model"))

    def test_answer_reaches_the_patient_and_the_mail_says_nothing(self):
        question = self._ask("desk", DESK_WORDS)
        wizard = (
            self.env["clinic.question.reply"]
            .with_user(self.reception)
            .create({"question_id": question.id, "body": "From ten o'clock"})
        )
        wizard.action_send()
        self.assertEqual(question.state, "answered")
        tree = self._page(self._get(f"/my/clinic/question/{question.id}"))
        self.assertIn("From ten o'clock", tree.text_content())
        mail = self.env["mail.mail"].search([], order="id desc", limit=1)
        self.assertIn(self.patient.email, mail.email_to)
        for words in (DESK_WORDS, "From ten"):
            self.assertNotIn(words, f"{mail.subject} {mail.body_html}")
        self._post(f"/my/clinic/question/{question.id}", {"body": "Thank you"})
        self.assertEqual(question.state, "open")
        question.with_user(self.reception).action_close()
        self.assertEqual(question.state, "answered")

    def test_nobody_answers_what_he_may_not_read(self):
        question = self._ask("medical", HEALTH_WORDS)
        for user in (self.reception, self.other_doctor):
            self.env.invalidate_all()
            with (
                self.assertRaises(AccessError),
                mute_logger("odoo.models", "odoo.addons.base.models.ir_rule"),
            ):
                question.with_user(user)._answer("I answer")
        with self.assertRaises(AccessError):
            question.with_user(self.chief).write({"state": "answered"})

    def test_thread_of_a_stranger_does_not_exist(self):
        question = self._ask("desk", DESK_WORDS)
        self._sign_in(self.stranger_user)
        path = f"/my/clinic/question/{question.id}"
        self.assertEqual(self._get(path).status_code, 404)
        self.assertEqual(self._post(path, {"body": "x"}).status_code, 404)
        tree = self._page(self._get("/my/clinic/questions"))
        self.assertNotIn(path, str(tree.xpath("//a/@href")))

    def test_ex_guardian_reads_no_thread_of_the_ward(self):
        threads = [self._ask(kind, "x", self.ward) for kind in ("desk", "medical")]
        self.ward.guardian_ids = False
        for question in threads:
            path = f"/my/clinic/question/{question.id}"
            self.assertEqual(self._get(path).status_code, 404)

    def test_incomplete_questions_are_refused(self):
        for values, field in (
            ({"kind": "other", "body": "x", "patient": self.patient.id}, "kind"),
            ({"kind": "desk", "body": "  ", "patient": self.patient.id}, "body"),
            ({"kind": "desk", "body": "x", "patient": self.stranger.id}, "patient"),
        ):
            with self.subTest(field=field):
                before = self.env["clinic.question"].search_count([])
                self._page(self._post("/my/clinic/questions/new", values))
                self.assertEqual(self.env["clinic.question"].search_count([]), before)

    def test_questions_are_limited(self):
        params = self.env["ir.config_parameter"]
        params.set_param("clinic_portal.limit_question", "1")
        self._ask("desk", "one")
        before = self.env["clinic.question"].search_count([])
        self._ask("desk", "two")
        self.assertEqual(self.env["clinic.question"].search_count([]), before)

    # -- ratings

    def _past_visit(self, patient=None):
        visit = self._book(10, patient_id=(patient or self.patient).id)
        self._fulfil(visit)
        start = fields.Datetime.now().replace(second=0) - timedelta(days=2)
        self.env.cr.execute(
            "UPDATE clinic_appointment SET start = %s, stop = %s WHERE id = %s",
            (start, start + timedelta(minutes=30), visit.id),
        )
        visit.invalidate_recordset()
        return visit

    def _rate(self, visit, **values):
        return self._post(f"/my/clinic/appointment/{visit.id}/rate", values)

    def _ratings(self, visit):
        return self.env["clinic.visit.rating"].search(
            [("appointment_id", "in", visit.ids)]
        )

    def test_a_visit_is_rated_once(self):
        visit = self._past_visit()
        tree = self._page(self._get(f"/my/clinic/appointment/{visit.id}"))
        self.assertTrue(self._found(tree, "o_clinic_rate"))
        self._page(self._rate(visit, score="5", comment="Kind"))
        self._page(self._rate(visit, score="1"))
        self.assertRecordValues(
            self._ratings(visit),
            [{"score": 5, "comment": "Kind", "specialist_id": self.specialist.id}],
        )
        tree = self._page(self._get(f"/my/clinic/appointment/{visit.id}"))
        self.assertFalse(self._found(tree, "o_clinic_rate"))

    def test_senseless_marks_and_foreign_visits(self):
        visit = self._past_visit()
        for score in ("0", "6", "", "x"):
            self._page(self._rate(visit, score=score))
        self.assertFalse(self._ratings(visit))
        ahead = self._book(13)
        self._rate(ahead, score="5")
        foreign = self._book(14, patient_id=self.stranger.id)
        self.assertEqual(self._rate(foreign, score="1").status_code, 404)
        self.assertFalse(self._ratings(ahead | foreign))

    def test_director_sees_marks_and_no_words(self):
        visit = self._past_visit()
        self._rate(visit, score="2", comment=HEALTH_WORDS)
        rating = self._ratings(visit)
        director = self._user("director")
        self.env.invalidate_all()
        self.assertEqual(rating.with_user(director).score, 2)
        self.env.invalidate_all()
        with self.assertRaises(AccessError), mute_logger("odoo.models"):
            rating.with_user(director).read(["comment"])
        self.assertEqual(rating.with_user(self.chief).comment, HEALTH_WORDS)
        self.env.invalidate_all()
        for user in (self.reception, self.doctor, self.user):
            with self.assertRaises(AccessError), mute_logger("odoo.models"):
                rating.with_user(user).read(["score"])
