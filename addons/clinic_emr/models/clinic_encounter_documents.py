from odoo import api, fields, models


class ClinicEncounter(models.Model):
    _inherit = "clinic.encounter"

    document_ids = fields.One2many(
        "clinic.document", "encounter_id", string="Documents"
    )
    consent_needed = fields.Boolean(compute="_compute_consent_needed")

    @api.depends("appointment_id", "document_ids.state")
    def _compute_consent_needed(self):
        # an ongoing visit whose appointment is closed needs none
        for encounter in self:
            encounter.consent_needed = (
                encounter.state == "in_progress"
                # sudo: a colleague reads the visit, not the appointment
                and encounter.sudo().appointment_id.consent_needed
            )

    def action_new_document(self):
        """Open an empty document of this visit: the template fills it."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("New Document"),
            "res_model": "clinic.document",
            "views": [(False, "form")],
            "context": {
                "default_encounter_id": self.id,
                "default_patient_id": self.patient_id.id,
            },
        }

    def action_sign_consent(self):
        """Open the consent that the service of the visit needs."""
        self.ensure_one()
        self.check_access("write")
        return self.appointment_id.action_sign_consent()
