from odoo import models


class AccountChartTemplate(models.AbstractModel):
    _inherit = "account.chart.template"

    def _post_load_data(self, template_code, company, template_data):
        """Add the clinic's journals to whatever chart a company has loaded."""
        result = super()._post_load_data(template_code, company, template_data)
        company._clinic_setup_books()
        return result
