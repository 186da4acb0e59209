from odoo import fields, models
from odoo.exceptions import AccessError


class ClinicEncounter(models.Model):
    """From one patient to the next without a way through the menus."""

    _inherit = "clinic.encounter"

    def action_next_patient(self):
        """Begin the visit of whoever waits longest for this specialist; with nobody
        waiting, show the day."""
        self.ensure_one()
        if self.specialist_id.user_id != self.env.user:
            raise AccessError(
                self.env._("Only the specialist who receives the patient may do this.")
            )
        waiting = self.env["clinic.appointment"].search(
            [
                ("specialist_id", "=", self.specialist_id.id),
                ("state", "=", "arrived"),
                ("day", "=", self.branch_id._localize(fields.Datetime.now()).date()),
            ],
            order="start, id",
            limit=1,
        )
        if waiting:
            return waiting.action_open_encounter()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "clinic_emr.action_clinic_my_day"
        )
        return {**action, "target": "main"}
