from odoo.tests import TransactionCase, tagged

from ..hooks import post_init_hook


@tagged("post_install", "-at_install")
class TestPostInit(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env.ref("base.main_company")
        other_companies = cls.env["res.company"].search([]) - cls.company
        if other_companies or (
            "account.move" in cls.env
            and cls.env["account.move"].search_count([], limit=1)
        ):
            cls.skipTest(cls, "the database is in use already")

    def test_untouched_company_becomes_russian(self):
        self.company.country_id = self.env.ref("base.us")
        self.company.currency_id = self.env.ref("base.USD")
        post_init_hook(self.env)
        self.assertEqual(self.company.country_id, self.env.ref("base.ru"))
        self.assertEqual(self.company.currency_id, self.env.ref("base.RUB"))
        self.assertTrue(self.env.ref("base.RUB").active)

    def test_company_somebody_has_set_up_is_kept(self):
        self.company.country_id = self.env.ref("base.kz")
        self.company.currency_id = self.env.ref("base.USD")
        post_init_hook(self.env)
        self.assertEqual(self.company.country_id, self.env.ref("base.kz"))
        self.assertEqual(self.company.currency_id, self.env.ref("base.USD"))

    def test_several_companies_are_kept(self):
        self.company.country_id = self.env.ref("base.us")
        self.company.currency_id = self.env.ref("base.USD")
        self.env["res.company"].create({"name": "Test second company"})
        post_init_hook(self.env)
        self.assertEqual(self.company.country_id, self.env.ref("base.us"))
