from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ClinicDeviceKind(models.Model):
    """What a service asks for: any device of the kind will do."""

    _name = "clinic.device.kind"
    _description = "Kind of Device"
    _order = "sequence, name"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    device_ids = fields.One2many("clinic.device", "kind_id")
    device_count = fields.Integer(compute="_compute_device_count")

    @api.depends("device_ids.active")
    def _compute_device_count(self):
        for kind in self:
            kind.device_count = len(kind.device_ids)


class ClinicDevice(models.Model):
    """A thing that serves one visit (or one group session) at a time."""

    _name = "clinic.device"
    _description = "Device"
    _order = "branch_id, kind_id, sequence, name"

    name = fields.Char(required=True)
    code = fields.Char(string="Inventory Number")
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    kind_id = fields.Many2one(
        "clinic.device.kind", required=True, index=True, ondelete="restrict"
    )
    branch_id = fields.Many2one(
        "clinic.branch", required=True, index=True, ondelete="restrict"
    )
    room_id = fields.Many2one(
        "clinic.room",
        string="Fixed in Room",
        index="btree_not_null",
        ondelete="restrict",
        domain="[('branch_id', '=', branch_id)]",
        help="Used in this room only; empty for a device that is carried about.",
    )
    company_id = fields.Many2one(related="branch_id.company_id", store=True, index=True)

    _name_branch_uniq = models.Constraint(
        "UNIQUE(branch_id, name)", "The branch has a device of this name already."
    )

    @api.constrains("room_id", "branch_id")
    def _check_room(self):
        for device in self:
            if device.room_id and device.room_id.branch_id != device.branch_id:
                raise ValidationError(
                    self.env._(
                        "Room %(room)s is not in branch %(branch)s. Choose a room of "
                        "that branch for “%(device)s”.",
                        room=device.room_id.name,
                        branch=device.branch_id.name,
                        device=device.name,
                    )
                )
