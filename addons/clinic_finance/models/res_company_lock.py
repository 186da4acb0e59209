from datetime import date

from odoo import models


class ResCompany(models.Model):
    _inherit = "res.company"

    def _clinic_lock_date(self):
        """Return the last closed day for this user (exceptions count), or None.

        Matching is closed by the global and by the hard lock date. A sales lock date
        closes invoices only: money for them may still come.
        """
        self.ensure_one()
        lock = max(self.user_fiscalyear_lock_date, self.user_hard_lock_date)
        return None if lock == date.min else lock
