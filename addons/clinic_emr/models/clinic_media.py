from odoo import api, fields, models
from odoo.exceptions import UserError

IMAGE_SUFFIXES = (".png", ".jpg", ".jpeg", ".gif", ".webp", ".bmp")


class ClinicMedia(models.Model):
    """A file or image kept with the visit or the record.

    The file is an attachment of this very field, so ``/web/content`` and ``/web/image``
    ask the rules of this model before they give it away.
    """

    _name = "clinic.media"
    _description = "File or Image of the Medical Record"
    _inherit = ["clinic.record.entry"]
    _order = "date desc, id desc"

    name = fields.Char(string="Title")
    kind = fields.Selection(
        [
            ("photo", "Photo"),
            ("xray", "X-ray, ultrasound, MRI"),
            ("result", "Outside result"),
            ("scan", "Scanned paper"),
            ("other", "Other"),
        ],
        required=True,
        default="result",
    )
    date = fields.Date(
        required=True,
        default=fields.Date.context_today,
        help="When it was taken, not when it was put here.",
    )
    body_site = fields.Char(help="What is seen: left knee, tooth 16, right eye.")
    file = fields.Binary(required=True, attachment=True)
    file_name = fields.Char()
    is_image = fields.Boolean(compute="_compute_is_image", store=True)
    note = fields.Text(string="Conclusion")

    @api.depends("file_name")
    def _compute_is_image(self):
        for media in self:
            media.is_image = (media.file_name or "").lower().endswith(IMAGE_SUFFIXES)

    @api.constrains("file", "file_name")
    def _check_file_kind(self):
        self.env["clinic.file.rules"]._check_binary(self, "file", "file_name")

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            vals["name"] = vals.get("name") or vals.get("file_name")
        return super().create(vals_list)

    def write(self, vals):
        if {"file", "file_name"} & set(vals):
            raise UserError(
                self.env._(
                    "A file in the medical record isn't replaced: add another one and "
                    "withdraw this."
                )
            )
        return super().write(vals)
