from odoo import api, fields, models
from odoo.exceptions import UserError


class ClinicAppointmentCancelFee(models.TransientModel):
    """Says what the cancellation costs before it is done, and lets it go free."""

    _inherit = "clinic.appointment.cancel"

    company_id = fields.Many2one("res.company", compute="_compute_fee")
    currency_id = fields.Many2one("res.currency", compute="_compute_fee")
    fee = fields.Monetary(
        string="Kept by the Rules",
        compute="_compute_fee",
        help="An invoice for it is made; what was paid beyond it is free again.",
    )
    waive_fee = fields.Boolean(string="Do Not Take It")
    waive_reason = fields.Char(string="Why Not", help="Nothing medical.")

    @api.depends("appointment_ids", "reason_id")
    def _compute_fee(self):
        for wizard in self:
            # Sudo: told to whoever cancels, as the patient asks.
            visits_sudo = wizard.appointment_ids.sudo()
            wizard.company_id = visits_sudo.company_id[:1] or self.env.company
            wizard.currency_id = wizard.company_id.currency_id
            wizard.fee = sum(
                visit._origin._cancel_fee(reason=wizard.reason_id)
                for visit in visits_sudo
            )

    def action_cancel(self):
        self.ensure_one()
        if self.waive_fee and self.fee:
            reason = (self.waive_reason or "").strip()
            if not reason:
                raise UserError(self.env._("Say in a few words why no fee is taken."))
            self.appointment_ids._waive_fee(reason)
        return super().action_cancel()
