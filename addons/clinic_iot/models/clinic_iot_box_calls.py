"""What a box says about itself: its pairing, its devices, what happens on them."""

import logging

from odoo import api, fields, models

from ..tools import forms

_logger = logging.getLogger(__name__)

LOG_LINES = 300
LINE_LENGTH = 500
MISSING = {"code": "missing", "message": "The box has this device no more"}


class ClinicIotBox(models.Model):
    _inherit = "clinic.iot.box"

    @api.model
    def _setup(self, about, devices):
        """Pair the box, or know it again; return its channel, empty for a stranger.

        A token pairs one box within its time. From then on it is what that one box is
        known by when it calls again, and nothing to anybody else.
        """
        about = about if isinstance(about, dict) else {}
        identifier, token = about.get("identifier"), about.get("token")
        for value in (identifier, token):
            if not isinstance(value, str) or not 0 < len(value) <= 128:
                return ""
        box = self._find_sudo(identifier)
        if not box or not box._secret_sudo()._knows(token):
            # sudo: boxes have no user; the token says that an administrator wants it
            box = self.env["clinic.iot.pair"].sudo()._redeem(token, identifier)
        if not box:
            _logger.info("A box that is not paired has called")
            return ""
        box._keep_about(about)
        if devices == {}:
            box._tell("started")  # only then it knows of none
        if isinstance(devices, dict):
            box._keep_devices(devices)
        return box._secret_sudo().channel

    def _keep_about(self, about):
        self.ensure_one()
        said = {
            name: forms.text_of(about.get(name)) for name in ("ip", "mac", "version")
        }
        changes = {name: text for name, text in said.items() if text != self[name]}
        if changes:
            self.write(changes)

    def _keep_devices(self, devices):
        """Register what is new, keep what has changed; return all devices by name."""
        self.ensure_one()
        said = forms.devices(devices)
        self.env["clinic.iot.device"].sudo()._keep(self, said)
        return said

    def _take_state(self, secret, journal, devices):
        """Take what the box says when it asks for jobs: its memory, its devices."""
        self.ensure_one()
        if secret.journal != journal:
            if secret.journal:
                self._tell("memory")
            secret.journal = journal
            self.env["clinic.iot.job"].sudo()._memory_lost(self, journal)
        said = self._keep_devices(devices)
        for device in self.device_ids:
            if device.identifier in said:
                device._set_condition(said[device.identifier].get("condition") or {})
            elif device.kinds:
                device._set_condition(MISSING)

    def _take_drivers(self, etag):
        """Take note of the drivers that the box says it runs."""
        self.ensure_one()
        if etag and etag != self.drivers:
            self.drivers = etag
            self._tell("drivers")

    def _take_events(self, events):
        """Let the devices take what they have said; each event once."""
        self.ensure_one()
        devices = {device.identifier: device for device in self.device_ids}
        nonces = self.env["clinic.iot.nonce"].sudo()
        for event in events[:100]:
            if not isinstance(event, dict):
                continue
            device = devices.get(forms.text_of(event.get("device")))
            number = forms.text_of(event.get("id"))
            # The box says it again when our answer was lost.
            if not device or not number or not nonces._use(self, f"event {number}"):
                continue
            values = event.get("values")
            if isinstance(values, dict):
                device._on_event(forms.text_of(event.get("kind")), values)

    def _add_log(self, lines):
        """Keep the last lines of what has happened on the box."""
        self.ensure_one()
        local = self.branch_id._localize(fields.Datetime.now())
        moment = local.strftime("%d.%m.%Y %H:%M:%S")
        fresh = [f"{moment} {line.strip()[:LINE_LENGTH]}" for line in lines]
        if fresh:
            kept = [*(self.log or "").splitlines(), *fresh][-LOG_LINES:]
            self.log = "\n".join(kept)
