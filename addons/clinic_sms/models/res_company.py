from odoo import models

from ..tools.sms_api import SmsApiClinic, SmsApiNone


class ResCompany(models.Model):
    _inherit = "res.company"

    def _clinic_sms_account(self):
        """Return the (sudo) gateway account of the company, empty if there is none."""
        # sudo: whoever sends need not read the account
        return (
            self.env["clinic.sms.account"]
            .sudo()
            .search([("company_id", "in", self.ids)], limit=1)
        )

    def _get_sms_api_class(self):
        self.ensure_one()
        gateway = self._clinic_sms_account().gateway or "none"
        if gateway == "odoo":
            return super()._get_sms_api_class()
        return SmsApiNone if gateway == "none" else SmsApiClinic

    def _clinic_sms_ready(self):
        account_sudo = self._clinic_sms_account()
        return bool(account_sudo) and account_sudo._is_ready()
