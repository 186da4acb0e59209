from odoo import models, tools
from odoo.tools import frozendict


class IrActionsActions(models.Model):
    _inherit = "ir.actions.actions"

    @tools.ormcache("model_name", "self.env.lang")
    def _get_bindings(self, model_name):
        """Offer “Withdraw…” on all medical models, those of other addons included.

        The view of visits has the action; one that somebody forgets to bind would
        leave no way to correct what was written by mistake.
        """
        bindings = super()._get_bindings(model_name)
        model = self.env.get(model_name)
        path = getattr(model, "_medical_record_path", "")
        if not path or model_name == "clinic.encounter" or model._transient:
            return bindings
        if not hasattr(model, "_archive_with_reason"):
            return bindings
        withdraw = tuple(
            action
            for action in super()._get_bindings("clinic.encounter").get("action", ())
            if action.get("res_model") == "clinic.medical.archive"
        )
        return frozendict(
            {**bindings, "action": (*bindings.get("action", ()), *withdraw)}
        )
