from odoo import models

from odoo.addons.sms.tools.sms_api import SmsApi


class ResCompany(models.Model):
    _inherit = "res.company"

    def _clinic_sms_ready(self):
        """Tell whether SMS of the company can be sent, without trying.

        Odoo's own paid service counts only if an administrator has said so by the
        system parameter ``clinic_schedule.sms_by_odoo``: a trial clinic must not
        contact it each minute, nor send texts abroad unasked.
        """
        self.ensure_one()
        if self._get_sms_api_class() is not SmsApi:
            return True
        # sudo: a yes or no of the settings
        params_sudo = self.env["ir.config_parameter"].sudo()
        return bool(params_sudo.get_param("clinic_schedule.sms_by_odoo"))
