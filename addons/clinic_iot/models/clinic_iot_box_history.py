"""What has happened to a box, in the words of who reads it, by the branch's clock."""

from collections import defaultdict

from odoo import api, fields, models

EVENTS = 200


class ClinicIotBox(models.Model):
    _inherit = "clinic.iot.box"

    def _tell(self, happened, moment=None, /, **values):
        """Keep what has happened; it is put in words when it is read."""
        self.ensure_one()
        # sudo: nobody writes it but by this
        box_sudo = self.sudo()
        at = fields.Datetime.to_string(moment or fields.Datetime.now())
        values = {name: value for name, value in values.items() if value}
        box_sudo.events = [*(box_sudo.events or []), [at, happened, values]][-EVENTS:]

    @api.depends("events", "branch_id")
    @api.depends_context("lang")
    def _compute_history(self):
        for box in self:
            # sudo: what happened is shown, in words
            events = box.sudo().events or []
            box.history = "\n".join(box._line(*event) for event in reversed(events))

    def _line(self, at, code, values):
        """Return one event by the clock of the branch."""
        local = self.branch_id._localize(fields.Datetime.to_datetime(at))
        words = self._words_of_events().get(code, code)
        if code == "trouble":
            values = {**values, "what": self._trouble_of(values)}
        return f"{local:%d.%m.%Y %H:%M}  {words % defaultdict(str, values)}"

    def _trouble_of(self, values):
        return self.env["clinic.iot.device"]._trouble_words(
            values.get("code"), values.get("message")
        )

    @api.model
    def _words_of_events(self):
        _ = self.env._
        return {
            "paired": _("Paired by %(user)s"),
            "unpaired": _("Unpaired by %(user)s"),
            "started": _("The box has started"),
            "silent": _("The box has fallen silent"),
            "back": _("The box is heard of again"),
            "memory": _("The box has a new memory"),
            "drivers": _("The box works with new drivers of this server"),
            "trouble": _("%(device)s does not work: %(what)s"),
            "works": _("%(device)s works again"),
        }
