from odoo import api, fields, models


class ClinicSpecialistBooking(models.Model):
    """What a specialist does, and how much of it a day."""

    _inherit = "clinic.specialist"

    skill_ids = fields.One2many(
        "clinic.skill", "specialist_id", string="Services of the Specialist"
    )
    max_visits_per_day = fields.Integer(
        string="Visits a Day at Most", aggregator=None, help="0: no limit."
    )
    max_first_visits_per_day = fields.Integer(
        string="First Visits a Day at Most",
        aggregator=None,
        help="Of patients who have not been to this specialist; 0: no limit.",
    )
    schedule_note = fields.Char(
        help="What the desk should know when booking; shown wherever a time is chosen."
    )

    _clinic_limits_not_negative = models.Constraint(
        "CHECK(max_visits_per_day >= 0 AND max_first_visits_per_day >= 0)",
        "A limit of visits must not be negative; 0 means no limit.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        specialists = super().create(vals_list)
        # sudo: the list follows from the specialties, whoever may set those
        self.env["clinic.skill"].sudo()._sync(specialists=specialists)
        return specialists

    def write(self, vals):
        result = super().write(vals)
        if "specialty_ids" in vals:
            self.env["clinic.skill"].sudo()._sync(specialists=self)
        return result

    def _can_do(self, product):
        """Tell whether the specialist does the service, now or some time later."""
        self.ensure_one()
        return self in product._clinic_specialists() if product else False
