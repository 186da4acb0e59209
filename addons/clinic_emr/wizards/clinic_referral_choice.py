from odoo import api, fields, models


class ClinicReferralChoice(models.TransientModel):
    """Which visits are those of a referral: attached and detached by hand."""

    _name = "clinic.referral.choice"
    _description = "Visits of a Referral"

    referral_id = fields.Many2one(
        "clinic.referral", required=True, readonly=True, ondelete="cascade"
    )
    patient_id = fields.Many2one(related="referral_id.patient_id")
    service_id = fields.Many2one(related="referral_id.service_id")
    quantity = fields.Integer(related="referral_id.quantity")
    is_done = fields.Boolean(compute="_compute_is_done")
    line_ids = fields.One2many("clinic.referral.choice.line", "choice_id")

    @api.depends("referral_id.state")
    def _compute_is_done(self):
        for choice in self:
            choice.is_done = choice.referral_id.state == "done"

    def action_apply(self):
        """Attach what is ticked, detach the rest."""
        self.ensure_one()
        ticked = self.line_ids.filtered("is_attached").mapped("visit")
        self.referral_id._choose_visits(self.env["clinic.appointment"].browse(ticked))
        return {"type": "ir.actions.act_window_close"}


class ClinicReferralChoiceLine(models.TransientModel):
    """A visit to tick. In words: the author of a referral may not read all visits."""

    _name = "clinic.referral.choice.line"
    _description = "Visit of a Referral"

    choice_id = fields.Many2one(
        "clinic.referral.choice", required=True, index=True, ondelete="cascade"
    )
    visit = fields.Integer(readonly=True)
    local_time = fields.Char(string="Time", readonly=True)
    specialist = fields.Char(readonly=True)
    branch = fields.Char(readonly=True)
    state = fields.Char(readonly=True)
    is_attached = fields.Boolean(string="By the Referral")
