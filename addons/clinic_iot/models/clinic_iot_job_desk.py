from odoo import models


class ClinicIotJob(models.Model):
    _inherit = "clinic.iot.job"

    def _repeat(self, device=None):
        """Let the receipt follow the job that prints it anew."""
        fresh = super()._repeat(device=device)
        # Sudo: receipts are written by what happens to them, not by people.
        self.env["clinic.fiscal.receipt"].sudo().search(
            [("job_id", "=", self.id)]
        ).job_id = fresh
        return fresh
