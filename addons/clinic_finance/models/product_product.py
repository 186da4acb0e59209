from odoo import models


class ProductProduct(models.Model):
    _inherit = "product.product"

    def _clinic_price(self, patient=None, specialist=None, date=None):
        """Follow the patient's price list; without a patient the base price."""
        base = super()._clinic_price(patient, specialist, date)
        if not patient:
            return base
        # Sudo: whoever books tells the price, and needs no rights on price lists.
        return patient.sudo().property_product_pricelist._get_product_price(
            self, 1.0, currency=self.env.company.currency_id, date=date
        )
