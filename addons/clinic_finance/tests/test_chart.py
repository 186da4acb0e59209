from odoo.tests import tagged

from .common import FinanceCommon


@tagged("post_install", "-at_install")
class TestRussianChart(FinanceCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.russia = cls.env.ref("base.ru")
        cls.clinic = cls.env["res.company"].create(
            {"name": "Test Russian clinic", "country_id": cls.russia.id}
        )
        cls.env.user.company_ids |= cls.clinic

    def _account(self, code):
        return (
            self.env["account.account"]
            .with_company(self.clinic)
            .search([("code", "=", code), ("company_ids", "in", self.clinic.ids)])
        )

    def test_new_russian_company_works_by_our_chart(self):
        self.assertRecordValues(
            self.clinic,
            [
                {
                    "chart_template": "ru_clinic",
                    "currency_id": self.env.ref("base.RUB").id,
                    "account_fiscal_country_id": self.russia.id,
                    "account_sale_tax_id": False,
                    "income_account_id": self._account("90.01.1").id,
                    "transfer_account_id": self._account("57.01").id,
                }
            ],
        )
        partner = self.patient.with_company(self.clinic)
        self.assertEqual(partner.property_account_receivable_id.code, "62.01")
        self.assertEqual(partner.property_account_payable_id.code, "60.01")

    def test_money_lies_where_an_accountant_looks_for_it(self):
        cash = self.clinic.clinic_cash_journal_id.default_account_id
        card = self.clinic.clinic_card_journal_id.default_account_id
        self.assertEqual(cash, self._account("50.01"))
        self.assertEqual(card, self._account("57.03"))
        bank = self.env["account.journal"].search(
            [("company_id", "=", self.clinic.id), ("type", "=", "bank")]
        )
        self.assertIn(self._account("51"), bank.default_account_id)

    def test_nothing_is_padded_or_doubled(self):
        accounts = (
            self.env["account.account"]
            .with_company(self.clinic)
            .search([("company_ids", "in", self.clinic.ids)])
        )
        codes = accounts.mapped("code")
        self.assertEqual(len(codes), len(set(codes)))
        self.assertFalse([code for code in codes if ".copy" in code or code > "99.99"])
        in_transit = accounts.filtered(lambda a: a.code.startswith("57.0"))
        self.assertEqual(
            in_transit.mapped("code"), ["57.01", "57.02", "57.03", "57.04"]
        )

    def test_accounts_have_russian_names(self):
        self.env["res.lang"]._activate_lang("ru_RU")
        self.env["account.chart.template"]._load_translations(
            langs=["ru_RU"], companies=self.clinic
        )
        account = self._account("62.02").with_context(lang="ru_RU")
        self.assertEqual(account.name, "Авансы полученные")

    def test_chart_is_offered_first_in_russia(self):
        charts = self.env["account.chart.template"]
        self.assertEqual(charts._guess_chart_template(self.russia), "ru_clinic")
        elsewhere = charts._guess_chart_template(self.env.ref("base.de"))
        self.assertNotEqual(elsewhere, "ru_clinic")

    def test_company_elsewhere_chooses_by_itself(self):
        company = self.env["res.company"].create(
            {"name": "Test abroad", "country_id": self.env.ref("base.de").id}
        )
        self.assertFalse(company.chart_template)

    def test_rates_of_vat_are_there_to_be_chosen(self):
        rates = self.env["account.tax"].search(
            [("company_id", "=", self.clinic.id), ("type_tax_use", "=", "sale")]
        )
        self.assertEqual(sorted(rates.mapped("amount")), [0, 5, 7, 10, 22])
        self.assertEqual(rates.repartition_line_ids.account_id, self._account("68.02"))
        self.clinic._clinic_setup_vat()
        self.assertEqual(rates.search_count([("company_id", "=", self.clinic.id)]), 5)
        # The price is what the patient pays, and none has a rate by itself.
        self.assertFalse(self.clinic.account_sale_tax_id)
        service = self.env["product.template"].with_company(self.clinic)
        service = service.create({"name": "Peeling", "is_clinic_service": True})
        self.assertFalse(service.taxes_id)
        vat = rates.filtered(lambda tax: tax.amount == 22)
        sums = vat.compute_all(2440.0)
        self.assertEqual((sums["total_excluded"], sums["total_included"]), (2000, 2440))

    def test_loading_again_keeps_the_accounts(self):
        account = self._account("62.01")
        account.name = "Renamed by the accountant"
        self.env["account.chart.template"].try_loading("ru_clinic", self.clinic)
        self.assertEqual(account.name, "Renamed by the accountant")
        self.assertEqual(self.clinic.chart_template, "ru_clinic")


@tagged("post_install", "-at_install")
class TestBranchDesks(FinanceCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.clinic = cls.env["res.company"].create(
            {"name": "Test clinic of branches", "country_id": cls.env.ref("base.ru").id}
        )
        cls.env.user.company_ids |= cls.clinic

    def _branch(self, name):
        return self.env["clinic.branch"].create(
            {"name": name, "company_id": self.clinic.id}
        )

    def test_first_branch_takes_the_desk_of_the_company(self):
        branch = self._branch("Test first")
        self.assertEqual(branch.cash_journal_id, self.clinic.clinic_cash_journal_id)
        self.assertEqual(branch.card_journal_id, self.clinic.clinic_card_journal_id)

    def test_second_branch_gets_a_desk_of_its_own(self):
        first, second, third = map(self._branch, ("Test A", "Test B", "Test C"))
        desks = (first | second | third).cash_journal_id
        self.assertEqual(len(desks), 3)
        self.assertEqual(len(desks.default_account_id), 3)
        self.assertIn("Test B", second.cash_journal_id.name)
        codes = second.cash_journal_id.default_account_id.with_company(self.clinic).code
        self.assertEqual(codes, "50.01.1")
        for journal in desks | (first | second | third).card_journal_id:
            lines = (
                journal.inbound_payment_method_line_ids
                | journal.outbound_payment_method_line_ids
            )
            self.assertEqual(lines.payment_account_id, journal.default_account_id)

    def test_chart_opens_the_desks_of_branches_that_waited(self):
        company = self.env["res.company"].create({"name": "Test without books"})
        branch = self.env["clinic.branch"].create(
            {"name": "Test early", "company_id": company.id}
        )
        self.assertFalse(branch.cash_journal_id)
        self.env["account.chart.template"].try_loading("ru_clinic", company)
        self.assertEqual(branch.cash_journal_id, company.clinic_cash_journal_id)

    def test_opening_again_changes_nothing(self):
        branch = self._branch("Test A") | self._branch("Test B")
        before = self.env["account.journal"].search_count([])
        branch._clinic_open_desks()
        self.assertEqual(self.env["account.journal"].search_count([]), before)

    def test_money_of_a_visit_goes_to_the_desk_of_its_branch(self):
        desk = self.company._clinic_create_journal("TDESK", "cash")
        self.branch.cash_journal_id = desk
        payment = self._pay(self._book())
        self.assertEqual(payment.journal_id, desk)
        self.assertEqual(payment.state, "paid")

    def test_branch_without_a_desk_uses_that_of_the_company(self):
        self.branch.cash_journal_id = False
        payment = self._pay(self._book())
        self.assertEqual(payment.journal_id, self.company.clinic_cash_journal_id)
