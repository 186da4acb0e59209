import importlib
import sys
from pathlib import Path

from odoo import Command
from odoo.tests import HttpCase
from odoo.tools import mute_logger

# The stand-ins belong to the tests of the whole suite.
sys.path.append(str(Path(__file__).parents[3] / "tests"))
simulator = importlib.import_module("simulators.yookassa")


class YookassaCommon(HttpCase):
    """A shop at a YooKassa that listens on a port of this machine."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.shop = simulator.Yookassa()
        cls.shop.__enter__()
        cls.addClassCleanup(cls.shop.__exit__)
        params = cls.env["ir.config_parameter"]
        params.set_param("payment_yookassa.api_url", cls.shop.url)
        cls.rouble = cls.env.ref("base.RUB")
        cls.rouble.active = True
        cls.card = cls.env.ref("payment.payment_method_card")
        cls.provider = cls.env.ref("payment_yookassa.payment_provider_yookassa")
        cls.provider.write(
            {
                "yookassa_shop_id": simulator.SHOP,
                "yookassa_secret_key": simulator.SECRET,
                "company_id": cls.env.company.id,
                "state": "test",
                "is_published": True,
                "allow_tokenization": True,
                "payment_method_ids": [Command.link(cls.card.id)],
            }
        )
        cls.payer = cls.env["res.partner"].create({"name": "Test Payer"})
        cls.numbers = iter(range(1, 1000))

    def setUp(self):
        super().setUp()
        # Each refusal of the shop is an error in the log of Odoo's payment engine.
        self.enterContext(mute_logger("odoo.addons.payment.models.payment_provider"))
        self.shop.be(simulator.GOOD, 0)
        self.shop.notices.clear()
        self.shop.requests.clear()
        self.shop.refunds_wait = False

    def _tx(self, **values):
        return self.env["payment.transaction"].create(
            {
                "provider_id": self.provider.id,
                "payment_method_id": self.card.id,
                "reference": f"YK-{self.id()[-30:]}-{next(self.numbers)}",
                "amount": 1234.5,
                "currency_id": self.rouble.id,
                "partner_id": self.payer.id,
                "operation": "online_redirect",
                **values,
            }
        )

    def _start(self, **values):
        """Return a transaction whose payer stands before the page of YooKassa."""
        tx = self._tx(**values)
        tx._get_processing_values()
        return tx

    def _paid(self, **values):
        tx = self._start(**values)
        self.shop.pay(tx.provider_reference)
        tx._yookassa_ask()
        return tx
