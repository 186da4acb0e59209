import base64
from pathlib import Path

from odoo.fields import Command

from ..tools.catalog import BANK, BANK_ACCOUNT, COMPANY

IMAGES = Path(__file__).parent.parent / "static" / "img"


class Site:
    """The company, the languages and the web site."""

    def __init__(self, env):
        self.env = env

    def make(self):
        self._languages()
        self._company()
        self._bank()
        self._website()
        provider = self.env.ref("payment.payment_provider_demo")
        provider.write({"state": "test", "is_published": True})

    def _languages(self):
        """Have Russian with its translations, and English beside it."""
        languages = self.env["res.lang"].with_context(active_test=False)
        russian = languages.search([("code", "=", "ru_RU")])
        if not russian.active:
            self.env["base.language.install"].create(
                {"lang_ids": [Command.set(russian.ids)]}
            ).lang_install()
        languages._activate_lang("en_US")
        self.env["ir.default"].set("res.partner", "lang", "ru_RU")

    def _company(self):
        company = self.env.company
        company.write(
            {
                **COMPANY,
                "country_id": self.env.ref("base.ru").id,
                "logo": self._image("logo.png"),
            }
        )
        if "iap_enrich_auto_done" in company._fields:
            # An invented company need not be looked up at Odoo's service.
            company.iap_enrich_auto_done = True
        self.env.ref("base.RUB").symbol = "₽"
        company.clinic_cash_journal_id.name = "Касса"
        company.clinic_card_journal_id.name = "Карта, терминал"
        company.partner_id.write({"lang": "ru_RU", "tz": "Asia/Yekaterinburg"})

    def _bank(self):
        """Give the company an account in an invented bank, with true check digits."""
        company = self.env.company
        bank = self.env["res.bank"].create(
            {**BANK, "country": self.env.ref("base.ru").id}
        )
        company.clinic_bank_account_id = self.env["res.partner.bank"].create(
            {
                "acc_number": BANK_ACCOUNT,
                "bank_id": bank.id,
                "partner_id": company.partner_id.id,
            }
        )

    def _website(self):
        website = self.env.ref("website.default_website")
        russian = self.env.ref("base.lang_ru")
        english = self.env.ref("base.lang_en")
        website.write(
            {
                "name": COMPANY["name"],
                "logo": self._image("logo.png"),
                "language_ids": [Command.set((russian | english).ids)],
                "default_lang_id": russian.id,
            }
        )

    @staticmethod
    def _image(name: str) -> bytes:
        return base64.b64encode((IMAGES / name).read_bytes())
