from odoo import api, fields, models


class ClinicWallTime(models.AbstractModel):
    """What has moments that people read by the clock on the wall of a branch.

    Views show them with ``widget="clinic_wall_time"``: the column stays a moment to
    sort, filter and group by, and the zone of the browser does not matter.
    """

    _name = "clinic.wall.time"
    _description = "Moments by the Clock on the Wall"

    # sudo: the zone of a branch is no secret, whatever belongs to that branch
    wall_tz = fields.Char(
        string="Time Zone",
        compute="_compute_wall_tz",
        compute_sudo=True,
        exportable=False,
    )

    @api.depends_context("uid", "company")
    def _compute_wall_tz(self):
        own_sudo = self.env["clinic.branch"]._of_reader_sudo()
        for row in self:
            row.wall_tz = (row._wall_branch() or own_sudo)._tz().zone

    def _wall_branch(self):
        """Return the branch whose clock dates this; none: that of whoever reads."""
        return self.env["clinic.branch"]
