from odoo import models


class ClinicAppointment(models.Model):
    """The screening a visit came from."""

    _inherit = "clinic.appointment"

    def _after_book(self):
        result = super()._after_book()
        screening_id = self.env.context.get("clinic_screening_id")
        if screening_id and len(self) == 1:
            self._link_screening(screening_id)
        return result

    def _link_screening(self, screening_id):
        """Tie the screening just asked to the visit it ended in.

        Only one that the same person asked and that led to no visit yet: the id comes
        from the screen.
        """
        # sudo: the desk may not read screenings; this one was just asked there
        screening_sudo = (
            self.env["clinic.screening"].sudo().browse(screening_id).exists()
        )
        if screening_sudo.appointment_id or screening_sudo.create_uid != self.env.user:
            return
        visit_sudo = self.sudo()
        visit_sudo.screening_id = screening_sudo
        screening_sudo.write(
            {"appointment_id": visit_sudo.id, "partner_id": visit_sudo.patient_id.id}
        )
        self.env["clinic.screening.step"].sudo()._count(
            f"desk-{screening_sudo.id}", "booked", "desk"
        )
