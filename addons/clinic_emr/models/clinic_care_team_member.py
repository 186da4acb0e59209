from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain


class ClinicCareTeamMember(models.Model):
    """A specialist in a care team, for a time or until further notice."""

    _name = "clinic.care.team.member"
    _description = "Member of a Care Team"
    _order = "start desc, id desc"
    _rec_name = "user_id"

    team_id = fields.Many2one(
        "clinic.care.team", required=True, index=True, ondelete="cascade"
    )
    user_id = fields.Many2one(
        "res.users",
        string="Specialist",
        required=True,
        index=True,
        ondelete="restrict",
        domain=lambda self: [
            ("all_group_ids", "in", self.env.ref("clinic_base.group_specialist").ids)
        ],
    )
    start = fields.Datetime(
        string="From", required=True, default=fields.Datetime.now, copy=False
    )
    stop = fields.Datetime(string="Until", copy=False)
    is_current = fields.Boolean(string="Now", compute="_compute_is_current")

    _stop_after_start = models.Constraint(
        "CHECK(stop IS NULL OR stop > start)", "The end must be later than the start."
    )

    @api.depends("start", "stop")
    def _compute_is_current(self):
        now = fields.Datetime.now()
        for member in self:
            member.is_current = bool(
                member.start
                and member.start <= now
                and (not member.stop or member.stop > now)
            )

    @api.constrains("user_id", "team_id", "stop")
    def _check_user(self):
        for member in self:
            if not member.user_id.has_group("clinic_base.group_specialist"):
                raise ValidationError(
                    self.env._(
                        "%(user)s is not a specialist: a care team opens records to "
                        "specialists only.",
                        user=member.user_id.name,
                    )
                )
            if member.team_id.kind == "duty" and not member.stop:
                raise ValidationError(
                    self.env._(
                        "A duty ends: say until when %(user)s is on duty.",
                        user=member.user_id.name,
                    )
                )

    @api.model
    def _current_domain(self):
        """Return the domain of memberships that hold at this moment."""
        now = fields.Datetime.now()
        return Domain("start", "<=", now) & (
            Domain("stop", "=", False) | Domain("stop", ">", now)
        )
