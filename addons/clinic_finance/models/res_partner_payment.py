from urllib.parse import urlencode

from odoo import models
from odoo.exceptions import UserError

from odoo.addons.payment import utils as payment_utils


class ResPartner(models.Model):
    _inherit = "res.partner"

    def action_clinic_refund(self):
        """Open the screen that returns what waits on this person's account."""
        self.ensure_one()
        payer = self._clinic_payer().commercial_partner_id
        return self.env["clinic.refund.wizard"]._open(default_partner_id=payer.id)

    def action_clinic_topup_link(self):
        """Open the screen that makes a link by which the account is topped up."""
        self.ensure_one()
        payer = self._clinic_payer().commercial_partner_id
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Link to Top Up the Account"),
            "res_model": "clinic.topup.link",
            "view_mode": "form",
            "target": "new",
            "context": {"default_partner_id": payer.id},
        }

    def _clinic_topup_url(self, amount, company):
        """Return a link by which anybody who has it pays this sum to the account.

        The sum is signed: another one is refused. What is paid finds the oldest
        unpaid invoices; the rest waits on the account.
        """
        self.ensure_one()
        currency = company.currency_id
        amount = currency.round(amount)
        if currency.compare_amounts(amount, 0) <= 0:
            raise UserError(self.env._("Enter the sum to pay."))
        number = self.clinic_account_number or self.id
        query = {
            "reference": f"ACC-{number}",
            "amount": amount,
            "currency_id": currency.id,
            "partner_id": self.id,
            "company_id": company.id,
            "access_token": payment_utils.generate_access_token(
                self.id, amount, currency.id, env=self.sudo().env
            ),
        }
        return f"{self.get_base_url().rstrip('/')}/payment/pay?{urlencode(query)}"
