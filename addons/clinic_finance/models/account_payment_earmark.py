from odoo import api, fields, models
from odoo.fields import Domain

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

    clinic_is_held = fields.Boolean(
        string="Kept for a Visit",
        compute="_compute_clinic_is_held",
        search="_search_clinic_is_held",
    )

    def _clinic_is_held(self):
        """Tell whether this money may pay nothing but what it was taken for."""
        visit_sudo = self.sudo().clinic_held_for_id
        return bool(visit_sudo) and visit_sudo.state not in OVER

    @api.depends("clinic_held_for_id.state")
    def _compute_clinic_is_held(self):
        for payment in self:
            payment.clinic_is_held = payment._clinic_is_held()

    def _search_clinic_is_held(self, operator, value):
        if operator != "in":
            return NotImplemented
        # Sudo: the desk may see payments of visits it does not.
        held = (
            self.env["clinic.appointment"].sudo()._search([("state", "not in", OVER)])
        )
        found = Domain("clinic_held_for_id", "in", held)
        return found if True in value else ~found

    def action_clinic_let_go(self):
        """Let the money pay other charges, as its payer asks at the desk."""
        self.env["res.partner"]._check_clinic_may_take_payments()
        self.check_access("read")
        # Sudo after the checks: the desk does not write in the books.
        for payment_sudo in self.sudo().filtered("clinic_held_for_id"):
            payment_sudo.message_post(
                body=self.env._(
                    "Not kept for %(visit)s any longer.",
                    visit=payment_sudo.clinic_held_for_id.name,
                ),
                author_id=self.env.user.partner_id.id,
            )
            payment_sudo.clinic_held_for_id = False

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
