from odoo import api, models


class ProductProduct(models.Model):
    _inherit = "product.product"

    @api.model_create_multi
    def create(self, vals_list):
        # Before the defaults of the variant would decide for the template.
        for vals in vals_list:
            if vals.get("is_clinic_service"):
                self.product_tmpl_id._set_clinic_service_defaults(vals)
        return super().create(vals_list)

    def _clinic_specialists(self):
        """Return the active specialists who may do the service."""
        self.ensure_one()
        if not self.is_clinic_service:
            return self.env["clinic.specialist"]
        return self.env["clinic.specialist"].search(
            [("specialty_ids", "in", self.specialty_ids.ids)]
        )
