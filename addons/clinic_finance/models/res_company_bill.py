from odoo import fields, models
from odoo.tools.sql import column_exists, create_column


class ResCompany(models.Model):
    _inherit = "res.company"

    clinic_bill_queue = fields.Boolean(
        string="Pay Only Approved Bills",
        help="Every vendor bill stands in the queue of bills, and is paid after it is "
        "approved there.",
    )

    def _auto_init(self):
        """Clinics that are there already work with the queue; others choose it."""
        cr = self.env.cr
        if not column_exists(cr, self._table, "clinic_bill_queue"):
            create_column(cr, self._table, "clinic_bill_queue", "bool")
            cr.execute("UPDATE res_company SET clinic_bill_queue = TRUE")
        return super()._auto_init()
