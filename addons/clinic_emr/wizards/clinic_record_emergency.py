from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

HOURS = [("1", "1 hour"), ("4", "4 hours"), ("12", "12 hours"), ("24", "24 hours")]
SHORTEST_REASON = 10


class ClinicRecordEmergency(models.TransientModel):
    """Break the glass: open a foreign record with a reason and for a short time."""

    _name = "clinic.record.emergency"
    _description = "Emergency Access"

    patient_id = fields.Many2one("res.partner", required=True, readonly=True)
    reason = fields.Text(
        help="Why the record is needed now. The chief physician reads it."
    )
    hours = fields.Selection(HOURS, string="Open for", required=True, default="1")

    def action_take(self):
        """Note it, tell the chief physician and open the record."""
        self.ensure_one()
        record = self._checked_record()
        reason = (self.reason or "").strip()
        if len(reason) < SHORTEST_REASON:
            raise UserError(
                self.env._("Say in a sentence why this record is needed now.")
            )
        stop = fields.Datetime.now() + timedelta(hours=int(self.hours))
        self.env["clinic.record.grant"]._take(record, reason, stop)
        return record.action_open()

    def _checked_record(self):
        """Return the patient's record when the current user may open it this way."""
        if not self.env.user.has_group("clinic_base.group_specialist"):
            raise AccessError(
                self.env._("Emergency access is for the clinic's specialists.")
            )
        self.patient_id.check_access("read")
        # sudo: the record is closed to the user; that is why he is here
        record = (
            self.env["clinic.medical.record"]
            .sudo()
            .search([("patient_id", "=", self.patient_id.id)])
            .with_env(self.env)
        )
        if not record:
            raise UserError(self.env._("This patient has no medical record yet."))
        if record.sudo().with_user(self.env.user).is_closed_to_me:
            raise AccessError(
                self.env._(
                    "This record is closed: only the readers named in it may open it. "
                    "Turn to the chief physician."
                )
            )
        return record

    @api.model
    def _ask(self, patient):
        """Return the action that asks for the reason."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Emergency Access"),
            "res_model": self._name,
            "view_mode": "form",
            "target": "new",
            "context": {"default_patient_id": patient.id},
        }
