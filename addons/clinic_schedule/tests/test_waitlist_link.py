import re
from datetime import timedelta

from freezegun import freeze_time

from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .test_waitlist import WaitlistCommon


@tagged("post_install", "-at_install")
class TestWaitlistLink(WaitlistCommon, HttpCase):
    """The page behind the link in an offer, without any login."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.visits = cls._fill_day()

    def setUp(self):
        super().setUp()
        self.entry = self._wish()
        self.visits[10].action_cancel()
        self._work()
        self.offer = self._pending()
        self.path = self._path(self.offer)

    def _path(self, offer):
        url = self.env["clinic.link"]._make(
            "waitlist_offer", offer, offer.start + timedelta(days=1)
        )
        return "/c/" + url.rpartition("/")[2]

    def _open(self, path=None):
        answer = self.url_open(path or self.path)
        self.env.invalidate_all()
        return answer

    def _post(self, action, path=None):
        page = self._open(path).text
        found = re.search(r'name="csrf_token" value="([^"]+)"', page)
        answer = self.url_open(
            f"{path or self.path}/{action}",
            data={"csrf_token": found.group(1) if found else "none"},
        )
        self.env.invalidate_all()
        return answer

    def test_looking_does_not_answer(self):
        for path in ("", "/accept", "/decline", "/leave"):
            answer = self._open(self.path + path)
            self.assertEqual(answer.status_code, 200)
            self.assertEqual(self.offer.state, "pending")
        self.assertIn("Yes, book it for me", answer.text)
        self.assertIn("10:00", answer.text)
        self.assertIn("12:30", answer.text)
        self.assertIn("width=device-width", answer.text)
        # The page tells nobody whose it is, nor what for.
        self.assertNotIn("Waiting 0", answer.text)
        self.assertNotIn("Test visit", answer.text)
        self.assertEqual(answer.headers["Cache-Control"], "no-store")

    def test_one_tap_books(self):
        answer = self._post("accept")
        self.assertIn("You are booked", answer.text)
        self.assertEqual(self.offer.state, "accepted")
        self.assertEqual(self.offer.answered_how, "link")
        self.assertEqual(self.entry.appointment_id.state, "booked")
        # Replayed: the same answer, the same visit.
        count = self.env["clinic.appointment"].search_count([])
        self.assertIn("You are booked", self._open().text)
        self._post("decline")
        self._post("accept")
        self.assertEqual(self.offer.state, "accepted")
        self.assertEqual(self.env["clinic.appointment"].search_count([]), count)

    def test_decline_and_leave(self):
        answer = self._post("decline")
        self.assertIn("still on the waiting list", answer.text)
        self.assertEqual((self.offer.state, self.entry.state), ("declined", "open"))
        answer = self._post("leave")
        self.assertIn("You have left the waiting list", answer.text)
        self.assertEqual(self.entry.state, "cancelled")

    def test_too_late_says_so_kindly(self):
        second = self._wish(self.people[1])
        with freeze_time(self.now + timedelta(minutes=31)):
            self.offer.appointment_id._expire()
            answer = self._open()
            self.assertIn("The time to answer is over", answer.text)
            self._work()
            self.assertEqual(self._pending().entry_id, second)
            answer = self._post("accept")
            self.assertEqual(answer.status_code, 200)
            self.assertIn("this time is gone", answer.text)
            self.assertEqual(self.offer.state, "silent")
            self.assertEqual(self._pending().entry_id, second)

    @mute_logger("odoo.http")
    def test_a_foreign_code_is_refused(self):
        code = self.path.rpartition("/")[2]
        swapped = code[:-1] + ("a" if code[-1] != "a" else "b")
        for wrong in (swapped, "0", "waitlist_offer"):
            self.assertEqual(self._open(f"/c/{wrong}").status_code, 404)
            self.assertEqual(self._post("accept", f"/c/{wrong}").status_code, 400)
        self.assertEqual(self.offer.state, "pending")

    @mute_logger("odoo.http")
    def test_a_post_without_the_token_is_refused(self):
        answer = self.url_open(f"{self.path}/accept", data={"x": "1"})
        self.assertEqual(answer.status_code, 400)
        self.env.invalidate_all()
        self.assertEqual(self.offer.state, "pending")

    def test_the_link_dies_after_the_visit(self):
        with freeze_time(self.offer.start + timedelta(days=2)):
            self.assertEqual(self._open().status_code, 410)
