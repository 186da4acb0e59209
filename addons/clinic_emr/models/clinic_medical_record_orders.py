import re

from odoo import fields, models


class ClinicMedicalRecord(models.Model):
    _inherit = "clinic.medical.record"

    service_request_ids = fields.One2many(
        "clinic.service.request", "record_id", string="Referrals and Orders"
    )
    medication_request_ids = fields.One2many(
        "clinic.medication.request", "record_id", string="Prescriptions"
    )

    def _order_models(self):
        """Return the models whose entries follow the record in a merge."""
        return sorted(self.env.registry.descendants(["clinic.order.mixin"], "_inherit"))

    def _allergy_texts(self):
        """Return the patient's allergies, each as it was written down."""
        texts = re.split(r"[\n;,]", self.allergy_note or "")
        if hasattr(self, "_allergies"):
            texts += self._allergies().mapped("substance")
        return [text.strip() for text in texts if text and text.strip()]

    def _absorb(self, other):
        """Take along the orders that belong to no visit; the others follow theirs."""
        for name in self._order_models():
            if self.env[name]._abstract:
                continue
            # sudo: a merge changes whose card it is, not what was ordered
            self.env[name].sudo().with_context(active_test=False).search(
                [("record_id", "in", other.ids), ("encounter_id", "=", False)]
            ).write({"record_id": self.id})
        # sudo: as above; documents of a visit, too, keep the record they belong to
        self.env["clinic.document"].sudo().with_context(active_test=False).search(
            [("record_id", "in", other.ids)]
        ).write({"record_id": self.id})
        return super()._absorb(other)
