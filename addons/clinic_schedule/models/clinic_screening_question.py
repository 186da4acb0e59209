from odoo import api, fields, models


class ClinicScreeningQuestion(models.Model):
    """A question of the screening; birth date, sex and branch are always asked."""

    _name = "clinic.screening.question"
    _description = "Screening Question"
    _order = "sequence, id"

    questionnaire_id = fields.Many2one(
        "clinic.screening.questionnaire", required=True, index=True, ondelete="cascade"
    )
    name = fields.Char(string="Question", required=True, translate=True)
    hint = fields.Char(translate=True, help="Shown below the question.")
    kind = fields.Selection(
        [("single", "One answer"), ("multi", "Several answers")],
        required=True,
        default="multi",
    )
    required = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    answer_ids = fields.One2many(
        "clinic.screening.answer", "question_id", copy=True, string="Answers"
    )
    age_min = fields.Integer(string="Asked from Age", aggregator=None)
    age_max = fields.Integer(
        string="Asked to Age", aggregator=None, help="Inclusive; 0 means no limit."
    )
    gender = fields.Selection(
        [("any", "Everybody"), ("female", "Women only"), ("male", "Men only")],
        string="Asked Of",
        required=True,
        default="any",
    )
    need_ids = fields.Many2many(
        "clinic.screening.answer",
        "clinic_screening_question_need_rel",
        string="Only After",
        help="Asked when one of these answers was given before; empty: always.",
    )
    condition = fields.Char(compute="_compute_condition", string="Asked")

    _age_range = models.Constraint(
        "CHECK(age_min >= 0 AND (age_max = 0 OR age_max >= age_min))",
        "The highest age of a question must not be below the lowest.",
    )

    @api.depends("age_min", "age_max", "gender", "need_ids")
    @api.depends_context("lang")
    def _compute_condition(self):
        genders = dict(self._fields["gender"]._description_selection(self.env))
        for question in self:
            words = []
            if question.gender != "any":
                words.append(genders[question.gender])
            if question.age_min:
                words.append(self.env._("from age %(age)s", age=question.age_min))
            if question.age_max:
                words.append(self.env._("to age %(age)s", age=question.age_max))
            if question.need_ids:
                words.append(
                    self.env._(
                        "after “%(answers)s”",
                        answers="”, “".join(question.need_ids.mapped("name")),
                    )
                )
            question.condition = ", ".join(words)

    @api.model_create_multi
    def create(self, vals_list):
        questions = super().create(vals_list)
        questions.questionnaire_id._check_draft()
        return questions

    def write(self, vals):
        self.questionnaire_id._check_draft()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_from_drafts_only(self):
        self.questionnaire_id._check_draft()
