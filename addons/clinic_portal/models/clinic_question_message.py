from odoo import api, fields, models
from odoo.exceptions import UserError


class ClinicQuestionMessageMixin(models.AbstractModel):
    """One message of a thread: who, when, what; written once."""

    _name = "clinic.question.message.mixin"
    _description = "Message of a Question"
    _order = "id"

    question_id = fields.Many2one(
        "clinic.question", required=True, readonly=True, index=True, ondelete="restrict"
    )
    author_id = fields.Many2one(
        "res.partner", required=True, readonly=True, ondelete="restrict"
    )
    from_patient = fields.Boolean(readonly=True)
    body = fields.Text(string="Message", required=True, readonly=True)

    @api.depends("create_date")
    def _compute_display_name(self):
        """Date only: the ORM shows this where the text is closed."""
        for message in self:
            day = fields.Datetime.context_timestamp(
                message, message.create_date or fields.Datetime.now()
            )
            message.display_name = day.strftime("%d.%m.%Y")

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("Questions of patients and their answers are kept."))


class ClinicQuestionMessage(models.Model):
    _name = "clinic.question.message"
    _description = "Message to the Desk"
    _inherit = ["clinic.question.message.mixin"]


class ClinicMedicalQuestionMessage(models.Model):
    _name = "clinic.medical.question.message"
    _description = "Medical Message of a Patient"
    _inherit = ["clinic.question.message.mixin", "clinic.medical.mixin"]

    record_id = fields.Many2one(
        related="question_id.record_id", store=True, precompute=True, index=True
    )
