from odoo import api, models


class AccountPartialReconcile(models.Model):
    _inherit = "account.partial.reconcile"

    @api.model_create_multi
    def create(self, vals_list):
        """Write down every match of a customer's money, whoever made it."""
        partials = super().create(vals_list)
        # The log is append-only for everybody: nobody has rights to create it.
        self.env["clinic.payment.match"].sudo()._log_partials(partials)
        return partials

    def unlink(self):
        # Sudo for the same reason: the log says itself who undid the match.
        self.env["clinic.payment.match"].sudo()._log_undone(self)
        return super().unlink()
