from odoo.tests import BaseCase, tagged

from ..tools.icd10_query import Term, fold, parse


@tagged("post_install", "-at_install")
class TestIcd10Query(BaseCase):
    def test_words_are_folded(self):
        self.assertEqual(fold("  Отёк   КВИНКЕ "), "отек квинке")

    def test_every_word_is_a_term(self):
        self.assertEqual(parse("бронхит, острый"), (Term("бронхит"), Term("острый")))

    def test_nothing_is_no_term(self):
        self.assertEqual(parse("   "), ())

    def test_codes(self):
        for typed, code in [
            ("J06", "J06"),
            ("j06.9", "J06.9"),
            ("J069", "J06.9"),
            ("J06.", "J06."),
            # a Cyrillic letter that looks the same
            ("А09", "A09"),
            ("Н66.0", "H66.0"),
            ("к29", "K29"),
            # the keyboard was left in Russian
            ("ш10", "I10"),
            ("о06", "J06"),
            ("ь54.5", "M54.5"),
            ("я00", "Z00"),
        ]:
            with self.subTest(typed=typed):
                (term,) = parse(typed)
                self.assertIn(code, term.codes)

    def test_words_are_no_codes(self):
        for typed in ["отит", "10", "J", "острый", "J06.999", "витамин"]:
            with self.subTest(typed=typed):
                (term,) = parse(typed)
                self.assertEqual(term.codes, ())
