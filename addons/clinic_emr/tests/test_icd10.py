from odoo.exceptions import UserError
from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger


@tagged("post_install", "-at_install")
class TestIcd10(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Icd10 = cls.env["clinic.icd10"]

    def _found(self, typed, **kwargs):
        ids = [found[0] for found in self.Icd10.name_search(typed, **kwargs)]
        return self.Icd10.browse(ids).mapped("code")

    def test_found_by_words_in_any_order(self):
        for typed in [
            "острая инфекция дыхательных",
            "дыхательных острая инфекция",
            "ИНФЕКЦИЯ острая верхних",
            "J06 острая",
        ]:
            with self.subTest(typed=typed):
                self.assertIn("J06.9", self._found(typed))

    def test_found_by_code(self):
        self.assertEqual(self._found("J06.9"), ["J06.9"])
        self.assertEqual(self._found("j069"), ["J06.9"])
        self.assertEqual(self._found("ш10")[0], "I10", "the keyboard was in Russian")
        self.assertEqual(
            self._found("J06", domain=[("is_diagnosis", "=", True)]),
            ["J06", "J06.9"],
        )

    def test_all_words_must_fit(self):
        self.assertFalse(self._found("острый инсульт отит"))

    def test_pattern_characters_are_plain_text(self):
        self.assertFalse(self._found("%%%"))

    def test_yo_is_ye(self):
        line = self.Icd10.create({"code": "T78.3", "name": "Ангионевротический отёк"})
        self.assertIn(line.code, self._found("отек ангионевротический"))
        self.assertIn(line.code, self._found("отёк"))

    def test_levels(self):
        for xmlid, level, is_diagnosis in [
            ("icd10_chapter_x", "chapter", False),
            ("icd10_j00_j06", "block", False),
            ("icd10_j06", "category", True),
            ("icd10_j06_9", "subcategory", True),
        ]:
            with self.subTest(xmlid=xmlid):
                self.assertRecordValues(
                    self.env.ref(f"clinic_emr.{xmlid}"),
                    [{"level": level, "is_diagnosis": is_diagnosis}],
                )

    def test_every_bundled_code_belongs_to_a_chapter(self):
        chapters = self.Icd10.search([("level", "=", "chapter")])
        lost = self.Icd10.search(
            [("id", "not in", chapters.ids), ("parent_id", "=", False)]
        )
        self.assertFalse(lost.mapped("code"))
        cold = self.env.ref("clinic_emr.icd10_j06_9")
        chapter = self.env.ref("clinic_emr.icd10_chapter_x")
        self.assertIn(cold, self.Icd10.search([("id", "child_of", chapter.id)]))

    def test_closed_code_is_not_offered(self):
        self.env.ref("clinic_emr.icd10_j06_9").active = False
        self.assertFalse(self._found("J06.9"))

    def test_code_is_unique(self):
        with mute_logger("odoo.sql_db"), self.assertRaisesRegex(Exception, "code_uniq"):
            self.Icd10.create({"code": "I10", "name": "Twice"})

    def test_no_cycle(self):
        block = self.env.ref("clinic_emr.icd10_j00_j06")
        with self.assertRaises(UserError):
            block.parent_id = self.env.ref("clinic_emr.icd10_j06")
