from odoo import fields, models

# States of an SMS → ours. Odoo's "sent" of an SMS means delivered.
NOTICE_STATES = {
    "outgoing": "sending",
    "process": "sending",
    "pending": "sent",
    "sent": "delivered",
    "canceled": "skipped",
    "error": "failed",
}
RANK = ["waiting", "skipped", "sending", "failed", "sent", "delivered"]


class SmsTracker(models.Model):
    """Carries what the gateway says about an SMS to the notice it was sent for."""

    _inherit = "sms.tracker"

    notice_id = fields.Many2one(
        "clinic.notice", ondelete="cascade", index="btree_not_null"
    )

    def _action_update_from_sms_state(
        self, sms_state, failure_type=False, failure_reason=False
    ):
        super()._action_update_from_sms_state(
            sms_state, failure_type=failure_type, failure_reason=failure_reason
        )
        self._update_notices(NOTICE_STATES[sms_state], failure_type, failure_reason)

    def _action_update_from_provider_error(self, provider_error):
        result = super()._action_update_from_provider_error(provider_error)
        _status, failure_type, failure_reason = result
        self._update_notices("failed", failure_type, failure_reason)
        return result

    def _update_notices(self, state, failure_type, failure_reason):
        notices_sudo = self.notice_id.sudo()
        # Reports come late and out of order: nothing takes "delivered" back.
        notices_sudo = notices_sudo.filtered(
            lambda n: (
                n.state != "delivered"
                and (state == "failed" or RANK.index(state) >= RANK.index(n.state))
            )
        )
        if not notices_sudo:
            return
        reason = False
        if state == "failed":
            reason = failure_reason or failure_type or "gateway_refused"
        notices_sudo._become(state, reason)
