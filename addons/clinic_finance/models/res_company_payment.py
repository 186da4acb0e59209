from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    clinic_send_payment_links = fields.Boolean(
        string="Send Payment Links",
        default=True,
        help="Whoever has not paid gets the payment link two days before the visit "
        "and again the day before, if a payment provider is set up.",
    )


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    clinic_send_payment_links = fields.Boolean(
        related="company_id.clinic_send_payment_links", readonly=False
    )
