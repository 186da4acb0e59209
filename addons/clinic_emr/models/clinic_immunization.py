from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ClinicImmunization(models.Model):
    """A vaccination: given here, elsewhere, or not given and why."""

    _name = "clinic.immunization"
    _description = "Vaccination"
    _inherit = ["clinic.record.entry"]
    _order = "date desc, id desc"

    vaccine = fields.Char(required=True, help="Trade name of the vaccine.")
    disease = fields.Char(string="Against", help="The illnesses it protects from.")
    state = fields.Selection(
        [
            ("done", "Done"),
            ("refused", "Refused"),
            ("contraindicated", "Not advisable"),
        ],
        required=True,
        default="done",
    )
    reason = fields.Char(
        help="Why it wasn't done: words of the refusal, the contraindication."
    )
    date = fields.Date(required=True, default=fields.Date.context_today)
    dose = fields.Char(help="Which one of the course: V1, V2, RV1.")
    lot = fields.Char(string="Series and Number")
    expires_on = fields.Date(string="Vaccine Valid Until")
    site = fields.Selection(
        [
            ("left_arm", "Left arm"),
            ("right_arm", "Right arm"),
            ("left_thigh", "Left thigh"),
            ("right_thigh", "Right thigh"),
            ("oral", "By mouth"),
            ("nasal", "Into the nose"),
        ]
    )
    elsewhere = fields.Boolean(
        string="Done Elsewhere", help="Noted from a certificate or the patient's words."
    )
    reaction = fields.Char(help="How the patient bore it.")
    next_date = fields.Date(string="Next One", help="When the next dose is due.")

    @api.constrains("state", "reason")
    def _check_reason(self):
        for line in self:
            if line.state != "done" and not line.reason:
                raise ValidationError(
                    self.env._("Say why the vaccination was not done.")
                )

    @api.constrains("date", "expires_on", "state", "elsewhere")
    def _check_expiry(self):
        for line in self:
            if (
                line.state == "done"
                and not line.elsewhere
                and line.expires_on
                and line.expires_on < line.date
            ):
                raise ValidationError(
                    self.env._("The vaccine had expired on the day of vaccination.")
                )
