from odoo import fields, models


class ResPartner(models.Model):
    _inherit = "res.partner"

    appointment_ids = fields.One2many("clinic.appointment", "patient_id")
    appointment_count = fields.Integer(
        compute="_compute_appointment_count",
        groups="clinic_base.group_staff",
        string="Visits",
    )

    def _compute_appointment_count(self):
        counts = dict(
            self.env["clinic.appointment"]._read_group(
                [("patient_id", "in", self.ids)], ["patient_id"], ["__count"]
            )
            if self.env["clinic.appointment"].has_access("read")
            else ()
        )
        for partner in self:
            partner.appointment_count = counts.get(partner._origin, 0)

    def action_open_appointments(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "clinic_schedule.action_clinic_appointment"
        )
        action["domain"] = [("patient_id", "=", self.id)]
        action["context"] = {"default_patient_id": self.id}
        return action

    def action_book_visit(self):
        """Open “New booking” for this patient."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "clinic_schedule.action_clinic_booking_wizard"
        )
        action["context"] = {"default_patient_id": self.id}
        return action
