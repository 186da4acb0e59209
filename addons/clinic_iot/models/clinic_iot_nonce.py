from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ..iot_handlers.clinic_devices import signature


class ClinicIotNonce(models.Model):
    """What was said once by a box and must not be said again by anybody else."""

    _name = "clinic.iot.nonce"
    _description = "Used Number of a Box's Request"
    _log_access = False

    box_id = fields.Many2one("clinic.iot.box", required=True, ondelete="cascade")
    nonce = fields.Char(required=True)
    moment = fields.Datetime(required=True, index=True)

    _nonce_uniq = models.UniqueIndex("(box_id, nonce)")

    @api.model
    def _use(self, box, nonce):
        """Return whether ``nonce`` is new for this box; it is not, from now on.

        Two requests with the same one at the same time: the database lets one through,
        the other is run again by Odoo and then finds it used.
        """
        self.env.cr.execute(
            SQL(
                "INSERT INTO clinic_iot_nonce (box_id, nonce, moment)"
                " VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
                box.id,
                nonce,
                fields.Datetime.now(),
            )
        )
        return bool(self.env.cr.rowcount)

    @api.model
    def _cron_clean(self):
        """Forget what the clock would refuse by now."""
        old = fields.Datetime.now() - timedelta(seconds=3 * signature.TOLERANCE)
        self.env.cr.execute(SQL("DELETE FROM clinic_iot_nonce WHERE moment < %s", old))
