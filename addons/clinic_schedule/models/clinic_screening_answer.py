from odoo import fields, models


class ClinicScreeningAnswer(models.Model):
    _name = "clinic.screening.answer"
    _description = "Screening Answer"
    _order = "sequence, id"

    question_id = fields.Many2one(
        "clinic.screening.question", required=True, index=True, ondelete="cascade"
    )
    name = fields.Char(string="Answer", required=True, translate=True)
    sequence = fields.Integer(default=10)
    problem_ids = fields.Many2many(
        "clinic.problem",
        "clinic_screening_answer_problem_rel",
        string="Problems",
        help="The problem categories this answer points to.",
    )
    is_red_flag = fields.Boolean(
        string="Red Flag",
        help="The visitor is told the advice before anything else.",
    )
    advice = fields.Text(
        translate=True, help="What the visitor is told, for instance to call 103."
    )
