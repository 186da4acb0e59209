from odoo import fields, models

from odoo.addons.sms.tools.sms_api import SmsApi

from .mail_notification import FAILURES

# One request an SMS: no more than this may be waiting for an answer in one go.
BATCH = 20


class SmsSms(models.Model):
    _inherit = "sms.sms"

    failure_type = fields.Selection(selection_add=FAILURES)

    def _split_by_api(self):
        """Each company sends by the gateway, and on the account, of its own."""
        by_odoo = self.browse()
        for company, messages in self.grouped(
            lambda sms: sms._get_sms_company()[:1]
        ).items():
            api_class = company._get_sms_api_class()
            if api_class is SmsApi:
                by_odoo |= messages
                continue
            api = api_class(self.env)
            api._set_company(company)
            yield api, messages
        if by_odoo:
            yield from super(SmsSms, by_odoo)._split_by_api()

    def _send(self, unlink_failed=False, unlink_sent=True, raise_exception=False):
        """The queue may hold SMS of several companies."""
        options = {
            "unlink_failed": unlink_failed,
            "unlink_sent": unlink_sent,
            "raise_exception": raise_exception,
        }
        if self.env.context.get("sms_api"):
            return super()._send(**options)
        for api, messages in self._split_by_api():
            super(SmsSms, messages.with_context(sms_api=api))._send(**options)
        return None

    def _get_send_batch_size(self):
        return min(super()._get_send_batch_size(), BATCH)
