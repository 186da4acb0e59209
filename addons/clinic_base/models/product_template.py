from odoo import Command, api, fields, models
from odoo.exceptions import ValidationError


class ProductTemplate(models.Model):
    _inherit = "product.template"

    is_clinic_service = fields.Boolean(
        string="Clinic Service", help="Patients can be booked for it."
    )
    duration = fields.Integer(
        string="Duration, Minutes",
        default=30,
        aggregator=None,
        help="The time an appointment takes from the specialist and the room.",
    )
    specialty_ids = fields.Many2many(
        "clinic.specialty",
        "clinic_service_specialty_rel",
        "product_tmpl_id",
        "specialty_id",
        string="Specialties",
        help="Specialists of these specialties may do it.",
    )
    problem_ids = fields.Many2many(
        "clinic.problem",
        "clinic_service_problem_rel",
        "product_tmpl_id",
        "problem_id",
        string="Problems",
        help="The problems it is meant for; leave empty for any.",
    )
    prepayment = fields.Selection(
        [("none", "Not needed"), ("full", "In full")],
        default="none",
        required=True,
        help="In full: a booking from the web site is held until it is paid.",
    )
    is_first_visit = fields.Boolean(
        string="First Visit", help="Offered to new patients after the screening."
    )

    _clinic_duration_range = models.Constraint(
        "CHECK(is_clinic_service IS NOT TRUE OR duration BETWEEN 5 AND 480)",
        "A clinic service takes from 5 minutes to 8 hours.",
    )

    @api.constrains("is_clinic_service", "type", "specialty_ids")
    def _check_clinic_service(self):
        for service in self.filtered("is_clinic_service"):
            if service.type != "service":
                raise ValidationError(
                    self.env._(
                        "“%(name)s” is a clinic service, so its product type must be "
                        "Service.",
                        name=service.name,
                    )
                )

    @api.onchange("is_clinic_service")
    def _onchange_is_clinic_service(self):
        if self.is_clinic_service:
            self.type = "service"

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if vals.get("is_clinic_service"):
                self._set_clinic_service_defaults(vals)
        return super().create(vals_list)

    def copy_data(self, default=None):
        """Copy a product also for who has no role in the clinic, without what is ours.

        Odoo reads every link to copy it; an accountant of its own groups may not see
        which specialties or devices a service is for.
        """
        default = default or {}
        hidden = [
            name
            for name, field in self._fields.items()
            if name not in default
            and field.type == "many2many"
            and field.copy
            and field.comodel_name.startswith("clinic.")
            and not self.env[field.comodel_name].has_access("read")
        ]
        vals_list = super().copy_data({**dict.fromkeys(hidden), **default})
        for vals in vals_list:
            for name in hidden:
                del vals[name]
        return vals_list

    @api.model
    def _set_clinic_service_defaults(self, vals):
        """Fill in what was not given: a service, sold, without taxes."""
        vals.setdefault("type", "service")
        vals.setdefault("purchase_ok", False)
        for taxes in ("taxes_id", "supplier_taxes_id"):
            if taxes in self._fields:
                vals.setdefault(taxes, [Command.clear()])
