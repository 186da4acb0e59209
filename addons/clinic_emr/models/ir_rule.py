from odoo import api, models
from odoo.fields import Domain


class IrRule(models.Model):
    _inherit = "ir.rule"

    @api.model
    def _compute_domain(self, model_name, mode="read"):
        """Close the closed records in each medical model, those to come included.

        Not a rule a model: one that somebody forgets to write would be a leak.
        """
        domain = super()._compute_domain(model_name, mode)
        model = self.env[model_name]
        if self.env.su or not hasattr(model, "_medical_record_path"):
            return domain
        path = model._medical_record_path
        prefix = f"{path}." if path else ""
        open_to_me = Domain(f"{prefix}is_closed_to_me", "=", False)
        if path:
            # what belongs to no record (a contract) can't belong to a closed one
            open_to_me |= Domain(path, "=", False)
        if author := model._get_medical_author_path():
            open_to_me |= Domain(author, "=", self.env.uid)
        return domain & open_to_me
