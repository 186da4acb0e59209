from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    clinic_cash_journal_id = fields.Many2one(
        related="company_id.clinic_cash_journal_id", readonly=False
    )
    clinic_card_journal_id = fields.Many2one(
        related="company_id.clinic_card_journal_id", readonly=False
    )
    clinic_noshow_policy = fields.Selection(
        related="company_id.clinic_noshow_policy", readonly=False, required=True
    )
