from odoo import api, models
from odoo.fields import Domain


class ProductProduct(models.Model):
    _inherit = "product.product"

    @api.model_create_multi
    def create(self, vals_list):
        # Before the defaults of the variant would decide for the template.
        for vals in vals_list:
            if vals.get("is_clinic_service"):
                self.product_tmpl_id._set_clinic_service_defaults(vals)
        return super().create(vals_list)

    @api.model
    def name_search(self, name="", domain=None, operator="ilike", limit=100):
        """Find a service by the beginnings of several of its words, too."""
        found = super().name_search(name, domain, operator, limit)
        words = (name or "").split()
        if found or operator != "ilike" or len(words) < 2:
            return found
        services = self.search_fetch(
            Domain(domain or Domain.TRUE)
            & Domain("is_clinic_service", "=", True)
            & Domain.AND(Domain("name", "ilike", word) for word in words),
            ["display_name"],
            limit=limit,
        )
        return [(service.id, service.display_name) for service in services.sudo()]

    def _clinic_specialists(self):
        """Return the active specialists who may do the service."""
        self.ensure_one()
        if not self.is_clinic_service:
            return self.env["clinic.specialist"]
        return self.env["clinic.specialist"].search(
            [("specialty_ids", "in", self.specialty_ids.ids)]
        )
