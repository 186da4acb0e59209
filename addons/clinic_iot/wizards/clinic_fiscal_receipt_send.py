from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import plaintext2html


class ClinicFiscalReceiptSend(models.TransientModel):
    """Where the copy of a printed receipt goes, after all."""

    _name = "clinic.fiscal.receipt.send"
    _description = "Send a Receipt"

    receipt_id = fields.Many2one("clinic.fiscal.receipt", required=True, readonly=True)
    contact = fields.Char(
        string="Phone or Mail",
        compute="_compute_contact",
        store=True,
        readonly=False,
        required=True,
    )

    @api.depends("receipt_id")
    def _compute_contact(self):
        for wizard in self:
            partner = wizard.receipt_id.partner_id
            wizard.contact = wizard.receipt_id.contact or partner.email or partner.phone

    def action_send(self):
        """Send the fiscal data; the office of the ОФД sends only what was asked for
        before it was printed."""
        self.ensure_one()
        self.env["res.partner"]._check_clinic_may_take_payments()
        receipt = self.receipt_id
        receipt.check_access("read")
        if receipt.state != "done":
            raise UserError(
                self.env._("The receipt is not printed yet: there is nothing to send.")
            )
        contact = receipt._clean_contact(self.contact)
        self._check_way(contact)
        partner = receipt.partner_id
        words = receipt.with_context(lang=partner.lang or self.env.lang)
        # Sudo: sent by whoever may take payments, with no rights on messages.
        if "@" in contact:
            company = receipt.company_id
            self.env["mail.mail"].sudo().create(
                {
                    "subject": words.display_name,
                    "body_html": plaintext2html(words._text()),
                    "email_from": company.email_formatted
                    or self.env.user.email_formatted,
                    "email_to": contact,
                    "auto_delete": True,
                }
            )
            # The patient stands at the desk: not within the hour, but now.
            self.env.ref("mail.ir_cron_mail_scheduler_action").sudo()._trigger()
        else:
            self.env["sms.sms"].sudo().create(
                {"partner_id": partner.id, "number": contact, "body": words._text()}
            )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "message": self.env._(
                    "The receipt is queued for %s, and leaves within a minute or two.",
                    contact,
                ),
                "type": "success",
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    def _check_way(self, contact):
        """Refuse where nothing is sent from here, and say what can be done instead."""
        if "@" in contact:
            if not self.env["clinic.notice"]._mail_ready():
                raise UserError(
                    self.env._(
                        "No mail leaves this clinic: no outgoing mail server is set "
                        "up. Nothing was sent to %(contact)s. Enter a phone, or let "
                        "the patient scan the code of the receipt. The administrator "
                        "sets up a server under Settings, Outgoing Mail Servers.",
                        contact=contact,
                    )
                )
        elif not self.receipt_id.company_id._clinic_sms_ready():
            raise UserError(
                self.env._(
                    "No SMS leaves this clinic: no SMS gateway is set up. Nothing was "
                    "sent to %(contact)s. Enter a mail address, or let the patient "
                    "scan the code of the receipt. The administrator sets up a gateway "
                    "under Configuration, Notices.",
                    contact=contact,
                )
            )
