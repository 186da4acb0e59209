import importlib
import sys
from pathlib import Path

from odoo.addons.clinic_schedule.tests.test_notice import NoticeCommon
from odoo.addons.clinic_sms.tools import gateways

# The stand-ins belong to the tests of the whole suite.
sys.path.append(str(Path(__file__).parents[3] / "tests"))
simulator = importlib.import_module("simulators.sms_gateway")


class SmsCommon(NoticeCommon):
    """A company with an account at a gateway that listens on a port of this machine."""

    @classmethod
    def _set_up_sms(cls):
        # no super: SMS can be sent because the account says so
        cls.server = cls._start(simulator.SmsGateway(delay=0.6))
        params = cls.env["ir.config_parameter"]
        params.set_param("clinic_sms.smsc_url", cls.server.url)
        params.set_param("clinic_sms.smsaero_url", f"{cls.server.url}/v2")
        cls.account = cls.env["clinic.sms.account"].search(
            [("company_id", "=", cls.env.company.id)]
        ) or cls.env["clinic.sms.account"].create({})
        cls._use("smsc")
        cls.classPatch(gateways, "TIMEOUT", 0.4)

    @classmethod
    def _start(cls, server):
        server.__enter__()
        cls.addClassCleanup(server.__exit__)
        return server

    def setUp(self):
        super().setUp()
        self.server.taken.clear()
        self.server.requests.clear()
        self.server.be(simulator.GOOD, 0)
        self.server.balance = "1234.50"

    @classmethod
    def _use(cls, gateway):
        login, secret = {
            "smsc": (simulator.LOGIN, simulator.PASSWORD),
            "smsaero": (simulator.EMAIL, simulator.AERO_KEY),
        }[gateway]
        cls.account.write(
            {
                "gateway": gateway,
                "login": login,
                "new_secret": secret,
                "sender": "CLINIC",
            }
        )

    @classmethod
    def _create_sms(cls, text="Come tomorrow", number="+79122000001"):
        sms = cls.env["sms.sms"].create({"number": number, "body": text})
        cls.env["sms.tracker"].create({"sms_uuid": sms.uuid})
        return sms

    def _journal(self, sms):
        return self.env["clinic.sms.message"].search(
            [("uuid", "in", sms.mapped("uuid"))]
        )
