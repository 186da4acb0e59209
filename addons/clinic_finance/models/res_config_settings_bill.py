from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    clinic_bill_queue = fields.Boolean(
        related="company_id.clinic_bill_queue", readonly=False
    )
