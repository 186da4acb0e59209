from odoo import api, fields, models


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
