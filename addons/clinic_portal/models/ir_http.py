from odoo import models


class IrHttp(models.AbstractModel):
    _inherit = "ir.http"

    @classmethod
    def _get_translation_frontend_modules_name(cls):
        """Let the scripts of the clinic's pages speak the visitor's language."""
        return [*super()._get_translation_frontend_modules_name(), "clinic_portal"]
