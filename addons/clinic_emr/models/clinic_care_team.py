from odoo import api, fields, models
from odoo.fields import Domain

KINDS = [
    ("patients", "Named patients"),
    ("colleagues", "Patients of all its members"),
    ("duty", "Patients who are in the branch now"),
]


class ClinicCareTeam(models.Model):
    """Specialists who treat together, and whose records that opens to them.

    Three kinds: a team of named patients, colleagues who stand in for each other, and
    a list of duty, which opens the records of those who are in the branch while the
    duty lasts. The chief physician keeps them. A team may tell what its patients are
    ill with, so nobody else sees any.
    """

    _name = "clinic.care.team"
    _description = "Care Team"
    _order = "name, id"

    name = fields.Char(required=True)
    active = fields.Boolean(default=True)
    kind = fields.Selection(
        KINDS,
        string="Opens to Its Members",
        required=True,
        default="patients",
    )
    branch_id = fields.Many2one(
        "clinic.branch", ondelete="restrict", help="Where the duty is done."
    )
    member_ids = fields.One2many("clinic.care.team.member", "team_id", string="Members")
    patient_ids = fields.One2many(
        "clinic.care.team.patient", "team_id", string="Patients"
    )
    member_names = fields.Char(string="Members Now", compute="_compute_member_names")

    _duty_has_branch = models.Constraint(
        "CHECK(kind <> 'duty' OR branch_id IS NOT NULL)",
        "Duty is done in a branch: choose it.",
    )

    @api.depends("member_ids.user_id", "member_ids.start", "member_ids.stop")
    def _compute_member_names(self):
        for team in self:
            current = team.member_ids.filtered(lambda member: member.is_current)
            team.member_names = ", ".join(current.user_id.mapped("name"))

    def _export_rows(self, fields, *, _is_toplevel_call=True):
        # the ORM hands out external ids unasked: which rows exist is a secret here
        self.check_access("read")
        return super()._export_rows(fields, _is_toplevel_call=_is_toplevel_call)

    @api.model
    def _mine_domain(self):
        """Return the domain of teams that the current user is a member of now."""
        # sudo: a member need not see the list of members
        Member = self.env["clinic.care.team.member"].sudo()
        mine = Member._search(
            Member._current_domain() & Domain("user_id", "=", self.env.uid)
        )
        return Domain("active", "=", True) & Domain(
            "id", "in", mine.subselect("team_id")
        )
