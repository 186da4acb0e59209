from odoo import models


class SmsSms(models.Model):
    _inherit = "sms.sms"

    def _get_sms_company(self):
        """An SMS of a notice is sent, and paid, by the company of the visit."""
        # sudo: trackers are read by administrators only
        notices_sudo = self.sms_tracker_id.sudo().notice_id
        return notices_sudo.company_id.sudo(False) or super()._get_sms_company()
