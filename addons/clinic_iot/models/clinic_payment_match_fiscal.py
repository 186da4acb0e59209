from odoo import api, models


class ClinicPaymentMatch(models.Model):
    """A match turns an advance into a settlement, and an undone one back."""

    _inherit = "clinic.payment.match"

    @api.model
    def _log_partials(self, partials):
        result = super()._log_partials(partials)
        self._fiscal_later(partials)
        return result

    @api.model
    def _log_undone(self, partials):
        result = super()._log_undone(partials)
        self._fiscal_later(partials)
        return result

    @api.model
    def _fiscal_later(self, partials):
        moves = partials.debit_move_id.move_id.filtered(
            lambda move: move.move_type == "out_invoice"
        )
        if moves:
            self.env["clinic.fiscal.receipt"]._make_later(moves=moves)
