from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import plaintext2html


class ClinicTopupLink(models.TransientModel):
    """A link by which a person's account is topped up online."""

    _name = "clinic.topup.link"
    _description = "Link to Top Up an Account"

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    partner_id = fields.Many2one("res.partner", required=True, readonly=True)
    amount = fields.Monetary(compute="_compute_amount", store=True, readonly=False)
    url = fields.Char(string="Link", compute="_compute_url")
    phone = fields.Char(compute="_compute_addresses")
    email = fields.Char(compute="_compute_addresses")

    @api.depends("partner_id")
    def _compute_addresses(self):
        for wizard in self:
            payer = wizard.partner_id
            wizard.phone = payer._notice_address("sms")
            wizard.email = payer._notice_address("email")

    @api.depends("partner_id", "company_id")
    def _compute_amount(self):
        for wizard in self:
            # Sudo: the debt is shown to who takes payments, as the payment screen does.
            balance = wizard.partner_id.sudo()._clinic_balance_in(wizard.company_id)
            wizard.amount = max(-balance, 0.0)

    @api.depends("partner_id", "company_id", "amount")
    def _compute_url(self):
        for wizard in self:
            # Sudo: the signature is made with the secret of the database.
            wizard.url = (
                wizard.partner_id.sudo()._clinic_topup_url(
                    wizard.amount, wizard.company_id
                )
                if wizard.amount > 0
                else False
            )

    def action_send_sms(self):
        """Text the link to the payer."""
        words = self._check_link(self.phone)
        # Sudo: the link is texted by whoever may make it, with no rights on messages.
        self.env["sms.sms"].sudo().create(
            {"partner_id": self.partner_id.id, "number": self.phone, "body": words}
        )
        return self._sent_to(self.phone)

    def action_send_email(self):
        """Mail the link to the payer."""
        words = self._check_link(self.email)
        sender = self.company_id.email_formatted or self.env.user.email_formatted
        # Sudo: as above.
        self.env["mail.mail"].sudo().create(
            {
                "subject": self._in_words_of_payer().env._(
                    "Payment to %s", self.company_id.name
                ),
                "body_html": plaintext2html(words),
                "email_from": sender,
                "email_to": self.email,
                "auto_delete": True,
            }
        )
        return self._sent_to(self.email)

    def _in_words_of_payer(self):
        lang = self.partner_id.lang or self.env.lang
        return self.with_context(lang=lang)

    def _check_link(self, address):
        """Return what is written to the payer; refuse without a sum or an address."""
        self.ensure_one()
        if not self.url or not address:
            raise UserError(self.env._("Enter the sum to pay, and how to reach them."))
        wizard = self._in_words_of_payer()
        return wizard.env._(
            "%(clinic)s: to pay %(amount)s to the personal account %(number)s, open "
            "%(url)s",
            clinic=self.company_id.name,
            amount=wizard.currency_id.format(self.amount),
            number=self.partner_id.clinic_account_number,
            url=self.url,
        )

    def _sent_to(self, address):
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "message": self.env._("The link goes to %s.", address),
                "type": "success",
                "next": {"type": "ir.actions.act_window_close"},
            },
        }
