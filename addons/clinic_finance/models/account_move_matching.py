from odoo import models


class AccountMove(models.Model):
    _inherit = "account.move"

    def _post(self, soft=True):
        """Let a document of a patient find its other side, wherever it was posted."""
        posted = super()._post(soft=soft)
        if self.env.context.get("clinic_match_later", True):
            customers = posted.line_ids.filtered(
                lambda line: line.account_type == "asset_receivable"
            ).partner_id
            # Sudo: which people have an account is asked by whoever posts.
            customers.sudo()._clinic_has_account()._clinic_match_later()
        return posted

    def _clinic_names(self):
        """Return the names by which a payer's text may call this charge."""
        self.ensure_one()
        return [
            self.name,
            self.payment_reference,
            *self.clinic_appointment_ids._clinic_payment_names(),
        ]

    def js_remove_outstanding_partial(self, partial_id):
        """What an accountant takes apart by hand is not put together again."""
        reason = self.env._("Taken apart on the invoice")
        return super(
            AccountMove, self.with_context(clinic_undo_reason=reason)
        ).js_remove_outstanding_partial(partial_id)
