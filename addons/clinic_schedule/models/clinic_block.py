from odoo import api, fields, models
from odoo.exceptions import UserError

from .clinic_claim import DEVICE, ROOM, SPECIALIST, ClaimClash, Thing


class ClinicBlock(models.Model):
    """Time taken from a specialist or a room for anything but patients."""

    _name = "clinic.block"
    _description = "Blocked Time"
    _order = "start desc, id desc"
    _check_company_auto = True

    name = fields.Char(
        string="Reason", required=True, help="Colleagues see it: nothing medical here."
    )
    specialist_id = fields.Many2one(
        "clinic.specialist", index="btree_not_null", ondelete="cascade"
    )
    room_id = fields.Many2one("clinic.room", index="btree_not_null", ondelete="cascade")
    device_id = fields.Many2one(
        "clinic.device", index="btree_not_null", ondelete="cascade"
    )
    start = fields.Datetime(required=True)
    stop = fields.Datetime(required=True)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    local_time = fields.Char(compute="_compute_local_time", string="Time")
    claim_ids = fields.One2many("clinic.claim", "block_id", groups="base.group_system")

    _one_thing = models.Constraint(
        "CHECK(num_nonnulls(specialist_id, room_id, device_id) = 1)",
        "Choose a specialist, a room or a device to block.",
    )
    _stop_after_start = models.Constraint(
        "CHECK(stop > start)", "The block must end after it starts."
    )

    @api.depends("start", "stop", "specialist_id.branch_ids.tz", "room_id.branch_id.tz")
    @api.depends_context("lang")
    def _compute_local_time(self):
        for block in self:
            branch = block.room_id.branch_id or block.specialist_id.branch_ids[:1]
            block.local_time = ""
            if block.start and block.stop:
                same_day = (
                    branch._localize(block.start).date()
                    == branch._localize(block.stop).date()
                )
                stop = (
                    f"{branch._localize(block.stop):%H:%M}"
                    if same_day
                    else branch._format_local(block.stop)
                )
                block.local_time = f"{branch._format_local(block.start)}–{stop}"

    @api.model_create_multi
    def create(self, vals_list):
        blocks = super().create(vals_list)
        blocks._claim()
        return blocks

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() & {"specialist_id", "room_id", "device_id", "start", "stop"}:
            self._claim()
        return result

    def _claim(self):
        # Nobody has rights on the ledger itself; who may write the block may claim.
        ledger_sudo = self.env["clinic.claim"].sudo()
        self.flush_recordset()
        for block in self:
            ledger_sudo.search([("block_id", "=", block.id)]).unlink()
            things = [Thing(SPECIALIST, block.specialist_id.id)]
            if block.room_id:
                things = [
                    Thing(ROOM, block.room_id.id, seat)
                    for seat in range(block.room_id.capacity)
                ]
            elif block.device_id:
                things = [Thing(DEVICE, block.device_id.id)]
            try:
                claims_sudo = ledger_sudo._take(
                    block.start, block.stop, things, kind="block"
                )
            except ClaimClash as clash:
                raise UserError(block._clash_message()) from clash
            claims_sudo.block_id = block.id

    def _clash_message(self):
        """Return the refusal with the visits in the way, for the one who blocks."""
        owner = "specialist_id" if self.specialist_id else "room_id"
        appointments = self.env["clinic.appointment"].search(
            [
                (owner, "=", self[owner].id),
                ("start", "<", self.stop),
                ("stop", ">", self.start),
                ("state", "not in", ("cancelled", "noshow")),
            ],
            order="start",
            limit=10,
        )
        return self.env._(
            "%(name)s is not free for this block. Move or cancel first: %(visits)s",
            name=self[owner].display_name,
            visits=", ".join(
                f"{visit.name} ({visit.local_time})" for visit in appointments
            )
            or self.env._("another block or a booking made this minute"),
        )
