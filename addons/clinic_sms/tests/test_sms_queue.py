from datetime import timedelta

from odoo import fields
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from odoo.addons.clinic_sms.models.clinic_sms_message import GIVE_UP, RETRY
from odoo.addons.clinic_sms.tests.common import SmsCommon, simulator

LOGGER = "odoo.addons.clinic_sms.models.clinic_sms_message"


@tagged("post_install", "-at_install")
class TestSmsQueue(SmsCommon):
    """Odoo's queue of SMS, through the real HTTP of the stand-in."""

    def _run_queue(self, at=None):
        with freeze_time(at or fields.Datetime.now()), self.enter_registry_test_mode():
            self.env["sms.sms"].search([("state", "=", "outgoing")])._send()
        self.env.invalidate_all()

    def _poll(self, at=None):
        with freeze_time(at or fields.Datetime.now()), self.enter_registry_test_mode():
            self.env.ref("clinic_sms.ir_cron_poll_sms").method_direct_trigger()
        self.env.invalidate_all()

    def test_an_sms_goes_out_once_by_either_gateway(self):
        for gateway in ("smsc", "smsaero"):
            with self.subTest(gateway):
                self._use(gateway)
                self.server.taken.clear()
                sms = self._create_sms("Приём завтра")
                self._run_queue()
                self._run_queue()
                [taken] = self.server.taken
                self.assertEqual(taken.text, "Приём завтра")
                self.assertEqual(taken.sender, "CLINIC")
                self.assertEqual(sms.state, "pending")
                self.assertEqual(self._journal(sms).state, "sent")

    @mute_logger(LOGGER)
    def test_whatever_happens_it_is_sent_once(self):
        moods = [
            simulator.SLOW_AFTER_TAKING,
            simulator.DROP_AFTER_TAKING,
            simulator.ERROR_AFTER_TAKING,
            simulator.NONSENSE_AFTER_TAKING,
            simulator.DROP_BEFORE_TAKING,
            simulator.ERROR_BEFORE_TAKING,
        ]
        for gateway in ("smsc", "smsaero"):
            self._use(gateway)
            for mood in moods:
                with self.subTest(gateway=gateway, mood=mood):
                    self.server.taken.clear()
                    sms = self._create_sms(f"{gateway} {mood}")
                    self.server.be(mood)
                    self._run_queue()
                    self.assertEqual(sms.state, "outgoing", "nobody knows yet")
                    # at once again: the gateway is left in peace for a while
                    self._run_queue()
                    self._run_queue(fields.Datetime.now() + RETRY)
                    self.assertEqual(sms.state, "pending")
                    self.assertEqual(len(self.server.taken), 1)

    @mute_logger(LOGGER)
    def test_a_silent_gateway_is_given_up_in_the_end(self):
        sms = self._create_sms()
        start = fields.Datetime.now()
        self.server.be(simulator.DROP_BEFORE_TAKING, 100)
        for step in range(5):
            self._run_queue(start + step * GIVE_UP / 3)
        self.assertEqual(sms.state, "error")
        self.assertEqual(sms.failure_type, "clinic_no_answer")
        self.assertFalse(self.server.taken)

    @mute_logger(LOGGER)
    def test_a_silent_gateway_does_not_hold_up_the_job(self):
        for number in range(6):
            self._create_sms(f"Text {number}")
        self.server.be(simulator.SLOW_AFTER_TAKING, 100)
        self._run_queue()
        self.assertEqual(len(self.server.taken), 2)

    def test_a_job_that_dies_after_sending_does_not_send_again(self):
        sms = self._create_sms()
        with self.enter_registry_test_mode():
            with self.assertRaises(ZeroDivisionError), self.env.cr.savepoint():
                journal = self.env["clinic.sms.message"]
                journal._send(self.account.sudo(), sms.uuid, sms.number, sms.body)
                # The journal was committed by a cursor of its own; here, where all
                # cursors are one, this is what another process would find.
                row = journal.search_read([("uuid", "=", sms.uuid)], load=False)[0]
                raise ZeroDivisionError
        row.pop("display_name")
        self.env["clinic.sms.message"].create(
            {key: value for key, value in row.items() if key != "id"}
        )
        self.assertEqual(sms.state, "outgoing")
        self._run_queue()
        self.assertEqual(sms.state, "pending")
        self.assertEqual(len(self.server.taken), 1)

    def test_refusals_are_said_in_words(self):
        cases = [
            (simulator.POOR, "sms_credit"),
            (simulator.FORBIDDEN, "clinic_text"),
            (simulator.WRONG_NUMBER, "sms_number_format"),
        ]
        for gateway in ("smsc", "smsaero"):
            self._use(gateway)
            for mood, failure in cases:
                with self.subTest(gateway=gateway, mood=mood):
                    sms = self._create_sms(mood)
                    self.server.be(mood)
                    self._run_queue()
                    self.assertEqual((sms.state, sms.failure_type), ("error", failure))
                    # After the cause is gone it can be sent again.
                    sms.action_set_outgoing()
                    self._run_queue()
                    self.assertEqual(sms.state, "pending")

    def test_a_wrong_key_is_an_error_not_a_retry(self):
        self.account.new_secret = "wrong"
        sms = self._create_sms()
        self._run_queue()
        self.assertEqual((sms.state, sms.failure_type), ("error", "clinic_auth"))

    def test_without_a_gateway_nobody_is_contacted(self):
        self.account.gateway = "none"
        sms = self._create_sms()
        self._run_queue()
        self.assertEqual((sms.state, sms.failure_type), ("error", "clinic_no_gateway"))
        self.assertFalse(self.server.requests)
        self.account.unlink()
        other = self._create_sms()
        self._run_queue()
        self.assertEqual(other.failure_type, "clinic_no_gateway")

    def test_each_company_sends_on_its_own_account(self):
        company = self.env["res.company"].create({"name": "Second"})
        sms = self._create_sms()
        other = self._create_sms("Other")
        other.mail_message_id = self.env["mail.message"].create(
            {"record_company_id": company.id}
        )
        self._run_queue()
        self.assertEqual(sms.state, "pending")
        self.assertEqual(other.failure_type, "clinic_no_gateway")

    def test_delivery_is_asked_for_and_reaches_the_notice(self):
        for gateway, bad in (("smsc", 20), ("smsaero", 2)):
            self._use(gateway)
            start = self._at(12, day=self.day - timedelta(days=3))
            with freeze_time(start):
                patient = self._create_patient(phone="+7 912 200-02-02")
                visit = self._book(10 + (gateway == "smsc"), patient_id=patient.id)
            with freeze_time(start + timedelta(minutes=2)):
                self._send_due()
            notice = self._notices(visit).filtered(lambda n: n.channel == "sms")
            self.assertEqual(notice.state, "sending")
            self._run_queue(start + timedelta(minutes=2))
            self.assertEqual(notice.state, "sent")
            self._poll(start + timedelta(minutes=4))
            self.assertEqual(notice.state, "sent", "not delivered yet")
            self.server.taken[-1].status = bad
            self._poll(start + timedelta(minutes=10))
            self.assertEqual(notice.state, "failed")
            self.assertTrue(notice.reason)
            notice.action_resend()
            with freeze_time(start + timedelta(minutes=20)):
                notice.send_after = fields.Datetime.now()
                self._send_due()
            self._run_queue(start + timedelta(minutes=20))
            self.server.taken[-1].status = 1
            self._poll(start + timedelta(minutes=22))
            self.assertEqual(notice.state, "delivered")
            self.assertFalse(
                self.env["clinic.sms.message"].search(
                    [("state", "=", "delivered"), ("phone", "!=", False)]
                ),
                "phones are not kept",
            )

    def test_asking_ends_some_day(self):
        sms = self._create_sms()
        start = fields.Datetime.now()
        self._run_queue(start)
        for days in range(12):
            self._poll(start + timedelta(days=days, minutes=5))
        self.assertEqual(self._journal(sms).state, "unknown")
        self.assertEqual(sms.state, "pending")
