from odoo import models
from odoo.exceptions import UserError


class AccountPaymentRegister(models.TransientModel):
    _inherit = "account.payment.register"

    def _create_payments(self):
        """Refuse to pay a bill that nobody has approved."""
        bills = self.line_ids.move_id.filtered(
            lambda move: (
                move.move_type == "in_invoice" and move.company_id.clinic_bill_queue
            )
        )
        if bills:
            # Sudo: the approval counts, whoever may see the request.
            requests_sudo = self.env["clinic.bill.request"].sudo()
            known = requests_sudo.search([("move_id", "in", bills.ids)])
            refused = known.filtered(lambda one: one.approval != "approved")
            if refused:
                raise UserError(
                    self.env._(
                        "Not approved, so not to be paid yet: %(bills)s.",
                        bills=", ".join(refused.mapped("display_name")),
                    )
                )
            known._meet_payers()
        return super()._create_payments()
