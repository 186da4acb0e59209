import io
import zipfile

from odoo.tests import BaseCase, tagged

from ..tools.icd10_file import Icd10FileError, parse, version_of

HEADER = "ID;REC_CODE;MKB_CODE;MKB_NAME;ID_PARENT;ADDL_CODE;ACTUAL;DATE\n"
CHOLERA = (
    HEADER + '4;"0101A000";"A00.0";"Холера, вибрион 01";3;;1;\n'
    '3;"0101A00";"A00";"Холера";2;;1;\n'
    '2;"0101";"A00-A09";"КИШЕЧНЫЕ ИНФЕКЦИИ";1;;1;\n'
    '1;01;"I";"ИНФЕКЦИИ";;;1;\n'
    '5;"";"A90";"Лихорадка денге";2;2;0;"07.10.2020"\n'
)


@tagged("post_install", "-at_install")
class TestIcd10File(BaseCase):
    def test_parents_come_first_and_are_named_by_code(self):
        rows = parse(CHOLERA.encode())
        self.assertEqual(
            [(row.code, row.parent) for row in rows],
            [
                ("I", None),
                ("A00-A09", "I"),
                ("A00", "A00-A09"),
                ("A90", "A00-A09"),
                ("A00.0", "A00"),
            ],
        )

    def test_closed_code_with_its_date_and_mark(self):
        row = next(row for row in parse(CHOLERA.encode()) if row.code == "A90")
        self.assertFalse(row.is_actual)
        self.assertEqual(row.changed_on.isoformat(), "2020-10-07")
        self.assertEqual(row.mark, "asterisk")

    def test_old_encoding_byte_order_mark_and_zip(self):
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("any.csv", CHOLERA)
        for content in (
            CHOLERA.encode("cp1251"),
            CHOLERA.encode("utf-8-sig"),
            packed.getvalue(),
        ):
            self.assertEqual(parse(content), parse(CHOLERA.encode()))

    def test_of_a_code_closed_and_opened_anew_the_living_one_counts(self):
        line = '9;"x";"A90";"Денге снова";2;;{};\n'
        (row,) = [
            r for r in parse((CHOLERA + line.format(1)).encode()) if r.code == "A90"
        ]
        self.assertEqual((row.name, row.is_actual), ("Денге снова", True))

    def test_unusable_files_say_why(self):
        for reason, text in [
            ("empty", ""),
            ("columns", "a;b\n1;2\n"),
            ("columns", CHOLERA.replace(";", ",")),
            ("parent", HEADER + "4;x;A00.0;Холера;3;;1;\n"),
            ("cycle", HEADER + "4;x;A00.0;Холера;4;;1;\n"),
            ("double_id", HEADER + "4;x;A00;Холера;;;1;\n4;x;A01;Тиф;;;1;\n"),
            ("code", HEADER + "4;x;<b>;Холера;;;1;\n"),
            ("name", HEADER + "4;x;A00;;;;1;\n"),
            ("actual", HEADER + "4;x;A00;Холера;;;;\n"),
            ("id", HEADER + ";x;A00;Холера;;;1;\n"),
            ("zip", "PK not a zip"),
        ]:
            with self.subTest(reason=reason), self.assertRaises(Icd10FileError) as case:
                parse(text.encode())
            self.assertEqual(case.exception.reason, reason)

    def test_version(self):
        name = "1.2.643.5.1.13.13.11.1005_2.27.csv"
        self.assertEqual(version_of(name), "2.27")
        self.assertEqual(version_of("1.2.643.5.1.13.13.11.1005_2.27_csv.zip"), "2.27")
        self.assertIsNone(version_of("mkb.csv"))
        self.assertIsNone(version_of(None))
