from datetime import datetime, time, timedelta

from odoo import api, fields, models


class HrLeave(models.Model):
    _inherit = "hr.leave"

    def _get_leaves_on_public_holiday(self):
        """A specialist with shifts then is supposed to work, whatever the calendar."""
        idle = super()._get_leaves_on_public_holiday()
        return idle - idle.filtered(lambda leave: leave._clinic_shifts())

    clinic_visit_count = fields.Integer(
        compute="_compute_clinic_visits", string="Visits at This Time"
    )
    clinic_rebooking_count = fields.Integer(
        compute="_compute_clinic_visits", string="Visits to Move"
    )

    @api.depends(
        "date_from",
        "date_to",
        "employee_id",
        "request_date_from_period",
        "request_date_to_period",
        "state",
    )
    def _compute_clinic_visits(self):
        """Count the visits the time off lies over: before it is approved, too."""
        leaves = self.env["resource.calendar.leaves"]
        # sudo: only how many there are, for whoever is about to approve
        todos_sudo = self.env["clinic.rebooking"].sudo()
        for leave in self:
            leave.clinic_visit_count = leave.clinic_rebooking_count = 0
            resource = leave.employee_id.sudo().resource_id
            if not (leave.date_from and leave.date_to and resource):
                continue
            leave.clinic_rebooking_count = todos_sudo.search_count(
                [
                    ("reason_model", "=", "hr.leave"),
                    ("reason_id", "=", leave._origin.id),
                    ("state", "=", "open"),
                ]
            )
            if leave.state in ("confirm", "validate1"):
                as_if = leaves.sudo().new(
                    {
                        "date_from": leave.date_from,
                        "date_to": leave.date_to,
                        "resource_id": resource._origin.id,
                    }
                )
                wall = as_if._wall_of(leave.sudo())
                as_if.clinic_wall_from, as_if.clinic_wall_to = wall
                leave.clinic_visit_count = len(as_if._clinic_visits())

    def action_open_rebookings(self):
        """Show the visits that had to be moved because of this time off."""
        self.ensure_one()
        return self.env["clinic.rebooking"]._open_screen(
            [("reason_model", "=", "hr.leave"), ("reason_id", "=", self.id)]
        )

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
