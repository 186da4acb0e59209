from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ClinicSpecialist(models.Model):
    _name = "clinic.specialist"
    _description = "Clinic Specialist"
    _inherit = "avatar.mixin"
    _order = "sequence, name, id"

    employee_id = fields.Many2one(
        "hr.employee",
        required=True,
        ondelete="restrict",
        help="Vacations and sick leaves of the employee take the specialist's time.",
    )
    # Stored copies, so that nobody needs rights on employees to read a specialist.
    name = fields.Char(
        string="Full Name", related="employee_id.name", store=True, index=True
    )
    resource_id = fields.Many2one(
        related="employee_id.resource_id", store=True, index=True
    )
    user_id = fields.Many2one(related="employee_id.user_id", store=True, index=True)
    company_id = fields.Many2one(
        related="employee_id.company_id", store=True, index=True
    )
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    specialty_ids = fields.Many2many(
        "clinic.specialty",
        "clinic_specialist_clinic_specialty_rel",
        "clinic_specialist_id",
        "clinic_specialty_id",
        string="Specialties",
        required=True,
    )
    branch_ids = fields.Many2many("clinic.branch", string="Branches")
    problem_ids = fields.Many2many(
        "clinic.problem",
        "clinic_specialist_clinic_problem_rel",
        string="Problems",
        help="What the specialist takes; empty for all the specialties deal with.",
    )
    age_min = fields.Integer(string="Patients From, Years", aggregator=None)
    age_max = fields.Integer(
        string="Patients To, Years",
        aggregator=None,
        help="Inclusive; 0 means no limit.",
    )
    patient_gender = fields.Selection(
        [("any", "Everybody"), ("female", "Women only"), ("male", "Men only")],
        string="Patients",
        required=True,
        default="any",
    )
    accepts_new_patients = fields.Boolean(default=True)
    experience_since = fields.Integer(
        string="Practising Since",
        aggregator=None,
        help="The year; patients see the years of practice.",
    )
    experience_years = fields.Integer(compute="_compute_experience_years")
    about = fields.Html(translate=True, help="Shown to patients.")

    _employee_uniq = models.Constraint(
        "UNIQUE(employee_id)", "This employee is a specialist already."
    )
    _age_range = models.Constraint(
        "CHECK(age_min >= 0 AND (age_max = 0 OR age_max >= age_min))",
        "The highest age of patients must not be below the lowest.",
    )

    @api.depends("experience_since")
    def _compute_experience_years(self):
        year = fields.Date.context_today(self).year
        for specialist in self:
            since = specialist.experience_since
            specialist.experience_years = max(year - since, 0) if since else 0

    @api.constrains("experience_since")
    def _check_experience_since(self):
        year = fields.Date.context_today(self).year
        for specialist in self:
            since = specialist.experience_since
            if since and not 1940 <= since <= year:
                raise ValidationError(
                    self.env._(
                        "“Practising since” of %(name)s must be a year between 1940 "
                        "and %(year)s.",
                        name=specialist.name,
                        year=year,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        specialists = super().create(vals_list)
        for specialist in specialists:
            # To begin with the employee's photo, which not everybody may read;
            # a generated picture of initials (SVG, "P" in base64) is not one.
            photo = specialist.employee_id.sudo().image_1920
            if photo and photo[:1] != b"P" and not specialist.image_1920:
                specialist.image_1920 = photo
        return specialists

    def _can_do(self, product) -> bool:
        """Tell whether the specialties of the specialist allow the service."""
        self.ensure_one()
        return bool(
            product.is_clinic_service and product.specialty_ids & self.specialty_ids
        )
