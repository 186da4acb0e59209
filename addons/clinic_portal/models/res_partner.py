from odoo import api, models
from odoo.fields import Domain

CONSENT_KINDS_ON_WEB = ("personal_data", "treatment")
CONSENT_KINDS_REQUIRED = ("personal_data",)


class ResPartner(models.Model):
    _inherit = "res.partner"

    def _clinic_agreed(self, kind):
        """Tell whether the text in force was agreed to and not withdrawn."""
        self.ensure_one()
        template = self.env["clinic.consent.template"]._current(kind)
        Consent = self.env["clinic.consent"]
        return not template or bool(
            Consent.search_count(
                Consent._in_force_domain()
                & Domain("patient_id", "=", self.id)
                & Domain("template_id", "=", template.id),
                limit=1,
            )
        )

    def _clinic_can_book(self):
        """Tell whether all is known that a booking from the website needs."""
        self.ensure_one()
        return bool(
            self.is_patient
            # a child is called on the phone of a guardian
            and (self.phone or any(self.guardian_ids.mapped("phone")))
            and self.birthdate_date
            and self.gender
            and all(self._clinic_agreed(kind) for kind in CONSENT_KINDS_REQUIRED)
        )

    @api.model
    def _clinic_consents_to_ask(self, patient=None):
        """Return the texts in force that the patient has not agreed to yet."""
        consents = []
        for kind in CONSENT_KINDS_ON_WEB:
            template = self.env["clinic.consent.template"]._current(kind)
            if template and not (patient and patient._clinic_agreed(kind)):
                consents.append(
                    {
                        "id": template.id,
                        "kind": kind,
                        "name": template.display_name,
                        "body": template.body,
                        "required": kind in CONSENT_KINDS_REQUIRED,
                    }
                )
        return consents

    def _clinic_give_consents(self, kinds):
        """Register what was ticked on the website."""
        self.ensure_one()
        for kind in kinds:
            self.env["clinic.consent"]._give(self, kind, given_by=self, channel="web")
