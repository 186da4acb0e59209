from odoo import models


class ResPartner(models.Model):
    _inherit = "res.partner"

    def action_clinic_refund(self):
        """Open the screen that returns what waits on this person's account."""
        self.ensure_one()
        payer = self._clinic_payer().commercial_partner_id
        return self.env["clinic.refund.wizard"]._open(default_partner_id=payer.id)
