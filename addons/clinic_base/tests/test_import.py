from odoo.tests import tagged

from .common import ClinicCommon


@tagged("post_install", "-at_install")
class TestImport(ClinicCommon):
    FIELDS = ("name", "phone", "birthdate_date", "gender", "snils", "is_patient")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._user("reception")

    def _load(self, rows):
        reception = self._user("reception")
        return self.env["res.partner"].with_user(reception).load(self.FIELDS, rows)

    def test_list_of_another_program(self):
        result = self._load(
            [
                ["Орлова Анна", "8 (912) 400-00-01", "1985-05-17", "Female", "", "1"],
                [
                    "Седов Игорь",
                    "79124000002",
                    "1979-12-01",
                    "male",
                    "11223344595",
                    "1",
                ],
                ["Климов Олег", "", "", "", "", "1"],
            ]
        )
        self.assertFalse(result["messages"])
        patients = self.env["res.partner"].browse(result["ids"])
        self.assertEqual(
            patients.mapped("phone"), ["+79124000001", "+79124000002", False]
        )
        self.assertEqual(patients.mapped("gender"), ["female", "male", False])
        self.assertEqual(patients[1].snils, "112-233-445 95")
        self.assertEqual(len(set(patients.mapped("patient_number"))), 3)

    def test_wrong_row_is_named_and_nothing_is_kept(self):
        before = self.env["res.partner"].search_count([])
        result = self._load(
            [
                ["Орлова Анна", "8 912 400-00-01", "1985-05-17", "female", "", "1"],
                ["Седов Игорь", "позвонить маме", "1979-12-01", "male", "", "1"],
            ]
        )
        self.assertFalse(result["ids"])
        message = result["messages"][-1]
        self.assertIn("write it in digits", message["message"])
        self.assertEqual(message["rows"], {"from": 1, "to": 1})
        self.assertEqual(self.env["res.partner"].search_count([]), before)

    def test_dates_of_a_russian_file(self):
        """Through the import screen: semicolons, 31.12.1979, the spelling of phones."""
        if "base_import.import" not in self.env:
            self.skipTest("base_import is not installed")
        content = (
            "ФИО;Телефон;Дата рождения;Пациент\n"
            "Орлова Анна;8 (912) 400-00-01;17.05.1985;1\n"
            "Седов Игорь;9124000002;01.12.1979;1\n"
        )
        wizard = (
            self.env["base_import.import"]
            .with_user(self._user("reception"))
            .create(
                {
                    "res_model": "res.partner",
                    "file": content.encode(),
                    "file_name": "patients.csv",
                    "file_type": "text/csv",
                }
            )
        )
        result = wizard.execute_import(
            ["name", "phone", "birthdate_date", "is_patient"],
            ["ФИО", "Телефон", "Дата рождения", "Пациент"],
            {
                "quoting": '"',
                "separator": ";",
                "has_headers": True,
                "date_format": "%d.%m.%Y",
                "datetime_format": "",
                "float_thousand_separator": "",
                "float_decimal_separator": ",",
                "encoding": "utf-8",
            },
        )
        self.assertFalse(result["messages"])
        patients = self.env["res.partner"].browse(result["ids"])
        self.assertRecordValues(
            patients,
            [
                {"name": "Орлова Анна", "phone": "+79124000001"},
                {"name": "Седов Игорь", "phone": "+79124000002"},
            ],
        )
        self.assertEqual(str(patients[0].birthdate_date), "1985-05-17")
        self.assertEqual(str(patients[1].birthdate_date), "1979-12-01")
