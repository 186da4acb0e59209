from datetime import date

from odoo import models


class ResCompany(models.Model):
    _inherit = "res.company"

    def _clinic_lock_date(self):
        """Return the last closed day for this user (exceptions count), or None.

        Matching is closed by the global and by the hard lock date. A sales lock date
        closes invoices only: money for them may still come. The books of a company
        that runs no clinic stay as Odoo keeps them.
        """
        self.ensure_one()
        lock = max(self.user_fiscalyear_lock_date, self.user_hard_lock_date)
        if lock == date.min or not self._has_clinic():
            return None
        return lock

    def _has_clinic(self):
        self.ensure_one()
        # sudo: whoever matches need not see the branches, their number is no secret
        branches_sudo = self.env["clinic.branch"].sudo().with_context(active_test=False)
        return bool(branches_sudo.search_count([("company_id", "=", self.id)], limit=1))
