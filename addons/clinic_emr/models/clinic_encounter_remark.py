from odoo import fields, models

CODES = [
    ("no_complaint", "No complaints written"),
    ("no_anamnesis", "No history of the illness"),
    ("no_examination", "No examination written"),
    ("no_recommendations", "No recommendations"),
    ("late", "Finished too late"),
    ("no_main_diagnosis", "No main diagnosis"),
    ("wrong_main", "The main diagnosis can't be main (asterisk or external cause)"),
    ("not_detailed", "The diagnosis is not detailed to the last character"),
    ("closed_code", "The code is closed by the Ministry"),
    ("wrong_sex", "The diagnosis does not fit the patient's sex"),
    ("standard", "Not done by the standard"),
]


class ClinicEncounterRemark(models.Model):
    """Something missing or wrong in the record of a finished visit."""

    _name = "clinic.encounter.remark"
    _description = "Remark on a Visit's Record"
    _inherit = ["clinic.encounter.line"]
    _order = "date desc, id desc"

    encounter_id = fields.Many2one(readonly=True)
    specialist_id = fields.Many2one(
        related="encounter_id.specialist_id", store=True, precompute=True, index=True
    )
    branch_id = fields.Many2one(
        related="encounter_id.branch_id", store=True, precompute=True
    )
    date = fields.Datetime(
        related="encounter_id.start", store=True, precompute=True, index=True
    )
    code = fields.Selection(CODES, string="Remark", required=True, readonly=True)
    standard_id = fields.Many2one(
        "clinic.care.standard", readonly=True, ondelete="restrict"
    )
    item_name = fields.Char(string="Item of the Standard", readonly=True)

    def action_open_encounter(self):
        """Open the visit."""
        self.ensure_one()
        return self.encounter_id.action_open()
