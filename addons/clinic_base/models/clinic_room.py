from odoo import fields, models


class ClinicRoom(models.Model):
    _name = "clinic.room"
    _description = "Clinic Room"
    _order = "branch_id, sequence, name"

    name = fields.Char(required=True)
    code = fields.Char()
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    branch_id = fields.Many2one(
        "clinic.branch", required=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one(related="branch_id.company_id", store=True, index=True)
    specialty_ids = fields.Many2many(
        "clinic.specialty",
        string="Specialties",
        help="Who may receive here; leave empty for anybody.",
    )
    capacity = fields.Integer(
        default=1,
        aggregator=None,
        help="How many patients can be received at the same time.",
    )

    _capacity_positive = models.Constraint(
        "CHECK(capacity >= 1)", "A room takes at least one patient."
    )
    _name_branch_uniq = models.Constraint(
        "UNIQUE(branch_id, name)", "The branch has a room of this name already."
    )
