from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

STATES = [
    ("draft", "Being Edited"),
    ("published", "In Use"),
    ("retired", "Replaced"),
]


class ClinicEncounterTemplateVersion(models.Model):
    """One state of a template. The first visit that uses it freezes it."""

    _name = "clinic.encounter.template.version"
    _description = "Version of a Visit Template"
    _inherit = ["clinic.wall.time"]
    _order = "template_id, number desc, id desc"

    template_id = fields.Many2one(
        "clinic.encounter.template",
        required=True,
        index=True,
        ondelete="cascade",
    )
    number = fields.Integer(string="No.", required=True, default=1, readonly=True)
    state = fields.Selection(STATES, required=True, default="draft", readonly=True)
    published_at = fields.Datetime(string="In Use Since", readonly=True)
    item_ids = fields.One2many(
        "clinic.encounter.template.item", "version_id", string="Fields", copy=True
    )
    is_used = fields.Boolean(
        compute="_compute_is_used", string="Used by visits: can't be changed any more"
    )
    preview = fields.Json(compute="_compute_preview")

    _number_uniq = models.Constraint(
        "UNIQUE(template_id, number)", "There is a version of this number already."
    )

    @api.depends("template_id.name", "number")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for version in self:
            version.display_name = self.env._(
                "%(template)s, version %(number)s",
                template=version.template_id.name or "",
                number=version.number,
            )

    @api.depends("item_ids")
    def _compute_is_used(self):
        # sudo: whether any visit uses it, not which one
        used = (
            self.env["clinic.encounter"]
            .sudo()
            ._read_group(
                [("template_version_id", "in", self.ids)], ["template_version_id"]
            )
        )
        used_ids = {version.id for (version,) in used}
        for version in self:
            version.is_used = version._origin.id in used_ids

    @api.depends("item_ids.name", "item_ids.kind", "item_ids.part", "item_ids.choices")
    def _compute_preview(self):
        for version in self:
            version.preview = {
                "items": [item._schema() for item in version.item_ids],
                "values": {},
            }

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if not vals.get("number") and vals.get("template_id"):
                template = self.env["clinic.encounter.template"].browse(
                    vals["template_id"]
                )
                vals["number"] = (
                    max(template.version_ids.mapped("number"), default=0) + 1
                )
        return super().create(vals_list)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        self._check_not_used()

    def action_open(self):
        """Open the version in the editor."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Visit Template"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "views": [(False, "form")],
        }

    def action_publish(self):
        """Let new visits begin with these versions instead of the former ones."""
        for version in self:
            if not version.item_ids:
                raise ValidationError(
                    self.env._(
                        "The template %(template)s has no fields yet.",
                        template=version.template_id.name,
                    )
                )
        former = self.template_id.version_ids.filtered(
            lambda version: version.state == "published"
        )
        (former - self).write({"state": "retired"})
        self.write({"state": "published", "published_at": fields.Datetime.now()})
        return True

    def action_new_version(self):
        """Copy a used version to edit the copy."""
        self.ensure_one()
        return self._next_version().action_open()

    def _next_version(self):
        self.ensure_one()
        number = max(self.template_id.version_ids.mapped("number")) + 1
        return self.copy({"number": number, "state": "draft", "published_at": False})

    def _check_not_used(self):
        if used := self.filtered("is_used"):
            raise UserError(
                self.env._(
                    "%(versions)s: visits were written with it, so it stays as it is. "
                    "Make a new version.",
                    versions=", ".join(used.mapped("display_name")),
                )
            )
