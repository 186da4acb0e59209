from datetime import timedelta

from odoo import fields
from odoo.tests import freeze_time, tagged

from .test_notice import NoticeCommon
from .test_series import WEEKS, SeriesCommon


@tagged("post_install", "-at_install")
class TestSeriesNotice(SeriesCommon, NoticeCommon):
    """Of a whole series the patient is told once, and hears how much it is about."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # The tests run at any hour of the night.
        cls.branch.write({"quiet_from": 0, "quiet_to": 0})
        cls.series = cls._series()
        cls.visits = cls.series.line_ids.appointment_id.sorted("start")
        cls._pass_on()

    @classmethod
    def _pass_on(cls):
        """Let the job send what waits; the minute of grace is over."""
        with freeze_time(fields.Datetime.now() + timedelta(minutes=2)):
            cls._send_due()

    def _told(self, kind):
        return self._notices_of(kind).filtered(lambda n: n.state == "sending")

    def _notices_of(self, kind):
        return self.env["clinic.notice"].search(
            [("appointment_id", "in", self.visits.ids), ("kind", "=", kind)]
        )

    def _assert_told_once(self, kind, visit, more):
        told = self._told(kind)
        self.assertEqual(sorted(told.mapped("channel")), ["email", "sms"])
        self.assertEqual(told.appointment_id, visit)
        for text in (
            self._sms(told.filtered(lambda n: n.channel == "sms")).body,
            self._mail(told.filtered(lambda n: n.channel == "email")).body_html,
        ):
            self.assertIn(f"and {more} more visits, the last on", text)

    def _cancel(self, visit, scope):
        action = visit.action_open_cancel()
        wizard = self.env["clinic.appointment.cancel"].with_context(**action["context"])
        wizard.create({"series_scope": scope}).action_cancel()

    def _move(self, visit, scope, hour=12):
        action = visit.action_open_series_move(str(self._at(hour)), scope=scope)
        wizard = self.env["clinic.series.change"].with_context(**action["context"])
        wizard.create({}).action_move()

    def test_booking(self):
        self.assertEqual(len(self.visits), WEEKS)
        self._assert_told_once("booked", self.visits[0], WEEKS - 1)

    def test_cancelling_all(self):
        self._cancel(self.visits[0], "all")
        self.assertEqual(set(self.visits.mapped("state")), {"cancelled"})
        self._pass_on()
        self._assert_told_once("cancelled", self.visits[0], WEEKS - 1)
        silent = self._notices_of("cancelled") - self._told("cancelled")
        self.assertEqual(set(silent.mapped("reason")), {"series"})

    def test_cancelling_one_is_about_that_one(self):
        self._cancel(self.visits[3], "this")
        self._pass_on()
        told = self._told("cancelled")
        self.assertEqual(told.appointment_id, self.visits[3])
        self.assertNotIn(
            "more visits", self._sms(told[:1] | told[1:]).mapped("body")[0]
        )

    def test_moving_all(self):
        self._move(self.visits[0], "all")
        self.assertEqual({v.local_hours[:5] for v in self.visits}, {"12:00"})
        self._pass_on()
        self._assert_told_once("moved", self.visits[0], WEEKS - 1)

    def test_first_moved_again_within_the_minute_leaves_nobody_untold(self):
        self._move(self.visits[0], "all")
        self.visits[0].reschedule(str(self._at(13)))
        self._pass_on()
        told = self._told("moved")
        self.assertEqual(told.appointment_id, self.visits[0] | self.visits[1])
        texts = " ".join(self._sms(told).mapped("body"))
        self.assertIn("13:00", texts)
        self.assertIn(f"and {WEEKS - 2} more visits", texts)
