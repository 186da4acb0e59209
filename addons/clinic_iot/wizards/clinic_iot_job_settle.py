from odoo import api, fields, models


class ClinicIotJobSettle(models.TransientModel):
    """A person says how a job has ended that the box cannot tell, and why he knows."""

    _name = "clinic.iot.job.settle"
    _description = "End of a Device Job by Hand"

    job_id = fields.Many2one(
        "clinic.iot.job", required=True, readonly=True, ondelete="cascade"
    )
    kind = fields.Char(related="job_id.kind")
    branch_id = fields.Many2one(related="job_id.branch_id")
    type = fields.Selection(related="job_id.device_id.type")
    decision = fields.Selection(
        [
            ("done", "It was done"),
            ("failed", "It was not done, and shall not be"),
            ("again", "It was not done: do it now"),
        ],
        required=True,
        default="done",
    )
    device_id = fields.Many2one(
        "clinic.iot.device",
        compute="_compute_device_id",
        store=True,
        readonly=False,
        help="Another one of the branch, if this one is broken.",
    )
    reason = fields.Char(required=True, help="Kept with the job.")
    fn = fields.Char(
        "Fiscal Storage",
        compute="_compute_document",
        store=True,
        readonly=False,
        help="Its number, as on the receipt.",
    )
    fd = fields.Integer(
        "Fiscal Document", compute="_compute_document", store=True, readonly=False
    )
    fp = fields.Char(
        "Fiscal Sign", compute="_compute_document", store=True, readonly=False
    )

    @api.depends("job_id")
    def _compute_device_id(self):
        for wizard in self:
            wizard.device_id = wizard.job_id.device_id

    @api.depends("job_id")
    def _compute_document(self):
        for wizard in self:
            found = wizard.job_id._known_document()
            wizard.fn = found.get("fn")
            wizard.fd = found.get("fd")
            wizard.fp = str(found.get("fp") or "")

    def action_settle(self):
        """End the job as was said; when it is to be done again, go there."""
        self.ensure_one()
        result = {"fn": self.fn, "fd": self.fd, "fp": self.fp}
        result = {name: value for name, value in result.items() if value}
        job = self.job_id._settle_by_hand(
            self.decision, self.reason, result, self.device_id
        )
        if job == self.job_id:
            return {"type": "ir.actions.act_window_close"}
        return job._open()
