import base64

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import HttpCase, tagged

from .common import EmrCommon

# a picture of one point
POINT = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9"
    "awAAAABJRU5ErkJggg=="
)


@tagged("post_install", "-at_install")
class TestRecordEntries(EmrCommon):
    def _allergy(self, **values):
        return self.env["clinic.allergy"].create(
            {"substance": "Penicillin", "record_id": self.record.id, **values}
        )

    def setUp(self):
        super().setUp()
        self.encounter = self._create_appointment()._start_encounters()
        self.record = self.encounter.record_id

    def test_allergies_that_count_warn_on_record_and_visit(self):
        self._allergy(substance="Latex")
        gravest = self._allergy(
            substance="Novocaine",
            criticality="high",
            reaction="anaphylaxis",
            verification="confirmed",
        )
        self._allergy(substance="Milk", verification="refuted")
        self._allergy(substance="Nuts", verification="error")
        self._allergy(substance="Dust").active = False
        self.record.allergy_note = "Pacemaker"
        self.env.invalidate_all()
        self.assertEqual(
            self.record._allergies().mapped("substance"), ["Novocaine", "Latex"]
        )
        self.assertEqual(self.record._allergies()[0], gravest)
        self.assertEqual(
            self.encounter.with_user(self.doctor).warning.splitlines(),
            [
                "Novocaine (anaphylaxis, high risk)",
                "Latex (said by the patient)",
                "Pacemaker",
            ],
        )

    def test_substance_is_not_written_over(self):
        allergy = self._allergy().with_user(self.doctor)
        with self.assertRaisesRegex(UserError, "entered in error"):
            allergy.substance = "Water"
        allergy.verification = "error"
        self.assertFalse(self.record._allergies())

    def test_entries_are_signed_by_who_enters_them_and_stay(self):
        allergy = (
            self.env["clinic.allergy"]
            .with_user(self.doctor)
            .create(
                {
                    "substance": "Latex",
                    "record_id": self.record.id,
                    "author_id": self.other_doctor.id,
                    "entered_at": "2020-01-01 00:00:00",
                }
            )
        )
        self.assertEqual(allergy.author_id, self.doctor)
        self.assertNotEqual(allergy.entered_at.year, 2020)
        with self.assertRaises(UserError):
            allergy.author_id = self.other_doctor
        with self.assertRaises(AccessError):
            allergy.unlink()
        with self.assertRaises(UserError):
            allergy.sudo().unlink()

    def test_entry_of_a_visit_belongs_to_its_patient(self):
        foreign = self._create_encounter(
            patient_id=self.patient2.id, specialist=self.specialist2
        )
        with self.assertRaises(ValidationError):
            self._allergy(encounter_id=foreign.id)
        own = self.env["clinic.allergy"].create(
            {"substance": "Latex", "encounter_id": self.encounter.id}
        )
        self.assertEqual(own.record_id, self.record)

    def test_not_for_patients_of_others(self):
        for model, values in {
            "clinic.allergy": {"substance": "x"},
            "clinic.immunization": {"vaccine": "x"},
            "clinic.media": {"file": POINT, "file_name": "x.png"},
            "clinic.observation": {"code": "x", "name": "x"},
        }.items():
            vals = {"record_id": self.record.id, **values}
            entry = self.env[model].create(vals)
            self.env.invalidate_all()
            with self.subTest(model=model, way="read"), self.assertRaises(AccessError):
                entry.with_user(self.other_doctor).read()
            with (
                self.subTest(model=model, way="create"),
                self.assertRaises(AccessError),
            ):
                self.env[model].with_user(self.other_doctor).create(vals)

    def test_display_names_say_number_and_date_only(self):
        for entry in (
            self._allergy(),
            self.env["clinic.immunization"].create(
                {"vaccine": "Ultrix", "record_id": self.record.id}
            ),
        ):
            self.assertRegex(entry.display_name, r"^\S+ · \d\d\.\d\d\.\d{4}$")

    def test_vaccination_not_done_needs_a_reason(self):
        vals = {"vaccine": "Ultrix", "record_id": self.record.id}
        Immunization = self.env["clinic.immunization"]
        with self.assertRaisesRegex(ValidationError, "why"):
            Immunization.create({**vals, "state": "refused"})
        with self.assertRaisesRegex(ValidationError, "expired"):
            Immunization.create(
                {**vals, "date": "2026-03-02", "expires_on": "2026-03-01"}
            )

    def test_file_is_not_replaced(self):
        media = self.env["clinic.media"].create(
            {"record_id": self.record.id, "file": POINT, "file_name": "knee.png"}
        )
        self.assertEqual(media.name, "knee.png")
        self.assertTrue(media.is_image)
        with self.assertRaises(UserError):
            media.file = base64.b64encode(b"other")

    def test_programs_and_pages_are_no_files_of_a_record(self):
        for name, content in (
            ("result.pdf", b"MZ\x90\x00" + b"0" * 40),
            ("result.html", b"plain words"),
            ("photo.png", b"<svg xmlns='http://www.w3.org/2000/svg' onload='x()'/>"),
        ):
            vals = {"file": base64.b64encode(content), "file_name": name}
            with self.subTest(name), self.assertRaises(ValidationError):
                self.env["clinic.media"].create({"record_id": self.record.id, **vals})

    def test_merge_takes_the_entries_along(self):
        twin = self._create_patient(name="Test Patient", phone="+79122000003")
        twin_record = self.env["clinic.medical.record"].create({"patient_id": twin.id})
        allergy = self.env["clinic.allergy"].create(
            {"record_id": twin_record.id, "substance": "Latex"}
        )
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((twin | self.patient).ids, self.patient)
        self.env.invalidate_all()
        self.assertEqual(allergy.record_id, self.record)
        self.assertEqual(self.record._allergies(), allergy)


@tagged("post_install", "-at_install")
class TestMediaOverHttp(HttpCase, EmrCommon):
    def test_files_are_given_to_who_treats_only(self):
        encounter = self._create_appointment()._start_encounters()
        media = self.env["clinic.media"].create(
            {"encounter_id": encounter.id, "file": POINT, "file_name": "knee.png"}
        )
        attachment = self.env["ir.attachment"].search(
            [
                ("res_model", "=", "clinic.media"),
                ("res_id", "=", media.id),
                ("res_field", "=", "file"),
            ]
        )
        picture = base64.b64decode(POINT)
        urls = [
            f"/web/content/clinic.media/{media.id}/file",
            f"/web/image/clinic.media/{media.id}/file",
            f"/web/content/{attachment.id}",
            f"/web/image/{attachment.id}",
        ]
        self.authenticate(self.doctor.login, self.doctor.login)
        self.assertEqual(self.url_open(urls[0]).content, picture)
        chief = self._user("chief_physician")
        self.authenticate(chief.login, chief.login)
        for number, url in enumerate(urls, 1):
            self.assertEqual(self.url_open(url).content, picture)
            looks = self.env["clinic.record.access"].search(
                [("user_id", "=", chief.id), ("kind", "=", "file")]
            )
            self.assertEqual(len(looks), number, url)
            self.assertEqual(looks.record_id, encounter.record_id)
        for who in ("reception", "director", "admin", "other_doctor", None):
            user = self.other_doctor if who == "other_doctor" else None
            login = user.login if user else who and self._user(who).login
            if user:
                user.password = login
            self.authenticate(login, login)
            for url in urls:
                with self.subTest(who=who, url=url):
                    self.assertNotEqual(self.url_open(url).content, picture)
