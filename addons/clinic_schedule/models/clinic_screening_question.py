from odoo import fields, models


class ClinicScreeningQuestion(models.Model):
    """A question of the screening; birth date, sex and branch are always asked."""

    _name = "clinic.screening.question"
    _description = "Screening Question"
    _order = "sequence, id"

    name = fields.Char(string="Question", required=True, translate=True)
    hint = fields.Char(translate=True, help="Shown below the question.")
    kind = fields.Selection(
        [("single", "One answer"), ("multi", "Several answers")],
        required=True,
        default="multi",
    )
    required = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    answer_ids = fields.One2many(
        "clinic.screening.answer", "question_id", copy=True, string="Answers"
    )
