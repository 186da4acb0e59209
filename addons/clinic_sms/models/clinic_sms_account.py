import secrets

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..tools import gateways
from ..tools.sms_api import SmsApiClinic

# Where a gateway is, if not at its own address (a stand-in, a proxy).
URL_PARAMETER = "clinic_sms.%s_url"


class ClinicSmsAccount(models.Model):
    """By which gateway a company sends SMS, and its account there."""

    _name = "clinic.sms.account"
    _description = "SMS Gateway"
    _rec_name = "company_id"

    company_id = fields.Many2one(
        "res.company",
        required=True,
        ondelete="cascade",
        default=lambda self: self.env.company,
    )
    gateway = fields.Selection(
        [
            ("none", "None: SMS are not sent"),
            ("smsc", "SMSC.ru"),
            ("smsaero", "SMS Aero"),
            ("odoo", "Odoo's own paid service"),
        ],
        required=True,
        default="none",
    )
    login = fields.Char(
        help="SMSC.ru: the login, or empty if an API key is used. SMS Aero: the e-mail."
    )
    # Kept apart from what the form reads: it goes in, and never comes out.
    secret = fields.Char(groups=fields.NO_ACCESS, copy=False)
    new_secret = fields.Char(
        string="Password or API Key",
        compute="_compute_new_secret",
        inverse="_inverse_new_secret",
        help="It is stored, but never shown again.",
    )
    has_secret = fields.Boolean(compute="_compute_has_secret", compute_sudo=True)
    sender = fields.Char(
        string="Sender Name",
        help="As agreed with the gateway. Empty: the one the gateway gives everybody.",
    )
    new_callback_secret = fields.Char(
        string="Secret Word of Reports",
        compute="_compute_new_secret",
        inverse="_inverse_new_callback_secret",
        help="SMSC.ru signs its reports of delivery with it; the same word is entered "
        "in the account there. Without it the reports are asked for instead.",
    )
    callback_secret = fields.Char(groups=fields.NO_ACCESS, copy=False)
    has_callback_secret = fields.Boolean(
        compute="_compute_has_secret", compute_sudo=True
    )
    callback_url = fields.Char(
        compute="_compute_callback_url", string="Address for Reports"
    )
    balance = fields.Char(readonly=True, copy=False)
    balance_at = fields.Datetime(string="Balance Asked", readonly=True, copy=False)

    _company_uniq = models.UniqueIndex(
        "(company_id)", "The company has a gateway already."
    )

    def _compute_new_secret(self):
        self.new_secret = self.new_callback_secret = False

    def _inverse_new_secret(self):
        for account in self.filtered("new_secret"):
            account.sudo().secret = account.new_secret.strip()

    def _inverse_new_callback_secret(self):
        for account in self.filtered("new_callback_secret"):
            account.sudo().callback_secret = account.new_callback_secret.strip()

    @api.depends("secret", "callback_secret")
    def _compute_has_secret(self):
        for account in self:
            account.has_secret = bool(account.secret)
            account.has_callback_secret = bool(account.callback_secret)

    @api.depends("gateway")
    def _compute_callback_url(self):
        for account in self:
            account.callback_url = (
                f"{account.get_base_url()}/clinic_sms/smsc"
                if account.gateway == "smsc"
                else False
            )

    def _gateway(self):
        """Return the gateway of the account, ready to be called."""
        self.ensure_one()
        account_sudo = self.sudo()
        # sudo: an address, not a secret
        params_sudo = self.env["ir.config_parameter"].sudo()
        return gateways.Gateway.registry[self.gateway](
            gateways.Settings(
                login=account_sudo.login or "",
                secret=account_sudo.secret or "",
                sender=account_sudo.sender or "",
                url=params_sudo.get_param(URL_PARAMETER % self.gateway) or "",
            )
        )

    def _is_ready(self):
        """Tell whether it can send without asking for anything more."""
        if self.gateway == "odoo":
            return True
        return self.gateway in gateways.Gateway.registry and bool(self.sudo().secret)

    def _check_ready(self):
        self.ensure_one()
        if self.gateway not in gateways.Gateway.registry:
            raise UserError(self.env._("Choose SMSC.ru or SMS Aero first."))
        if not self._is_ready():
            raise UserError(self.env._("Enter the password or the API key first."))

    def _words(self, error):
        """Return what a refusal means, for people."""
        words = SmsApiClinic(self.env)._get_sms_api_error_messages()
        text = words.get(error.code) or self.env._("The gateway did not answer.")
        return f"{text} ({error.detail})" if error.detail else text

    def action_check_balance(self):
        """Ask the gateway how much money is left."""
        self.ensure_one()
        self.check_access("write")
        self._check_ready()
        try:
            balance = self._gateway().balance()
        except gateways.GatewayError as error:
            raise UserError(self._words(error)) from error
        self.write({"balance": balance, "balance_at": fields.Datetime.now()})
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._("Money left: %(balance)s", balance=balance),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def action_send_test(self):
        self.ensure_one()
        self._check_ready()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Test SMS"),
            "res_model": "clinic.sms.test",
            "view_mode": "form",
            "target": "new",
            "context": {"default_account_id": self.id},
        }

    @api.model
    def action_open(self):
        """Open the gateway of the user's company, made if there is none."""
        self.check_access("write")
        account = self.search([("company_id", "=", self.env.company.id)])
        account = account or self.create({"company_id": self.env.company.id})
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("SMS Gateway"),
            "res_model": self._name,
            "res_id": account.id,
            "view_mode": "form",
        }

    @api.model
    def _new_own_id(self):
        """Return a number of ours for a message; SMSC.ru allows 31 bits."""
        return secrets.randbelow(2**31 - 2) + 1
