from datetime import date, datetime

from odoo.tests import BaseCase, tagged

from ..tools import forms
from ..tools.grouping import Window, by_day, by_person

TODAY = date(2026, 11, 22)


@tagged("post_install", "-at_install")
class TestForms(BaseCase):
    def test_ids(self):
        for text, expected in [
            ("7", 7),
            (" 7 ", 7),
            ("0", None),
            ("-1", None),
            ("7; DROP", None),
            ("99999999999", None),
            ("", None),
            (None, None),
        ]:
            with self.subTest(text=text):
                self.assertEqual(forms.read_id(text), expected)
        self.assertEqual(forms.read_ids(["2", "x", "1", "2"]), [2, 1])

    def test_birthdates(self):
        for text, expected in [
            ("1990-05-31", (date(1990, 5, 31), None)),
            ("31.05.1990", (date(1990, 5, 31), None)),
            ("2026-11-22", (TODAY, None)),
            ("2026-11-23", (None, "future")),
            ("1890-01-01", (None, "too_old")),
            ("31.02.1990", (None, "unreadable")),
            ("вчера", (None, "unreadable")),
            (" ", (None, "missing")),
            (None, (None, "missing")),
        ]:
            with self.subTest(text=text):
                self.assertEqual(forms.check_birthdate(text, TODAY), expected)

    def test_start_there_and_back(self):
        start = datetime(2026, 11, 23, 9, 30)
        self.assertEqual(forms.read_start(forms.write_start(start)), start)
        for text in ("2026-11-23", "now", "", None, "2026-11-23T09:30Z"):
            self.assertIsNone(forms.read_start(text))

    def test_only_paths_of_this_site(self):
        for address, expected in [
            ("/my/clinic?a=1", "/my/clinic?a=1"),
            ("//evil.example", "/"),
            ("/\\evil.example", "/"),
            ("https://evil.example", "/"),
            ("javascript:alert(1)", "/"),
            ("/a\nSet-Cookie: x", "/"),
            ("", "/"),
            (None, "/"),
        ]:
            with self.subTest(address=address):
                self.assertEqual(forms.local_path(address, "/"), expected)

    def test_emails(self):
        for text, expected in [
            ("a@b.ru", True),
            ("a b@c.ru", False),
            ("a@b", False),
            ("a@@b.ru", False),
            ("", False),
        ]:
            with self.subTest(text=text):
                self.assertEqual(forms.looks_like_email(text), expected)


@tagged("post_install", "-at_install")
class TestGrouping(BaseCase):
    def _window(self, specialist, branch, utc, local):
        return Window(1, specialist, branch, utc, local)

    def test_days_are_the_branch_own(self):
        late = self._window(
            1, 1, datetime(2026, 11, 22, 19, 30), datetime(2026, 11, 23, 0, 30)
        )
        early = self._window(
            2, 2, datetime(2026, 11, 22, 19, 30), datetime(2026, 11, 22, 22, 30)
        )
        self.assertEqual(
            by_day([late, early]),
            {date(2026, 11, 22): [early], date(2026, 11, 23): [late]},
        )

    def test_who_is_free_first_comes_first(self):
        nine = datetime(2026, 11, 23, 9)
        ten = datetime(2026, 11, 23, 10)
        windows = [
            self._window(1, 1, ten, ten),
            self._window(2, 1, nine, nine),
            self._window(1, 1, nine.replace(hour=11), ten),
        ]
        self.assertEqual(list(by_person(windows)), [(2, 1), (1, 1)])
        self.assertEqual(len(by_person(windows)[1, 1]), 2)
