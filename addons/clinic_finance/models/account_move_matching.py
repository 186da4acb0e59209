from odoo import models
from odoo.fields import Domain

# Accounts on which a document is paid.
SETTLED = ("asset_receivable", "liability_payable")


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

    def _clinic_matched_moves(self):
        """Return the documents matched with these; None where only the database knows.

        A document being made, or matched right now, has all of it in the cache.
        """
        found = set()
        for move in self:
            if "line_ids" not in move._cache:
                return None
            for line in move.line_ids:
                if line.account_id.account_type not in SETTLED:
                    continue
                for name in ("matched_debit_ids", "matched_credit_ids"):
                    if name not in line._cache:
                        return None
                for partial in line.matched_debit_ids:
                    found.add(partial.debit_move_id.move_id.id)
                for partial in line.matched_credit_ids:
                    found.add(partial.credit_move_id.move_id.id)
        return self.browse(found)

    def _search_reconciled_payment_ids(self, operator, value):
        """Answer from the cache which documents a payment being made has paid.

        Odoo asks it with two queries at every step of making and matching an entry.
        """
        if operator == "in":
            # Sudo: as Odoo, which asks the database; the answer passes the rules.
            payments = self.env["account.payment"].sudo().browse(value)
            if all("move_id" in payment._cache for payment in payments):
                found = payments.move_id._clinic_matched_moves()
                if found is not None:
                    found |= payments.invoice_ids
                    found = found.filtered(lambda move: move.is_sale_document(True))
                    return Domain("id", "in", found.ids)
        return super()._search_reconciled_payment_ids(operator, value)

    def js_remove_outstanding_partial(self, partial_id):
        """What an accountant takes apart by hand is not put together again."""
        reason = self.env._("Taken apart on the invoice")
        return super(
            AccountMove, self.with_context(clinic_undo_reason=reason)
        ).js_remove_outstanding_partial(partial_id)
