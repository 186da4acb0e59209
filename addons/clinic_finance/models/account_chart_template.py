from odoo import models

from odoo.addons.account.models.chart_template import template


class AccountChartTemplate(models.AbstractModel):
    """A small Russian chart of accounts for a private clinic.

    The accounts are in ``data/template``, numbered as an accountant expects. Services
    are exempt from VAT (for others see ``_clinic_setup_vat``). One account, 62.01,
    holds both what patients owe and what they have paid in advance: Odoo matches money
    only within an account. 62.02 is there for the balance sheet of a period.
    """

    _inherit = "account.chart.template"

    @template("ru_clinic")
    def _get_ru_clinic_template_data(self):
        return {
            "name": self.env._("Private clinic"),
            "country": "ru",
            # As in the CSV: Russian codes are of unequal length, nothing is padded.
            "code_digits": "2",
            "property_account_receivable_id": "ru62_01",
            "property_account_payable_id": "ru60_01",
        }

    @template("ru_clinic", "res.company")
    def _get_ru_clinic_res_company(self):
        return {
            self.env.company.id: {
                "account_fiscal_country_id": "base.ru",
                "bank_account_code_prefix": "51",
                "cash_account_code_prefix": "50",
                "transfer_account_code_prefix": "57",
                "transfer_account_id": "ru57_01",
                "account_journal_suspense_account_id": "ru57_99",
                "income_account_id": "ru90_01_1",
                "expense_account_id": "ru26_09",
                "income_currency_exchange_account_id": "ru91_01_2",
                "expense_currency_exchange_account_id": "ru91_02_2",
                "default_cash_difference_income_account_id": "ru91_01_3",
                "default_cash_difference_expense_account_id": "ru91_02_3",
                "account_journal_early_pay_discount_gain_account_id": "ru91_01_4",
                "account_journal_early_pay_discount_loss_account_id": "ru91_02_4",
            }
        }

    @template("ru_clinic", "account.journal")
    def _get_ru_clinic_account_journal(self):
        return {
            "sale": {
                "name": "Patient Invoices",
                "name@ru": "Счета пациентам",
                "code": "СЧ",
            },
            "purchase": {
                "name": "Supplier Bills",
                "name@ru": "Счета поставщиков",
                "code": "ПОСТ",
            },
            "general": {"code": "ОПЕР"},
            "exch": {"code": "КУРС"},
            "bank": {
                "name": "Settlement Account",
                "name@ru": "Расчётный счёт",
                "code": "БАНК",
                "default_account_id": "ru51",
            },
        }

    def _create_outstanding_accounts(self, company, bank_prefix, code_digits):
        """Ours come with the chart: 57.02 and 57.04."""
        if company.chart_template != "ru_clinic":
            super()._create_outstanding_accounts(company, bank_prefix, code_digits)

    def _get_bank_fees_reco_account(self, company):
        fees = self.ref("ru91_02_5", raise_if_not_found=False)
        return fees or super()._get_bank_fees_reco_account(company)

    def _post_load_data(self, template_code, company, template_data):
        """Add the clinic's journals to whatever chart a clinic has loaded."""
        result = super()._post_load_data(template_code, company, template_data)
        if company._clinic_is_russian() or company._clinic_branches():
            company._clinic_setup_books()
        return result
