import ast
from datetime import date
from pathlib import Path

from odoo.tests import BaseCase, tagged

from ..tools.age import age_on, is_plausible_birthdate, latest_birthdate
from ..tools.names import may_be_same_person, name_key
from ..tools.phone import (
    PhoneError,
    normalise_phone,
    phone_for_people,
    phone_search_terms,
)
from ..tools.snils import SnilsError, normalise_snils


@tagged("post_install", "-at_install")
class TestTools(BaseCase):
    def test_phone_spellings(self):
        same = (
            "+79123456789",
            "89123456789",
            "79123456789",
            "9123456789",
            "8 912 345-67-89",
            "8 (912) 345-67-89",
            "8(912)3456789",
            "+7 (912) 345 67 89",
            "+7-912-345-67-89",
            "+7.912.345.67.89",
            "7 912 345 67 89",
            "007 912 345 67 89",
            "+8 912 345 67 89",
            " 8 912 345\u00a067 89 ",
            "8–912–345–67–89",
            "89123456789.0",
        )
        for text in same:
            with self.subTest(text):
                self.assertEqual(normalise_phone(text), "+79123456789")

    def test_phones_of_other_countries(self):
        cases = (
            ("+375 29 123-45-67", "RU", "+375291234567"),
            ("+7 701 123 45 67", "RU", "+77011234567"),
            ("+49 30 901820", "RU", "+4930901820"),
            ("(343) 200-00-01", "RU", "+73432000001"),
            ("8 029 123-45-67", "BY", "+375291234567"),
        )
        for text, region, expected in cases:
            with self.subTest(text):
                self.assertEqual(normalise_phone(text, region), expected)

    def test_what_is_no_phone(self):
        cases = (
            ("позвоните маме", "letters"),
            ("8-800-FLOWERS", "letters"),
            ("8 912 345 67 8О", "letters"),  # the letter О for a zero
            ("+7 912 345-67-89 доб. 12", "letters"),
            ("12", "too_short"),
            ("+7 912 345", "too_short"),
            ("", "too_short"),
            ("8 912 345-67-89-12-34-56-78-90", "too_long"),
            ("+7 000 000-00-00", "unknown"),
            ("8 012 345-67-89", "unknown"),
        )
        for text, code in cases:
            with self.subTest(text), self.assertRaises(PhoneError) as caught:
                normalise_phone(text)
            self.assertEqual(caught.exception.code, code, text)

    def test_phone_for_people(self):
        self.assertEqual(phone_for_people("+79123456789"), "+7 912 345-67-89")
        self.assertEqual(phone_for_people("no number"), "no number")
        self.assertEqual(phone_for_people(None), "")

    def test_phone_search_terms(self):
        cases = (
            ("89123456789", "+79123456789", ["89123456789", "79123456789"]),
            ("345-67", None, ["34567"]),
            ("8 912 3", None, ["89123", "79123"]),
            ("912", None, []),  # too little to search by
            ("Иванов 1980", None, []),
        )
        for text, whole, runs in cases:
            with self.subTest(text):
                self.assertEqual(phone_search_terms(text), (whole, runs))

    def test_snils(self):
        for text in (
            "112-233-445 95",
            "11223344595",
            "112 233 445 95",
            "112-233-445-95",
        ):
            with self.subTest(text):
                self.assertEqual(normalise_snils(text), "112-233-445 95")
        # The control number of 087-654-303 is 100 modulo 101, written as 00.
        self.assertEqual(normalise_snils("08765430300"), "087-654-303 00")
        # Early numbers were issued without control digits.
        self.assertEqual(normalise_snils("00100199812"), "001-001-998 12")

    def test_what_is_no_snils(self):
        cases = (
            ("112-233-445 96", "checksum"),
            ("000-000-000 00", "checksum"),
            ("112-233-445", "format"),
            ("112-233-445 955", "format"),
            ("СНИЛС", "format"),
            ("١١٢-٢٣٣-٤٤٥ ٩٥", "format"),  # digits, but not ours
            ("", "format"),
        )
        for text, code in cases:
            with self.subTest(text), self.assertRaises(SnilsError) as caught:
                normalise_snils(text)
            self.assertEqual(caught.exception.code, code, text)

    def test_age(self):
        cases = (
            (date(2000, 5, 17), date(2018, 5, 16), 17),
            (date(2000, 5, 17), date(2018, 5, 17), 18),
            (date(2000, 2, 29), date(2018, 2, 28), 17),
            (date(2000, 2, 29), date(2018, 3, 1), 18),
            (date(2000, 2, 29), date(2020, 2, 29), 20),
            (date(2026, 1, 1), date(2026, 1, 1), 0),
            (date(2025, 12, 31), date(2026, 12, 30), 0),
        )
        for born, day, age in cases:
            with self.subTest(born=born, day=day):
                self.assertEqual(age_on(born, day), age)

    def test_latest_birthdate_bounds_the_age(self):
        self.assertEqual(latest_birthdate(18, date(2026, 11, 22)), date(2008, 11, 22))
        self.assertEqual(latest_birthdate(1, date(2024, 2, 29)), date(2023, 2, 28))
        self.assertEqual(latest_birthdate(9999, date(2024, 2, 29)), date.min)

    def test_plausible_birthdate(self):
        day = date(2026, 11, 22)
        for born, plausible in (
            (date(2026, 11, 22), True),
            (date(2026, 11, 23), False),
            (date(1895, 11, 23), True),
            (date(1895, 11, 22), False),
        ):
            with self.subTest(born):
                self.assertEqual(is_plausible_birthdate(born, day), plausible)

    def test_names(self):
        self.assertEqual(name_key("Семёнов  Пётр"), name_key("петр СЕМЕНОВ"))
        self.assertNotEqual(name_key("Семёнов Пётр"), name_key("Семёнов Павел"))
        self.assertTrue(may_be_same_person("Иванов Пётр", "Иванов Петр Ильич"))
        self.assertTrue(may_be_same_person("Иванов Пётр", ""))
        self.assertFalse(may_be_same_person("Иванов Пётр Ильич", "Иванов Павел Ильич"))

    def test_tools_do_not_know_odoo(self):
        """Pure code stays importable and testable without a database."""
        for path in (Path(__file__).parent.parent / "tools").glob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                names = []
                if isinstance(node, ast.Import):
                    names = [alias.name for alias in node.names]
                elif isinstance(node, ast.ImportFrom):
                    names = [node.module or ""]
                for name in names:
                    self.assertNotEqual(name.split(".")[0], "odoo", path.name)
