from odoo import models


class ClinicBillableMixin(models.AbstractModel):
    """What can be charged for: an appointment, a laboratory order, a procedure.

    A model that inherits it says what is charged, to whom and for whom; the
    finance addon makes the documents and knows nothing else of the model.
    """

    _name = "clinic.billable.mixin"
    _description = "Billable"

    def _get_charge_vals(self) -> list[dict]:
        """Return what to charge for, one dict a line.

        Keys: ``product_id`` (id), ``quantity``, ``name``, ``date``; optionally
        ``discount`` in percent and ``price_unit`` where no price list decides.
        """
        self.ensure_one()
        return []

    def _get_charge_patient(self):
        """Return the patient the service was given to."""
        self.ensure_one()
        return self.env["res.partner"]

    def _get_charge_partner(self):
        """Return who pays: the payer of the patient unless overridden."""
        self.ensure_one()
        return self._get_charge_patient()._clinic_payer()
