from odoo import fields, models


class ResPartner(models.Model):
    _inherit = "res.partner"

    series_count = fields.Integer(
        compute="_compute_series_count",
        groups="clinic_base.group_staff",
        string="Regular Visits",
    )

    def _compute_series_count(self):
        Series = self.env["clinic.appointment.series"]
        counts = dict(
            Series._read_group(
                [("patient_id", "in", self.ids), ("state", "=", "running")],
                ["patient_id"],
                ["__count"],
            )
            if Series.has_access("read")
            else ()
        )
        for partner in self:
            partner.series_count = counts.get(partner._origin, 0)

    def action_plan_series(self):
        """Open “New regular visits” for this patient."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "clinic_schedule.action_clinic_series_plan"
        )
        action["context"] = {
            "default_patient_id": self.id,
            "dialog_size": "extra-large",
        }
        return action

    def action_open_series(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "clinic_schedule.action_clinic_appointment_series"
        )
        action["domain"] = [("patient_id", "=", self.id)]
        action["context"] = {"default_patient_id": self.id}
        return action
