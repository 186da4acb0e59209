from datetime import date

from odoo.exceptions import ValidationError
from odoo.tests import BaseCase, Form, tagged

from ..tools.norms import Norm, as_text, pick
from .common import EmrCommon


@tagged("post_install", "-at_install")
class TestNormsPicked(BaseCase):
    DAY = date(2026, 11, 23)

    def test_by_sex_and_age(self):
        newborn = Norm(110, 170, age_to=1, age_unit="month")
        infant = Norm(102, 162, age_from=1, age_to=12, age_unit="month")
        grown = Norm(60, 90, age_from=15)
        woman = Norm(62, 92, age_from=15, sex="female")
        table = [
            (date(2026, 11, 23), "male", newborn),
            (date(2026, 10, 24), "male", newborn),
            (date(2026, 10, 23), "male", infant),
            (date(2025, 11, 24), "female", infant),
            (date(2025, 11, 23), "female", None),
            (date(2011, 11, 24), "female", None),
            (date(2011, 11, 23), "female", woman),
            (date(2011, 11, 23), "male", grown),
            (date(2011, 11, 23), None, grown),
            (date(2027, 1, 1), "male", None),
            (None, "male", None),
        ]
        for born, sex, expected in table:
            with self.subTest(born=born, sex=sex):
                found = pick([grown, newborn, infant, woman], sex, born, self.DAY)
                self.assertEqual(found, expected)

    def test_written_in_figures(self):
        self.assertEqual(as_text(36.0, 37.2), "36–37.2")
        self.assertEqual(as_text(95, None), "≥ 95")
        self.assertEqual(as_text(None, None), "")


@tagged("post_install", "-at_install")
class TestNorms(EmrCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.pulse = cls.env["clinic.measure"].search([("code", "=", "pulse")])
        cls.pulse.range_ids.unlink()
        cls.pulse.write({"low": 60, "high": 90, "critical_high": 130})
        cls.env["clinic.reference.range"].create(
            {
                "measure_id": cls.pulse.id,
                "age_to": 10,
                "low": 80,
                "high": 130,
                "critical_high": 170,
            }
        )

    def test_bounds_the_wrong_way_round_are_refused(self):
        version = self.env["clinic.encounter.template.version"].create(
            {
                "template_id": self.env["clinic.encounter.template"]
                .create({"name": "Bounds"})
                .id
            }
        )
        item = self.env["clinic.encounter.template.item"].create(
            {"version_id": version.id, "name": "Pulse", "kind": "number"}
        )
        for measured in (self.pulse, item):
            for low, high in (
                ("minimum", "maximum"),
                ("low", "high"),
                ("critical_low", "critical_high"),
            ):
                with (
                    self.subTest(model=measured._name, low=low),
                    self.assertRaisesRegex(ValidationError, "above the upper"),
                ):
                    measured.write({low: 50, high: 40})
                # an empty bound is a zero
                measured.write({low: 50, high: 0})
        with self.assertRaisesRegex(ValidationError, "at most 20 steps"):
            item.write({"kind": "scale", "minimum": 0, "maximum": 21})

    def _judged(self, born, number):
        self.patient.birthdate_date = born
        vals = self.pulse._judge(number, self.patient, date(2026, 11, 23))
        return vals["interpretation"], vals["reference"]

    def test_a_child_and_a_grown_up_are_judged_differently(self):
        self.assertEqual(self._judged("2020-05-01", 120), ("normal", "80–130"))
        self.assertEqual(self._judged("2020-05-01", 70), ("low", "80–130"))
        self.assertEqual(self._judged("1980-05-01", 120), ("high", "60–90"))
        self.assertEqual(self._judged("1980-05-01", 140), ("critical", "60–90"))
        self.assertEqual(self._judged(False, 70), ("normal", "60–90"))

    def test_a_field_of_a_template_follows_the_norms_of_its_code(self):
        self.patient.birthdate_date = "2020-05-01"
        version = self.env.ref("clinic_emr.template_general_v1")
        encounter = self._create_appointment()._start_encounters()
        encounter.template_version_id = version
        schema = {item["code"]: item for item in encounter.sheet["items"]}
        self.assertEqual((schema["pulse"]["low"], schema["pulse"]["high"]), (80, 130))
        encounter._set_values({"pulse": 70})
        line = encounter.observation_ids.filtered(lambda one: one.code == "pulse")
        self.assertRecordValues(
            line, [{"interpretation": "low", "reference": "80–130"}]
        )

    def test_an_old_value_keeps_the_verdict_of_its_day(self):
        encounter = self._create_appointment()._start_encounters()
        encounter.template_version_id = self.env.ref("clinic_emr.template_general_v1")
        self.patient.birthdate_date = "2020-05-01"
        encounter._set_values({"pulse": 70})
        self.pulse.range_ids.low = 60
        self.assertEqual(
            encounter.observation_ids.filtered(
                lambda one: one.code == "pulse"
            ).reference,
            "80–130",
        )

    def test_own_norms_of_a_field_win_and_are_copied_with_the_version(self):
        version = self.env.ref("clinic_emr.template_general_v1").copy(
            {"number": 97, "state": "draft"}
        )
        item = version.item_ids.filtered(lambda one: one.code == "pulse")
        self.env["clinic.reference.range"].create(
            {"item_id": item.id, "age_to": 10, "low": 90, "high": 140}
        )
        self.patient.birthdate_date = "2020-05-01"
        day = date(2026, 11, 23)
        self.assertEqual(item._norms(self.patient, day)[:2], (90, 140))
        twin = version.copy({"number": 98}).item_ids.filtered(
            lambda one: one.code == "pulse"
        )
        self.assertEqual(twin._norms(self.patient, day)[:2], (90, 140))

    def test_choosing_a_measurement_fills_the_field(self):
        version = self.env.ref("clinic_emr.template_general_v1").copy(
            {"number": 99, "state": "draft"}
        )
        version.item_ids.filtered(lambda one: one.code == "pulse").unlink()
        with Form(version.with_user(self._user("chief_physician"))) as form:
            with form.item_ids.new() as line:
                line.kind = "number"
                line.name = "Heart rate"
                line.measure_id = self.pulse
        item = version.item_ids.filtered(lambda one: one.code == "pulse")
        self.assertRecordValues(
            item, [{"name": self.pulse.name, "high": 90, "part": "vitals"}]
        )
