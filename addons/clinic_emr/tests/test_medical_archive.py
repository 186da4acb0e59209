import base64
import io
import json
import zipfile

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import SECRET, EmrCommon


@tagged("post_install", "-at_install")
class TestWithdraw(EmrCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.chief = cls._user("chief_physician")
        cls.encounter = cls._create_encounter(finished=True)

    def _withdraw(self, rows, user, reason="Written for a namesake", method="archive"):
        wizard = (
            self.env["clinic.medical.archive"]
            .with_user(user)
            .with_context(active_model=rows._name, active_ids=rows.ids)
            .create({"reason": reason})
        )
        return getattr(wizard, f"action_{method}")()

    def test_a_visit_goes_out_of_sight_with_its_parts_and_comes_back(self):
        diagnosis = self.encounter.diagnosis_ids
        self._withdraw(self.encounter, self.doctor)
        self.env.invalidate_all()
        self.assertFalse(self.encounter.active or diagnosis.active)
        self.assertEqual(self.encounter.archive_reason, "Written for a namesake")
        self.assertEqual(self.encounter.archived_by_id, self.doctor)
        self.assertEqual(self.encounter.complaint, f"{SECRET} complaint")
        self.assertFalse(self.encounter.record_id.encounter_ids)
        self.assertEqual(self.encounter.record_id.encounter_count, 0)
        with self.assertRaises(UserError):
            self.encounter.appointment_id.with_user(self.doctor).action_open_encounter()
        with self.assertRaises(AccessError):
            self._withdraw(self.encounter, self.doctor, method="restore")
        self._withdraw(self.encounter, self.chief, method="restore")
        self.env.invalidate_all()
        self.assertTrue(self.encounter.active and diagnosis.active)
        self.assertFalse(self.encounter.archive_reason)

    def test_only_author_and_chief_and_with_a_reason(self):
        self._create_appointment(specialist=self.specialist2, state="booked")
        with self.assertRaises(AccessError):
            self._withdraw(self.encounter, self.other_doctor)
        for role in ("nurse", "reception", "director", "admin"):
            with self.subTest(role=role), self.assertRaises(AccessError):
                self._withdraw(self.encounter, self._user(role))
        for reason in (False, "oops"):
            with self.assertRaises(UserError):
                self._withdraw(self.encounter, self.doctor, reason=reason)
        self._withdraw(self.encounter, self.chief)
        self.assertFalse(self.encounter.active)

    def test_offered_on_every_medical_model(self):
        """Other addons' models, too; never on the record itself."""
        names = self.env.registry.descendants(["clinic.medical.mixin"], "_inherit")
        actions = self.env["ir.actions.actions"].with_user(self.chief)
        for name in names:
            if self.env[name]._abstract:
                continue
            with self.subTest(model=name):
                offered = [
                    action["name"]
                    for action in actions.get_bindings(name).get("action", ())
                ]
                expected = 0 if name == "clinic.medical.record" else 1
                self.assertEqual(offered.count("Withdraw…"), expected)
        for role in ("reception", "admin"):
            bindings = actions.with_user(self._user(role)).get_bindings("res.partner")
            self.assertNotIn("Withdraw…", str(bindings))

    def test_entries_are_withdrawn_listed_and_brought_back(self):
        record = self.encounter.record_id
        allergy = (
            self.env["clinic.allergy"]
            .with_user(self.doctor)
            .create({"record_id": record.id, "substance": SECRET})
        )
        action = allergy.action_withdraw()
        self._withdraw(
            self.env[action["context"]["active_model"]].browse(
                action["context"]["active_ids"]
            ),
            self.doctor,
        )
        self._withdraw(self.encounter, self.doctor, reason="Another patient came")
        self.env.flush_all()
        withdrawn = self.env["clinic.withdrawn"].with_user(self.chief).search([])
        self.assertEqual(
            {(row.res_model, row.res_id) for row in withdrawn},
            {("clinic.allergy", allergy.id), ("clinic.encounter", self.encounter.id)},
        )
        row = withdrawn.filtered(lambda one: one.res_model == "clinic.allergy")
        self.assertRecordValues(
            row,
            [
                {
                    "patient_id": self.patient.id,
                    "archived_by_id": self.doctor.id,
                    "archive_reason": "Written for a namesake",
                }
            ],
        )
        self.assertNotIn(SECRET, str(withdrawn.read()))
        self.assertEqual(row.action_open()["res_id"], allergy.id)
        row.action_restore()
        self.assertTrue(allergy.active)
        for role in ("specialist", "nurse", "reception", "director", "admin"):
            with self.subTest(role=role), self.assertRaises(AccessError):
                self.env["clinic.withdrawn"].with_user(self._user(role)).search([])

    def test_what_was_withdrawn_from_a_closed_record_is_closed(self):
        self._withdraw(self.encounter, self.doctor)
        self.env["clinic.record.closure"].with_user(self.chief).create(
            {"patient_id": self.patient.id, "ground": "mental"}
        )
        self.env.flush_all()
        self.assertFalse(self.env["clinic.withdrawn"].with_user(self.chief).search([]))

    def test_no_way_past_the_reason(self):
        diagnosis = self.encounter.diagnosis_ids.with_user(self.doctor)
        draft = self._create_encounter(
            patient_id=self._create_patient(name="Third").id
        ).with_user(self.doctor)
        for rows in (self.encounter.with_user(self.doctor), diagnosis, draft):
            with self.subTest(rows=rows), self.assertRaises(UserError):
                rows.action_archive()
            with self.subTest(rows=rows), self.assertRaises(UserError):
                rows.write({"active": False})
            if rows != draft:
                with self.subTest(rows=rows), self.assertRaises(UserError):
                    rows.unlink()
        with self.assertRaises(UserError):
            self._withdraw(self.encounter.record_id, self.chief)
        with self.assertRaises(UserError):
            self._withdraw(self.patient, self.chief)

    def test_the_struck_out_line_of_an_open_visit_may_go(self):
        draft = self._create_encounter(patient_id=self._create_patient(name="Third").id)
        draft.diagnosis_ids.with_user(self.doctor).unlink()
        self.assertFalse(draft.diagnosis_ids)


@tagged("post_install", "-at_install")
class TestPatientExport(EmrCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.chief = cls._user("chief_physician")
        cls.encounter = cls._create_encounter(finished=True)
        cls.env["ir.attachment"].create(
            {
                "name": "../../x-ray.txt",
                "raw": b"picture",
                "res_model": "clinic.encounter",
                "res_id": cls.encounter.id,
            }
        )

    def _export(self, user):
        wizard = (
            self.env["clinic.patient.export"]
            .with_user(user)
            .create({"patient_id": self.patient.id})
        )
        self.env.invalidate_all()
        return zipfile.ZipFile(io.BytesIO(wizard._build()))

    def test_everything_on_the_patient_and_nobody_else(self):
        other = self._create_encounter(
            patient_id=self.patient2.id, specialist=self.specialist2
        )
        other.complaint = "SOMEBODY ELSE"
        archive = self._export(self.chief)
        page = archive.read("index.html").decode()
        data = json.loads(archive.read("data.json"))
        for words in (
            self.patient.name,
            f"{SECRET} complaint",
            f"{SECRET} allergy",
            "H66.0",
            self.service.name,
        ):
            self.assertIn(words, page)
            self.assertIn(words, json.dumps(data, ensure_ascii=False))
        self.assertNotIn("SOMEBODY ELSE", page)
        self.assertNotIn("False", page)
        # the visit is told before what belongs to it, and of whom only once
        heading = self.env["ir.model"]._get("clinic.encounter").name
        sections = list(data)
        self.assertLess(
            sections.index(heading),
            sections.index(self.env["ir.model"]._get("clinic.diagnosis").name),
        )
        labels = {label for rows in data.values() for row in rows for label, _ in row}
        self.assertNotIn("Criticality Rank", labels)
        self.assertNotIn("Record", labels)
        # the file stands in its visit, bears the day of it, and says whose it is
        [name] = [name for name in archive.namelist() if name.startswith("files/")]
        local = self.encounter.branch_id._localize(self.encounter.start)
        self.assertIn(f" {local:%Y-%m-%d} ", name)
        self.assertIn(["File", name], data[heading][0])
        self.assertEqual(page.count(f">{name.removeprefix('files/')}</a>"), 2)
        self.assertIn(f"visit of {local:%m/%d/%Y}, {self.service.name}", page)
        self.assertNotIn("..", name)
        self.assertNotIn("/", name.removeprefix("files/"))
        self.assertEqual(archive.read(name), b"picture")
        self.assertIn(
            "export",
            self.env["clinic.record.access"]
            .search([("user_id", "=", self.chief.id)])
            .mapped("kind"),
        )

    def test_files_in_fields_come_along(self):
        self.env["clinic.media"].create(
            {
                "record_id": self.encounter.record_id.id,
                "file": base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"0" * 40),
                "file_name": "knee.png",
            }
        )
        template = self.env["clinic.document.template"].create(
            {"name": "Extract", "kind": "extract", "body": "<p>Words</p>"}
        )
        document = self.env["clinic.document"].create(
            {"template_id": template.id, "encounter_id": self.encounter.id}
        )
        document.action_issue()
        archive = self._export(self.chief)
        # behind the number and the day
        names = [name[21:] for name in archive.namelist() if name.startswith("files/")]
        self.assertIn("knee.png", names)
        self.assertIn(document.pdf_name, names)
        page = archive.read("index.html").decode()
        self.assertIn("Words", page)
        self.assertNotIn("&lt;p&gt;", page)

    def test_in_the_patients_language_and_the_branchs_time(self):
        self.env["res.lang"]._activate_lang("ru_RU")
        self.patient.write({"lang": "ru_RU", "birthdate_date": "1990-02-03"})
        self.encounter.branch_id.tz = "Asia/Yekaterinburg"
        archive = self._export(self.chief.with_context(lang="en_US"))
        page = archive.read("index.html").decode()
        self.assertIn('<html lang="ru"', page)
        self.assertIn("<dd>03.02.1990</dd>", page)
        local = self.encounter.branch_id._localize(self.encounter.start)
        self.assertIn(f"<dd>{local:%d.%m.%Y %H:%M}</dd>", page)
        self.assertNotRegex(page, r"<dd>\d{4}-\d\d-\d\d")
        self.assertIn("1990-02-03", archive.read("data.json").decode())

    def test_only_the_chief_physician(self):
        for role in ("reception", "director", "admin", "specialist", "nurse", "lab"):
            with self.subTest(role=role), self.assertRaises(AccessError):
                self._export(self._user(role))

    def test_closed_record_is_not_exported(self):
        self.env["clinic.record.closure"].with_user(self.chief).create(
            {"patient_id": self.patient.id, "ground": "mental"}
        )
        with self.assertRaises(AccessError):
            self._export(self.chief)
