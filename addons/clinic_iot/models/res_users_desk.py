from odoo import fields, models


class ResUsers(models.Model):
    _inherit = "res.users"

    clinic_desk_id = fields.Many2one(
        "clinic.cash.desk",
        string="Cash Desk",
        copy=False,
        help="Where the user has taken payments last.",
    )
