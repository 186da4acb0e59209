from odoo import api, models


class ClinicLinkOffer(models.AbstractModel):
    _inherit = "clinic.link.offer"

    @api.model
    def _booking_url(self, record):
        """Return the page where the patient books the same service by himself."""
        super()._booking_url(record)
        return f"/clinic/book?service={record.service_id.id}"
