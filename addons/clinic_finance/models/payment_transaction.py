from odoo import SUPERUSER_ID, models


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    def _post_process(self):
        """Let the money find its invoices, and the paid windows become bookings.

        A notice sent twice finds the transaction post-processed and books nothing.
        """
        fresh = self.filtered(lambda tx: not tx.is_post_processed)
        result = super()._post_process()
        # A visitor's browser, a webhook or the cron may have called: what follows
        # is the clinic's own doing, whoever triggered it.
        for tx in fresh.with_user(SUPERUSER_ID):
            if tx.state == "done" and tx.payment_id:
                tx._clinic_settle()
        return result

    def _clinic_settle(self):
        """Tell the visits the payment was made for, then match what is left."""
        self.ensure_one()
        self.invoice_ids.clinic_appointment_id._after_payment(self.payment_id)
        partners = self.payment_id.partner_id | self.invoice_ids.partner_id
        partners.commercial_partner_id._clinic_allocate()
