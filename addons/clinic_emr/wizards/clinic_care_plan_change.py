from odoo import api, fields, models

from ..models.clinic_medical_mixin import MEDICAL_GROUPS


class ClinicCarePlanChange(models.TransientModel):
    """A service of an agreed plan is declined, or another one comes instead."""

    _name = "clinic.care.plan.change"
    _description = "Change of a Care Plan"

    line_id = fields.Many2one(
        "clinic.care.plan.line",
        required=True,
        readonly=True,
        ondelete="cascade",
        groups=MEDICAL_GROUPS,
    )
    plan_service_id = fields.Many2one(related="line_id.service_id", string="Service")
    count = fields.Integer(string="How Many Are Declined", required=True)
    reason = fields.Char(required=True)
    service_id = fields.Many2one(
        "product.product",
        string="Instead",
        ondelete="cascade",
        domain=[("type", "=", "service"), ("sale_ok", "=", True)],
        help="Empty: nothing comes instead.",
    )
    quantity = fields.Integer(default=1, required=True)
    currency_id = fields.Many2one(related="line_id.currency_id")
    amount_before = fields.Monetary(
        string="Estimate Now", related="line_id.plan_id.amount_total"
    )
    amount_after = fields.Monetary(
        string="After the Change", compute="_compute_amount_after"
    )

    @api.depends("line_id", "count", "service_id", "quantity")
    def _compute_amount_after(self):
        for change in self:
            line = change.line_id
            plan = line.plan_id
            amount = plan.amount_total - line.unit_price * change.count
            if service := change.service_id:
                prices = plan._estimate_prices(service)
                amount += prices.get(service, 0.0) * change.quantity
            change.amount_after = amount

    def action_change(self):
        """Change the plan; with a service instead, open the consent to be signed."""
        self.ensure_one()
        line = self.line_id
        line.check_access("write")
        line._decline(self.count, self.reason, self.service_id, self.quantity)
        if self.service_id:
            return line.plan_id.action_sign()
        return {"type": "ir.actions.act_window_close"}
