from odoo import models


class ResPartner(models.Model):
    _inherit = "res.partner"

    def _clinic_outside_locks(self, plan):
        """Leave out of {(charge id, credit id): match} what a closed period forbids.

        Both items are of the closed period: they wait for the accountant, and nobody's
        payment of today fails because of them.
        """
        lines = self.env["account.move.line"].browse(
            {line_id for pair in plan for line_id in pair}
        )
        dates = {line.id: line.date for line in lines}
        locks = {
            company: company._clinic_lock_date()
            for company in lines.company_id  # one or two
        }
        if not any(locks.values()):
            return plan
        lock_by_line = {line.id: locks[line.company_id] for line in lines}
        return {
            pair: match
            for pair, match in plan.items()
            if not lock_by_line[pair[0]]
            or max(dates[pair[0]], dates[pair[1]]) > lock_by_line[pair[0]]
        }
