from odoo import fields, models

from .clinic_price_profile import PriceRequest


class ProductProduct(models.Model):
    _inherit = "product.product"

    def _clinic_price(self, patient=None, specialist=None, date=None):
        """Return what the service costs this patient with this specialist.

        Decided by ``clinic.price.profile``: agreements, programmes, price lists.
        """
        super()._clinic_price(patient, specialist, date)
        return self._clinic_prices(patient, specialist, date)[self.id]

    def _clinic_prices(self, patient=None, specialist=None, date=None, branch=None):
        """Return {id: price} of these services, in six queries whatever their number.

        :param date: a day, or the naive UTC moment of the visit; now if not given.
        """
        moment = day = None
        if date and hasattr(date, "hour"):
            moment = date
            day = (
                branch._localize(date)
                if branch
                else fields.Datetime.context_timestamp(self, date)
            ).date()
        elif date:
            day = date
        requests = [
            PriceRequest(
                patient_id=patient.id if patient else None,
                specialist_id=specialist.id if specialist else None,
                service_id=service.id,
                date=day,
                branch_id=branch.id if branch else None,
                moment=moment,
            )
            for service in self
        ]
        decisions = self.env["clinic.price.profile"]._resolve_many(requests)
        return {
            request.service_id: decision.price
            for request, decision in zip(requests, decisions, strict=True)
        }
