from datetime import date, timedelta

from odoo import api, fields, models

# 323-FZ, articles 20 and 54: from this age on a patient consents for himself
AGE_OF_CONSENT = 15
# a consent that ends within this time is worth asking for anew
CONSENT_NOTICE_DAYS = 14


class ResPartner(models.Model):
    """Who signs for a patient, and which of the consents end."""

    _inherit = "res.partner"

    clinic_consent_notice = fields.Text(compute="_compute_clinic_consent_notice")

    @api.depends(
        "clinic_consent_ids.state",
        "clinic_consent_ids.valid_until",
        "clinic_consent_ids.template_id",
    )
    @api.depends_context("lang")
    def _compute_clinic_consent_notice(self):
        for partner in self:
            partner.clinic_consent_notice = "\n".join(
                consent._notice() for consent in partner._clinic_ending_consents()
            )

    @api.model
    def _clinic_age_of_consent(self):
        """Return the age from which a patient consents for himself."""
        # sudo: a setting of the clinic that says nothing about anybody
        value = (
            self.env["ir.config_parameter"]
            .sudo()
            .get_param("clinic_base.age_of_consent")
        )
        return int(value) if value and value.isdecimal() else AGE_OF_CONSENT

    def _clinic_signers(self):
        """Return who may sign for the patient: the patient and the guardians."""
        return self | self.guardian_ids

    def _clinic_usual_signer(self, age=None):
        """Return who signs if nobody else is chosen.

        :param age: from which the patient signs; by default the age of consent
        """
        self.ensure_one()
        limit = self._clinic_age_of_consent() if age is None else age
        is_ward = self.birthdate_date and self.age < limit
        return (is_ward and self.guardian_ids[:1]) or self

    def _clinic_ending_consents(self):
        """Return consents that end soon or ended lately and were not given anew."""
        today = fields.Date.context_today(self)
        notice = timedelta(days=CONSENT_NOTICE_DAYS)
        given = self.clinic_consent_ids.filtered(lambda one: one.state == "given")
        latest = {}
        # of each text's kind the one that lasts longest counts
        for consent in given.sorted(lambda one: one.valid_until or date.max):
            latest[consent.patient_id, consent.kind] = consent
        return given.browse().union(
            *(
                consent
                for consent in latest.values()
                if consent.valid_until
                and today - notice <= consent.valid_until <= today + notice
            )
        )
