from odoo import models

from .account_move_fiscal import OVER


class ClinicAppointment(models.Model):
    """What was paid for a visit is settled when the visit is over."""

    _inherit = "clinic.appointment"

    def write(self, vals):
        result = super().write(vals)
        if vals.get("state") in OVER:
            # Sudo: whoever ends the visit need not see its invoices.
            moves_sudo = self.sudo().invoice_ids
            self.env["clinic.fiscal.receipt"]._make_later(moves=moves_sudo)
        return result
