from odoo import fields, models

from odoo.addons.sms.tools.sms_api import SmsApi


class ResCompany(models.Model):
    _inherit = "res.company"

    clinic_call_hours = fields.Integer(
        string="Call Unconfirmed Visits, Hours Before",
        default=24,
        help="Visits the patient has not confirmed are listed under “To call” so many "
        "hours before they begin; 0 switches the list off.",
    )

    _clinic_call_hours_ok = models.Constraint(
        "CHECK(clinic_call_hours BETWEEN 0 AND 336)",
        "Unconfirmed visits are called up to two weeks ahead.",
    )

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
        return bool(
            self.env["ir.config_parameter"]
            .sudo()
            .get_param("clinic_schedule.sms_by_odoo")
        )
