from odoo import api, fields, models


class ClinicIotJobFind(models.TransientModel):
    """Asks a fiscal register what it has made under a number."""

    _name = "clinic.iot.job.find"
    _description = "Look for a Document of a Register"

    job_id = fields.Many2one(
        "clinic.iot.job", required=True, readonly=True, ondelete="cascade"
    )
    fd = fields.Integer(
        "Fiscal Document",
        compute="_compute_fd",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        help="The number that the receipt would have; see the tape of the register.",
    )

    @api.depends("job_id")
    def _compute_fd(self):
        for wizard in self:
            wizard.fd = wizard.job_id._guess_document()

    def action_find(self):
        """Ask; how it stands, and the answer, are shown on the job."""
        self.ensure_one()
        job = self.job_id
        job._check_group()
        job._give(job.device_id, "find", {"fd": self.fd}, record=job)
        job._notify()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "info",
                "message": self.env._(
                    "The register is asked; its answer is shown on the job."
                ),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }
