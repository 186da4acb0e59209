from odoo import models

from .account_partial_reconcile_lock import LockReason


class AccountMove(models.Model):
    _inherit = "account.move"

    def _reverse_moves(self, default_values_list=None, cancel=False):
        """Let a visit of the next month be cancelled after its payment was closed in.

        The credit note is of today; only taking the old payment off the invoice
        touches the closed period, and the reason is written down.
        """
        if cancel and self.env.su and self.clinic_appointment_id:
            reason = LockReason(self.env._("credit note for a cancelled visit"))
            self = self.with_context(clinic_lock_reason=reason)
        return super()._reverse_moves(default_values_list, cancel=cancel)
