from odoo import api, fields, models


class ClinicScreeningAnswer(models.Model):
    _name = "clinic.screening.answer"
    _description = "Screening Answer"
    _order = "sequence, id"

    question_id = fields.Many2one(
        "clinic.screening.question", required=True, index=True, ondelete="cascade"
    )
    questionnaire_id = fields.Many2one(related="question_id.questionnaire_id")
    name = fields.Char(string="Answer", required=True, translate=True)
    sequence = fields.Integer(default=10)
    score_ids = fields.One2many(
        "clinic.screening.score", "answer_id", string="Points", copy=True
    )
    score_words = fields.Char(compute="_compute_score_words", string="Speaks For")
    is_red_flag = fields.Boolean(
        string="Red Flag",
        help="The visitor is told the advice before anything else.",
    )
    advice = fields.Text(
        translate=True, help="What the visitor is told, for instance to call 103."
    )

    @api.depends("score_ids.points", "score_ids.problem_id")
    @api.depends_context("lang")
    def _compute_score_words(self):
        for answer in self:
            answer.score_words = ", ".join(
                f"{line.problem_id.name} ({line.points:+d})"
                for line in answer.score_ids
            )

    @api.model_create_multi
    def create(self, vals_list):
        answers = super().create(vals_list)
        answers.question_id.questionnaire_id._check_draft()
        return answers

    def write(self, vals):
        self.question_id.questionnaire_id._check_draft()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_from_drafts_only(self):
        self.question_id.questionnaire_id._check_draft()
