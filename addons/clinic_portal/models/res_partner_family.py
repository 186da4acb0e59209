from odoo import models
from odoo.exceptions import UserError

ADULT = 18


class ResPartner(models.Model):
    """For whom a person acts in the personal account."""

    _inherit = "res.partner"

    def _clinic_decides_alone(self):
        """Tell whether the person has reached the age of consent.

        323-FZ, article 54: from it on the medical secrets are the patient's own.
        """
        self.ensure_one()
        return bool(self.birthdate_date and self.age >= self._clinic_age_of_consent())

    def _clinic_may_act(self):
        """Tell whether the person is old enough to act for others."""
        self.ensure_one()
        return bool(self.birthdate_date and self.age >= ADULT)

    def _clinic_wards(self):
        """Return the wards who are still too young to decide themselves."""
        return self.ward_ids.filtered(
            lambda ward: ward.active and not ward._clinic_decides_alone()
        )

    def _clinic_family(self):
        """Return the persons, their wards below the age of consent, and who let them.

        Worked out anew each time: whoever is no guardian any more, or whose leave was
        taken back, has nothing left to see from that moment.
        """
        family = super()._clinic_family()
        grown = (family - self) - self._clinic_wards()
        return (family - grown) | self._clinic_proxies_sudo().patient_id

    def _clinic_record_family(self):
        """Return those of the family whose medical part the persons may see too."""
        leaves_sudo = self._clinic_proxies_sudo()
        visits_only = leaves_sudo.filtered(lambda leave: leave.scope != "all")
        return self._clinic_family() - (visits_only.patient_id - self._clinic_wards())

    def _clinic_proxies_sudo(self):
        """Return the leaves by which the persons act for others today."""
        # Portal users may not read the leaves; what they allow is the answer here.
        proxies_sudo = self.env["clinic.proxy"].sudo()
        return proxies_sudo.search(proxies_sudo._in_force_domain(self))

    def _clinic_add_child(self, person, consent_kinds=()):
        """Return the new card of a child whose guardian the person says to be.

        Always a new card, as with the registration: the desk sees the possible
        duplicate and merges the two once it has seen the papers.

        :param dict person: ``name, birthdate_date, gender`` and maybe ``phone``
        """
        self.ensure_one()
        if not self._clinic_may_act():
            raise UserError(
                self.env._("Only an adult whose birth date we know may add a child.")
            )
        child = self.create(
            {**person, "is_patient": True, "guardian_ids": [(4, self.id)]}
        )
        for kind in consent_kinds:
            self.env["clinic.consent"]._give(
                child, kind, given_by=self, channel="portal"
            )
        return child
