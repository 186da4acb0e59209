from odoo import fields, models


class ClinicSpecialist(models.Model):
    _inherit = "clinic.specialist"

    shift_template_ids = fields.One2many("clinic.shift.template", "specialist_id")
    shift_ids = fields.One2many("clinic.shift", "specialist_id")

    def action_open_shifts(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "clinic_schedule.action_clinic_shift"
        )
        action["domain"] = [("specialist_id", "=", self.id)]
        action["context"] = {"default_specialist_id": self.id}
        return action
