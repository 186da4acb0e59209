from odoo import api, models


class ProductProduct(models.Model):
    _inherit = "product.product"

    @api.model
    def _clinic_web_services(self):
        """Return the services offered on the website."""
        return self.search(
            [("is_clinic_service", "=", True), ("sale_ok", "=", True)],
            order="name, id",
        )

    def _clinic_web_prices(self, patient=None):
        """Return the prices by id, in as many queries as for one."""
        # From where the invoice takes it: agreements and programmes count too.
        return self._clinic_prices(patient)

    def _clinic_web_price(self, patient=None):
        """Return what the visit will cost."""
        self.ensure_one()
        return self._clinic_web_prices(patient)[self.id]
