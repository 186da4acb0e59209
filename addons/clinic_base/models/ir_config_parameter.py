from odoo import api, models

# What record rules are worked out with: a rule's domain is cached by user.
IN_RULES = {"clinic_base.age_of_consent"}


class IrConfigParameter(models.Model):
    _inherit = "ir.config_parameter"

    @api.model_create_multi
    def create(self, vals_list):
        parameters = super().create(vals_list)
        parameters._forget_rules()
        return parameters

    def write(self, vals):
        self._forget_rules()
        result = super().write(vals)
        self._forget_rules()
        return result

    def unlink(self):
        self._forget_rules()
        return super().unlink()

    def _forget_rules(self):
        """Let record rules be worked out anew with what is set here."""
        if IN_RULES & set(self.mapped("key")):
            self.env.registry.clear_cache()
