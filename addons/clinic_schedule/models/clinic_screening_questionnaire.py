from odoo import api, fields, models
from odoo.exceptions import UserError

from ..tools.questionnaire import Person, Question, asked, score


class ClinicScreeningQuestionnaire(models.Model):
    """One version of the questions. What was published is never changed again.

    Old screenings so keep the words they were answered in. Editing makes the next
    version, a draft; publishing it retires the one before.
    """

    _name = "clinic.screening.questionnaire"
    _description = "Screening Questionnaire"
    _order = "version desc"

    name = fields.Char(required=True, translate=True)
    version = fields.Integer(
        required=True, readonly=True, copy=False, default=lambda self: self._next()
    )
    state = fields.Selection(
        [("draft", "Draft"), ("published", "Published"), ("retired", "Retired")],
        required=True,
        readonly=True,
        copy=False,
        default="draft",
    )
    published_at = fields.Datetime(readonly=True, copy=False)
    threshold = fields.Integer(
        string="Points Needed",
        required=True,
        default=1,
        help="A problem counts when the answers speak for it with so many points.",
    )
    max_problems = fields.Integer(
        string="Problems at Most",
        required=True,
        default=3,
        help="Those with the most points; 0 for all that have enough.",
    )
    question_ids = fields.One2many(
        "clinic.screening.question", "questionnaire_id", string="Questions", copy=True
    )
    screening_count = fields.Integer(compute="_compute_screening_count")

    _version_uniq = models.Constraint(
        "UNIQUE(version)", "Another questionnaire has this version."
    )
    _one_published = models.UniqueIndex(
        "(state) WHERE state = 'published'",
        "Only one version of the questionnaire can be published at a time.",
    )
    _threshold_positive = models.Constraint(
        "CHECK(threshold > 0 AND max_problems >= 0)",
        "At least one point is needed, and the number of problems is not negative.",
    )

    @api.model
    def _next(self):
        last = self.search([], limit=1, order="version desc")
        return last.version + 1

    @api.depends("name", "version")
    def _compute_display_name(self):
        for questionnaire in self:
            questionnaire.display_name = self.env._(
                "%(name)s, version %(version)s",
                name=questionnaire.name or "",
                version=questionnaire.version,
            )

    def _compute_screening_count(self):
        # sudo: how many there are, nothing of what anybody answered
        counts = dict(
            self.env["clinic.screening"]
            .sudo()
            ._read_group(
                [("questionnaire_id", "in", self.ids)],
                ["questionnaire_id"],
                ["__count"],
            )
        )
        for questionnaire in self:
            questionnaire.screening_count = counts.get(questionnaire.sudo(), 0)

    def write(self, vals):
        if not vals.keys() <= {"state", "published_at"}:
            self._check_draft()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_drafts_only(self):
        self._check_draft()

    def _check_draft(self):
        """Refuse to change what patients have answered."""
        fixed = self.filtered(lambda questionnaire: questionnaire.state != "draft")
        if fixed:
            raise UserError(
                self.env._(
                    "“%(name)s” is published: answers given to it must keep their "
                    "meaning. Make a new version and change that.",
                    name=fixed[0].display_name,
                )
            )

    # Versions ---------------------------------------------------------------

    def action_new_version(self):
        """Copy into a draft, one only at a time, and open it."""
        self.ensure_one()
        draft = self.search([("state", "=", "draft")], limit=1)
        if not draft:
            draft = self.copy()
            draft._rebind_needs(self)
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "clinic_schedule.action_clinic_screening_questionnaire"
        )
        return {**action, "views": [(False, "form")], "res_id": draft.id}

    def _rebind_needs(self, source):
        """Point the conditions of a copy at the copy's own answers."""
        old = source.question_ids.answer_ids.sorted(lambda a: (a.question_id.id, a.id))
        new = self.question_ids.answer_ids.sorted(lambda a: (a.question_id.id, a.id))
        twin = dict(zip(old, new, strict=True))
        for question in self.question_ids:
            if question.need_ids:
                question.need_ids = [twin[answer].id for answer in question.need_ids]

    def action_publish(self):
        """Put the version in force and retire the one before."""
        self.ensure_one()
        self._check_draft()
        self._check_complete()
        self.search([("state", "=", "published")]).write({"state": "retired"})
        # One is published at a time: the former one must be written first.
        self.env.flush_all()
        self.write({"state": "published", "published_at": fields.Datetime.now()})
        return True

    def _check_complete(self):
        """Refuse questions that nobody could answer or would ever be asked."""
        empty = self.question_ids.filtered(lambda question: not question.answer_ids)
        if empty:
            raise UserError(
                self.env._(
                    "Give “%(question)s” at least one answer.", question=empty[0].name
                )
            )
        mute = self.question_ids.answer_ids.filtered(
            lambda answer: answer.is_red_flag and not answer.advice
        )
        if mute:
            raise UserError(
                self.env._(
                    "“%(answer)s” is a red flag: write what the patient is told to do.",
                    answer=mute[0].name,
                )
            )
        seen = self.env["clinic.screening.answer"]
        for question in self.question_ids.sorted():
            if question.need_ids - seen:
                raise UserError(
                    self.env._(
                        "“%(question)s” depends on the answer “%(answer)s”, which is "
                        "asked later. Move it down.",
                        question=question.name,
                        answer=(question.need_ids - seen)[0].name,
                    )
                )
            seen |= question.answer_ids

    # Answering --------------------------------------------------------------

    @api.model
    def _current(self):
        """Return the version in force, or none."""
        return self.search([("state", "=", "published")], limit=1)

    def _questions(self):
        """Return the questions in the form the rules understand, in order."""
        return [
            Question(
                question.id,
                tuple(question.answer_ids.ids),
                question.age_min,
                question.age_max,
                question.gender,
                frozenset(question.need_ids.ids),
            )
            for question in self.question_ids.sorted()
        ]

    def _evaluate(self, answer_ids, age=None, gender=None):
        """Return what the answers given say.

        :param answer_ids: ids ticked; those to questions not asked do not count.
        :param age: whole years, or None where it is not known
        :return: dict of ``asked`` (questions), ``given`` (answers that count),
            ``problems`` (those with enough points, best first), ``points`` by problem
            id, ``missing`` (required questions without an answer), ``red_flags``
            (answers that stop everything)
        """
        shown, counted = asked(
            self._questions(), answer_ids, Person(age, gender or None)
        )
        given = self.question_ids.answer_ids.filtered(lambda a: a.id in counted)
        result = score(
            [
                (line.answer_id.id, line.problem_id.id, line.points)
                for line in given.score_ids
            ],
            given.ids,
            self.threshold,
            self.max_problems,
        )
        questions = self.env["clinic.screening.question"].browse(shown)
        return {
            "asked": questions,
            "given": given,
            "problems": self.env["clinic.problem"].browse(result.problem_ids),
            "points": result.points,
            "missing": questions.filtered(
                lambda q: q.required and not q.answer_ids & given
            ),
            "red_flags": given.filtered("is_red_flag"),
        }
