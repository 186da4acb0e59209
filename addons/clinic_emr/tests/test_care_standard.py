from datetime import date, timedelta

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import BaseCase, tagged

from ..tools import completeness, hints
from .common import EmrCommon


@tagged("post_install", "-at_install")
class TestCompletenessRules(BaseCase):
    SECTIONS = dict.fromkeys(("complaint", "anamnesis", "examination"), True)

    def _codes(self, *diagnoses, **values):
        visit = completeness.Visit(
            **{
                "sections": self.SECTIONS,
                "recommendations": True,
                "diagnoses": diagnoses,
                **values,
            }
        )
        return [code for code, _item in completeness.judge(visit).remarks]

    def test_complete(self):
        self.assertEqual(self._codes(completeness.Diagnosis("J06.9")), [])

    def test_each_remark(self):
        one = completeness.Diagnosis
        for code, diagnoses, values in [
            ("no_recommendations", [one("J06.9")], {"recommendations": False}),
            ("late", [one("J06.9")], {"hours": 37}),
            ("no_main_diagnosis", [], {}),
            ("no_main_diagnosis", [one("J06.9", is_main=False)], {}),
            ("wrong_main", [one("G01", is_asterisk=True)], {}),
            ("wrong_main", [one("W01.0")], {}),
            ("not_detailed", [one("J06", is_leaf=False)], {}),
            ("closed_code", [one("A90", is_closed=True)], {}),
            ("wrong_sex", [one("N40")], {"gender": "female"}),
            ("wrong_sex", [one("O21.0")], {"gender": "male"}),
            ("standard", [one("J06.9")], {"items": (completeness.Item(7, True),)}),
        ]:
            with self.subTest(code=code, diagnoses=diagnoses):
                self.assertEqual(self._codes(*diagnoses, **values), [code])

    def test_percent_is_of_the_checks_that_apply(self):
        verdict = completeness.judge(
            completeness.Visit(
                sections=dict.fromkeys(self.SECTIONS, False), recommendations=False
            )
        )
        self.assertEqual(verdict.checks, 6)
        self.assertAlmostEqual(verdict.percent, 16.7)


@tagged("post_install", "-at_install")
class TestHintRules(BaseCase):
    TODAY = date(2026, 5, 20)

    def test_overdue_after_the_interval(self):
        for days, expected in [(90, 0), (91, 1)]:
            check = hints.Check(
                "HbA1c", 90, self.TODAY - timedelta(days=days), self.TODAY
            )
            self.assertEqual(len(hints.compute(self.TODAY, checks=[check])), expected)

    def test_never_done_counts_from_the_beginning(self):
        check = hints.Check("ECG", 30, None, self.TODAY - timedelta(days=31))
        (hint,) = hints.compute(self.TODAY, checks=[check])
        self.assertEqual((hint.kind, hint.day), ("overdue", None))

    def test_gravest_first(self):
        found = hints.compute(
            self.TODAY,
            consents=[hints.Consent("Operation", self.TODAY + timedelta(days=3))],
            values=[hints.Value("K", "6.9", "critical", self.TODAY)],
            observed=[hints.Observed("I10", self.TODAY - timedelta(days=366))],
        )
        self.assertEqual(
            [hint.kind for hint in found], ["abnormal", "observation", "consent"]
        )


@tagged("post_install", "-at_install")
class TestCareStandard(EmrCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.standard = cls.env["clinic.care.standard"].create(
            {
                "name": "Otitis",
                "icd10_ids": [Command.set(cls.icd_otitis.parent_id.ids)],
                "line_ids": [
                    Command.create({"name": "Otoscopy", "section": "examination"}),
                    Command.create({"name": "Audiometry", "kind": "diagnostic"}),
                    Command.create(
                        {
                            "name": "Check of hearing",
                            "kind": "check",
                            "required": False,
                            "interval_days": 30,
                        }
                    ),
                ],
            }
        )

    def _states(self, encounter):
        return {item.name: item.state for item in encounter.care_item_ids}

    def test_proposed_by_diagnosis_and_ticked_by_what_is_written(self):
        encounter = self._create_encounter()
        self.assertEqual(
            self._states(encounter),
            {
                "Otoscopy": "done",
                "Audiometry": "missing",
                "Check of hearing": "missing",
            },
        )
        encounter.examination = False
        self.assertEqual(self._states(encounter)["Otoscopy"], "missing")

    def test_another_diagnosis_takes_the_proposal_back(self):
        encounter = self._create_encounter()
        item = encounter.care_item_ids.filtered(lambda one: one.name == "Audiometry")
        item.with_user(self.doctor).is_ticked = True
        encounter.diagnosis_ids.icd10_id = self.icd_cold
        self.assertEqual(encounter.care_item_ids, item, "what the doctor ticked stays")

    def test_by_service(self):
        self.standard.write(
            {"icd10_ids": [Command.clear()], "service_ids": self.service.ids}
        )
        encounter = self._create_appointment()._start_encounters()
        self.assertEqual(len(encounter.care_item_ids), 3)

    def test_only_for_chronic_and_in_its_time(self):
        self.standard.chronic_only = True
        encounter = self._create_encounter()
        self.assertFalse(encounter.care_item_ids)
        encounter.diagnosis_ids.course = "chronic"
        self.assertEqual(len(encounter.care_item_ids), 3)
        self.standard.date_to = "2020-01-01"
        self.assertFalse(self._create_encounter().care_item_ids)

    def test_doctor_ticks_or_explains_and_changes_nothing_else(self):
        item = self._create_encounter().care_item_ids[1].with_user(self.doctor)
        item.waiver = "Done elsewhere"
        self.assertEqual(item.state, "waived")
        item.action_tick()
        self.assertEqual(item.state, "done")
        with self.assertRaises(UserError):
            item.name = "Something else"

    def test_the_report_counts_besides_the_share(self):
        items = self._create_encounter().care_item_ids
        items[1].with_user(self.doctor).waiver = "Done elsewhere"
        self.env.flush_all()
        [(count, done, rate)] = self.env["clinic.care.item"]._read_group(
            [("id", "in", items.ids)],
            aggregates=["__count", "done_count:sum", "done_rate:avg"],
        )
        # otoscopy is written, audiometry not needed, the check of hearing is missing
        self.assertEqual((count, done), (3, 2))
        self.assertAlmostEqual(rate, 200 / 3)

    def test_standard_needs_something_to_apply_to(self):
        with self.assertRaises(ValidationError):
            self.standard.icd10_ids = False

    def test_finished_visit_keeps_what_was_asked_of_it(self):
        encounter = self._create_encounter(finished=True)
        self.standard.line_ids[0].name = "Renamed"
        self.standard.line_ids[1].unlink()
        self.assertEqual(
            set(encounter.care_item_ids.mapped("name")),
            {"Otoscopy", "Audiometry", "Check of hearing"},
        )
        with self.assertRaises(UserError):
            encounter.care_item_ids[0].is_ticked = True

    def test_a_visit_outlives_the_line_of_its_item(self):
        encounter = self._create_encounter()
        item = encounter.care_item_ids.filtered(lambda one: one.name == "Audiometry")
        item.with_user(self.doctor).is_ticked = True
        item.line_id.unlink()
        self.assertFalse(item.line_id)
        encounter.with_user(self.doctor).action_finish()
        self.assertEqual(encounter.state, "finished")
        self.assertEqual(item.state, "done")

    def test_remarks_of_a_finished_visit(self):
        encounter = self._create_encounter()
        self.assertTrue(encounter.remark_text)
        encounter.action_finish()
        self.assertFalse(encounter.remark_text)
        remark = encounter.remark_ids.filtered(lambda one: one.code == "standard")
        self.assertRecordValues(
            remark,
            [{"item_name": "Audiometry", "standard_id": self.standard.id}],
        )
        self.assertTrue(0 < encounter.completeness < 100)

    def test_hint_of_an_overdue_check(self):
        encounter = self._create_encounter(finished=True)
        record = encounter.record_id
        self.assertFalse(record.hint_text)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE clinic_care_item SET date = date - interval '40 days'"
        )
        self.env.invalidate_all()
        self.assertIn("Check of hearing", record.hint_text)
        self.env.cr.execute("UPDATE clinic_diagnosis SET course = 'resolved'")
        self.env.invalidate_all()
        self.assertFalse(record.hint_text, "the illness is over")

    def test_who_reads(self):
        encounter = self._create_encounter(finished=True)
        items, remarks = encounter.care_item_ids, encounter.remark_ids
        self.assertTrue(remarks)
        for role in ("reception", "cashier", "director", "finance", "lab", "admin"):
            for records in (items, remarks, self.standard):
                self.env.invalidate_all()
                with (
                    self.subTest(role=role, model=records._name),
                    self.assertRaises(AccessError),
                ):
                    records.with_user(self._user(role)).read()
        for records in (items, remarks):
            self.env.invalidate_all()
            self.assertFalse(records.with_user(self.other_doctor).search([]))
            chief = records.with_user(self._user("chief_physician"))
            self.assertEqual(chief.search([("id", "in", records.ids)]), records)
        with self.assertRaises(AccessError):
            self.standard.with_user(self.doctor).name = "Mine"
        self.standard.with_user(self._user("chief_physician")).name = "Chief's"

    def test_hints_cost_the_same_for_many_records(self):
        def cost(records):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.env["clinic.hint"]._of_records(records)
            return self.env.cr.sql_log_count - before

        one = self._create_encounter(finished=True).record_id
        cost(one)
        few = cost(one)
        others = one
        for number in range(5):
            patient = self._create_patient(
                name=f"Hint {number}", phone=f"+7912300000{number}"
            )
            others += self._create_encounter(
                finished=True, patient_id=patient.id
            ).record_id
        self.assertLessEqual(cost(others), few + 2)
