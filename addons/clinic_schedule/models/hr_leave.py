from datetime import datetime, time, timedelta

from odoo import models


class HrLeave(models.Model):
    _inherit = "hr.leave"

    def _get_leaves_on_public_holiday(self):
        """A specialist with shifts then is supposed to work, whatever the calendar."""
        idle = super()._get_leaves_on_public_holiday()
        return idle - idle.filtered(lambda leave: leave._clinic_shifts())

    def _clinic_specialist(self):
        """Return the specialist whose time off this is, if it is one's."""
        self.ensure_one()
        # sudo: who approves time off need not know the schedule
        specialists_sudo = self.env["clinic.specialist"].sudo()
        return specialists_sudo.search(
            [("employee_id", "=", self.employee_id.id)], limit=1
        )

    def _clinic_shifts(self):
        """Return the shifts on the days of this time off."""
        shifts_sudo = self.env["clinic.shift"].sudo()
        specialist_sudo = self._clinic_specialist()
        if not specialist_sudo:
            return shifts_sudo
        near = timedelta(days=1)
        return shifts_sudo.search(
            [
                ("specialist_id", "=", specialist_sudo.id),
                ("start", "<", datetime.combine(self.request_date_to, time.max) + near),
                ("stop", ">", datetime.combine(self.request_date_from, time()) - near),
            ]
        ).filtered(
            lambda shift: (
                shift.branch_id._localize(shift.start).date() <= self.request_date_to
                and shift.branch_id._localize(shift.stop).date()
                >= self.request_date_from
            )
        )
