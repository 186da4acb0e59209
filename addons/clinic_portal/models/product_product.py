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
        # What a price is made of is read for all at once, or each asks for itself.
        for name in (
            "list_price",
            "currency_id",
            "product_template_attribute_value_ids",
        ):
            self.mapped(name)
        return {service.id: service._clinic_web_price(patient) for service in self}

    def _clinic_web_price(self, patient=None):
        """Return what the visit will cost, from where the invoice takes it."""
        self.ensure_one()
        visit = self.env["clinic.appointment"].new(
            {"service_id": self.id, "patient_id": patient.id if patient else False}
        )
        return visit._get_price()
