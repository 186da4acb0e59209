from odoo import models


class Website(models.Model):
    _inherit = "website"

    def _clinic_branches(self):
        """Return the branches for the public pages of this website."""
        # Public pages show names and addresses of branches to everybody.
        return (
            self.env["clinic.branch"]
            .sudo()
            .search([("company_id", "=", self.company_id.id)])
        )

    def _clinic_specialists(self):
        """Return the specialists shown to everybody on this website."""
        # Names, photos and specialties are on the clinic's front door.
        return (
            self.env["clinic.specialist"]
            .sudo()
            .search(
                [("company_id", "=", self.company_id.id), ("on_website", "=", True)]
            )
        )

    def _clinic_specialties(self):
        """Return the specialties somebody can be booked to."""
        specialties_sudo = self._clinic_specialists().specialty_ids
        return specialties_sudo.sorted(lambda s: (s.sequence, s.name))

    def _clinic_problems(self):
        """Return the problems somebody here deals with."""
        # Categories in the patients' own words, shown to all.
        return (
            self.env["clinic.problem"]
            .sudo()
            .search([("specialty_ids", "in", self._clinic_specialties().ids)])
        )
