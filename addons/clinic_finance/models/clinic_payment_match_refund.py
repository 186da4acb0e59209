from odoo import api, fields, models


class ClinicPaymentMatch(models.Model):
    _inherit = "clinic.payment.match"

    rule = fields.Selection(
        selection_add=[("refund", "Refund"), ("manual",)],
        ondelete={"refund": "cascade"},
    )

    def _reason_text(self, names):
        if self.rule == "refund":
            return self.env._("%(charge)s returned %(money)s.", **names)
        return super()._reason_text(names)

    @api.model
    def _guess_rule(self, partial):
        if partial.debit_move_id.move_id.origin_payment_id.clinic_refund_reason:
            return "refund"
        return super()._guess_rule(partial)
