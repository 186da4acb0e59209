from odoo import fields, models

from ..tools.charges import percent_of, to_kopecks


class ProductTemplatePolicy(models.Model):
    """When a service is invoiced and how much of it is asked for beforehand."""

    _inherit = "product.template"

    prepayment = fields.Selection(
        selection_add=[("deposit", "Deposit"), ("after", "After the visit")],
        ondelete={"deposit": "set default", "after": "set default"},
        help="Not needed: invoiced on booking, due on the day of the visit. Deposit: "
        "a part is due on booking, the rest on the day. In full: due on booking; from "
        "the web site the time is held until it is paid. After the visit: the invoice "
        "stays a draft until the visit is done.",
    )
    deposit_percent = fields.Float(
        string="Deposit, %",
        default=30.0,
        digits=(5, 2),
        help="Of the price; used where no amount is given.",
    )
    deposit_amount = fields.Monetary(
        currency_field="currency_id",
        help="A fixed deposit, never more than the price. Empty: by percent.",
    )

    _deposit_range = models.Constraint(
        "CHECK(deposit_percent BETWEEN 0 AND 100 AND COALESCE(deposit_amount, 0) >= 0)",
        "A deposit is from 0 to 100 % of the price, and not below zero.",
    )

    def _clinic_deposit(self, total):
        """Return the deposit asked for a booking of so much; zero without one."""
        self.ensure_one()
        if self.prepayment != "deposit":
            return 0.0
        if self.deposit_amount:
            return min(self.deposit_amount, total)
        return percent_of(to_kopecks(total), self.deposit_percent) / 100


class ProductProductPolicy(models.Model):
    _inherit = "product.product"

    def _clinic_deposit(self, total):
        return self.product_tmpl_id._clinic_deposit(total)
