from odoo import api, fields, models
from odoo.exceptions import AccessError


class ClinicOrderRevoke(models.TransientModel):
    """Why an order is revoked; the answer is kept with the order."""

    _name = "clinic.order.revoke"
    _description = "Revoking of an Order"

    model = fields.Char(required=True)
    order_ids = fields.Json(required=True)
    reason = fields.Char(required=True)

    @api.model
    def _order_models(self):
        return set(self.env.registry.descendants(["clinic.order.mixin"], "_inherit"))

    def action_revoke(self):
        """Revoke the orders with the reason and close the dialog."""
        self.ensure_one()
        if self.model not in self._order_models():
            raise AccessError(self.env._("Only orders can be revoked here."))
        orders = self.env[self.model].browse(self.order_ids)
        orders.check_access("read")
        orders._revoke(self.reason)
        return {"type": "ir.actions.act_window_close"}
