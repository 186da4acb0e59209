from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import fields, http
from odoo.http import request
from odoo.tools.translate import LazyTranslate

from odoo.addons.clinic_schedule.tools import screening as rules

from ..tools import forms
from ..tools.grouping import by_person
from .registration import GENDERS, ClinicPerson

_lt = LazyTranslate(__name__)

MATCHES_SHOWN = 8
WINDOWS_SHOWN = 4
DAYS_SEARCHED = 28
OTHER_PROBLEM = "other"
# A reason that says nothing to a visitor beside the windows shown below it.
SILENT = {rules.SOON}


class ClinicScreening(ClinicPerson, http.Controller):
    @http.route(
        "/clinic/screening",
        type="http",
        auth="public",
        website=True,
        sitemap=True,
        methods=["GET"],
        list_as_website_content=_lt("Find a specialist"),
    )
    def screening(self, **_params):
        post = {}
        if self._signed_in():
            me = self._me_sudo()
            post = {
                "birthdate": fields.Date.to_string(me.birthdate_date) or "",
                "gender": me.gender,
            }
        self._count_step("opened")
        return self._screening_page(post, {})

    @http.route(
        "/clinic/screening",
        type="http",
        auth="public",
        website=True,
        sitemap=False,
        methods=["POST"],
    )
    def screening_post(self, **post):
        form = request.httprequest.form
        born, code = forms.check_birthdate(
            post.get("birthdate"), fields.Date.context_today(request.env.user)
        )
        found = self._evaluate(form, born, post.get("gender"))
        given, errors = found["given"], {}
        for question in found["missing"]:
            errors[f"question_{question.id}"] = request.env._(
                "Please answer this question."
            )
        problems = self._read_problems(form, errors)
        if found["red_flags"]:
            self._count_step("red_flag")
            # Nothing else matters then, and nothing is kept.
            return self._render(
                "clinic_portal.screening_stop",
                {
                    "page_title": request.env._("Call 103"),
                    "advice": found["red_flags"].mapped("advice"),
                },
                private=True,
            )
        if code:
            errors["birthdate"] = self._birthdate_error(code)
        if post.get("gender") not in GENDERS:
            errors["gender"] = request.env._("Please choose the sex.")
        if errors:
            return self._screening_page(post, errors, given, problems)
        if not self._allow("screening"):
            notice = request.env._(
                "Too many questionnaires from your network within an hour. Please try "
                "again later or call us."
            )
            return self._screening_page(
                post, {}, given, problems, [["warning", notice]]
            )
        branch = self._web_record(self._web_branches(), post.get("branch"))
        # Kept for the doctor; nobody but the holder of the token and doctors sees it.
        screening_sudo = (
            request.env["clinic.screening"]
            .sudo()
            .create(
                {
                    "questionnaire_id": self._questionnaire().id,
                    "answers": {
                        str(question.id): (question.answer_ids & given).ids
                        for question in found["asked"]
                    },
                    "answer_ids": given.ids,
                    "problem_ids": (found["problems"] | problems).ids,
                    "birthdate": born,
                    "gender": post["gender"],
                    "branch_ids": branch.ids,
                }
            )
        )
        self._count_step("finished")
        return request.redirect(f"/clinic/screening/{screening_sudo.token}")

    @http.route(
        "/clinic/screening/step",
        type="jsonrpc",
        auth="public",
        website=True,
        methods=["POST"],
    )
    def screening_step(self, question_id=None):
        """Count that a question was answered; by whom and how is not told."""
        questions = self._questionnaire().question_ids
        if question_id in questions.ids:
            self._count_step("answered", question_id)

    @http.route(
        "/clinic/screening/<string:token>",
        type="http",
        auth="public",
        website=True,
        sitemap=False,
        methods=["GET"],
    )
    def matches(self, token, **_params):
        screening_sudo = self._screening_sudo(token)
        if not screening_sudo:
            self._notify(
                "info",
                request.env._(
                    "These answers are not kept any more. Please answer again."
                ),
            )
            return request.redirect("/clinic/screening")
        self._count_step("matched")
        answers = screening_sudo._get_answers()
        found = screening_sudo.match_specialists(answers)
        return self._render(
            "clinic_portal.screening_matches",
            {
                "page_title": request.env._("Specialists for you"),
                "matches": self._match_rows(
                    screening_sudo, self._on_website(found["matches"])
                ),
                "refused": self._refused_rows(self._on_website(found["refused"])),
                "branches": self._web_branches(),
            },
            private=True,
        )

    # -- the form

    def _questionnaire(self):
        # Everybody may read the questions of the form that is open to everybody.
        return request.env["clinic.screening.questionnaire"].sudo()._current()

    def _evaluate(self, form, born, gender):
        """Return what the answers say; those nobody was asked for are dropped."""
        questionnaire = self._questionnaire()
        ticked = set()
        for question in questionnaire.question_ids:
            answers = forms.read_ids(form.getlist(f"question_{question.id}"))
            # Of a question with one answer the first counts, in the question's order.
            own = [answer for answer in question.answer_ids.ids if answer in answers]
            ticked.update(own[:1] if question.kind == "single" else own)
        age = None
        if born:
            today = fields.Date.context_today(request.env.user)
            age = relativedelta(today, born).years
        return questionnaire._evaluate(
            ticked, age, gender if gender in GENDERS else None
        )

    def _problems(self):
        """Return the problems to choose from: those somebody here deals with.

        None where the clinic asks for them by questions of its own.
        """
        problems = request.env["clinic.problem"].sudo()
        if self._questionnaire().question_ids.answer_ids.score_ids:
            return problems
        return problems.search([("specialty_ids.specialist_ids", "!=", False)])

    def _read_problems(self, form, errors):
        problems = self._problems()
        ticked = form.getlist("problem")
        chosen = problems.filtered(lambda p: p.id in forms.read_ids(ticked))
        if problems and not chosen and OTHER_PROBLEM not in ticked:
            errors["problem"] = request.env._("Please choose what brings you.")
        return chosen

    def _screening_page(self, post, errors, given=None, problems=None, notices=()):
        today = fields.Date.context_today(request.env.user)
        questions = self._questionnaire().question_ids.sorted()
        urgent = questions.filtered(
            lambda q: not q.condition and any(q.answer_ids.mapped("is_red_flag"))
        )
        return self._render(
            "clinic_portal.screening",
            {
                "page_title": request.env._("Find a specialist"),
                "website_meta_description": request.env._(
                    "Answer a few questions without medical words: we suggest which "
                    "doctor can help, with prices and the nearest free times. No "
                    "account is needed."
                ),
                # what cannot wait is asked before anything else
                "urgent": urgent,
                "questions": questions - urgent,
                "given": given.ids if given else [],
                "problems": self._problems(),
                "chosen": problems.ids if problems else [],
                "other": OTHER_PROBLEM,
                "branches": self._web_branches(),
                "values": post,
                "errors": errors,
                "notices": list(notices),
                "today": fields.Date.to_string(today),
            },
        )

    # -- the result

    def _on_website(self, rows):
        shown = set(request.website._clinic_specialists().ids)
        return [row for row in rows if row["specialist_id"] in shown]

    def _match_rows(self, screening_sudo, matches):
        matches = matches[:MATCHES_SHOWN]
        # Browsed together, so that they are read together.
        specialists = (
            request.env["clinic.specialist"]
            .sudo()
            .browse([match["specialist_id"] for match in matches])
        )
        services = (
            request.env["product.product"]
            .sudo()
            .browse({match["service_id"] for match in matches})
        )
        by_id = {service.id: service for service in services}
        chosen = {
            specialist: by_id[match["service_id"]]
            for specialist, match in zip(specialists, matches, strict=True)
        }
        prices = services._clinic_web_prices()
        now = self._now()
        windows = by_person(
            self._web_offers(
                chosen,
                now,
                now + timedelta(days=DAYS_SEARCHED),
                screening_sudo.branch_ids,
                per_day=2,
            )
        )
        branches = {branch.id: branch for branch in self._web_branches()}
        rows = []
        for match, (specialist, service) in zip(matches, chosen.items(), strict=True):
            places = [
                {
                    "branch": branches[branch_id],
                    "zone": self._zone(branches[branch_id], found[0].start),
                    "windows": [
                        self._window(
                            window,
                            specialist,
                            branches[branch_id],
                            screening_sudo.token,
                            dated=True,
                        )
                        for window in found[:WINDOWS_SHOWN]
                    ],
                }
                for (specialist_id, branch_id), found in windows.items()
                if specialist_id == specialist.id
            ]
            rows.append(
                {
                    "specialist": specialist,
                    "service": service,
                    "about": self._about(specialist),
                    "duration": self._minutes(service.duration),
                    "price": self._money(prices[service.id]),
                    "reasons": self._reason_words(match["reasons"]),
                    "places": places,
                    "all_url": self._url(
                        "/clinic/book",
                        service=service.id,
                        specialist=specialist.id,
                        screening=screening_sudo.token,
                    ),
                }
            )
        return rows

    def _refused_rows(self, refused):
        """Return those who deal with the problem but cannot be offered, and why."""
        return [
            {"name": row["name"], "reasons": self._reason_words(row["reasons"])}
            for row in refused
            if not {rules.PROBLEM, rules.SERVICE} & set(row["reasons"])
        ]

    def _reason_words(self, codes):
        label = request.env["clinic.appointment"]._slot_reason_label
        words = [label(code) for code in codes if code not in SILENT]
        return [word[:1].upper() + word[1:] for word in words]
