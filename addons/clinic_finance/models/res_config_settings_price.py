from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    clinic_pricelist_id = fields.Many2one(
        related="company_id.clinic_pricelist_id", readonly=False
    )
