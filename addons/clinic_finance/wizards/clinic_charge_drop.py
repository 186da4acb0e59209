from odoo import fields, models


class ClinicChargeDrop(models.TransientModel):
    """Asks why a service was not given."""

    _name = "clinic.charge.drop"
    _description = "Drop a Service"

    charge_id = fields.Many2one("clinic.charge", required=True, readonly=True)
    currency_id = fields.Many2one(related="charge_id.currency_id")
    amount = fields.Monetary(related="charge_id.amount")
    reason = fields.Char(required=True, help="Nothing medical.")

    def action_drop(self):
        self.ensure_one()
        self.charge_id.drop(self.reason)
        return {"type": "ir.actions.act_window_close"}
