from odoo import fields, models

# Money kept for a visit waits for it no longer.
OVER = ("cancelled", "noshow", "fulfilled")


class AccountPayment(models.Model):
    _inherit = "account.payment"

    clinic_held_for_id = fields.Many2one(
        "clinic.appointment",
        string="Held for the Visit",
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        help="The money pays the invoices of this visit only, until the visit is over "
        "or cancelled. What is left then pays the oldest charges, as any other.",
    )

    def _clinic_is_held(self):
        """Tell whether this money may pay nothing but what it was taken for."""
        visit_sudo = self.sudo().clinic_held_for_id
        return bool(visit_sudo) and visit_sudo.state not in OVER

    def _clinic_named_invoices(self):
        # Sudo: which documents a visit has is not for the payment's reader to see.
        visit_sudo = self.sudo().clinic_held_for_id
        documents = visit_sudo.invoice_ids | visit_sudo.invoice_id
        return super()._clinic_named_invoices() | documents.with_env(self.env)

    def write(self, vals):
        result = super().write(vals)
        if "clinic_held_for_id" in vals:
            # Sudo: money let go may pay something at once.
            self.sudo().partner_id.commercial_partner_id._clinic_match_later()
        return result
