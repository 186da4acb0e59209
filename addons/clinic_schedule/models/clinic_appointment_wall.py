from odoo import api, fields, models


class ClinicAppointmentWall(models.Model):
    """The moments of a visit by the clock of its branch."""

    _name = "clinic.appointment"
    _inherit = ["clinic.appointment", "clinic.local.day.mixin"]

    hold_until_local = fields.Char(
        compute="_compute_wall_moments", string="Held Until (Branch Time)"
    )
    arrived_local = fields.Char(
        compute="_compute_wall_moments", string="Arrived (Branch Time)"
    )
    started_local = fields.Char(
        compute="_compute_wall_moments", string="Started (Branch Time)"
    )
    fulfilled_local = fields.Char(
        compute="_compute_wall_moments", string="Done (Branch Time)"
    )

    confirmed_local = fields.Char(
        compute="_compute_wall_moments", string="Confirmed (Branch Time)"
    )
    last_call_local = fields.Char(
        compute="_compute_wall_moments", string="Last Call (Branch Time)"
    )

    @api.depends(
        "hold_until",
        "arrived_at",
        "started_at",
        "fulfilled_at",
        "confirmed_at",
        "last_call_at",
        "branch_id.tz",
    )
    @api.depends_context("lang")
    def _compute_wall_moments(self):
        for visit in self:
            branch = visit.branch_id
            visit.hold_until_local = branch._format_local(visit.hold_until)
            visit.arrived_local = branch._format_local(visit.arrived_at)
            visit.started_local = branch._format_local(visit.started_at)
            visit.confirmed_local = branch._format_local(visit.confirmed_at)
            visit.last_call_local = branch._format_local(visit.last_call_at)
            visit.fulfilled_local = branch._format_local(visit.fulfilled_at)
