from odoo.tests import BaseCase, tagged

from ..tools.icd10_query import parse, stem
from .common import EmrCommon


@tagged("post_install", "-at_install")
class TestStem(BaseCase):
    def test_endings(self):
        for word, expected in [
            ("острого", "остр"),
            ("бронхитом", "бронхит"),
            ("инфекциями", "инфекц"),
            ("отит", "отит"),
            ("рожа", "рожа"),
            ("j06.9", "j06.9"),
            ("herpes", "herpes"),
        ]:
            with self.subTest(word=word):
                self.assertEqual(stem(word), expected)

    def test_abbreviations(self):
        (term,) = parse("ОРВИ")
        self.assertEqual(term.codes, ("J06",))


@tagged("post_install", "-at_install")
class TestIcd10Search(EmrCommon):
    """What a doctor sees in the drop-down, the likeliest first."""

    def _offered(self, typed, user=None, limit=8):
        lines = self.env["clinic.icd10"].with_user(user or self.doctor)
        found = lines.name_search(typed, [("is_diagnosis", "=", True)], limit=limit)
        return lines.browse([one[0] for one in found]).mapped("code")

    def test_other_cases_of_declension(self):
        self.assertIn("H66.0", self._offered("острого гнойного среднего отита"))

    def test_abbreviation(self):
        self.assertEqual(self._offered("орви")[:2], ["J06", "J06.9"])
        self.assertTrue(self._offered("СД")[0].startswith("E1"))

    def test_the_very_code_is_first(self):
        self.assertEqual(self._offered("J06")[0], "J06")

    def test_names_that_begin_so_come_first(self):
        lines = self.env["clinic.icd10"].create(
            [
                {"code": "Q77.0", "name": "Врожденная зюзелка"},
                {"code": "Q77.1", "name": "Зюзелка врожденная"},
                {"code": "Q70.0", "name": "Полузюзелка"},
            ]
        )
        self.assertEqual(self._offered("зюзелка"), [lines[i].code for i in (1, 0, 2)])

    def test_own_diagnoses_come_first(self):
        before = self._offered("отит", limit=100)
        last = before[-1]
        encounter = self._create_encounter()
        encounter.diagnosis_ids.icd10_id = self.env["clinic.icd10"].search(
            [("code", "=", last)]
        )
        self.assertEqual(self._offered("отит")[0], last)
        self.assertNotEqual(self._offered("отит", self.other_doctor)[0], last)

    def test_a_letter_or_two(self):
        """Own codes, then words that begin so, then the rest, each once."""
        self.env["clinic.icd10"].create(
            [
                {"code": "Q77.0", "name": "Врожденная ощъ"},
                {"code": "Q77.1", "name": "Врожденная щъяя"},
                {"code": "Q77.2", "name": "Щъяя врожденная"},
            ]
        )
        self.assertEqual(self._offered("щъ"), ["Q77.1", "Q77.2", "Q77.0"])
        self.assertEqual(self._offered("в щъ"), ["Q77.1", "Q77.2", "Q77.0"])
        self.assertEqual(self._offered("щъ", limit=2), ["Q77.1", "Q77.2"])
        encounter = self._create_encounter()
        encounter.diagnosis_ids.icd10_id = self.env["clinic.icd10"].search(
            [("code", "=", "Q77.0")]
        )
        self.assertEqual(self._offered("щъ"), ["Q77.0", "Q77.1", "Q77.2"])
        self.assertEqual(self._offered("а09", limit=1), ["A09"])
        everything = self._offered("и", limit=None)
        self.assertEqual(len(everything), len(set(everything)))
        self.assertEqual(set(everything), set(self._offered("и", limit=100000)))

    def test_a_letter_is_not_ranked_among_all(self):
        """It would cost as much as the classifier is long."""
        orders = []

        def likeliest_first(_self, *args):
            orders.append(args)

        self.patch(type(self.env["clinic.icd10"]), "_likeliest_first", likeliest_first)
        self.assertEqual(len(self._offered("и")), 8)
        self.assertEqual(len(self._offered("о н")), 8)
        self.assertFalse(orders)

    def test_one_query_for_the_offer(self):
        self._offered("острый бронхит")
        self.env.invalidate_all()
        with self.assertQueryCount(3):
            self._offered("острый бронхит")

    def test_pattern_characters_are_plain_text(self):
        self.assertFalse(self._offered("%"))
        self.assertFalse(self._offered("_"))
