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

    def _clinic_web_price(self, patient=None):
        """Return what the visit will cost, from where the invoice takes it."""
        self.ensure_one()
        visit = self.env["clinic.appointment"].new(
            {"service_id": self.id, "patient_id": patient.id if patient else False}
        )
        return visit._get_price()
