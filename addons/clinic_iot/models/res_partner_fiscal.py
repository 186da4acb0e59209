from odoo import fields, models


class ResPartner(models.Model):
    _inherit = "res.partner"

    clinic_fiscal_receipt_ids = fields.One2many(
        "clinic.fiscal.receipt",
        "partner_id",
        string="Fiscal Receipts",
        readonly=True,
        groups="clinic_finance.group_payment_viewer",
    )
