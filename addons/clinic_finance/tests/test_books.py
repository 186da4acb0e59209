from odoo.tests import tagged

from .common import FinanceCommon


@tagged("post_install", "-at_install")
class TestBooks(FinanceCommon):
    def test_company_can_work_at_once(self):
        company = self.company
        self.assertTrue(company.chart_template)
        self.assertEqual(company.currency_id.name, "RUB")
        self.assertEqual(company.clinic_cash_journal_id.type, "cash")
        self.assertEqual(company.clinic_card_journal_id.type, "bank")

    def test_desk_journals_settle_at_once(self):
        for journal in (
            self.company.clinic_cash_journal_id,
            self.company.clinic_card_journal_id,
        ):
            lines = (
                journal.inbound_payment_method_line_ids
                | journal.outbound_payment_method_line_ids
            )
            self.assertTrue(lines)
            self.assertEqual(lines.payment_account_id, journal.default_account_id)

    def test_new_company_gets_books_with_its_chart(self):
        company = self.env["res.company"].create(
            {"name": "Test clinic of its own", "country_id": self.env.ref("base.ru").id}
        )
        self.env["account.chart.template"].try_loading("generic_coa", company)
        self.assertEqual(company.currency_id.name, "RUB")
        self.assertFalse(company.account_sale_tax_id)
        self.assertEqual(company.clinic_cash_journal_id.company_id, company)

    def test_setting_up_twice_changes_nothing(self):
        before = self.env["account.journal"].search_count([])
        self.company._clinic_setup_books()
        self.assertEqual(self.env["account.journal"].search_count([]), before)

    def test_used_books_are_left_alone(self):
        visit = self._book()
        self.assertEqual(visit.invoice_id.state, "posted")
        tax = self.env["account.tax"].create(
            {"name": "Test VAT", "amount": 20, "type_tax_use": "sale"}
        )
        self.company.account_sale_tax_id = tax
        self.company._clinic_setup_books()
        self.assertEqual(self.company.account_sale_tax_id, tax)

    def test_company_elsewhere_keeps_its_currency_and_taxes(self):
        company = self.env["res.company"].create(
            {"name": "Test abroad", "country_id": self.env.ref("base.us").id}
        )
        self.env["account.chart.template"].try_loading("generic_coa", company)
        self.assertEqual(company.currency_id.name, "USD")
        self.assertTrue(company.account_sale_tax_id)
        self.assertFalse(company.clinic_cash_journal_id)
        branch = self.env["clinic.branch"].create(
            {"name": "Test branch abroad", "company_id": company.id}
        )
        self.assertTrue(branch.cash_journal_id)
        self.assertEqual(branch.cash_journal_id, company.clinic_cash_journal_id)
