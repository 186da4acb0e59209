from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    clinic_pricelist_id = fields.Many2one(
        "product.pricelist",
        string="Base Price List",
        check_company=True,
        ondelete="restrict",
        help="Dated prices for everybody, e.g. those of next month. A service that is "
        "not on it costs what its card says.",
    )
