from odoo import http
from odoo.exceptions import ValidationError
from odoo.http import request

from odoo.addons.account_payment.controllers.payment import PaymentPortal


class ClinicPaymentPortal(PaymentPortal):
    @http.route()
    def invoice_transaction(self, invoice_id, access_token, **kwargs):
        """Refuse a sum other than the visit's before a transaction is made."""
        try:
            amount = float(kwargs.get("amount") or 0.0)
        except (TypeError, ValueError) as error:
            message = request.env._("The sum to pay is not a number.")
            raise ValidationError(message) from error
        # Only the invoice's own figures are compared; super checks the access.
        invoice_sudo = request.env["account.move"].sudo().browse(invoice_id).exists()
        invoice_sudo._check_online_amount(amount)
        return super().invoice_transaction(invoice_id, access_token, **kwargs)
