from odoo import api, fields, models
from odoo.fields import Domain


class ClinicEncounterTemplate(models.Model):
    """What a visit of a specialty or service asks for; the clinic builds it itself.

    The fields live in versions. A visit keeps the version it was begun with.
    """

    _name = "clinic.encounter.template"
    _description = "Visit Template"
    _order = "sequence, name, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(
        default=10, help="Of several that fit, the first one is taken."
    )
    active = fields.Boolean(default=True)
    specialty_ids = fields.Many2many(
        "clinic.specialty",
        "clinic_encounter_template_specialty_rel",
        "template_id",
        "specialty_id",
        string="Specialties",
        help="Empty together with the services: for every visit without a template "
        "of its own.",
    )
    service_ids = fields.Many2many(
        "product.template",
        "clinic_encounter_template_service_rel",
        "template_id",
        "service_id",
        string="Services",
        domain=[("is_clinic_service", "=", True)],
        help="A template of the service goes before that of the specialty.",
    )
    version_ids = fields.One2many(
        "clinic.encounter.template.version", "template_id", string="Versions"
    )
    current_version_id = fields.Many2one(
        "clinic.encounter.template.version",
        string="Version in Use",
        compute="_compute_current_version_id",
    )

    @api.depends("version_ids.state", "version_ids.number")
    def _compute_current_version_id(self):
        for template in self:
            template.current_version_id = template.version_ids.filtered(
                lambda version: version.state == "published"
            ).sorted("number")[-1:]

    def copy_data(self, default=None):
        vals_list = super().copy_data(default=default)
        for template, vals in zip(self, vals_list, strict=True):
            vals["name"] = self.env._("%(name)s (copy)", name=template.name)
            newest = template.version_ids.sorted("number")[-1:]
            vals["version_ids"] = [
                fields.Command.create({**version_vals, "number": 1})
                for version_vals in newest.copy_data()
            ]
        return vals_list

    def action_edit(self):
        """Open the newest version for editing; of one that is used, a copy."""
        self.ensure_one()
        newest = self.version_ids.sorted("number")[-1:]
        if not newest:
            newest = self.version_ids.create({"template_id": self.id})
        elif newest.is_used:
            newest = newest._next_version()
        return newest.action_open()

    @api.model
    def _for_visits(self, services, specialties):
        """Return the templates that fit, the best first.

        :param services: ``product.product`` of the visits
        :param specialties: of the specialist
        """
        fitting = self.search(
            Domain("version_ids.state", "=", "published")
            & (
                Domain("service_ids", "in", services.product_tmpl_id.ids)
                | Domain("specialty_ids", "in", specialties.ids)
                | (
                    Domain("service_ids", "=", False)
                    & Domain("specialty_ids", "=", False)
                )
            )
        )
        return fitting.sorted(
            lambda template: template._rank(services.product_tmpl_id, specialties)
        )

    def _rank(self, services, specialties):
        """Return how well the template fits: the smaller, the better."""
        self.ensure_one()
        if self.service_ids:
            return 0 if self.service_ids & services else 3
        return 1 if self.specialty_ids & specialties else 2
