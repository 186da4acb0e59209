from odoo import fields, models


class AccountMoveLineCharge(models.Model):
    """A line of an invoice or credit note says which charge it is about."""

    _inherit = "account.move.line"

    clinic_charge_id = fields.Many2one(
        "clinic.charge",
        string="Charge",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
