import hmac
import secrets

from odoo import api, fields, models

from ..iot_handlers.clinic_devices import signature


class ClinicIotSecret(models.Model):
    """What server and box know of each other and nobody else.

    A table without any rights: no user reads it, whatever his groups.
    """

    _name = "clinic.iot.secret"
    _description = "Keys of an IoT Box"

    box_id = fields.Many2one(
        "clinic.iot.box", required=True, ondelete="cascade", index=True
    )
    request_key = fields.Char(required=True, groups=fields.NO_ACCESS)
    reply_key = fields.Char(required=True, groups=fields.NO_ACCESS)
    job_key = fields.Char(required=True, groups=fields.NO_ACCESS)
    channel = fields.Char(required=True, groups=fields.NO_ACCESS)
    journal = fields.Char(groups=fields.NO_ACCESS)

    _box_uniq = models.UniqueIndex("(box_id)")

    @api.model
    def _pair(self, box, token):
        """Give the box new keys; the old ones are worth nothing from now on."""
        keys = signature.derive_keys(token, box.identifier)
        values = {f"{sort}_key": key.hex() for sort, key in keys.items()}
        values |= {"channel": f"clinic_iot_{secrets.token_hex(24)}"}
        known = self.search([("box_id", "=", box.id)])
        if known:
            known.write(values)
            return known
        return self.create({"box_id": box.id, **values})

    def _key(self, sort):
        self.ensure_one()
        return bytes.fromhex(self[f"{sort}_key"])

    def _knows(self, token):
        """Return whether this is the token that the box was paired with."""
        if not self:
            return False
        key = signature.derive_keys(token, self.box_id.identifier)["request"]
        return hmac.compare_digest(key, self._key("request"))

    def _send(self, kind, payload):
        """Tell the box something over its websocket, once this is committed."""
        bus = self.env["bus.bus"]
        for secret in self:
            identifiers = [secret.box_id.identifier]
            bus._sendone(
                secret.channel, kind, {"iot_identifiers": identifiers, **payload}
            )
