import base64
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import EmrCommon
from .test_icd10_file import CHOLERA, HEADER

MODELS = "odoo.addons.clinic_emr.models.clinic_icd10_import"


@tagged("post_install", "-at_install")
class TestIcd10Import(EmrCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Icd10 = cls.env["clinic.icd10"].with_context(active_test=False)

    def _new(self, text, user=None):
        imports = self.env["clinic.icd10.import"].with_user(user or self._user("admin"))
        return imports.create(
            {
                "file": base64.b64encode(text.encode()),
                "filename": "1.2.643.5.1.13.13.11.1005_2.27.csv",
            }
        )

    def _import(self, text):
        one = self._new(text)
        one.action_start()
        self._run()
        return one

    def _run(self):
        with self.enter_registry_test_mode():
            self.env.ref(
                "clinic_emr.ir_cron_icd10_import"
            ).sudo().method_direct_trigger()
        self.env.invalidate_all()

    def _code(self, code):
        return self.Icd10.search([("code", "=", code)])

    def test_import(self):
        one = self._import(CHOLERA)
        self.assertRecordValues(
            one,
            [{"state": "done", "version": "2.27", "progress": 100, "total": 5}],
        )
        line = self._code("A00.0")
        self.assertEqual(line.parent_id.code, "A00")
        self.assertEqual(line.parent_id.parent_id.code, "A00-A09")
        chapter = self.env.ref("clinic_emr.icd10_chapter_i")
        self.assertEqual(line.parent_id.parent_id.parent_id, chapter)
        self.assertIn(line, self.Icd10.search([("id", "child_of", chapter.id)]))
        self.assertFalse(self._code("A90").active)

    def test_second_import_changes_nothing(self):
        self._import(CHOLERA)
        codes = self.Icd10.search_count([])
        again = self._import(CHOLERA)
        self.assertRecordValues(
            again,
            [{"created": 0, "updated": 0, "closed": 0, "unchanged": 5}],
        )
        self.assertEqual(self.Icd10.search_count([]), codes)

    def test_closed_and_reopened_codes(self):
        self._import(CHOLERA)
        encounter = self._create_encounter()
        encounter.diagnosis_ids.icd10_id = self._code("A00.0")
        closing = self._import(CHOLERA.replace('01";3;;1', '01";3;;0'))
        self.assertEqual(closing.closed, 1)
        self.assertFalse(self._code("A00.0").active)
        self.assertEqual(encounter.diagnosis_ids.icd10_id.code, "A00.0")
        self.assertFalse(self.env["clinic.icd10"].name_search("A00.0"))
        opening = self._import(CHOLERA)
        self.assertEqual(opening.reopened, 1)
        self.assertTrue(self._code("A00.0").active)

    def test_what_the_clinic_put_aside_stays_aside(self):
        self._import(CHOLERA)
        self._code("A00.0").active = False
        own = self.Icd10.create({"code": "U99.9", "name": "Своё"})
        again = self._import(CHOLERA)
        self.assertFalse(self._code("A00.0").active)
        self.assertTrue(own.active)
        self.assertGreater(again.absent, 0)

    def test_new_name_and_parent_survive_an_update_of_the_addon(self):
        text = HEADER + (
            '1;1;"X";"ДЫХАНИЕ";;;1;\n2;2;"J06";"Инфекции";1;;1;\n'
            '3;3;"J06.9";"Острая инфекция, новое имя";2;;1;\n'
        )
        one = self._import(text)
        self.assertEqual(one.updated, 3)
        cold = self.env.ref("clinic_emr.icd10_j06_9")
        self.assertEqual(cold.name, "Острая инфекция, новое имя")
        self.assertEqual(cold.parent_id.parent_id.code, "X")
        data = self.env["ir.model.data"].search(
            [("module", "=", "clinic_emr"), ("name", "=", "icd10_j06_9")]
        )
        self.assertTrue(data.noupdate)

    def test_goes_on_where_it_was_broken_off(self):
        one = self._new(CHOLERA)
        one.action_start()
        with patch(f"{MODELS}.PORTION", 2):
            one.sudo()._import_portion(one._rows())
        self.assertEqual((one.position, one.progress), (2, 40))
        one.action_stop()
        self._run()
        self.assertEqual(one.position, 2, "stopped")
        one.action_start()
        self._run()
        self.assertRecordValues(one, [{"state": "done", "position": 5}])
        self.assertEqual(one.created + one.updated + one.unchanged + one.closed, 5)

    def test_one_at_a_time(self):
        self._new(CHOLERA).action_start()
        with self.assertRaisesRegex(UserError, "is running"):
            self._new(CHOLERA).action_start()

    def test_wrong_file_is_refused_with_words(self):
        for text in ("", "a;b\n1;2\n", CHOLERA.replace("A00.0", "???")):
            with self.subTest(text=text[:20]), self.assertRaises(UserError):
                self._new(text)

    def test_only_the_administrator_imports(self):
        for role in ("specialist", "nurse", "chief_physician", "reception", "director"):
            with self.subTest(role=role), self.assertRaises(AccessError):
                self._new(CHOLERA, self._user(role))
