from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, tagged

from .common import EmrCommon


@tagged("post_install", "-at_install")
class TestRecordAccess(EmrCommon):
    """Each look of each reader is on record, the chief physician's too."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.chief = cls._user("chief_physician")
        cls.encounter = cls._create_encounter(finished=True)
        cls.record = cls.encounter.record_id

    def setUp(self):
        super().setUp()
        self._forget()

    def _forget(self):
        """Begin what is a new request for the log and the cache."""
        self.env.invalidate_all()
        self.env.cr.precommit.data.pop("clinic_record_access", None)

    def _looks(self):
        return self.env["clinic.record.access"].search([])

    def test_each_way_of_looking_is_noted(self):
        record = self.record.with_user(self.chief)
        encounter = self.encounter.with_user(self.chief)
        Report = self.env["ir.actions.report"].with_user(self.chief)
        self.chief.group_ids += self.env.ref("base.group_allow_export")
        spec = {"complaint": {}, "patient_id": {"fields": {"display_name": {}}}}
        for name, kind, look in [
            ("read", "open", lambda: encounter.read(["complaint"])),
            ("web_read", "open", lambda: encounter.web_read(spec)),
            ("record", "open", lambda: record.web_read({"allergy_note": {}})),
            ("search_read", "open", lambda: encounter.search_read([], ["complaint"])),
            ("web_search_read", "open", lambda: encounter.web_search_read([], spec)),
            ("export", "export", lambda: encounter.export_data(["complaint"])),
            (
                "print",
                "print",
                lambda: Report._render_qweb_html(
                    "clinic_emr.report_encounter", encounter.ids
                ),
            ),
            (
                "diagnosis",
                "open",
                lambda: encounter.diagnosis_ids.read(["icd10_id"]),
            ),
        ]:
            self._forget()
            before = self._looks()
            with self.subTest(way=name):
                look()
                new = self._looks() - before
                self.assertIn(kind, new.mapped("kind"))
                self.assertEqual(new.user_id, self.chief)
                self.assertEqual(new.record_id, self.record)

    def test_reading_a_file_is_noted(self):
        media = self.env["clinic.media"].create(
            {"record_id": self.record.id, "file": "U0VDUkVU", "file_name": "knee.png"}
        )
        file = self.env["ir.attachment"].search(
            [
                ("res_model", "=", "clinic.media"),
                ("res_id", "=", media.id),
                ("res_field", "=", "file"),
            ]
        )
        for names, expected in ((["name"], []), (["datas"], ["file"])):
            self._forget()
            before = self._looks()
            file.with_user(self.chief).read(names)
            self.assertEqual((self._looks() - before).mapped("kind"), expected)

    def test_statistics_are_noted_without_a_patient(self):
        before = self._looks()
        self.env["clinic.diagnosis"].with_user(self.chief).formatted_read_group(
            [], ["icd10_id"], ["__count"]
        )
        self.assertRecordValues(
            self._looks() - before,
            [{"kind": "group", "record_id": False, "model": "clinic.diagnosis"}],
        )
        for role, basis in (
            ("chief_physician", "chief"),
            ("specialist", "treatment"),
            ("nurse", "nursing"),
            ("reception", "other"),
        ):
            log = self.env["clinic.record.access"].with_user(self._user(role))
            self.assertEqual(log._statistics_basis(), basis)

    def test_one_look_is_noted_once_a_request(self):
        before = self._looks()
        encounter = self.encounter.with_user(self.chief)
        encounter.read(["complaint"])
        encounter.read(["examination"])
        self.assertEqual(len(self._looks() - before), 1)
        self._forget()
        encounter.read(["complaint"])
        self.assertEqual(len(self._looks() - before), 2)

    def test_treating_specialist_is_noted(self):
        before = self._looks()
        self.encounter.with_user(self.doctor).read(["complaint"])
        self.assertRecordValues(
            self._looks() - before,
            [
                {
                    "user_id": self.doctor.id,
                    "record_id": self.record.id,
                    "patient_id": self.patient.id,
                    "kind": "open",
                    "basis": "treatment",
                    "model": "clinic.encounter",
                }
            ],
        )

    def test_saving_over_and_over_is_one_look(self):
        """A visit that saves itself would bury the looks that matter."""
        encounter = self.encounter.with_user(self.doctor)
        before = self._looks()
        now = fields.Datetime.now()
        for minutes, expected in [(0, 1), (5, 1), (9, 1), (11, 2)]:
            self._forget()
            with freeze_time(now + timedelta(minutes=minutes)):
                encounter.read(["complaint"])
            self.assertEqual(len(self._looks() - before), expected)

    def test_list_of_many_costs_one_statement(self):
        def looks_of(count):
            self.env.flush_all()
            self._forget()
            records = self.env["clinic.encounter"].with_user(self.chief)
            found = records.search([], limit=count)
            found.mapped("record_id.patient_id")
            start = self.env.cr.sql_log_count
            found._log_look("list")
            return self.env.cr.sql_log_count - start, found.record_id

        for number in range(5):
            self._create_encounter(
                finished=True,
                patient_id=self._create_patient(name=f"Many {number}").id,
            )
        before = self._looks()
        few, _records = looks_of(1)
        many, records = looks_of(6)
        self.assertLessEqual(many, few)
        self.assertGreater(len(records), 3)
        self.assertEqual((self._looks() - before).record_id, records)

    def test_counting_by_what_is_written_is_a_look(self):
        before = self._looks()
        encounters = self.env["clinic.encounter"].with_user(self.chief)
        encounters.search_count([("patient_id", "=", self.patient.id)])
        self.assertFalse(self._looks() - before)
        encounters.search_count([("complaint", "ilike", "SECRET")])
        self.assertEqual((self._looks() - before).mapped("kind"), ["group"])

    def test_patient_reads_who_looked_and_on_what_ground(self):
        self.encounter.with_user(self.doctor).read(["complaint"])
        self.encounter.with_user(self.chief).read(["complaint"])
        looks = self.record._access_log_for_patient()
        self.assertEqual(
            {(look["name"], look["basis"]) for look in looks},
            {("Test Therapist", "treatment"), (self.chief.name, "chief")},
        )
        self.assertNotIn("SECRET", str(looks))
        self.assertEqual(
            self.env["clinic.medical.record"].browse()._access_log_for_patient(),
            [],
        )

    def test_log_shows_no_content_and_is_readable_by_chief_and_admin(self):
        self.encounter.with_user(self.chief).read(["complaint"])
        for role in ("chief_physician", "admin"):
            self.env.invalidate_all()
            log = self.env["clinic.record.access"].with_user(self._user(role))
            rows = log.search_read([])
            self.assertTrue(rows)
            self.assertNotIn("SECRET", str(rows))
        for role in ("reception", "director", "specialist", "nurse"):
            log = self.env["clinic.record.access"].with_user(self._user(role))
            with self.subTest(role=role), self.assertRaises(AccessError):
                log.search([])

    def test_log_is_append_only(self):
        self.encounter.with_user(self.chief).read(["complaint"])
        line = self._looks()[:1]
        for user in (self.chief, self._user("admin")):
            with self.assertRaises(AccessError):
                line.with_user(user).unlink()
            with self.assertRaises(AccessError):
                line.with_user(user).create(
                    {"user_id": user.id, "kind": "open", "model": "clinic.encounter"}
                )
        for attempt in (lambda: line.write({"kind": "list"}), line.unlink):
            with self.assertRaises(UserError):
                attempt()

    def test_chief_reads_and_does_not_write(self):
        encounter = self._create_encounter(specialist=self.specialist2)
        chief = encounter.with_user(self.chief)
        with self.assertRaises(AccessError):
            chief.write({"complaint": "Other"})
        with self.assertRaises(AccessError):
            chief.action_finish()
        with self.assertRaises(AccessError):
            chief.record_id.write({"allergy_note": "Other"})
