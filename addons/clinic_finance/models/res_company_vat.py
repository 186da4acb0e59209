from odoo import api, models
from odoo.fields import Command

# In force since 2026; 5 and 7 % with the simplified system, 0 % for exports.
RATES = (22, 10, 7, 5, 0)
XMLID = "account.%s_clinic_vat_%s"


class ResCompany(models.Model):
    _inherit = "res.company"

    def _clinic_setup_books(self):
        result = super()._clinic_setup_books()
        self._clinic_setup_vat()
        return result

    @api.model
    def _clinic_setup_all_vat(self):
        self.search([])._clinic_setup_vat()

    def _clinic_setup_vat(self):
        """Make the rates of VAT, where they are missing; no service has one by itself.

        Medical services are exempt. Cosmetic ones and goods are not: who sells them
        chooses the rate on the service, and its price includes it, as patients see it.
        """
        for company in self.sudo():
            chart = self.env["account.chart.template"].with_company(company)
            account = chart.ref("ru68_02", raise_if_not_found=False)
            if company.parent_id or company.chart_template != "ru_clinic":
                continue
            for rate in RATES:
                xmlid = XMLID % (company.id, rate)
                if account and not self.env.ref(xmlid, raise_if_not_found=False):
                    company._clinic_create_vat(rate, xmlid, account)

    def _clinic_create_vat(self, rate, xmlid, account):
        self.ensure_one()
        env = self.with_context(lang="en_US").env
        group = env["account.tax.group"].search(
            [("name", "=", "VAT"), ("company_id", "=", self.id)], limit=1
        ) or env["account.tax.group"].create(
            {
                "name": "VAT",
                "company_id": self.id,
                "country_id": self.account_fiscal_country_id.id,
                "tax_payable_account_id": account.id,
                "tax_receivable_account_id": account.id,
            }
        )
        shares = [
            Command.create({"repartition_type": "base", "document_type": document})
            if part == "base"
            else Command.create(
                {
                    "repartition_type": "tax",
                    "document_type": document,
                    "account_id": account.id,
                }
            )
            for document in ("invoice", "refund")
            for part in ("base", "tax")
        ]
        tax = env["account.tax"].create(
            {
                "name": f"VAT {rate}%",
                "company_id": self.id,
                "country_id": self.account_fiscal_country_id.id,
                "amount": rate,
                "amount_type": "percent",
                "type_tax_use": "sale",
                "price_include_override": "tax_included",
                "tax_group_id": group.id,
                "repartition_line_ids": shares,
            }
        )
        if self.env["res.lang"]._get_data(code="ru_RU"):
            group.with_context(lang="ru_RU").name = "НДС"
            tax.with_context(lang="ru_RU").name = f"НДС {rate} %"
        module, name = xmlid.split(".")
        env["ir.model.data"].create(
            {
                "module": module,
                "name": name,
                "model": "account.tax",
                "res_id": tax.id,
                "noupdate": True,
            }
        )
