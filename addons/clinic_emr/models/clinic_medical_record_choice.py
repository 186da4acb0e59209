from odoo import api, models


class ClinicMedicalRecord(models.Model):
    _inherit = "clinic.medical.record"

    @api.model
    def web_name_search(
        self, name, specification, domain=None, operator="ilike", limit=100
    ):
        """Offer records by the patients' names; the one chosen shows its number only.

        Only what the user may read is found, so that no name gets past the rules.
        """
        found = super().web_name_search(name, specification, domain, operator, limit)
        if set(specification) == {"display_name"}:
            records = self.browse([one["id"] for one in found])
            for record, one in zip(records, found, strict=True):
                patient = record.patient_id
                one["__formatted_display_name"] = (
                    f"{patient.name} --{patient.patient_number or ''}--"
                )
        return found
