from odoo import models
from odoo.exceptions import UserError


class ClinicAppointment(models.Model):
    _inherit = "clinic.appointment"

    def _check_can_start_encounter(self):
        super()._check_can_start_encounter()
        # sudo: that a visit was withdrawn is told to whoever would write it anew
        withdrawn = (
            self.env["clinic.encounter"]
            .sudo()
            .search_count(
                [("appointment_id", "in", self.ids), ("active", "=", False)], limit=1
            )
        )
        if withdrawn:
            raise UserError(
                self.env._(
                    "The visit of this appointment was withdrawn. The chief physician "
                    "can bring it back."
                )
            )
