from odoo import api, models


class ClinicBranch(models.Model):
    _inherit = "clinic.branch"

    @api.model_create_multi
    def create(self, vals_list):
        """Open the first cash desk of each branch: its cash screen works at once."""
        branches = super().create(vals_list)
        # Sudo: whoever opens branches need not set up desks.
        self.env["clinic.cash.desk"].sudo()._open_for_branches(branches)
        return branches

    def unlink(self):
        """A branch opened by mistake goes with its desk; a desk in use forbids it."""
        desks = self.env["clinic.cash.desk"].with_context(active_test=False)
        # Sudo: as when it was opened; payments, shifts and receipts hold their desk.
        desks.sudo().search([("branch_id", "in", self.ids)]).unlink()
        return super().unlink()
