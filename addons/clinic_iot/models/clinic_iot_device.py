from odoo import api, fields, models
from odoo.fields import Domain

NOTIFICATION = "clinic_iot/device"


class ClinicIotDevice(models.Model):
    """A device on a box: a fiscal register, a terminal, a scanner, a printer."""

    _name = "clinic.iot.device"
    _description = "Device at the Desk"
    _order = "box_id, type, name, id"

    name = fields.Char(required=True)
    active = fields.Boolean(default=True)
    box_id = fields.Many2one(
        "clinic.iot.box", required=True, index=True, readonly=True, ondelete="restrict"
    )
    branch_id = fields.Many2one(related="box_id.branch_id", store=True, index=True)
    company_id = fields.Many2one(related="box_id.company_id", store=True, index=True)
    identifier = fields.Char(
        required=True, readonly=True, help="What the box calls the device."
    )
    type = fields.Selection(
        [
            ("fiscal_data_module", "Fiscal register"),
            ("payment", "Card terminal"),
            ("scanner", "Scanner"),
            ("printer", "Printer"),
            ("display", "Display"),
            ("scale", "Scale"),
            ("other", "Other"),
        ],
        required=True,
        default="other",
        readonly=True,
    )
    manufacturer = fields.Char(readonly=True)
    connection = fields.Char(readonly=True)
    kinds = fields.Json(readonly=True, help="The kinds of jobs that the device knows.")
    condition_code = fields.Char(
        "Trouble", readonly=True, help="Why the device does not work, if it does not."
    )
    condition_message = fields.Char(readonly=True)
    condition_since = fields.Datetime("Since", readonly=True)
    is_online = fields.Boolean(
        compute="_compute_is_online",
        search="_search_is_online",
        help="Its box is there. Whether the device works says its trouble.",
    )
    works = fields.Selection(
        [("yes", "Works"), ("trouble", "Trouble"), ("offline", "Box offline")],
        "State",
        compute="_compute_works",
    )
    job_ids = fields.One2many("clinic.iot.job", "device_id")

    _identifier_uniq = models.UniqueIndex(
        "(box_id, identifier)", "The box has a device with this identifier already."
    )

    @api.depends("box_id.state")
    def _compute_is_online(self):
        for device in self:
            device.is_online = device.box_id.state == "online"

    @api.depends("is_online", "condition_code")
    def _compute_works(self):
        for device in self:
            working = "trouble" if device.condition_code else "yes"
            device.works = working if device.is_online else "offline"

    def _search_is_online(self, operator, value):
        if operator != "in":
            return NotImplemented
        online = Domain("box_id.state", "=", "online")
        return Domain.OR(online if wanted else ~online for wanted in value)

    @api.model
    def _type_of(self, name):
        """Return the type of what the box calls so."""
        known = dict(self._fields["type"].selection)
        return name if name in known else "other"

    @api.model
    def _keep(self, box, devices):
        """Keep what the box has on it; what it has no more stays, as missing.

        :param devices: values of each device by its identifier
        """
        known = {
            device.identifier: device
            for device in self.with_context(active_test=False).search(
                [("box_id", "=", box.id)]
            )
        }
        fresh = [
            {
                "box_id": box.id,
                "identifier": identifier,
                "name": values.get("name") or identifier,
                "type": self._type_of(values.get("type")),
                "kinds": values.get("kinds") or [],
                "manufacturer": values.get("manufacturer"),
                "connection": values.get("connection"),
            }
            for identifier, values in devices.items()
            if identifier not in known
        ]
        for identifier, values in devices.items():
            if identifier in known:
                known[identifier]._update(values)
        return self.create(fresh)

    def _update(self, values):
        """Keep what the box says about a known device, if it is another thing."""
        self.ensure_one()
        changes = {
            name: values[name]
            for name in ("kinds", "manufacturer", "connection")
            if values.get(name) and self[name] != values[name]
        }
        # Before its driver is loaded the box does not know what the device is.
        kind = self._type_of(values.get("type"))
        if values.get("type") and kind != self.type:
            changes["type"] = kind
        # What a person has named it stays.
        if values.get("name") and self.name == self.identifier:
            changes["name"] = values["name"]
        if changes:
            self.write(changes)

    def _set_condition(self, condition):
        """Keep whether the device works: ``{}``, or ``code`` and ``message``."""
        self.ensure_one()
        code = str(condition.get("code") or "")[:64] or False
        message = str(condition.get("message") or "")[:500] or False
        if (code, message) == (self.condition_code, self.condition_message):
            return
        values = {"condition_code": code, "condition_message": message}
        if code != self.condition_code:
            values["condition_since"] = code and fields.Datetime.now()
            if "starting" not in (code, self.condition_code):
                happened = "trouble" if code else "works"
                self.box_id._tell(
                    happened, device=self.name, code=code, message=message
                )
        self.write(values)
        self._notify()

    def _on_event(self, kind, values):
        """Take what the device says by itself.

        To override for more: ``scan`` with ``raw`` (hex), ``text`` and ``gs1``.
        """
        self.ensure_one()
        if kind == "condition" and isinstance(values, dict):
            self._set_condition(values)

    def _notify(self):
        """Tell the browsers at the desks that these devices have changed."""
        # sudo: the bus is nobody's to write; ids only, read by those who may
        bus_sudo = self.env["bus.bus"].sudo()
        group = self.env.ref("clinic_finance.group_payment_viewer")
        for device in self:
            bus_sudo._sendone(
                group,
                NOTIFICATION,
                {"id": device.id, "branch_id": device.branch_id.id},
            )
