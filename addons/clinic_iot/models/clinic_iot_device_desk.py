from odoo import models

NOTIFICATION = "clinic_iot/scan"


class ClinicIotDevice(models.Model):
    _inherit = "clinic.iot.device"

    def _on_event(self, kind, values):
        """Pass a scanned code on to the screens of the desk the scanner lies at."""
        super()._on_event(kind, values)
        code = isinstance(values, dict) and str(values.get("text") or "")[:200]
        if kind == "scan" and code:
            # Sudo: the bus is nobody's to write.
            self.env["bus.bus"].sudo()._sendone(
                self.env.ref("clinic_finance.group_payment_taker"),
                NOTIFICATION,
                {"device_id": self.id, "code": code},
            )
