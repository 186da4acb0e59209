from odoo import api, fields, models
from odoo.exceptions import UserError

from ..tools.windows import from_minutes, merge, subtract, to_minutes
from .clinic_appointment import MOVING
from .clinic_claim import DEVICE, ROOM, SPECIALIST, ClaimClash, Thing

# What the ledger and the visits in the way depend on.
TIMES = {
    "specialist_id",
    "room_id",
    "device_id",
    "branch_id",
    "start",
    "stop",
    "day",
    "day_to",
    "hour_from",
    "hour_to",
    "forced",
}


class ClinicBlock(models.Model):
    """Time taken from a specialist or a room for anything but patients."""

    _name = "clinic.block"
    _description = "Blocked Time"
    _inherit = ["clinic.wall.hours.mixin"]
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
    branch_id = fields.Many2one(
        "clinic.branch",
        compute="_compute_branch_id",
        store=True,
        readonly=False,
        index="btree_not_null",
        help="The hours are those of the clock in this branch.",
    )
    start = fields.Datetime(required=True)
    stop = fields.Datetime(required=True)
    forced = fields.Boolean(
        string="Block All the Same",
        help="The visits at this time stay booked and become visits to move; the block "
        "takes their time as they are moved.",
    )
    in_the_way = fields.Char(compute="_compute_in_the_way")
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

    @api.depends("specialist_id", "room_id", "device_id")
    def _compute_branch_id(self):
        for block in self:
            block.branch_id = block._branch_of(
                block.specialist_id, block.room_id, block.device_id, block.day
            )

    @api.model
    def _branch_of(self, specialist, room, device, day=None):
        """Return the branch by whose clock the block is meant."""
        if room or device:
            return (room or device).branch_id
        shift = self.env["clinic.shift"]
        if specialist and day:
            shift = shift.search(
                [("specialist_id", "=", specialist.ids[0]), ("day", "=", day)], limit=1
            )
        return shift.branch_id or specialist.branch_ids[:1]

    def _wall_branch(self, vals=None):
        vals = vals or {}
        branch = super()._wall_branch(vals)
        if branch:
            return branch

        def record(name):
            model = self._fields[name].comodel_name
            return self.env[model].browse(vals.get(name, self[name].id) or ())

        return self._branch_of(
            record("specialist_id"),
            record("room_id"),
            record("device_id"),
            vals.get("day"),
        )

    @api.depends("start", "stop", "branch_id.tz")
    @api.depends_context("lang")
    def _compute_local_time(self):
        for block in self:
            branch = block.branch_id
            block.local_time = ""
            if block.start and block.stop:
                first, last = (
                    branch._localize(block.start),
                    branch._localize(block.stop),
                )
                stop = (
                    f"{last:%H:%M}"
                    if first.date() == last.date()
                    else branch._format_local(block.stop)
                )
                block.local_time = f"{branch._format_local(block.start)}–{stop}"

    @api.depends(
        "specialist_id", "room_id", "device_id", "day", "day_to", "hour_from", "hour_to"
    )
    @api.depends_context("lang")
    def _compute_in_the_way(self):
        """Say which visits lie there, while the block is being entered."""
        for block in self:
            block.in_the_way = False
            thing = block.specialist_id or block.room_id or block.device_id
            if not (thing and block.day and block.hour_from < 24):
                continue
            names = ("day", "day_to", "hour_from", "hour_to")
            wall = {name: block[name] for name in names}
            times = self.new({})._from_wall({**wall, "branch_id": block.branch_id.id})
            visits = block._visits_between(times["start"], times["stop"])
            block.in_the_way = block._visit_words(visits) if visits else False

    @api.model_create_multi
    def create(self, vals_list):
        blocks = super().create(vals_list)
        blocks._claim()
        blocks._settle(blocks._visits_inside())
        return blocks

    def write(self, vals):
        if not vals.keys() & TIMES:
            return super().write(vals)
        visits = self._visits_inside()
        result = super().write(vals)
        self._claim()
        self._settle(visits | self._visits_inside())
        return result

    def unlink(self):
        visits = self._visits_inside()
        result = super().unlink()
        self._settle(visits)
        return result

    # The ledger -------------------------------------------------------------

    def _claim(self):
        # Nobody has rights on the ledger itself; who may write the block may claim.
        ledger_sudo = self.env["clinic.claim"].sudo()
        self.flush_recordset()
        for block in self:
            ledger_sudo.search([("block_id", "=", block.id)]).unlink()
            things = block._things()
            spans = (
                block._free_spans(things)
                if block.forced
                else [(things, block.start, block.stop)]
            )
            for wanted, start, stop in spans:
                try:
                    claims_sudo = ledger_sudo._take(start, stop, wanted, kind="block")
                except ClaimClash as clash:
                    raise UserError(block._clash_message()) from clash
                claims_sudo.block_id = block.id

    def _things(self):
        if self.room_id:
            return [
                Thing(ROOM, self.room_id.id, seat)
                for seat in range(self.room_id.capacity)
            ]
        if self.device_id:
            return [Thing(DEVICE, self.device_id.id)]
        return [Thing(SPECIALIST, self.specialist_id.id)]

    def _free_spans(self, things):
        """Yield ``([thing], start, stop)`` of what nobody has taken of the block."""
        ledger_sudo = self.env["clinic.claim"].sudo()
        span = (to_minutes(self.start), to_minutes(self.stop, up=True))
        for thing in things:
            claims_sudo = ledger_sudo.search(
                [
                    (thing.column, "=", thing.res_id),
                    ("seat", "=", thing.seat),
                    ("start", "<", self.stop),
                    ("stop", ">", self.start),
                    # An expired hold is nobody's.
                    "|",
                    ("hold_until", "=", False),
                    ("hold_until", ">", fields.Datetime.now()),
                ]
            )
            taken = merge(
                (to_minutes(claim.start), to_minutes(claim.stop, up=True))
                for claim in claims_sudo
            )
            for start, stop in subtract(span, taken):
                yield (
                    [thing],
                    max(from_minutes(start), self.start),
                    min(from_minutes(stop), self.stop),
                )

    @api.model
    def _grow(self, start, stop):
        """Let the blocks put over visits take the time that has just become free."""
        # sudo: the time belongs to the block, whoever moved the visit away
        self.sudo().search(
            [("forced", "=", True), ("start", "<", stop), ("stop", ">", start)]
        )._claim()

    # Visits -----------------------------------------------------------------

    def _visits_inside(self):
        """Return the visits ahead at the time of these blocks."""
        visits_sudo = self.env["clinic.appointment"].sudo()
        for block in self:
            visits_sudo |= block._visits_between(block.start, block.stop)
        return visits_sudo

    def _visits_between(self, start, stop):
        """Return the visits ahead with the same specialist, room or device."""
        if self.device_id:
            owner = ("device_ids", "in", self.device_id.ids)
        elif self.room_id:
            owner = ("room_id", "in", self.room_id.ids)
        else:
            owner = ("specialist_id", "in", self.specialist_id.ids)
        # sudo: who may block the time strands visits, seen by him or not
        return (
            self.env["clinic.appointment"]
            .sudo()
            .search(
                [
                    owner,
                    ("start", "<", stop),
                    ("stop", ">", start),
                    ("state", "in", MOVING),
                    ("stop", ">", fields.Datetime.now()),
                ],
                order="start",
            )
        )

    def _settle(self, visits):
        if visits:
            self.env["clinic.rebooking"]._sync(visits)

    def _visit_words(self, visits):
        words = ", ".join(f"{visit.name} ({visit.local_time})" for visit in visits[:10])
        if len(visits) > 10:
            words = self.env._(
                "%(visits)s and %(count)s more", visits=words, count=len(visits) - 10
            )
        return words

    def _clash_message(self):
        """Return the refusal with the visits in the way, for the one who blocks."""
        visits = self._visits_between(self.start, self.stop)
        thing = self.specialist_id or self.room_id or self.device_id
        if not visits:
            return self.env._(
                "%(name)s is not free for this block: there is another block or a "
                "booking made this minute.",
                name=thing.display_name,
            )
        return self.env._(
            "%(name)s is not free for this block. Move or cancel first: %(visits)s. Or "
            "tick “%(forced)s”: then they become visits to move.",
            name=thing.display_name,
            visits=self._visit_words(visits),
            forced=self._fields["forced"]._description_string(self.env),
        )
