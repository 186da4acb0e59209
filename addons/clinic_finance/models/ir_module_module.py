from odoo import api, models

from odoo.addons.account.models.ir_module import templ

CHART = "ru_clinic"


class IrModuleModule(models.Model):
    _inherit = "ir.module.module"

    @api.depends("state")
    def _compute_account_templates(self):
        """Offer our chart: Odoo looks for charts in localisation addons only."""
        super()._compute_account_templates()
        for module in self.filtered(lambda module: module.name == "clinic_finance"):
            charts = self.env["account.chart.template"]
            values = charts._get_ru_clinic_template_data()
            module.account_templates = {
                CHART: templ(
                    self.env,
                    CHART,
                    name=values["name"],
                    country=values["country"],
                    parent=None,
                    sequence=1,
                    visible=True,
                    installed=module.state == "installed",
                    module=module.name,
                )
            }

    def write(self, vals):
        """Keep our loading of charts, which serves every company, as it is planned.

        Once an addon with a chart is installed, Odoo plans the loading for one
        company, in the place where our ``post_init_hook`` has just put its own plan.
        """
        planned = getattr(self.env.registry, "_auto_install_template", None)
        result = super().write(vals)
        if planned and self.mapped("name") == ["clinic_finance"]:
            self.env.registry._auto_install_template = planned
        return result
