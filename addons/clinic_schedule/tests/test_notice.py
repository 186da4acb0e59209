from datetime import timedelta

from odoo import fields
from odoo.tests import freeze_time, tagged

from odoo.addons.clinic_schedule.tests.common import ScheduleCommon


class NoticeCommon(ScheduleCommon):
    """A clinic with a gateway and a mail server that nothing is sent to in tests."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["ir.config_parameter"].set_param("clinic_schedule.sms_by_odoo", "1")
        cls.env["ir.mail_server"].create({"name": "Test", "smtp_host": "mail.invalid"})
        cls.branch.write({"street": "Lenina 1", "phone": "+7 343 200-00-00"})
        cls.patient.write({"lang": "en_US", "email": "patient@example.com"})
        cls.env["res.lang"]._activate_lang("ru_RU")

    @classmethod
    def _notices(cls, visit, *kinds):
        domain = [("appointment_id", "=", visit.id)]
        if kinds:
            domain.append(("kind", "in", kinds))
        return cls.env["clinic.notice"].search(domain, order="id")

    @classmethod
    def _send_due(cls):
        """Do what the job does, without its commits."""
        cls.env["clinic.appointment"]._remind()
        due = cls.env["clinic.notice"].search(
            [("state", "=", "waiting"), ("send_after", "<=", fields.Datetime.now())]
        )
        due._send()
        cls.env.flush_all()

    @classmethod
    def _sms(cls, notice):
        tracker = cls.env["sms.tracker"].search([("notice_id", "in", notice.ids)])
        return cls.env["sms.sms"].search([("uuid", "in", tracker.mapped("sms_uuid"))])

    @classmethod
    def _mail(cls, notice):
        return cls.env["mail.mail"].search(
            [("model", "=", "clinic.notice"), ("res_id", "in", notice.ids)]
        )


@tagged("post_install", "-at_install")
class TestNotice(NoticeCommon):
    def _noon(self, days=0):
        """Return noon of the branch, some days before the visits' day."""
        return self._at(12, day=self.day - timedelta(days=days))

    def test_a_booking_is_told_once_by_sms_and_mail(self):
        with freeze_time(self._noon(3)):
            visit = self._book(10)
            self.assertEqual(
                sorted(self._notices(visit).mapped("channel")), ["email", "sms"]
            )
            self._send_due()
            self.assertEqual(set(self._notices(visit).mapped("state")), {"waiting"})
        with freeze_time(self._noon(3) + timedelta(minutes=2)):
            self._send_due()
            self._send_due()
            visit._tell("booked")
            self._send_due()
        notices = self._notices(visit)
        self.assertEqual(notices.mapped("state"), ["sending", "sending"])
        sms = self._sms(notices)
        self.assertEqual(len(sms), 1)
        self.assertEqual(sms.number, self.patient.phone_sanitized)
        self.assertIn("10:00", sms.body)
        self.assertRegex(sms.body, r"/c/[0-9a-z]{13,}")
        self.assertEqual(len(self._mail(notices)), 1)
