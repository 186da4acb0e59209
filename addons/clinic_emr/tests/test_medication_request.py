from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .order_common import OrderCommon


@tagged("post_install", "-at_install")
class TestMedicationRequest(OrderCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.record.sudo().allergy_note = False

    def test_allergy_to_the_group_stops_the_prescription(self):
        self.record.allergy_note = "Testopenicillins: rash in 2019"
        medication = self._create_medication(group="Testopenicillin")
        prescription = self._create_prescription(medication)
        self.assertIn("rash in 2019", prescription.warning)
        with self.assertRaisesRegex(UserError, "speaks against"):
            prescription.action_activate()
        with self.assertRaisesRegex(UserError, "speaks against"):
            self.encounter.action_finish()
        prescription.override_reason = "No alternative, under observation"
        prescription.action_activate()
        self.assertEqual(prescription.state, "active")

    def test_nothing_speaks_against(self):
        self.record.allergy_note = "Pollen"
        self.assertFalse(self._create_prescription().warning)

    def test_same_substance_twice(self):
        self._create_prescription().action_activate()
        other_brand = self._create_medication(name="Testoclav")
        second = self._create_prescription(other_brand)
        self.assertIn("Testomox", second.warning)

    def test_same_substance_twice_in_one_visit_before_it_is_given(self):
        first = self._create_prescription()
        second = self._create_prescription(self._create_medication(name="Testoclav"))
        self.assertTrue(first.warning)
        self.assertTrue(second.warning)

    def test_a_course_that_has_ended_is_no_duplicate(self):
        first = self._create_prescription(days=5)
        first.action_activate()
        first.sudo().ordered_at = "2020-01-01 10:00:00"
        self.assertFalse(self._create_prescription().warning)

    def test_unknown_substance_is_said(self):
        self.record.allergy_note = "Pollen"
        bare = (
            self.env["clinic.medication"]
            .with_user(self.doctor)
            .create({"name": "Testobare"})
        )
        self.assertIn("not known", self._create_prescription(bare).warning)

    def test_instruction_in_words(self):
        prescription = self._create_prescription(
            dose=0.5, times_a_day=2, timing="after", days=7
        )
        self.assertEqual(
            prescription.instruction,
            "0.5 tab., by mouth, 2 times a day, after meals, 7 days",
        )

    def test_printed_on_one_sheet_with_the_instruction(self):
        prescription = self._create_prescription()
        self.encounter.action_print_prescription()
        self.assertEqual(prescription.state, "active")
        html, _kind = (
            self.env["ir.actions.report"]
            .with_user(self.doctor)
            ._render_qweb_html("clinic_emr.report_prescription", prescription.ids)
        )
        self.assertIn("Testomox", html.decode())
        self.assertIn(prescription.instruction, html.decode())
        summary, _kind = (
            self.env["ir.actions.report"]
            .with_user(self.doctor)
            ._render_qweb_html("clinic_emr.report_encounter", self.encounter.ids)
        )
        self.assertIn(prescription.instruction, summary.decode())

    def test_repeat_is_a_draft_to_be_checked_anew(self):
        prescription = self._create_prescription(note="With water")
        prescription.action_activate()
        action = prescription.action_repeat()
        again = self.env["clinic.medication.request"].browse(action["res_id"])
        self.assertRecordValues(
            again, [{"state": "draft", "note": "With water", "name": again.name}]
        )
        self.assertNotEqual(again.name, prescription.name)
        self.assertTrue(again.with_user(self.doctor).warning)

    def test_two_medicines_that_are_not_saved_are_compared(self):
        first = self._create_medication(name="Testomox")
        second = self._create_medication(name="Testocaps")
        visit = Form(self.encounter)
        with visit.medication_request_ids.new() as line:
            line.medication_id = first
            self.assertFalse(line.warning)
        with visit.medication_request_ids.new() as line:
            line.medication_id = second
            self.assertIn("Testomox", line.warning)
            line.override_reason = "Needed"

    def test_any_of_several_substances_ticks_a_standard(self):
        self.env["clinic.care.standard"].create(
            {
                "name": "Otitis",
                "icd10_ids": [Command.set(self.icd_otitis.ids)],
                "line_ids": [
                    Command.create({"name": "One", "substance": "Other, testocillin"}),
                    Command.create({"name": "Two", "substance": "Othercillin"}),
                ],
            }
        )
        self._create_prescription()
        self.encounter.complaint = "Ear"
        self.assertRecordValues(
            self.encounter.care_item_ids,
            [{"name": "One", "state": "done"}, {"name": "Two", "state": "missing"}],
        )

    def test_the_twin_of_the_typed_line_is_no_other_medicine(self):
        line = {"medication_id": self._create_medication().id, "dose": 1.0, "days": 7}
        one, twice = (
            self.env["clinic.medication.request"]
            .with_user(self.doctor)
            .onchange(
                {
                    **line,
                    "record_id": self.record.id,
                    "encounter_id": {
                        "id": self.encounter.id,
                        "medication_request_ids": [
                            (0, f"virtual_{number}", line) for number in range(count)
                        ],
                    },
                },
                ["medication_id"],
                {"warning": {}},
            )["value"]
            for count in (1, 2)
        )
        self.assertFalse(one.get("warning"))
        self.assertIn("Testomox", twice["warning"])

    def test_unsaved_form_tells_nothing_of_foreign_patients(self):
        stranger = self._create_encounter(
            patient_id=self.patient2.id, specialist=self.specialist2
        )
        stranger.record_id.sudo().allergy_note = "Testocillin SECRETRASH"
        self.env.invalidate_all()
        try:
            result = (
                self.env["clinic.medication.request"]
                .with_user(self.doctor)
                .onchange(
                    {
                        "record_id": stranger.record_id.id,
                        "medication_id": self._create_medication().id,
                    },
                    ["medication_id"],
                    {"warning": {}},
                )
            )
        except AccessError:
            return
        self.assertNotIn("SECRETRASH", str(result))

    def test_a_list_costs_the_same_for_many(self):
        def cost():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.env["clinic.medication.request"].with_user(
                self.doctor
            ).web_search_read([], {"instruction": {}, "warning": {}})
            return self.env.cr.sql_log_count - before

        # more than one to begin with: the first other medicine is a path of its own
        for number in range(3):
            self._create_prescription(
                self._create_medication(name=f"Few{number}", substance=f"Sub{number}")
            )
        cost()
        few = cost()
        for number in range(3, 12):
            self._create_prescription(
                self._create_medication(name=f"Testo{number}", substance=f"Sub{number}")
            )
        self.assertLessEqual(cost(), few)
