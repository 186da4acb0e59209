from odoo import api, fields, models
from odoo.exceptions import UserError


class ClinicDocumentTemplateVersion(models.Model):
    """A text of a template as it was; frozen from its first document on."""

    _name = "clinic.document.template.version"
    _description = "Version of a Document Template"
    _inherit = ["clinic.wall.time"]
    _order = "version desc, id desc"
    _rec_name = "version"

    template_id = fields.Many2one(
        "clinic.document.template",
        required=True,
        index=True,
        ondelete="cascade",
    )
    version = fields.Integer(required=True, aggregator=None)
    body = fields.Html(string="Text", required=True)
    is_used = fields.Boolean(readonly=True)

    _version_uniq = models.Constraint(
        "UNIQUE(template_id, version)", "There is such a version already."
    )

    @api.depends("template_id", "version")
    def _compute_display_name(self):
        for one in self:
            one.display_name = self.env._(
                "%(name)s, version %(version)s",
                name=one.template_id.name,
                version=one.version,
            )

    def write(self, vals):
        if "body" in vals and self.filtered("is_used"):
            raise UserError(
                self.env._("Documents were made of this text, so it stays as it is.")
            )
        return super().write(vals)
