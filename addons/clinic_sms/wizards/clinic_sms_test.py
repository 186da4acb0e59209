from uuid import uuid4

from odoo import fields, models
from odoo.exceptions import UserError

from odoo.addons.clinic_base.tools.phone import PhoneError, normalise_phone

from ..tools.gateways import GatewayError


class ClinicSmsTest(models.TransientModel):
    """Send one SMS at once and say what the gateway answers."""

    _name = "clinic.sms.test"
    _description = "Test SMS"

    account_id = fields.Many2one("clinic.sms.account", required=True)
    phone = fields.Char(required=True)
    text = fields.Char(
        required=True, default=lambda self: self.env._("A test message of the clinic.")
    )

    def action_send(self):
        self.ensure_one()
        account = self.account_id
        account.check_access("write")
        account._check_ready()
        try:
            country = account.company_id.country_id.code or "RU"
            phone = normalise_phone(self.phone, country)
        except PhoneError as error:
            raise UserError(
                self.env._("“%(phone)s” is not a phone number.", phone=self.phone)
            ) from error
        # sudo: the journal is written by nobody by hand
        journal_sudo = self.env["clinic.sms.message"].sudo()
        state, detail = journal_sudo._send(
            account.sudo(), uuid4().hex, phone, self.text
        )
        if state != "sent":
            raise UserError(account._words(GatewayError(state or "no_answer", detail)))
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._("The gateway has taken the SMS."),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }
