import hashlib

from odoo import fields
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from odoo.addons.clinic_sms.tests.common import SmsCommon

LOGGER = "odoo.addons.clinic_sms.controllers.reports"


@tagged("post_install", "-at_install")
class TestReports(HttpCase, SmsCommon):
    """Anybody can call these addresses; only the gateway is believed."""

    def setUp(self):
        super().setUp()
        self.account.new_callback_secret = "word"
        self.sms = self._create_sms()
        self.row = self.env["clinic.sms.message"].create(
            {
                "uuid": self.sms.uuid,
                "own_id": 777,
                "provider_id": "50001",
                "company_id": self.env.company.id,
                "gateway": "smsc",
                "phone": "+79122000001",
                "state": "sent",
                "first_tried": fields.Datetime.now(),
                "last_tried": fields.Datetime.now(),
            }
        )

    def _report(self, **values):
        report = {"id": "777", "phone": "79122000001", "status": "1", **values}
        text = "{id}:{phone}:{status}:word".format(**report)
        report.setdefault("sha1", hashlib.sha1(text.encode()).hexdigest())
        return self.url_open("/clinic_sms/smsc", data=report)

    def test_a_signed_report_counts(self):
        self.assertEqual(self._report().text, "OK")
        self.assertEqual((self.row.state, self.sms.state), ("delivered", "sent"))
        # late and out of order: nothing takes it back
        self.assertEqual(self._report(status="20").text, "OK")
        self.assertEqual(self.row.state, "delivered")

    @mute_logger(LOGGER)
    def test_a_forged_report_does_not(self):
        forged = [
            {"sha1": "0" * 40},
            {"sha1": ""},
            {"id": "778"},
            {"id": "777' OR 1=1"},
            {"id": "9" * 30},
            {"phone": "79990000000"},
        ]
        for values in forged:
            with self.subTest(values):
                self.assertEqual(self._report(**values).status_code, 404)
                self.assertEqual(self.row.state, "sent")
        self.account.sudo().callback_secret = False
        self.assertEqual(self._report().status_code, 404)
        self.assertEqual(self.row.state, "sent")

    @mute_logger(LOGGER)
    def test_reports_of_sms_aero_come_to_a_secret_address(self):
        self.row.gateway = "smsaero"
        self._use("smsaero")
        token = self.env["clinic.sms.message"]._token(self.sms.uuid)
        path = f"/clinic_sms/smsaero/{self.sms.uuid}"
        good = {"id": "50001", "status": "1"}
        for url, data in (
            (f"{path}/{'0' * 32}", good),
            (f"{path}/я", good),
            (f"/clinic_sms/smsaero/{'0' * 32}/{token}", good),
            (f"{path}/{token}", {"id": "1", "status": "1"}),
            (f"{path}/{token}", {"status": "1"}),
        ):
            with self.subTest(url=url, data=data):
                self.assertEqual(self.url_open(url, data=data).status_code, 404)
                self.assertEqual(self.row.state, "sent")
        answer = self.url_open(f"{path}/{token}", json={"id": 50001, "status": 1})
        self.assertEqual(answer.status_code, 200)
        self.assertEqual(self.row.state, "delivered")

    def test_an_unknown_status_changes_nothing(self):
        self.assertEqual(self._report(status="99").text, "OK")
        self.assertEqual(self._report(status="abc").text, "OK")
        self.assertEqual(self.row.state, "sent")
