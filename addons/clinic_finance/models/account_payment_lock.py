from odoo import models
from odoo.exceptions import UserError
from odoo.tools import format_date


class AccountPayment(models.Model):
    _inherit = "account.payment"

    def action_post(self):
        """Refuse a payment of a closed day.

        Odoo would book it on the first open day without a word, and the payment would
        show another date than the books.
        """
        for payment in self.filtered(lambda payment: payment.state == "draft"):
            locks = payment.company_id._get_violated_lock_dates(
                payment.date, False, payment.journal_id
            )
            if locks:
                raise UserError(
                    self.env._(
                        "The period is closed up to %(lock)s, so a payment of "
                        "%(date)s (%(amount)s) cannot be taken. Enter a later date.",
                        lock=format_date(self.env, max(locks)[0]),
                        date=format_date(self.env, payment.date),
                        amount=payment.currency_id.format(payment.amount),
                    )
                )
        return super().action_post()
