import hashlib
from unittest.mock import patch

from odoo import fields
from odoo.tests import BaseCase, tagged

from odoo.addons.clinic_sms.tests.common import simulator
from odoo.addons.clinic_sms.tools import gateways
from odoo.addons.clinic_sms.tools.gateways import Message, Settings

PHONE = "+79122000001"


@tagged("post_install", "-at_install")
class TestGateways(BaseCase):
    """The protocols, against the stand-in, without a database."""

    def setUp(self):
        super().setUp()
        self.server = simulator.SmsGateway(delay=0.6)
        self.server.__enter__()
        self.addCleanup(self.server.__exit__)
        short = patch.object(gateways, "TIMEOUT", 0.4)
        short.start()
        self.addCleanup(short.stop)

    def _gateways(self, **wrong):
        smsc = {"login": simulator.LOGIN, "secret": simulator.PASSWORD}
        aero = {"login": simulator.EMAIL, "secret": simulator.AERO_KEY}
        return [
            gateways.Smsc(Settings(**{**smsc, **wrong}, url=self.server.url)),
            gateways.SmsAero(
                Settings(**{**aero, **wrong}, url=f"{self.server.url}/v2")
            ),
        ]

    def _message(self, number=7, **values):
        return Message(
            own_id=number,
            phone=PHONE,
            text="Приём завтра в 10:00",
            first_tried=fields.Datetime.now(),
            **values,
        )

    def test_a_message_is_taken_and_its_status_told(self):
        for gateway in self._gateways():
            with self.subTest(gateway.code):
                self.server.taken.clear()
                provider_id = gateway.send(self._message())
                [taken] = self.server.taken
                self.assertEqual(taken.text, "Приём завтра в 10:00")
                self.assertEqual(provider_id, str(taken.id))
                message = self._message(provider_id=provider_id)
                table = gateway.STATUSES.items()
                for status, expected in table:
                    taken.status = status
                    self.assertEqual(gateway.statuses([message])[7], expected)

    def test_many_statuses_at_once(self):
        smsc = self._gateways()[0]
        messages = [self._message(number) for number in range(1, 121)]
        for message in messages:
            smsc.send(message)
        for taken in self.server.taken:
            taken.status = 1
        self.server.requests.clear()
        self.assertEqual(len(smsc.statuses(messages)), 120)
        self.assertEqual(len(self.server.requests), 3)

    def test_refusals_have_names(self):
        cases = [
            (simulator.POOR, "credit"),
            (simulator.FORBIDDEN, "text"),
            (simulator.WRONG_NUMBER, "number"),
        ]
        for gateway in self._gateways():
            for mood, code in cases:
                with self.subTest(gateway=gateway.code, mood=mood):
                    self.server.be(mood)
                    with self.assertRaises(gateways.Refused) as caught:
                        gateway.send(self._message())
                    self.assertEqual(caught.exception.code, code)

    def test_a_wrong_key_is_refused(self):
        for gateway in self._gateways(secret="wrong"):
            for call in (gateway.balance, lambda g=gateway: g.send(self._message())):
                with self.subTest(gateway.code):
                    with self.assertRaises(gateways.Refused) as caught:
                        call()
                    self.assertEqual(caught.exception.code, "auth")

    def test_a_doubtful_answer_is_neither_yes_nor_no(self):
        moods = [
            (simulator.SLOW_AFTER_TAKING, True),
            (simulator.DROP_AFTER_TAKING, True),
            (simulator.ERROR_AFTER_TAKING, True),
            (simulator.NONSENSE_AFTER_TAKING, True),
            (simulator.DROP_BEFORE_TAKING, False),
            (simulator.ERROR_BEFORE_TAKING, False),
        ]
        for gateway in self._gateways():
            for mood, was_taken in moods:
                with self.subTest(gateway=gateway.code, mood=mood):
                    self.server.taken.clear()
                    self.server.be(mood)
                    with self.assertRaises(gateways.Uncertain) as caught:
                        gateway.send(self._message())
                    self.assertNotIn(gateway.settings.secret, repr(caught.exception))
                    self.assertEqual(bool(gateway.find(self._message())), was_taken)

    def test_an_unreachable_gateway_is_doubtful_too(self):
        self.server.server.server_close()
        gateway = gateways.Smsc(
            Settings(login="x", secret="top-secret", url="http://127.0.0.1:1")
        )
        with self.assertRaises(gateways.Uncertain) as caught:
            gateway.send(self._message())
        self.assertNotIn("top-secret", str(caught.exception.__dict__))

    def test_the_money_left(self):
        self.assertEqual(
            [gateway.balance() for gateway in self._gateways()],
            ["1234.50 RUR", "1234.5 RUB"],
        )

    def test_no_secret_in_an_address(self):
        for gateway in self._gateways():
            gateway.send(self._message())
        for path, _params in self.server.requests:
            self.assertNotIn("psw", path)

    def test_reports_are_genuine_only_with_the_secret_word(self):
        # sha1 of "7:79122000001:1:word"
        sha1 = hashlib.sha1(b"7:79122000001:1:word").hexdigest()
        report = {"id": "7", "phone": "79122000001", "status": "1", "sha1": sha1}
        genuine = gateways.Smsc.callback_is_genuine
        self.assertTrue(genuine(report, "word"))
        self.assertFalse(genuine(report, "other"))
        self.assertFalse(genuine(report, ""))
        self.assertFalse(genuine({**report, "status": "20"}, "word"))
        self.assertFalse(genuine({**report, "sha1": ""}, "word"))
        self.assertFalse(genuine({**report, "sha1": "я"}, "word"))
