from odoo import fields, models


class ClinicConsentWithdraw(models.TransientModel):
    _name = "clinic.consent.withdraw"
    _description = "Withdraw a Consent"

    consent_id = fields.Many2one(
        "clinic.consent",
        required=True,
        ondelete="cascade",
        default=lambda self: self.env.context.get("active_id"),
    )
    reason = fields.Char(help="In the words of who withdraws it, if they say.")

    def action_withdraw(self):
        self.ensure_one()
        self.consent_id.action_withdraw(self.reason)
        return {"type": "ir.actions.act_window_close"}
