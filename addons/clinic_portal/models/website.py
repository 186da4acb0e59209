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

    def _clinic_specialties(self):
        """Return the specialties somebody can be booked to."""
        specialists_sudo = (
            self.env["clinic.specialist"]
            .sudo()
            .search([("company_id", "=", self.company_id.id)])
        )
        return specialists_sudo.specialty_ids.sorted(lambda s: (s.sequence, s.name))
