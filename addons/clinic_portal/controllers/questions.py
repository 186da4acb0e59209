from odoo import http
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.http import request

from odoo.addons.portal.controllers.portal import pager as portal_pager

from ..models.clinic_question import LONGEST
from ..tools import uploads
from .common import PRIVATE_HEADERS
from .my_pages import ClinicMyPages

KINDS = ("desk", "medical")
QUESTIONS_A_PAGE = 20


class ClinicQuestions(ClinicMyPages, http.Controller):
    """Questions of the family to the clinic and the answers."""

    def _my_questions_domain(self):
        """Return what the visitor may read: medical ones as far as the record."""
        return (
            Domain("kind", "=", "desk")
            & Domain("patient_id", "in", self._family_sudo().ids)
        ) | (
            Domain("kind", "=", "medical")
            & Domain("record_id", "in", self._my_records_sudo().ids)
        )

    def _my_question_sudo(self, question_id):
        # sudo: patients have no rights on the model; the domain is the check
        question_sudo = (
            request.env["clinic.question"]
            .sudo()
            .search(
                self._my_questions_domain() & Domain("id", "=", question_id), limit=1
            )
        )
        if not question_sudo:
            raise request.not_found()
        return question_sudo

    @http.route(
        ["/my/clinic/questions", "/my/clinic/questions/page/<int:page>"],
        type="http",
        auth="user",
        website=True,
        methods=["GET"],
    )
    def my_questions(self, page=1, **_params):
        questions_sudo = request.env["clinic.question"].sudo()
        domain = self._my_questions_domain()
        pager = portal_pager(
            "/my/clinic/questions",
            questions_sudo.search_count(domain),
            page=page,
            step=QUESTIONS_A_PAGE,
        )
        questions = questions_sudo.search(
            domain,
            order="last_at desc, id desc",
            limit=QUESTIONS_A_PAGE,
            offset=pager["offset"],
        )
        return self._my_page(
            "clinic_portal.my_questions",
            {
                "page_title": request.env._("Questions to the clinic"),
                "questions": [self._question_values(one) for one in questions],
                "pager": pager,
            },
        )

    def _question_values(self, question):
        mine = question.patient_id == self._me_sudo()
        return {
            "id": question.id,
            "kind": dict(question._fields["kind"]._description_selection(request.env))[
                question.kind
            ],
            "when": self._moment(question.last_at),
            "patient": "" if mine else question.patient_id.name,
            "waits": question.waits,
        }

    @http.route(
        "/my/clinic/questions/new",
        type="http",
        auth="user",
        website=True,
        methods=["GET"],
    )
    def my_question_new(self, **params):
        return self._ask_page(params, {})

    @http.route(
        "/my/clinic/questions/new",
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
    )
    def my_question_ask(self, kind=None, body=None, patient=None, **_post):
        env = request.env
        typed = {"kind": kind, "body": body, "patient": patient}
        errors = {}
        person = self._web_record(self._family_sudo(), patient)
        if kind not in KINDS:
            errors["kind"] = env._("Please choose what the question is about.")
        if not person:
            errors["patient"] = env._("Please choose whom the question is about.")
        elif kind == "medical" and not self._may_ask_medical(person):
            errors["patient"] = env._(
                "Medical questions about this person are asked by the person."
            )
        if not (body or "").strip():
            errors["body"] = env._("Please write your question.")
        files, refusal = self._read_files()
        if refusal:
            errors["files"] = refusal
        if errors:
            return self._ask_page(typed, errors)
        if not self._allow("question"):
            words = env._("Too many questions within an hour. Please call us.")
            return self._ask_page(typed, {}, [["warning", words]])
        # sudo: a patient asks for himself and the family, nothing else
        question_sudo = (
            env["clinic.question"]
            .sudo()
            .with_company(request.website.company_id)
            ._ask(person, self._me_sudo(), kind, body, files)
        )
        self._notify("success", env._("Sent. The answer will appear here."))
        return request.redirect(f"/my/clinic/question/{question_sudo.id}")

    def _read_files(self):
        """Return what is attached and None, or nothing and what is wrong with it."""
        env = request.env
        sent = [
            (one.filename, one.read(uploads.LARGEST + 1))
            for one in request.httprequest.files.getlist("files")[: uploads.MOST + 1]
            if one.filename
        ]
        try:
            return uploads.check(sent), None
        except uploads.RefusedError as refused:
            name, most = refused.name, uploads.MOST
            largest = uploads.LARGEST // uploads.MEGABYTE
            words = {
                "many": env._("Please attach %(most)s files at most.", most=most),
                "large": env._(
                    "“%(name)s” is larger than %(largest)s MB. Send a smaller picture "
                    "or bring it to the visit.",
                    name=name,
                    largest=largest,
                ),
                "empty": env._(
                    "“%(name)s” is empty. Choose the file again.", name=name
                ),
                "kind": env._(
                    "“%(name)s” cannot be opened here. Send a picture (JPEG, PNG) or "
                    "a PDF.",
                    name=name,
                ),
            }
            return [], words[refused.code]

    def _may_ask_medical(self, person):
        """Tell whether the visitor may read the person's record, once there is one."""
        if person not in self._record_family_sudo():
            return False
        record = request.env["clinic.medical.record"].sudo()
        record = record.search([("patient_id", "=", person.id)], limit=1)
        return not record or record in self._my_records_sudo()

    def _ask_page(self, values, errors, notices=()):
        family = self._family_sudo()
        return self._my_page(
            "clinic_portal.my_question_new",
            {
                "page_title": request.env._("Ask the clinic"),
                "back_url": "/my/clinic/questions",
                "back_label": request.env._("Questions to the clinic"),
                "family": family,
                "longest": LONGEST,
                "accepted": uploads.ACCEPTED,
                "errors": errors,
                "notices": list(notices),
                "values": {
                    "kind": values.get("kind"),
                    "body": values.get("body") or "",
                    "patient": self._web_record(family, values.get("patient")).id,
                },
            },
        )

    @http.route(
        "/my/clinic/question/<int:question_id>",
        type="http",
        auth="user",
        website=True,
        methods=["GET"],
    )
    def my_question(self, question_id, **_params):
        return self._thread_page(self._my_question_sudo(question_id))

    def _thread_page(self, question, body="", notices=(), errors=None):
        me = self._me_sudo()
        thread = question._thread()
        files = question._files().grouped("res_id")
        return self._my_page(
            "clinic_portal.my_question",
            {
                "page_title": request.env._("Question"),
                "back_url": "/my/clinic/questions",
                "back_label": request.env._("Questions to the clinic"),
                "question": self._question_values(question),
                "thread": [
                    {
                        "who": (
                            request.env._("You")
                            if message.author_id == me
                            else message.author_id.name
                        ),
                        "own": message.from_patient,
                        "when": self._moment(message.create_date),
                        "body": message.body,
                        "files": files.get(message.id, ()),
                    }
                    for message in thread
                ],
                "body": body,
                "longest": LONGEST,
                "accepted": uploads.ACCEPTED,
                "errors": errors or {},
                "notices": list(notices),
            },
        )

    @http.route(
        "/my/clinic/question/<int:question_id>",
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
    )
    def my_question_go_on(self, question_id, body=None, **_post):
        question_sudo = self._my_question_sudo(question_id)
        if not self._allow("question"):
            words = request.env._("Too many questions within an hour. Please call us.")
            return self._thread_page(question_sudo, body, [["warning", words]])
        files, refusal = self._read_files()
        if refusal:
            return self._thread_page(question_sudo, body, errors={"files": refusal})
        try:
            with request.env.cr.savepoint():
                question_sudo._add(body, self._me_sudo(), True, files)
        except UserError as error:
            return self._thread_page(question_sudo, body, [["warning", error.args[0]]])
        return request.redirect(f"/my/clinic/question/{question_id}")

    @http.route(
        "/my/clinic/question/<int:question_id>/file/<int:file_id>",
        type="http",
        auth="user",
        website=True,
        methods=["GET"],
    )
    def my_question_file(self, question_id, file_id, **_params):
        """Give a file of the thread back; never to be shown inside a page of ours."""
        files = self._my_question_sudo(question_id)._files()
        file_sudo = files.filtered(lambda one: one.id == file_id)
        if not file_sudo:
            raise request.not_found()
        stream = request.env["ir.binary"]._get_stream_from(file_sudo)
        response = stream.get_response(as_attachment=True)
        response.headers.update(PRIVATE_HEADERS)
        return response
