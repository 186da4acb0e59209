from odoo import api, models
from odoo.tools import html2plaintext


class PaymentProvider(models.Model):
    _inherit = "payment.provider"

    @api.model_create_multi
    def create(self, vals_list):
        providers = super().create(vals_list)
        providers._clinic_translate_messages()
        return providers

    @api.model
    def _clinic_messages(self, env):
        """Return Odoo's own messages to who pays, and the words of ``env``'s language.

        Not all of Odoo's languages have them: patients would read English.
        """
        _ = env._
        return {
            "Your payment has been processed.": _("Your payment has been processed."),
            "Your payment has been processed but is waiting for approval.": _(
                "Your payment has been processed but is waiting for approval."
            ),
            "Your payment has been authorized.": _("Your payment has been authorized."),
            "Your payment has been cancelled.": _("Your payment has been cancelled."),
        }

    @api.model
    def _clinic_translate_all(self):
        self.search([])._clinic_translate_messages()

    def _clinic_translate_messages(self):
        """Say Odoo's own messages in the languages installed; others are let be."""
        # Sudo: who installs or copies a provider need not be an administrator.
        providers_sudo = self.sudo()
        for code, _name in self.env["res.lang"].get_installed():
            if code == "en_US":
                continue
            there_sudo = providers_sudo.with_context(lang=code)
            messages = self._clinic_messages(there_sudo.env)
            for provider_sudo in there_sudo:
                for name in ("done_msg", "pending_msg", "auth_msg", "cancel_msg"):
                    # As it stands where nobody has translated it.
                    words = html2plaintext(provider_sudo[name] or "").strip()
                    if messages.get(words, words) != words:
                        provider_sudo.update_field_translations(
                            name, {code: {words: messages[words]}}
                        )
