from odoo import Command, fields, models


class ClinicBillRefuse(models.TransientModel):
    """Asks why a bill is not to be paid: who asked for it reads the answer."""

    _name = "clinic.bill.refuse"
    _description = "Refuse a Bill"

    request_ids = fields.Many2many("clinic.bill.request", string="Bills", required=True)
    reason = fields.Char(required=True)

    def action_refuse(self):
        self.ensure_one()
        self.request_ids.action_refuse(self.reason)
        return {"type": "ir.actions.act_window_close"}


class ClinicBillRequest(models.Model):
    _inherit = "clinic.bill.request"

    def action_open_refuse(self):
        """Open the dialog that asks why."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Why Is It Not Paid?"),
            "res_model": "clinic.bill.refuse",
            "view_mode": "form",
            "target": "new",
            "context": {"default_request_ids": [Command.set(self.ids)]},
        }
