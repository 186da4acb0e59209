from odoo import api, fields, models
from odoo.exceptions import UserError


class ClinicFrozenMixin(models.AbstractModel):
    """A draft is its author's to change; given out, it stays as it was written.

    Number, state and times are nobody's to write: they follow from the buttons.
    """

    _name = "clinic.frozen.mixin"
    _description = "Kept as It Was Given Out"
    _inherit = ["clinic.medical.mixin"]

    name = fields.Char(string="No.", readonly=True, copy=False)

    def write(self, vals):
        system = self._system_fields()
        if set(vals) - system - self._progress_fields():
            self._check_is_draft()
        if not self.env.su and system & set(vals):
            raise UserError(
                self.env._("Number, state, author and times follow from the buttons.")
            )
        return super().write(vals)

    @api.model
    def _system_fields(self):
        """Return what only the system writes, at any time. Extend, call super."""
        return {"name", "state", "record_id"}

    @api.model
    def _progress_fields(self):
        """Return what may change in what was given out. Extend, call super."""
        return set()

    @api.ondelete(at_uninstall=False)
    def _unlink_except_draft(self):
        self._check_is_draft()

    def _check_is_draft(self):
        if given := self.filtered(lambda row: row.state != "draft"):
            raise UserError(
                self._frozen_sentence(", ".join(given.mapped("display_name")))
            )

    @api.model
    def _frozen_sentence(self, names):
        """Return why what was given out stays, and what to do instead."""
        return self.env._(
            "%(rows)s: this was given out already and stays as it is.", rows=names
        )
