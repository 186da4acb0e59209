from datetime import timedelta

from odoo import Command, fields
from odoo.tests import tagged

from .common import PortalCommon


@tagged("post_install", "-at_install")
class TestHealth(PortalCommon):
    """What a patient reads of the record and adds to it, and what nobody else does."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        people = cls.patient | cls.ward | cls.stranger
        records = cls.env["clinic.medical.record"]._of_patients_sudo(people)
        cls.records = {record.patient_id: record for record in records}
        cls.advice = {
            person: cls._finished_visit(person, hour, f"Advice for {person.name}")
            for hour, person in enumerate(people, start=9)
        }

    @classmethod
    def _finished_visit(cls, patient, hour, advice):
        visit = cls._book(hour, patient_id=patient.id)
        encounter = cls.env["clinic.encounter"]._open(visit)
        encounter.recommendations = advice
        encounter._lock(visit.stop)
        return encounter

    def setUp(self):
        super().setUp()
        self._sign_in()

    def _observations(self, patient=None):
        record = self.records[patient or self.patient]
        return self.env["clinic.observation"].search([("record_id", "=", record.id)])

    def _write_down(self, kind="pressure", moment=None, **values):
        moment = moment or fields.Datetime.now() - timedelta(days=1)
        if not isinstance(moment, str):
            moment = moment.strftime("%Y-%m-%dT%H:%M")
        return self._post(
            f"/my/clinic/measurements/{kind}", {"moment": moment, **values}
        )

    # -- what is read

    def test_own_recommendations_and_nobody_elses(self):
        tree = self._page(self._get("/my/clinic/health"))
        text = tree.text_content()
        self.assertIn(self.advice[self.patient].recommendations, text)
        self.assertNotIn(self.advice[self.stranger].recommendations, text)
        self.assertNotIn(self.advice[self.ward].recommendations, text)
        self._page(self._get("/my/clinic/health/visits"))

    def test_guardian_chooses_the_ward(self):
        tree = self._page(self._get(f"/my/clinic/health?person={self.ward.id}"))
        text = tree.text_content()
        self.assertIn(self.advice[self.ward].recommendations, text)
        self.assertNotIn(self.advice[self.patient].recommendations, text)
        tree = self._page(self._get("/my/clinic/health/visits"))
        self.assertIn(self.advice[self.ward].recommendations, tree.text_content())

    def test_ex_guardian_is_back_to_the_own_record_at_once(self):
        self._get(f"/my/clinic/health?person={self.ward.id}")
        self.ward.guardian_ids = False
        text = self._page(self._get("/my/clinic/health")).text_content()
        self.assertNotIn(self.advice[self.ward].recommendations, text)
        path = f"/my/clinic/health/visit/{self.advice[self.ward].id}"
        self.assertEqual(self._get(path).status_code, 404)

    def test_choosing_a_stranger_shows_the_own_record(self):
        tree = self._page(self._get(f"/my/clinic/health?person={self.stranger.id}"))
        self.assertNotIn(self.stranger.name, tree.text_content())

    def test_closed_record_is_for_the_patient_alone(self):
        for person in (self.patient, self.ward):
            self.env["clinic.record.closure"].create(
                {"patient_id": person.id, "ground": "request"}
            )
        tree = self._page(self._get(f"/my/clinic/health?person={self.ward.id}"))
        text = tree.text_content()
        self.assertIn(self.advice[self.patient].recommendations, text)
        self.assertNotIn(self.advice[self.ward].recommendations, text)

    def test_next_of_the_plan_is_what_was_agreed_on(self):
        """What replaced a service is no step before the patient has signed for it."""
        later, new = (self._create_service(name=f"Test {n}") for n in ("later", "new"))
        plan = self.env["clinic.care.plan"].create(
            {
                "record_id": self.records[self.patient].id,
                "title": "Test plan",
                "specialist_id": self.specialist.id,
                "line_ids": [
                    Command.create({"stage": 2, "service_id": later.id}),
                    Command.create(
                        {"stage": 1, "service_id": new.id, "awaits_consent": True}
                    ),
                ],
            }
        )
        self.assertFalse(self._next_of_plans())
        plan.state = "active"  # signed, at the desk
        self.assertEqual(self._next_of_plans(), [later.name])
        plan.line_ids.awaits_consent = False
        self.assertEqual(self._next_of_plans(), [new.name])

    def _next_of_plans(self):
        tree = self._page(self._get("/my/clinic/health"))
        return [
            row.xpath("./span")[0].text_content().strip()
            for plan in self._found(tree, "o_clinic_plan")
            for row in plan.xpath(".//div[contains(@class, 'o_clinic_row')]")
        ]

    def test_summary_of_a_visit(self):
        own = self.advice[self.patient]
        response = self._get(f"/my/clinic/health/visit/{own.id}")
        self.assertEqual(response.status_code, 200)
        self.assertIn("no-store", response.headers["Cache-Control"])
        foreign = self.advice[self.stranger]
        path = f"/my/clinic/health/visit/{foreign.id}"
        self.assertEqual(self._get(path).status_code, 404)

    def test_nothing_of_a_visit_that_is_being_written(self):
        visit = self._book(13)
        encounter = self.env["clinic.encounter"]._open(visit)
        encounter.recommendations = "Not said yet"
        text = self._page(self._get("/my/clinic/health")).text_content()
        self.assertNotIn("Not said yet", text)
        path = f"/my/clinic/health/visit/{encounter.id}"
        self.assertEqual(self._get(path).status_code, 404)

    def test_withdrawn_is_gone(self):
        self.advice[self.patient]._set_archived(
            {"active": False, "archived_at": fields.Datetime.now()}
        )
        text = self._page(self._get("/my/clinic/health")).text_content()
        self.assertNotIn(self.advice[self.patient].recommendations, text)

    # -- what is measured

    def test_pressure_is_written_down_as_the_patients_word(self):
        self._page(self._write_down(systolic="128", diastolic="84"))
        rows = self._observations()
        self.assertEqual(
            {row.code: row.value_number for row in rows},
            {"systolic": 128.0, "diastolic": 84.0},
        )
        self.assertEqual(set(rows.mapped("source")), {"patient"})
        self.assertEqual(rows.performer_id, self.user)
        self.assertFalse(rows.encounter_id)
        tree = self._page(self._get("/my/clinic/measurements/pressure"))
        self.assertIn("128/84", tree.text_content())
        self.assertEqual(len(tree.xpath("//svg//circle")), 2)
        self.assertIn(
            "128/84", self._page(self._get("/my/clinic/health")).text_content()
        )

    def test_the_clock_is_that_of_the_clinic_wherever_the_browser_is(self):
        self.branch.tz = "Asia/Yekaterinburg"
        self.user.tz = "America/New_York"
        moment = self._at(6) - timedelta(days=10)  # naive UTC
        wall = self.branch._localize(moment)
        self._write_down(moment=wall, systolic="120", diastolic="80")
        self.assertEqual(set(self._observations().mapped("effective")), {moment})
        tree = self._page(self._get("/my/clinic/measurements/pressure"))
        self.assertIn(f"{wall:%d.%m.%Y %H:%M}", tree.text_content())
        zone = tree.xpath("//*[@id='moment_zone']")[0].text_content()
        self.assertIn("UTC+5", zone)

    def test_senseless_values_are_refused_and_kept_in_the_form(self):
        tomorrow = fields.Datetime.now() + timedelta(days=1)
        for values, field in (
            ({"systolic": "900", "diastolic": "80"}, "systolic"),
            ({"systolic": "120"}, "diastolic"),
            ({"systolic": "80", "diastolic": "120"}, "diastolic"),
            ({"systolic": "abc", "diastolic": "80"}, "systolic"),
            ({"systolic": "NaN", "diastolic": "80"}, "systolic"),
            ({"systolic": "120", "diastolic": "80", "moment": tomorrow}, "moment"),
            (
                {"systolic": "120", "diastolic": "80", "moment": "0001-01-01T00:00"},
                "moment",
            ),
        ):
            with self.subTest(values=values):
                tree = self._page(self._write_down(**values))
                self.assertTrue(tree.xpath(f"//*[@id='{field}_error']"))
                self.assertEqual(self._value(tree, "systolic"), values["systolic"])
        self.assertFalse(self._observations())
        self.assertEqual(self._get("/my/clinic/measurements/iq").status_code, 404)

    def test_guardian_writes_for_the_ward(self):
        self._get(f"/my/clinic/health?person={self.ward.id}")
        self._write_down("temperature", temperature="37,2")
        self.assertEqual(self._observations(self.ward).value_number, 37.2)
        self.assertFalse(self._observations())

    def test_own_mistake_is_removed_and_stays_in_the_record(self):
        self._write_down(systolic="128", diastolic="84")
        rows = self._observations()
        self._post(f"/my/clinic/measurement/{rows[0].id}/remove", {})
        self.assertFalse(self._observations())
        self.assertEqual(rows.mapped("active"), [False, False])
        self.assertTrue(all(rows.mapped("archive_reason")))

    def test_foreign_and_the_clinics_values_are_not_removed(self):
        foreign = self.env["clinic.observation"].create(
            [
                {
                    "record_id": self.records[person].id,
                    "code": "pulse",
                    "name": "Pulse",
                    "value_number": 70,
                    "source": source,
                }
                for person, source in (
                    (self.stranger, "patient"),
                    (self.patient, "clinic"),
                )
            ]
        )
        for row in foreign:
            path = f"/my/clinic/measurement/{row.id}/remove"
            self.assertEqual(self._post(path, {}).status_code, 404)
        self.assertTrue(all(foreign.mapped("active")))

    def test_a_flood_is_stopped(self):
        self.env["clinic.observation"].create(
            [
                {
                    "record_id": self.records[self.patient].id,
                    "code": "pulse",
                    "name": "Pulse",
                    "value_number": 60 + number,
                    "source": "patient",
                }
                for number in range(60)
            ]
        )
        tree = self._page(self._write_down("pulse", pulse="60"))
        self.assertTrue(self._found(tree, "alert-warning"))
        self.assertEqual(len(self._observations()), 60)
