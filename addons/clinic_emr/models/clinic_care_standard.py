from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ClinicCareStandard(models.Model):
    """What a diagnosis or a service calls for; the chief physician writes it.

    A visit takes the lines over when its diagnosis or service fits, so that a later
    change of the standard leaves old visits as they were.
    """

    _name = "clinic.care.standard"
    _description = "Treatment Standard"
    _order = "name, id"

    name = fields.Char(required=True)
    basis = fields.Char(help="The order or clinical guideline it rests on.")
    icd10_ids = fields.Many2many(
        "clinic.icd10",
        string="Diagnoses",
        help="These codes with all codes below them; a block or category will do.",
    )
    service_ids = fields.Many2many(
        "product.product",
        string="Services",
        domain=[("is_clinic_service", "=", True)],
        help="Visits for these services, whatever the diagnosis.",
    )
    chronic_only = fields.Boolean(
        string="Only Under Observation",
        help="Applies when the diagnosis is chronic under dispensary observation.",
    )
    date_from = fields.Date(string="Valid From")
    date_to = fields.Date(string="Valid To")
    line_ids = fields.One2many("clinic.care.standard.line", "standard_id", copy=True)
    active = fields.Boolean(default=True)

    _dates_in_order = models.Constraint(
        "CHECK(date_to IS NULL OR date_from IS NULL OR date_to >= date_from)",
        "A standard can't end before it begins.",
    )

    @api.constrains("icd10_ids", "service_ids")
    def _check_applies(self):
        for standard in self:
            if not standard.icd10_ids and not standard.service_ids:
                raise ValidationError(
                    self.env._(
                        "Say which diagnoses or services the standard “%(name)s” is "
                        "for.",
                        name=standard.name,
                    )
                )

    @api.model
    def _of_encounters(self, encounters):
        """Return ``{encounter: standards}`` that apply on the day of each visit."""
        # sudo: standards are no secret, but the reader may be the system itself
        standards = self.sudo().search([("line_ids", "!=", False)])
        if not standards:
            return {}
        return {
            encounter: standards.filtered(
                lambda one, encounter=encounter: one._applies(encounter)
            )
            for encounter in encounters
        }

    def _applies(self, encounter):
        self.ensure_one()
        day = encounter.branch_id._localize(encounter.start).date()
        if (self.date_from and day < self.date_from) or (
            self.date_to and day > self.date_to
        ):
            return False
        if encounter.service_id in self.service_ids:
            return True
        lines = encounter.diagnosis_ids
        if self.chronic_only:
            lines = lines.filtered(lambda line: line.course == "chronic")
        above = self.icd10_ids.mapped("parent_path")
        return any(
            line.icd10_id.parent_path.startswith(path)
            for line in lines
            if line.icd10_id
            for path in above
        )
