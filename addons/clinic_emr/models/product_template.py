from odoo import fields, models


class ProductTemplate(models.Model):
    _inherit = "product.template"

    consent_template_ids = fields.Many2many(
        "clinic.document.template",
        "clinic_service_consent_rel",
        "product_tmpl_id",
        "template_id",
        string="Consents Needed",
        domain=[("kind", "=", "consent")],
        help="Visits for this service say that these are to be signed.",
    )
