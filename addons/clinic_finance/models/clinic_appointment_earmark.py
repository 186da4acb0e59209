from odoo import fields, models

from .account_payment_earmark import OVER


class ClinicAppointment(models.Model):
    _inherit = "clinic.appointment"

    held_payment_ids = fields.One2many(
        "account.payment",
        "clinic_held_for_id",
        readonly=True,
        groups="clinic_finance.group_payment_viewer,account.group_account_invoice",
    )

    def _clinic_payment_names(self):
        """Return the names by which a payer's text may call this visit."""
        return self.mapped("name")

    def _move(self, state, force=False, at=None, **vals):
        """Money held for a visit waits no longer once the visit is over."""
        result = super()._move(state, force=force, at=at, **vals)
        if state in OVER:
            # Sudo: who cancels a visit is no accountant.
            payers_sudo = self.sudo().held_payment_ids.partner_id.commercial_partner_id
            payers_sudo._clinic_match_later()
        return result
