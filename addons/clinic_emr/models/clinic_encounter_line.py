from odoo import api, fields, models


class ClinicEncounterLine(models.AbstractModel):
    """What belongs to one visit and is nothing without it; named as the visit."""

    _name = "clinic.encounter.line"
    _description = "Line of a Visit"
    _inherit = ["clinic.medical.mixin"]

    encounter_id = fields.Many2one(
        "clinic.encounter",
        string="Visit",
        required=True,
        index=True,
        ondelete="restrict",
    )
    record_id = fields.Many2one(
        related="encounter_id.record_id", store=True, precompute=True, index=True
    )
    patient_id = fields.Many2one(related="encounter_id.patient_id")
    specialist_id = fields.Many2one(related="encounter_id.specialist_id")

    @api.depends("encounter_id")
    def _compute_display_name(self):
        """Those of the visit: display names are shown past the rules of access."""
        for line in self:
            line.display_name = line.encounter_id.display_name
