from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

# A box asks every few seconds; so long after the last word it is taken for gone.
ONLINE_FOR = timedelta(seconds=45)
# The moment is written down no more often than this.
SEEN_EVERY = timedelta(seconds=10)


class ClinicIotBox(models.Model):
    """A computer at the desk that runs Odoo's box software and holds the devices."""

    _name = "clinic.iot.box"
    _description = "IoT Box"
    _order = "branch_id, name, id"

    name = fields.Char(required=True)
    active = fields.Boolean(default=True)
    identifier = fields.Char(
        readonly=True, copy=False, help="What the box calls itself; given by pairing."
    )
    branch_id = fields.Many2one(
        "clinic.branch",
        required=True,
        index=True,
        ondelete="restrict",
        help="The desks of this branch use the devices of the box.",
    )
    company_id = fields.Many2one(related="branch_id.company_id", store=True, index=True)
    ip = fields.Char("Address", readonly=True, copy=False)
    mac = fields.Char("MAC Address", readonly=True, copy=False)
    version = fields.Char("Software", readonly=True, copy=False)
    paired_at = fields.Datetime("Paired", readonly=True, copy=False)
    last_seen = fields.Datetime("Last Heard Of", readonly=True, copy=False)
    state = fields.Selection(
        [("online", "Online"), ("offline", "Offline"), ("unpaired", "Not paired")],
        compute="_compute_state",
        search="_search_state",
    )
    # Kept in step by a scheduled action: when a box falls silent, nobody calls.
    told_online = fields.Boolean(groups=fields.NO_ACCESS, copy=False)
    log = fields.Text(readonly=True, copy=False)
    # The name (ETag) of the drivers it runs.
    drivers = fields.Char(groups=fields.NO_ACCESS, copy=False)
    events = fields.Json(groups=fields.NO_ACCESS, copy=False)
    history = fields.Text("What Has Happened", compute="_compute_history")
    device_ids = fields.One2many("clinic.iot.device", "box_id", "Devices")
    waiting_count = fields.Integer("Waiting Jobs", compute="_compute_waiting_count")

    _identifier_uniq = models.UniqueIndex(
        "(identifier) WHERE identifier IS NOT NULL",
        "There is a box with this identifier already.",
    )

    @api.depends("paired_at", "last_seen")
    def _compute_state(self):
        limit = fields.Datetime.now() - ONLINE_FOR
        for box in self:
            if not box.paired_at:
                box.state = "unpaired"
            else:
                heard = bool(box.last_seen and box.last_seen >= limit)
                box.state = "online" if heard else "offline"

    def _search_state(self, operator, value):
        if operator != "in":
            return NotImplemented
        limit = fields.Datetime.now() - ONLINE_FOR
        paired = Domain("paired_at", "!=", False)
        online = paired & Domain("last_seen", ">=", limit)
        domains = {
            "online": online,
            "offline": paired & ~Domain("last_seen", ">=", limit),
            "unpaired": ~paired,
        }
        return Domain.OR(domains[state] for state in value if state in domains)

    def _compute_waiting_count(self):
        # sudo: how many, not what; an administrator reads no jobs
        jobs_sudo = self.env["clinic.iot.job"].sudo()
        domain = jobs_sudo._waiting_domain() & Domain("box_id", "in", self.ids)
        counts = dict(jobs_sudo._read_group(domain, ["box_id"], ["__count"]))
        for box in self:
            box.waiting_count = counts.get(box._origin.sudo(), 0)

    @api.model
    def _find_sudo(self, identifier):
        """Return the paired box of this name, with all rights, or none.

        Boxes have no user: who calls is known by the signature, checked afterwards.
        """
        if not identifier or not isinstance(identifier, str):
            return self.sudo().browse()
        return self.sudo().search(
            [("identifier", "=", identifier), ("paired_at", "!=", False)], limit=1
        )

    def _secret_sudo(self):
        """Return the keys of the box; no group may read them, so with all rights."""
        self.ensure_one()
        return self.env["clinic.iot.secret"].sudo().search([("box_id", "=", self.id)])

    def _heard(self):
        """Note that the box has just called."""
        self.ensure_one()
        now = fields.Datetime.now()
        if self.last_seen and now - self.last_seen < SEEN_EVERY:
            return
        before, self.last_seen = self.last_seen, now
        if not self.told_online:
            self.told_online = True
            if before:
                self._tell("back")
            self.device_ids._notify()

    def _cron_watch(self):
        """Tell the desks which boxes have fallen silent, and end jobs that are late."""
        silent = self.search([("told_online", "=", True), ("state", "!=", "online")])
        silent.told_online = False
        for box in silent:
            box._tell("silent", box.last_seen)
        silent.device_ids._notify()
        jobs = self.env["clinic.iot.job"]
        jobs._end_late()
        jobs._tell_again()

    def action_pair(self):
        """Pair this box anew; its old keys die when the box has come."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Pair a Box"),
            "res_model": "clinic.iot.pair",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_box_id": self.id,
                "default_name": self.name,
                "default_branch_id": self.branch_id.id,
            },
        }

    def action_unpair(self):
        """Forget the keys: from now on the box is a stranger."""
        self.check_access("write")
        for box in self:
            secret_sudo = box._secret_sudo()
            secret_sudo._send("server_clear", {})
            secret_sudo.unlink()
        # sudo: these fields are written by pairing and calls only; checked above
        self.sudo().write({"paired_at": False, "told_online": False})
        for box_sudo in self.sudo():
            box_sudo._tell("unpaired", user=self.env.user.name)
        self.device_ids._notify()
