from odoo import api, models


class ProductProduct(models.Model):
    _inherit = "product.product"

    @api.model_create_multi
    def create(self, vals_list):
        services = super().create(vals_list)
        clinical = services.filtered("is_clinic_service")
        if clinical:
            # sudo: the list follows from what was created, by right
            self.env["clinic.skill"].sudo()._sync(services=clinical)
        return services
