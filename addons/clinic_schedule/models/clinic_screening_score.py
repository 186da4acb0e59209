from odoo import api, fields, models


class ClinicScreeningScore(models.Model):
    """How strongly an answer speaks for a problem, or against it."""

    _name = "clinic.screening.score"
    _description = "Points of a Screening Answer"
    _order = "points desc, id"
    _rec_name = "problem_id"

    answer_id = fields.Many2one(
        "clinic.screening.answer", required=True, index=True, ondelete="cascade"
    )
    problem_id = fields.Many2one(
        "clinic.problem", required=True, index=True, ondelete="restrict"
    )
    points = fields.Integer(
        required=True, default=1, help="Less than nothing speaks against the problem."
    )

    _answer_problem_uniq = models.Constraint(
        "UNIQUE(answer_id, problem_id)",
        "The answer has points for this problem already. Change those.",
    )
    _points_given = models.Constraint(
        "CHECK(points <> 0)", "Nought points say nothing: delete the line instead."
    )

    @api.model_create_multi
    def create(self, vals_list):
        scores = super().create(vals_list)
        scores._check_draft()
        return scores

    def write(self, vals):
        self._check_draft()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_from_drafts_only(self):
        self._check_draft()

    def _check_draft(self):
        self.answer_id.question_id.questionnaire_id._check_draft()
