from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged

from .common import EmrCommon


@tagged("post_install", "-at_install")
class TestEncounterSheet(EmrCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.template = cls.env["clinic.encounter.template"].create(
            {
                "name": "Test therapy visit",
                "specialty_ids": cls.specialty.ids,
                "version_ids": [
                    (
                        0,
                        0,
                        {
                            "state": "published",
                            "item_ids": [(0, 0, vals) for vals in cls._item_values()],
                        },
                    )
                ],
            }
        )
        cls.version = cls.template.current_version_id

    @classmethod
    def _item_values(cls):
        return [
            {
                "sequence": 1,
                "part": "vitals",
                "kind": "number",
                "code": "temperature",
                "name": "Temperature",
                "unit_id": cls.env.ref("clinic_emr.unit_cel").id,
                "minimum": 30,
                "maximum": 45,
                "low": 36,
                "high": 37.2,
                "critical_high": 40,
            },
            {
                "sequence": 2,
                "kind": "choice",
                "code": "skin",
                "name": "Skin",
                "choices": "pale\npink",
            },
            {
                "sequence": 3,
                "kind": "multi",
                "code": "oedema",
                "name": "Oedema",
                "choices": "face\nlegs",
            },
        ]

    def _start(self, **values):
        appointment = self._create_appointment(**values).with_user(self.doctor)
        return appointment._start_encounters()

    def test_template_of_service_before_specialty_before_any(self):
        find = self.env["clinic.encounter.template"]._for_visits
        self.assertEqual(find(self.service, self.specialty)[0], self.template)
        by_service = self.template.copy({"specialty_ids": False})
        by_service.service_ids = self.service.product_tmpl_id
        self.assertNotEqual(find(self.service, self.specialty)[0], by_service)
        by_service.action_edit()
        by_service.version_ids.action_publish()
        self.assertEqual(find(self.service, self.specialty)[0], by_service)

    def test_values_become_observations(self):
        encounter = self._start()
        self.assertEqual(encounter.template_version_id, self.version)
        values = {"temperature": "38,5", "skin": "pale", "oedema": ["legs", "face"]}
        encounter.sheet = {"values": values}
        encounter.flush_recordset()
        self.assertRecordValues(
            encounter.observation_ids.sorted("sequence"),
            [
                {
                    "code": "temperature",
                    "value_number": 38.5,
                    "interpretation": "high",
                    "value": "38.5 °C",
                    "performer_id": self.doctor.id,
                    "record_id": encounter.record_id.id,
                },
                {
                    "code": "skin",
                    "value_number": 0,
                    "interpretation": False,
                    "value": "pale",
                    "performer_id": self.doctor.id,
                    "record_id": encounter.record_id.id,
                },
                {
                    "code": "oedema",
                    "value_number": 0,
                    "interpretation": False,
                    "value": "face, legs",
                    "performer_id": self.doctor.id,
                    "record_id": encounter.record_id.id,
                },
            ],
        )
        encounter.sheet = {"values": {"temperature": 41, "skin": None}}
        encounter.flush_recordset()
        self.assertEqual(
            encounter.observation_ids.filtered("interpretation").interpretation,
            "critical",
        )
        self.assertNotIn("skin", encounter.observation_ids.mapped("code"))
        self.assertIn("oedema", encounter.observation_ids.mapped("code"))

    def test_wrong_values_are_refused_in_words(self):
        encounter = self._start()
        for values, words in [
            ({"temperature": 366}, "too great"),
            ({"temperature": "hot"}, "number"),
            ({"skin": "blue"}, "not in the list"),
        ]:
            with (
                self.subTest(values=values),
                self.assertRaisesRegex(ValidationError, words),
            ):
                encounter._set_values(values)

    def test_old_visit_shows_as_it_was_written(self):
        encounter = self._start()
        encounter._set_values({"temperature": 36.6, "skin": "pink"})
        encounter.action_finish()
        with self.assertRaisesRegex(UserError, "new version"):
            self.version.item_ids[0].name = "Fever"
        action = self.template.action_edit()
        newer = self.env[action["res_model"]].browse(action["res_id"])
        self.assertNotEqual(newer, self.version)
        newer.item_ids.filtered(lambda item: item.code == "skin").unlink()
        newer.item_ids.filtered(lambda item: item.code == "temperature").name = "Fever"
        newer.action_publish()
        self.assertEqual(self.version.state, "retired")
        self.env.invalidate_all()
        sheet = encounter.sheet
        self.assertEqual(
            [(item["name"], sheet["texts"][item["code"]]) for item in sheet["items"]],
            [("Temperature", "36.6 °C"), ("Skin", "pink")],
        )
        self.assertEqual(self._start().template_version_id, newer)

    def test_finished_values_are_locked(self):
        encounter = self._start()
        encounter._set_values({"temperature": 36.6})
        encounter.action_finish()
        with self.assertRaises(UserError):
            encounter._set_values({"temperature": 37})
        with self.assertRaises(UserError):
            encounter.observation_ids.sudo().write({"value_number": 37})
        with self.assertRaises(UserError):
            encounter.observation_ids.sudo().unlink()

    def test_required_field_is_asked_for(self):
        self.version.item_ids[0].required = True
        encounter = self._start()
        encounter.complaint = "Cough"
        with self.assertRaisesRegex(UserError, "Temperature"):
            encounter.action_finish()
        encounter._set_values({"temperature": 36.6})
        encounter.action_finish()
        self.assertEqual(encounter.state, "finished")

    def test_usual_values_stand_at_once_but_are_no_content(self):
        self.version.item_ids.filtered(
            lambda item: item.code == "skin"
        ).default_value = "pink"
        encounter = self._start()
        self.assertEqual(encounter.observation_ids.value, "pink")
        with self.assertRaisesRegex(UserError, "Nothing is written"):
            encounter.action_finish()

    def test_as_last_time_fills_what_is_empty(self):
        first = self._start()
        first.write({"complaint": "Cough", "examination": "Clear lungs"})
        first._set_values({"temperature": 38, "skin": "pale"})
        first.action_finish()
        second = self._start()
        second.complaint = "Better"
        second.action_as_last_time()
        self.assertEqual(second.complaint, "Better")
        self.assertEqual(second.examination, "Clear lungs")
        self.assertEqual(second.observation_ids.mapped("code"), ["skin"])
        self.assertEqual(second.last_text("complaint"), "Cough")
        with self.assertRaises(AccessError):
            second.last_text("warning")

    def test_form_of_the_doctor_keeps_other_values(self):
        encounter = self._start()
        encounter._set_values({"skin": "pale"})
        with Form(encounter) as form:
            form.sheet = {
                **form.sheet,
                "values": {**form.sheet["values"], "temperature": 37},
            }
        self.assertEqual(
            encounter.observation_ids.sorted("sequence").mapped("code"),
            ["temperature", "skin"],
        )

    def test_phrases_own_and_shared(self):
        Phrase = self.env["clinic.phrase"]
        Phrase.create(
            [
                {"name": "norm", "text": "Shared", "user_id": False},
                {
                    "name": "eyes",
                    "text": "Foreign",
                    "user_id": False,
                    "specialty_ids": self.specialty2.ids,
                },
                {"name": "his", "text": "His", "user_id": self.other_doctor.id},
            ]
        )
        mine = Phrase.with_user(self.doctor).create({"name": "n", "text": "Mine ___"})
        offered = Phrase.with_user(self.doctor).offered("complaint")
        texts = [phrase["text"] for phrase in offered]
        self.assertEqual(texts[0], "Mine ___")
        self.assertIn("Shared", texts)
        self.assertNotIn("Foreign", texts)
        self.assertNotIn("His", texts)
        with self.assertRaises(AccessError):
            mine.user_id = False
