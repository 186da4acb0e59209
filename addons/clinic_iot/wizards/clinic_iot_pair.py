import base64
import hashlib
import secrets
import urllib.parse
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..tools.address import for_boxes, is_local

# A box has to be given its token within that time.
VALID_FOR = timedelta(minutes=15)


def digest_of(token):
    return hashlib.sha256(token.encode()).hexdigest()


class ClinicIotPair(models.TransientModel):
    """Shows a box the way to this clinic, by a token that one box can use once."""

    _name = "clinic.iot.pair"
    _description = "Pairing of a Box"

    box_id = fields.Many2one(
        "clinic.iot.box", readonly=True, help="Pair this one anew."
    )
    name = fields.Char(required=True, default=lambda self: self.env._("Cash desk"))
    branch_id = fields.Many2one(
        "clinic.branch",
        required=True,
        default=lambda self: self.env["clinic.branch"].search([], limit=1),
    )
    address = fields.Char(
        "Address of This Server",
        required=True,
        default=lambda self: for_boxes(self.get_base_url()),
        help="How the box reaches it; not localhost.",
    )
    address_guessed = fields.Selection(
        [("here", "This computer only"), ("network", "In the network")],
        compute="_compute_address_guessed",
    )
    # Given away with the link until it is used, then forgotten.
    token = fields.Char("Secret", groups=fields.NO_ACCESS)
    token_digest = fields.Char(groups=fields.NO_ACCESS, index="btree_not_null")
    expires_at = fields.Datetime("Valid Until", readonly=True)
    paired_id = fields.Many2one("clinic.iot.box", "Paired With", readonly=True)
    trouble = fields.Char(readonly=True)
    state = fields.Selection(
        [
            ("new", "New"),
            ("waiting", "Waiting for the box"),
            ("paired", "Paired"),
            ("expired", "Expired"),
        ],
        compute="_compute_state",
    )
    link = fields.Char("Token", compute="_compute_link")
    code = fields.Binary("QR Code", compute="_compute_link")

    @api.depends("address")
    def _compute_address_guessed(self):
        """Tell what was made up here from what somebody has set up."""
        local = is_local(self.get_base_url())
        for pair in self:
            guess = "here" if is_local(pair.address or "") else "network"
            pair.address_guessed = local and guess

    @api.depends("token_digest", "expires_at", "paired_id")
    def _compute_state(self):
        now = fields.Datetime.now()
        for pair in self:
            pair_sudo = pair.sudo()  # its own secrets, of which only this is shown
            if pair.paired_id:
                pair.state = "paired"
            elif not pair_sudo.token_digest:
                pair.state = "new"
            else:
                pair.state = "waiting" if pair.expires_at > now else "expired"

    @api.depends("token", "address", "state")
    def _compute_link(self):
        report = self.env["ir.actions.report"]
        for pair in self:
            # sudo: shown to who asked for it, as the way to give it to the box
            token = pair.sudo().token if pair.state == "waiting" else False
            pair.link = pair._make_link(token) if token else False
            pair.code = pair.link and base64.b64encode(
                report.barcode("QR", pair.link, width=300, height=300)
            )

    def _make_link(self, token):
        """Return the link in the one form that Odoo's box takes."""
        # sudo: the settings are read for the box, not for the user
        uuid = self.env["ir.config_parameter"].sudo().get_param("database.uuid")
        query = {
            "token": token,
            "db_uuid": uuid,
            "enterprise_code": "",
            "db_name": self.env.cr.dbname,
        }
        return f"{self.address.rstrip('/')}?{urllib.parse.urlencode(query)}"

    def action_start(self):
        """Make a new token; one that was shown before is worth nothing any more."""
        self.ensure_one()
        self._check_address()
        token = secrets.token_urlsafe(32)
        # sudo: nobody reads or writes the token but by this
        self.sudo().write(
            {
                "token": token,
                "token_digest": digest_of(token),
                "expires_at": fields.Datetime.now() + VALID_FOR,
                "paired_id": False,
                "trouble": False,
            }
        )
        return self._reopen()

    def _check_address(self):
        parts = urllib.parse.urlsplit(self.address.strip())
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise UserError(
                self.env._("The address has to begin with http:// or https://.")
            )
        if parts.hostname == "localhost":
            raise UserError(
                self.env._(
                    "For the box “localhost” is the box itself. Enter the name or the"
                    " address of this server in the network."
                )
            )
        self.address = f"{parts.scheme}://{parts.netloc}"

    def action_look(self):
        """Look whether the box has come."""
        return self._reopen()

    def _reopen(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Pair a Box"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }

    @api.model
    def _redeem(self, token, identifier):
        """Pair the box that has brought this token; return it, or none."""
        boxes = self.env["clinic.iot.box"]
        pair = self.search(
            [
                ("token_digest", "=", digest_of(token)),
                ("expires_at", ">", fields.Datetime.now()),
                ("paired_id", "=", False),
            ],
            limit=1,
        )
        if not pair:
            return boxes
        pair.lock_for_update()
        box = pair._choose_box(identifier)
        if not box:
            return boxes
        self.env["clinic.iot.secret"]._pair(box, token)
        box._tell("paired", user=pair.create_uid.name)
        pair.write({"token": False, "paired_id": box.id})
        box.device_ids._notify()
        return box

    def _choose_box(self, identifier):
        """Return the box that is paired: the one to be paired anew, a known one, a new.

        None if another box has this name: two that call themselves the same cannot be
        told apart.
        """
        self.ensure_one()
        known = self.env["clinic.iot.box"].with_context(active_test=False)
        known = known.search([("identifier", "=", identifier)])
        if self.box_id and known and known != self.box_id:
            self.trouble = self.env._(
                "The box %(name)s came. To pair it, take it from the list of boxes.",
                name=known.name,
            )
            return known.browse()
        values = {
            "identifier": identifier,
            "branch_id": self.branch_id.id,
            "paired_at": fields.Datetime.now(),
            "last_seen": fields.Datetime.now(),
            "told_online": True,
            "active": True,
        }
        box = self.box_id or known
        if box:
            box.write(values)
            return box
        return known.create({"name": self.name, **values})
