from odoo import fields, models


class ClinicBranch(models.Model):
    _inherit = "clinic.branch"

    pricelist_id = fields.Many2one(
        "product.pricelist",
        string="Price List",
        check_company=True,
        index="btree_not_null",
        ondelete="restrict",
        help="Prices of this branch; what is not on the list costs the same as "
        "everywhere.",
    )
