from odoo import models


class MailMail(models.Model):
    _inherit = "mail.mail"

    def _postprocess_sent_message(
        self, success_pids, success_emails, failure_reason=False, failure_type=None
    ):
        # Before super, which deletes the mails that were sent.
        mails = self.filtered(lambda m: m.model == "clinic.notice" and m.res_id)
        notices_sudo = self.env["clinic.notice"].sudo().browse(mails.mapped("res_id"))
        for notice_sudo in notices_sudo.exists():
            if success_pids or success_emails:
                notice_sudo._become("sent")
            else:
                reason = failure_reason or failure_type or "mail_refused"
                notice_sudo._become("failed", reason)
        return super()._postprocess_sent_message(
            success_pids,
            success_emails,
            failure_reason=failure_reason,
            failure_type=failure_type,
        )
