from odoo import api, models
from odoo.exceptions import UserError

MOST_WISHES = 5


class ClinicWaitlist(models.Model):
    _inherit = "clinic.waitlist"

    @api.model
    def _clinic_web_wait(self, vals):
        """Put a patient on the waiting list from the website; return the entry."""
        waiting = self.search_count(
            [
                ("patient_id", "=", vals["patient_id"]),
                ("state", "in", ("open", "offered")),
            ],
            limit=MOST_WISHES,
        )
        if waiting >= MOST_WISHES:
            raise UserError(
                self.env._(
                    "There are %(count)s wishes on the waiting list already. Take one "
                    "off the list first.",
                    count=MOST_WISHES,
                )
            )
        return self.create(vals)

    def _sees_offers(self):
        """Whoever may act for the patient in the cabinet sees the offers there."""
        if super()._sees_offers():
            return True
        # sudo: accounts and leaves, to act by and not to show
        patient_sudo = self.sudo().patient_id
        leaves_sudo = self.env["clinic.proxy"].sudo()
        leaves_sudo = leaves_sudo.search([("patient_id", "=", patient_sudo.id)])
        people_sudo = patient_sudo | patient_sudo.guardian_ids | leaves_sudo.proxy_id
        return any(
            person_sudo.user_ids and patient_sudo in person_sudo._clinic_family()
            for person_sudo in people_sudo
        )
