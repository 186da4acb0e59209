from odoo import api, models


class ClinicNotice(models.Model):
    """What the rules write to patients: reminders and requests to pay."""

    _inherit = "clinic.notice"

    @api.model
    def _kinds(self):
        _ = self.env._
        return {
            **super()._kinds(),
            "pay_remind": {
                "label": _("Reminder of a payment"),
                "opt_out": "notice_reminder",
            },
            "pay_link": {"label": _("Payment link"), "opt_out": "notice_booking"},
            "pay_request": {
                "label": _("Prepayment asked"),
                "opt_out": "notice_booking",
            },
        }

    def _why_pointless(self, now):
        """Nobody is asked to pay what has been paid meanwhile."""
        reason = super()._why_pointless(now)
        if reason or not self.kind.startswith("pay_") or not self.appointment_id:
            return reason
        visit_sudo = self.appointment_id.sudo()
        return None if visit_sudo.amount_due else "paid"

    @api.model
    def _reasons(self):
        return {**super()._reasons(), "paid": self.env._("It has been paid meanwhile.")}

    def pay(self, name):
        """Return a value of the text: ``link``, ``amount`` or ``until``."""
        self.ensure_one()
        # Sudo: links are not for the staff to read, only for the text being made.
        return (self.sudo().body_values or {}).get(name, "")
