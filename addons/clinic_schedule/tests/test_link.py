import re
from datetime import timedelta

from odoo import fields
from odoo.tests import HttpCase, freeze_time, tagged, users
from odoo.tools import mute_logger

from odoo.addons.clinic_schedule.models.clinic_link import MISSES, LinkError
from odoo.addons.clinic_schedule.tests.test_notice import NoticeCommon
from odoo.addons.clinic_schedule.tools import link_code


@tagged("post_install", "-at_install")
class TestLink(NoticeCommon):
    def setUp(self):
        super().setUp()
        self.visit = self._book(10)
        self.links = self.env["clinic.link"]

    def _code(self, visit=None, until=None):
        visit = visit or self.visit
        url = self.links._make("visit", visit, until or visit.start)
        return url.rpartition("/")[2]

    def test_a_link_leads_to_its_record_and_is_short(self):
        url = self.links._make("visit", self.visit, self.visit.start)
        code = url.rpartition("/")[2]
        self.assertLessEqual(len(code), 20)
        self.assertEqual(self.links._resolve(code), ("visit", self.visit))
        self.assertEqual(url, self.links._make("visit", self.visit, self.visit.start))
        # read aloud, or typed with letters that look alike
        self.assertEqual(
            self.links._resolve(code.upper().replace("0", "O"))[1], self.visit
        )

    def test_a_changed_code_is_unknown(self):
        code = self._code()
        other = self._code(self._book(12))
        forged = [
            "",
            "x",
            "0" * 13,
            code[:-1],
            code + "0",
            code[:-1] + ("0" if code[-1] != "0" else "1"),
            other[:-12] + code[-12:],
            "z" * 40,
            "../../etc/passwd",
            "'; drop table clinic_link; --",
            "а" * 15,
        ]
        for text in forged:
            with self.subTest(text), self.assertRaises(LinkError) as caught:
                self.links._resolve(text)
            self.assertEqual(caught.exception.reason, "unknown")

    def test_a_link_ends_with_the_visit(self):
        code = self._code()
        with freeze_time(self.visit.start + timedelta(minutes=1)):
            with self.assertRaises(LinkError) as caught:
                self.links._resolve(code)
        self.assertEqual(caught.exception.reason, "expired")

    def test_a_link_to_what_is_gone_is_no_use(self):
        code = self._code()
        self.visit.action_cancel()
        self.visit.sudo().unlink()
        with self.assertRaises(LinkError) as caught:
            self.links._resolve(code)
        self.assertEqual(caught.exception.reason, "gone")

    def test_the_signature_needs_the_secret_of_the_database(self):
        code = self._code()
        self.env["ir.config_parameter"].sudo().set_param("database.secret", "another")
        with self.assertRaises(LinkError):
            self.links._resolve(code)

    def test_numbers_survive_the_alphabet(self):
        for number in (0, 1, 31, 32, 123456789, 2**34 - 1):
            text = link_code.encode_number(number)
            self.assertEqual(link_code.decode_number(text), number)

    @users("clinic_test_reception")
    def test_nobody_reads_the_links(self):
        self.assertFalse(self.env["clinic.link"].has_access("read"))
        self.assertFalse(self.env["clinic.link.miss"].has_access("read"))


@tagged("post_install", "-at_install")
class TestLinkPage(HttpCase, NoticeCommon):
    def setUp(self):
        super().setUp()
        self.visit = self._book(10)
        self.url = self._path(self.visit)

    def _path(self, visit):
        url = self.env["clinic.link"]._make("visit", visit, visit.start)
        return "/c/" + url.rpartition("/")[2]

    def _get(self, path=None, **options):
        return self.url_open(path or self.url, **options)

    def _post(self, action, page=None, allow_redirects=True, **values):
        """Send the form of an action as the page offers it."""
        page = page or self._get()
        token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
        if token:
            values.setdefault("csrf_token", token[1])
        return self.url_open(
            f"{self.url}/{action}",
            data=values,
            method="POST",
            allow_redirects=allow_redirects,
        )

    def test_looking_changes_nothing(self):
        for path in (self.url, f"{self.url}?do=move", f"{self.url}?do=cancel"):
            for _again in range(2):
                page = self._get(path)
                self.assertEqual(page.status_code, 200)
        for action in ("confirm", "cancel", "move"):
            self._get(f"{self.url}/{action}?start={self._at(12)}")
            self.url_open(f"{self.url}/{action}", method="HEAD")
        self.assertEqual(self.visit.state, "booked")
        self.assertEqual(self.visit.start, self._at(10))

    def test_the_page_keeps_to_itself(self):
        page = self._get()
        self.assertIn("10:00", page.text)
        self.assertIn("Lenina 1", page.text)
        self.assertNotIn(self.patient.name, page.text)
        self.assertNotIn(self.service.name, page.text)
        self.assertNotIn(self.specialty.name, page.text)
        self.assertNotRegex(page.text, r"<script|<link|src=|https?://")
        self.assertEqual(page.headers["X-Robots-Tag"], "noindex, nofollow")
        self.assertEqual(page.headers["Referrer-Policy"], "no-referrer")
        self.assertEqual(page.headers["Cache-Control"], "no-store")

    def test_the_patient_confirms_once_and_for_all(self):
        page = self._post("confirm")
        self.assertIn("we are expecting you", page.text)
        self.assertRecordValues(
            self.visit, [{"state": "confirmed", "confirmed_how": "link"}]
        )
        self.assertTrue(self.visit.confirmed_at)
        author = self.visit.message_ids.filtered(lambda m: "by the link" in m.body)
        self.assertEqual(author.author_id, self.patient)
        again = self._post("confirm", page=self._get(f"{self.url}?do=cancel"))
        self.assertEqual(again.status_code, 200)
        self.assertEqual(self.visit.state, "confirmed")

    def test_cancelling_is_asked_twice_and_frees_the_time(self):
        page = self._get(f"{self.url}?do=cancel")
        self.assertIn("Cancel this visit?", page.text)
        page = self._post("cancel", page=page)
        self.assertIn("cancelled", page.text)
        self.assertEqual(self.visit.state, "cancelled")
        self.assertTrue(self._book(10, patient_id=self._create_patient().id))
        # an old message, opened once more
        page = self._get()
        self.assertEqual(page.status_code, 200)
        self.assertNotIn("<form", page.text)

    def test_moving_takes_an_offered_time(self):
        page = self._get(f"{self.url}?do=move")
        offers = re.findall(r'name="start" value="([^"]+)"', page.text)
        self.assertTrue(offers)
        self._post("move", page=page, start=offers[-1])
        self.assertEqual(str(self.visit.start), offers[-1])
        self.assertEqual(self.visit.state, "booked")

    def test_moving_refuses_what_was_not_offered(self):
        other = self._book(13, patient_id=self._create_patient().id)
        page = self._get(f"{self.url}?do=move")
        for start in (
            str(other.start),
            str(self._at(3)),
            "2020-01-01 10:00:00",
            "nonsense",
            "",
        ):
            with self.subTest(start):
                answer = self._post("move", page=page, start=start)
                self.assertEqual(answer.status_code, 200)
                self.assertIn("just been taken", answer.text)
                self.assertEqual(self.visit.start, self._at(10))

    def test_a_page_left_open_does_not_act_on_a_moved_visit(self):
        page = self._get()
        seen = str(self.visit.start)
        self.visit.reschedule(self._at(12))
        answer = self._post("confirm", page=page, start_now=seen)
        self.assertIn("moved meanwhile", answer.text)
        self.assertEqual(self.visit.state, "booked")

    @mute_logger("odoo.http")
    def test_another_site_cannot_press_the_buttons(self):
        self._get()
        for token in (
            {},
            {"csrf_token": "x"},
            {"csrf_token": "f" * 40 + "o9999999999"},
        ):
            answer = self.url_open(
                f"{self.url}/cancel", data={"a": "b", **token}, method="POST"
            )
            self.assertEqual(answer.status_code, 400)
        self.assertEqual(self.visit.state, "booked")

    def test_after_the_visit_nothing_can_be_done(self):
        page = self._get()
        self.env["clinic.link"].search([]).valid_until = fields.Datetime.now()
        answer = self._post("cancel", page=page)
        self.assertEqual(answer.status_code, 410)
        self.assertIn("expired", answer.text)
        self.assertIn("+7 343 200-00-00", answer.text)
        self.assertEqual(self.visit.state, "booked")

    def test_a_wrong_link_is_answered_kindly_with_a_phone(self):
        self.env.company.phone = "+7 343 111-11-11"
        answer = self._get("/c/0000000000000")
        self.assertEqual(answer.status_code, 404)
        self.assertIn("We do not know this link", answer.text)
        self.assertIn("+7 343 111-11-11", answer.text)

    def test_guessing_is_stopped(self):
        for number in range(MISSES):
            self._get(f"/c/{number:013d}")
        self.assertEqual(self._get("/c/9999999999999").status_code, 429)
        self.assertEqual(self._get().status_code, 429)
        later = fields.Datetime.now() - timedelta(minutes=11)
        self.env["clinic.link.miss"].search([]).moment = later
        self.assertEqual(self._get().status_code, 200)

    def test_the_page_speaks_the_patients_language(self):
        self.patient.lang = "ru_RU"
        page = self._get()
        self.assertIn('lang="ru"', page.text)
        self.assertRegex(page.text, r"\(ср\) в 10:00")

    def test_the_calendar_file_speaks_the_patients_language(self):
        self.service.with_context(lang="en_US").notice_name = "check"
        self.service.with_context(lang="ru_RU").notice_name = "осмотр"
        self.patient.lang = "ru_RU"
        self.assertIn("SUMMARY:Осмотр", self._get(f"{self.url}/visit.ics").text)

    def test_the_visit_goes_into_a_calendar(self):
        answer = self._get(f"{self.url}/visit.ics")
        self.assertIn("text/calendar", answer.headers["Content-Type"])
        lines = answer.content.decode().split("\r\n")
        self.assertIn(f"DTSTART:{self.visit.start:%Y%m%dT%H%M%SZ}", lines)
        self.assertIn("STATUS:CONFIRMED", lines)
        self.assertNotIn(self.patient.name, answer.text)
        self.assertNotIn(self.service.name, answer.text)
        self.assertTrue(all(len(line.encode()) <= 75 for line in lines))
