from lxml import etree

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import HttpCase, tagged

from .common import SECRET, EmrCommon
from .test_document import SIGNATURE


class NurseCommon(EmrCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.nurse = cls._user("nurse")
        cls.appointment = cls._create_appointment()
        cls.consent = cls.env["clinic.document.template"].create(
            {
                "name": "Test consent",
                "kind": "consent",
                "is_blocking": True,
                "body": "<p>{{signer.name}} agrees: {{specialist.name}}</p>",
            }
        )

    def _measure(self, user=None, appointment=None, **values):
        dialog = (
            self.env["clinic.measurement"]
            .with_user(user or self.nurse)
            .create({"appointment_id": (appointment or self.appointment).id})
        )
        dialog.sheet = {"values": values}
        dialog.action_save()
        return self.env["clinic.observation"].search(
            [("patient_id", "=", self.patient.id)], order="sequence"
        )


@tagged("post_install", "-at_install")
class TestNurse(NurseCommon):
    def test_measured_before_the_visit_stands_in_it(self):
        lines = self._measure(systolic="150", pulse=72)
        self.assertRecordValues(
            lines,
            [
                {
                    "code": "systolic",
                    "value_number": 150,
                    "interpretation": "high",
                    "source": "clinic",
                    "performer_id": self.nurse.id,
                    "encounter_id": False,
                },
                {
                    "code": "pulse",
                    "value_number": 72,
                    "interpretation": "normal",
                    "source": "clinic",
                    "performer_id": self.nurse.id,
                    "encounter_id": False,
                },
            ],
        )
        encounter = self.appointment.with_user(self.doctor)._start_encounters()
        self.assertEqual(lines.encounter_id, encounter)
        self.assertEqual(encounter.sheet["values"]["systolic"], 150)
        # the doctor measures again: the value is his from now on
        encounter.sheet = {"values": {"systolic": 140}}
        self.assertRecordValues(
            lines[0],
            [{"value_number": 140, "performer_id": self.doctor.id}],
        )

    def test_a_nurse_corrects_her_own_value(self):
        self._measure(pulse=7 * 10)
        dialog = (
            self.env["clinic.measurement"]
            .with_user(self.nurse)
            .create({"appointment_id": self.appointment.id})
        )
        self.assertEqual(dialog.sheet["values"], {"pulse": 70})
        lines = self._measure(pulse=80)
        self.assertEqual(lines.mapped("value_number"), [80])

    def test_values_go_into_the_visit_that_is_being_written(self):
        encounter = self.appointment._start_encounters()
        encounter._set_values({"pulse": 66})
        self._measure(pulse=90, weight=70)
        weight = encounter.observation_ids.filtered(lambda one: one.code == "weight")
        self.assertEqual(weight.performer_id, self.nurse)
        # what the doctor has written stays his; the nurse's stands beside it
        pulses = self.env["clinic.observation"].search(
            [("patient_id", "=", self.patient.id), ("code", "=", "pulse")]
        )
        self.assertEqual(sorted(pulses.mapped("value_number")), [66, 90])
        self.assertEqual(
            encounter.observation_ids.filtered(
                lambda one: one.code == "pulse"
            ).value_number,
            66,
        )

    def test_a_finished_visit_is_not_touched(self):
        encounter = self.appointment._start_encounters()
        encounter.complaint = "Cough"
        encounter.action_finish()
        self.appointment.sudo().state = "in_progress"
        lines = self._measure(pulse=70)
        self.assertFalse(lines.encounter_id)
        self.assertTrue(encounter._is_as_signed())

    def test_on_the_screens_of_the_desk_a_nurse_has_her_own_buttons(self):
        def buttons(user, kind):
            arch = (
                self.env["clinic.appointment"].with_user(user).get_view(None, kind)
            )["arch"]
            found = etree.fromstring(arch).iter("button")
            return {one.get("name") for one in found if one.get("type") == "object"}

        reception = self._user("reception")
        desk = {"action_arrive", "action_confirm", "action_open_cancel"}
        hers = {"action_measure", "action_sign_consent"}
        for kind in ("list", "kanban", "form"):
            with self.subTest(kind=kind):
                self.assertLessEqual(desk, buttons(reception, kind))
                self.assertFalse(hers & buttons(reception, kind))
                self.assertLessEqual(hers, buttons(self.nurse, kind))
                changes = {
                    name
                    for name in buttons(self.nurse, kind) - hers
                    if not name.startswith(("action_print", "action_open_patient"))
                    and name != "action_waive_prepayment"
                }
                self.assertFalse(changes)
        Visits = self.env["clinic.appointment"]
        self.assertTrue(Visits.with_user(reception).desk_status()["receives"])
        self.assertFalse(Visits.with_user(self.nurse).desk_status()["receives"])

    def test_slips_are_refused(self):
        for values in ({"pulse": "7o"}, {"pulse": 700}, {"pulse": None}, {}):
            with self.subTest(values=values), self.assertRaises(ValidationError):
                self._measure(**values)

    def test_only_whoever_is_in_the_clinic(self):
        absent = self._create_appointment(state="booked", patient_id=self.patient2.id)
        with self.assertRaisesRegex(UserError, "in the clinic"):
            self._measure(appointment=absent, pulse=70)
        with self.assertRaises(AccessError):
            self._measure(user=self._user("reception"), pulse=70)

    def test_she_sees_what_she_has_entered_and_nothing_else(self):
        encounter = self._create_encounter()
        encounter._set_values({"pain": 5})
        mine = self._measure(pulse=70)
        mine = mine.filtered(lambda one: one.code == "pulse")
        self.env.invalidate_all()
        Observation = self.env["clinic.observation"].with_user(self.nurse)
        self.assertEqual(
            Observation.search([("patient_id", "=", self.patient.id)]), mine
        )
        for name, rows in [
            ("clinic.medical.record", encounter.record_id),
            ("clinic.encounter", encounter),
            ("clinic.diagnosis", encounter.diagnosis_ids),
        ]:
            self.env.invalidate_all()
            with self.subTest(name=name), self.assertRaises(AccessError):
                rows.with_user(self.nurse).read(["display_name", "create_date"])
        # writing goes by the dialog only
        self.env.invalidate_all()
        with self.assertRaises(AccessError):
            mine.with_user(self.nurse).value_number = 60
        with self.assertRaises(AccessError):
            Observation.create(
                {"record_id": encounter.record_id.id, "code": "x", "name": "x"}
            )
        # nor does the dialog open a record by its id
        with self.assertRaises(AccessError):
            self.env["clinic.measurement"].with_user(self.nurse).create(
                {"record_id": encounter.record_id.id}
            ).action_save()

    def test_card_of_the_day_shows_her_own_values(self):
        self._measure(user=self.nurse, pulse=70)
        colleague = self.nurse.copy({"login": "clinic_test_nurse2", "name": "N2"})
        self.env.invalidate_all()
        self.assertIn("70", self.appointment.with_user(self.nurse).measured_by_me)
        self.env.invalidate_all()
        self.assertFalse(self.appointment.with_user(colleague).measured_by_me)
        with self.assertRaises(AccessError):
            self.appointment.with_user(self._user("reception")).read(["measured_by_me"])

    def test_takes_the_consent_of_whoever_is_here(self):
        self.service.consent_template_ids = [Command.set(self.consent.ids)]
        mine = self.appointment.with_user(self.nurse)
        self.assertTrue(mine.consent_needed)
        action = mine.action_sign_consent()
        document = (
            self.env["clinic.document"].with_user(self.nurse).browse(action["res_id"])
        )
        # the doctor of the visit stands in it, not the nurse
        self.assertIn(self.specialist.name, document.body)
        document.signature = SIGNATURE
        document.action_issue()
        self.env.invalidate_all()
        self.assertTrue(document.pdf)
        self.assertFalse(self.appointment.consent_needed)
        self.appointment.with_user(self.doctor).action_open_encounter()

    def test_makes_no_other_documents_and_for_nobody_absent(self):
        extract = self.env["clinic.document.template"].create(
            {
                "name": "Test extract",
                "kind": "extract",
                "body": "<p>{{visit.complaint}}</p>",
            }
        )
        encounter = self._create_encounter()
        for values in (
            {"patient_id": self.patient.id, "template_id": extract.id},
            {"patient_id": self.patient2.id, "template_id": self.consent.id},
            {
                "patient_id": self.patient.id,
                "template_id": self.consent.id,
                "encounter_id": encounter.id,
            },
        ):
            self.env.invalidate_all()
            with self.subTest(values=values), self.assertRaises(AccessError):
                self.env["clinic.document"].with_user(self.nurse).create(values)

    def test_what_the_patient_enters_is_told_apart_and_stays_out_of_visits(self):
        record = self.env["clinic.medical.record"]._of_patients_sudo(self.patient)
        lines = record._add_measures({"systolic": 130, "pulse": 64}, source="patient")
        self.assertEqual(set(lines.mapped("source")), {"patient"})
        encounter = self.appointment._start_encounters()
        self.assertFalse(encounter.observation_ids & lines)

    def test_specialist_measures_those_he_treats(self):
        self._create_encounter()
        record = self.env["clinic.medical.record"].search(
            [("patient_id", "=", self.patient.id)]
        )
        dialog = self.env["clinic.measurement"]
        dialog.with_user(self.doctor).create(
            {"record_id": record.id, "sheet": {"values": {"pulse": 61}}}
        ).action_save()
        self.env.invalidate_all()
        with self.assertRaises(AccessError):
            dialog.with_user(self.other_doctor).create(
                {"record_id": record.id, "sheet": {"values": {"pulse": 62}}}
            ).action_save()

    def test_signed_visit_prints_the_warnings_of_its_day(self):
        encounter = self._create_encounter(finished=True)
        encounter.record_id.allergy_note = "Later word"
        self.env["clinic.allergy"].create(
            {"record_id": encounter.record_id.id, "substance": "Latercillin"}
        )
        html = (
            self.env["ir.actions.report"]
            ._render_qweb_html("clinic_emr.report_encounter", encounter.ids)[0]
            .decode()
        )
        self.assertIn(f"{SECRET} allergy", html)
        self.assertNotIn("Later", html)
        self.assertTrue(encounter._is_as_signed())


@tagged("post_install", "-at_install")
class TestNurseTour(HttpCase, NurseCommon):
    def test_nurse_measures_and_takes_a_consent(self):
        self.patient.name = "Tour Patient"
        self.service.consent_template_ids = [Command.set(self.consent.ids)]
        self.start_tour(
            "/odoo/clinic-nurse", "clinic_emr_nurse", login=self.nurse.login
        )
        lines = self.env["clinic.observation"].search(
            [("patient_id", "=", self.patient.id)], order="sequence"
        )
        self.assertEqual(lines.mapped("value_number"), [145, 90, 76])
        document = self.env["clinic.document"].search(
            [("patient_id", "=", self.patient.id)]
        )
        self.assertRecordValues(
            document, [{"state": "issued", "author_id": self.nurse.id}]
        )
        self.assertTrue(document.signature)
        self.assertTrue(document.pdf)
