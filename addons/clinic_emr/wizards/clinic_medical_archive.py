from odoo import api, fields, models
from odoo.exceptions import UserError

SHORTEST_REASON = 10


class ClinicMedicalArchive(models.TransientModel):
    """Withdraw what was written into a medical record by mistake."""

    _name = "clinic.medical.archive"
    _description = "Withdraw from a Medical Record"

    reason = fields.Char(help="It stays with the entry for good.")
    is_withdrawn = fields.Boolean(compute="_compute_is_withdrawn")

    @api.depends_context("active_model", "active_ids", "active_id")
    def _compute_is_withdrawn(self):
        entries = self._entries() if self._is_medical() else None
        readable = entries and entries._filtered_access("read")
        self.is_withdrawn = bool(readable) and not any(readable.mapped("active"))

    def action_archive(self):
        """Withdraw the entries the action was called on."""
        self.ensure_one()
        reason = (self.reason or "").strip()
        if len(reason) < SHORTEST_REASON:
            raise UserError(self.env._("Say in a sentence why it is withdrawn."))
        self._entries()._archive_with_reason(reason)
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def action_restore(self):
        """Bring the entries back."""
        self.ensure_one()
        self._entries()._restore_archived()
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def _is_medical(self):
        name = self.env.context.get("active_model")
        medical = self.env.registry.descendants(["clinic.medical.mixin"], "_inherit")
        return name in medical and not self.env[name]._abstract

    def _entries(self):
        """Return the medical entries named by the context."""
        if not self._is_medical():
            raise UserError(self.env._("There is nothing to withdraw here."))
        name = self.env.context["active_model"]
        ids = self.env.context.get("active_ids") or [self.env.context.get("active_id")]
        return self.env[name].browse(filter(None, ids))
