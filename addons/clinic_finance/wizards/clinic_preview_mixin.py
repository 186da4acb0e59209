from odoo import Command, fields, models


class ClinicPreviewMixin(models.AbstractModel):
    """A dialog that shows line by line what it would do before it does it.

    An heir has ``line_ids`` and ``_preview_action`` (the xml id of its action), and
    calls ``_preview()`` with the values of the lines.
    """

    _name = "clinic.preview.mixin"
    _description = "Look Before It Is Done"

    _preview_action = None

    is_previewed = fields.Boolean()

    def _preview(self, vals_list):
        """Show these lines instead of the former ones; return the action to do so."""
        self.ensure_one()
        self.line_ids = [
            Command.clear(),
            *(Command.create(vals) for vals in vals_list),
        ]
        self.is_previewed = True
        return self._reopen()

    def action_back(self):
        """Return to the conditions."""
        self.ensure_one()
        self.is_previewed = False
        return self._reopen()

    def _reopen(self):
        action = self.env["ir.actions.act_window"]._for_xml_id(self._preview_action)
        return {**action, "res_id": self.id}
