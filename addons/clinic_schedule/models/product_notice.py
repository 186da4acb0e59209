from odoo import fields, models


class ProductTemplate(models.Model):
    _inherit = "product.template"

    notice_name = fields.Char(
        string="Name in Notices",
        translate=True,
        help="What SMS and mails call it. Left empty it is just a “visit”: a message "
        "is read by others too, and a name may reveal why the patient comes.",
    )


class ProductProduct(models.Model):
    _inherit = "product.product"

    def _notice_name(self):
        """Return what messages to patients call the service, revealing nothing."""
        return self.notice_name or self.env._("visit")
