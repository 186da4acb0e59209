from odoo import fields, models


class ClinicFinancialBlockWizard(models.TransientModel):
    """Blocks a patient or lifts the block, with the reason."""

    _name = "clinic.financial.block.wizard"
    _description = "Financial Block"

    patient_id = fields.Many2one("res.partner", required=True)
    step = fields.Selection(
        [("block", "Block"), ("lift", "Lift")], required=True, default="block"
    )
    present = fields.Char(
        related="patient_id.financial_block_reason", string="Was Blocked Because"
    )
    reason = fields.Char(required=True)
    date_until = fields.Date(string="Until", help="Empty: until somebody lifts it.")

    def action_apply(self):
        self.ensure_one()
        decisions = self.env["clinic.finance.decision"]
        decisions._check_may_override()
        # Sudo after the check: blocks and the log are written by nobody directly.
        patient_sudo = self.patient_id.sudo()
        if self.step == "block":
            patient_sudo._set_financial_block(self.reason, self.date_until)
            decisions._log("block", self.patient_id, note=self.reason)
        else:
            patient_sudo._lift_financial_block(self.reason)
            decisions._log("unblock", self.patient_id, note=self.reason)
        return {"type": "ir.actions.client", "tag": "soft_reload"}
