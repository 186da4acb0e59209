from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

ASKERS = ("reception", "callcenter", "specialist", "chief_physician", "admin")


class ClinicScreening(models.Model):
    """The screening by phone or at the desk: asked aloud, matched, booked.

    Whoever asks hears the answers, but cannot read them again: they are kept for the
    doctor.
    """

    _inherit = "clinic.screening"

    @api.model
    def get_desk_form(self, patient_id=None):
        """Return what the screen of the screening needs, as plain values.

        :param patient_id: whose birth date and sex are filled in, if given
        """
        self._check_may_ask()
        questionnaire = self.env["clinic.screening.questionnaire"]._current()
        patient = self.env["res.partner"].browse(patient_id or ()).exists()
        problems = self.env["clinic.problem"]
        if not questionnaire.question_ids.answer_ids.score_ids:
            problems = problems.search([])
        return {
            "questions": [
                {
                    "id": question.id,
                    "name": question.name,
                    "hint": question.hint or "",
                    "kind": question.kind,
                    "required": question.required,
                    "answers": [
                        {
                            "id": answer.id,
                            "name": answer.name,
                            "is_red_flag": answer.is_red_flag,
                        }
                        for answer in question.answer_ids
                    ],
                }
                for question in questionnaire.question_ids.sorted()
            ],
            "problems": [{"id": p.id, "name": p.name} for p in problems],
            "branches": [
                {"id": branch.id, "name": branch.name}
                for branch in self.env["clinic.branch"].search([])
            ],
            "patient": {
                "id": patient.id or False,
                "name": patient.name or "",
                "birthdate": fields.Date.to_string(patient.birthdate_date) or "",
                "gender": patient.gender or "",
            },
        }

    @api.model
    def get_desk_questions(self, values):
        """Return the ids of the questions to ask, given what is answered so far."""
        self._check_may_ask()
        found = self._evaluate_desk(values)
        return {
            "asked": found["asked"].ids,
            "missing": found["missing"].ids,
            "red_flags": self._advice(found["red_flags"]),
        }

    @api.model
    def finish_at_desk(self, values):
        """Keep the answers for the doctor and return who suits, and why others do not.

        :param values: ``answer_ids, problem_ids, birthdate, gender, branch_ids,
            patient_id, session``
        :return: dict of ``red_flags`` (advice: then nothing is kept), or of
            ``screening_id``, ``problems`` (names), and ``matches`` and ``refused`` as
            :meth:`match_specialists` does, with ``when`` in the branch's wall time
        """
        self._check_may_ask()
        steps = self.env["clinic.screening.step"].sudo()
        session = str(values.get("session") or self.env.uid)
        found = self._evaluate_desk(values)
        if found["red_flags"]:
            steps._count(session, "red_flag", "desk")
            return {"red_flags": self._advice(found["red_flags"])}
        if found["missing"]:
            raise UserError(
                self.env._(
                    "Not answered yet: “%(question)s”.",
                    question=found["missing"][0].name,
                )
            )
        problems = found["problems"] | self._desk_problems(values)
        answers = {
            "problem_ids": problems.ids,
            "birthdate": values.get("birthdate") or None,
            "gender": values.get("gender") or None,
            "branch_ids": values.get("branch_ids") or None,
            "patient_id": values.get("patient_id") or None,
        }
        result = self.match_specialists(answers)
        questionnaire = found["given"].questionnaire_id or self._questionnaire()
        # sudo: kept for the doctor; who asked cannot read it again
        screening_sudo = self.sudo().create(
            {
                "questionnaire_id": questionnaire.id,
                "answer_ids": found["given"].ids,
                "problem_ids": problems.ids,
                "birthdate": answers["birthdate"],
                "gender": answers["gender"],
                "branch_ids": values.get("branch_ids") or [],
                "partner_id": answers["patient_id"],
                "channel": "desk",
            }
        )
        steps._count(session, "finished", "desk")
        steps._count(session, "matched", "desk")
        durations = self._desk_durations(result["matches"])
        return {
            "red_flags": [],
            "screening_id": screening_sudo.id,
            "problems": problems.mapped("name"),
            "matches": [
                self._desk_match(match, durations[match["specialist_id"]])
                for match in result["matches"]
            ],
            "refused": result["refused"],
        }

    @api.model
    def count_desk_step(self, session, step, question_id=None):
        """Count how far a screening at the desk came (``opened``, ``answered``…)."""
        self._check_may_ask()
        if step in ("opened", "answered", "chose"):
            self.env["clinic.screening.step"].sudo()._count(
                str(session), step, "desk", question_id
            )
        return True

    def _check_may_ask(self):
        user = self.env.user
        if not self.env.su and not any(
            user.has_group(f"clinic_base.group_{role}") for role in ASKERS
        ):
            raise AccessError(
                self.env._("The screening is for the reception and the call centre.")
            )

    @api.model
    def _questionnaire(self):
        return self.env["clinic.screening.questionnaire"]._current()

    @api.model
    def _evaluate_desk(self, values):
        age = None
        if values.get("birthdate"):
            # Checked as everywhere, with the same sentence.
            age = self._parse_answers({"birthdate": values["birthdate"]}).age
        return self._questionnaire()._evaluate(
            values.get("answer_ids") or [], age, values.get("gender")
        )

    @api.model
    def _desk_problems(self, values):
        return (
            self.env["clinic.problem"].browse(values.get("problem_ids") or ()).exists()
        )

    @api.model
    def _advice(self, answers):
        return [f"{answer.name}: {answer.advice or ''}" for answer in answers]

    @api.model
    def _desk_durations(self, matches):
        """Return what the service takes each of the specialists, in minutes, by id."""
        durations = {}
        specialist_ids = defaultdict(list)
        for match in matches:
            specialist_ids[match["service_id"]].append(match["specialist_id"])
        for service_id, ids in specialist_ids.items():
            service = self.env["product.product"].browse(service_id)
            specialists = self.env["clinic.specialist"].browse(ids)
            durations.update(service._clinic_durations(specialists))
        return durations

    @api.model
    def _desk_match(self, match, duration):
        slot = match["next_slot"]
        service = self.env["product.product"].browse(match["service_id"])
        when = branch_name = key = ""
        if slot:
            branch = self.env["clinic.branch"].browse(slot["branch_id"])
            when = branch._format_local(fields.Datetime.to_datetime(slot["start"]))
            branch_name = branch._words_from()
            key = f"{slot['specialist_id']}|{slot['room_id'] or 0}|{slot['start']}"
        return {
            **match,
            "service": service.name,
            "duration": duration,
            "when": when,
            "branch": branch_name,
            "key": key,
        }
