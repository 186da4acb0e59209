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
