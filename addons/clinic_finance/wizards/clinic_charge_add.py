from odoo import api, fields, models


class ClinicChargeAdd(models.TransientModel):
    """Adds a service to a visit, with its price seen beforehand."""

    _name = "clinic.charge.add"
    _description = "Add a Service"

    appointment_id = fields.Many2one("clinic.appointment", required=True, readonly=True)
    company_id = fields.Many2one(related="appointment_id.company_id")
    currency_id = fields.Many2one(related="company_id.currency_id")
    is_over = fields.Boolean(compute="_compute_is_over")
    product_id = fields.Many2one(
        "product.product",
        string="Service",
        required=True,
        domain=[("is_clinic_service", "=", True)],
    )
    quantity = fields.Float(default=1.0, required=True, digits="Product Unit")
    amount = fields.Monetary(compute="_compute_amount")
    reason = fields.Char(help="Nothing medical.")

    @api.depends("appointment_id")
    def _compute_is_over(self):
        for wizard in self:
            wizard.is_over = bool(
                wizard.appointment_id and wizard.appointment_id._is_over()
            )

    @api.depends("appointment_id", "product_id", "quantity")
    def _compute_amount(self):
        for wizard in self:
            price = 0.0
            if wizard.product_id and wizard.appointment_id:
                # Sudo: the price is told to whoever adds the service, as on booking.
                visit_sudo = wizard.appointment_id.sudo()
                price, *_rest = visit_sudo._charge_terms(wizard.product_id.sudo())
            wizard.amount = price * wizard.quantity

    def action_add(self):
        self.ensure_one()
        self.appointment_id.add_charge(self.product_id.id, self.quantity, self.reason)
        return {"type": "ir.actions.act_window_close"}
