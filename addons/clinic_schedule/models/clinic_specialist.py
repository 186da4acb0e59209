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

    def action_generate_shifts(self):
        """Make the shifts of the usual week up to the horizon."""
        return self.shift_template_ids.action_generate()
