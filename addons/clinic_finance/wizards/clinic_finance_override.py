from odoo import fields, models


class ClinicFinanceOverride(models.TransientModel):
    """Asks why a decision is overridden, or a prepayment not insisted on."""

    _name = "clinic.finance.override"
    _description = "Override a Financial Decision"

    decision_id = fields.Many2one("clinic.finance.decision")
    appointment_id = fields.Many2one("clinic.appointment")
    action = fields.Selection(related="decision_id.action")
    what = fields.Char(related="decision_id.reason", string="It Was Decided Because")
    reason = fields.Char(required=True)

    def action_apply(self):
        self.ensure_one()
        if self.decision_id:
            self.decision_id._override(self.reason)
        else:
            self.appointment_id._waive(self.reason)
        return {"type": "ir.actions.act_window_close"}
