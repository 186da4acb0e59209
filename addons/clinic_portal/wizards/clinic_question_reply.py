from odoo import fields, models


class ClinicQuestionReply(models.TransientModel):
    """The answer to a question of a patient, before it is sent."""

    _name = "clinic.question.reply"
    _description = "Answer to a Patient"

    question_id = fields.Many2one(
        "clinic.question", required=True, readonly=True, ondelete="cascade"
    )
    body = fields.Text(string="Answer", required=True)

    def action_send(self):
        """Send the answer; the text is kept in the thread only."""
        self.ensure_one()
        self.question_id._answer(self.body)
        self.body = "-"
        return {"type": "ir.actions.act_window_close"}
