from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import SECRET, EmrCommon


@tagged("post_install", "-at_install")
class TestUndoMerge(EmrCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.admin = cls._user("admin")
        cls.kept = cls._create_encounter(finished=True)
        cls.twin = cls._create_patient(
            name="Test Patient", phone="+79122000003", email="twin@example.com"
        )
        cls.twin_number = cls.twin.patient_number
        cls.moved = cls._create_encounter(
            finished=True, patient_id=cls.twin.id, specialist=cls.specialist2
        )
        cls.moved.record_id.allergy_note = "Novocaine"
        cls.attachment = cls.env["ir.attachment"].create(
            {"name": "x", "res_model": "res.partner", "res_id": cls.twin.id}
        )

    def _merge(self):
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((self.twin | self.patient).ids, self.patient)
        self.env.invalidate_all()
        return self.env["clinic.patient.merge"].search([], limit=1)

    def test_whom_the_merged_one_paid_for_goes_back(self):
        child = self._create_patient(name="Child", phone="+79122000078")
        child.payer_id = self.twin
        merge = self._merge()
        self.assertEqual(child.payer_id, self.patient)
        merge.with_user(self.admin).action_undo()
        self.env.invalidate_all()
        self.assertEqual(merge.state, "undone")
        self.assertFalse(merge.not_restored)
        self.assertEqual(child.payer_id, self.twin.exists())

    def test_everything_goes_back(self):
        record, twin_record = self.kept.record_id, self.moved.record_id
        before = {
            model: self._rows(model)
            for model in (
                "res.partner",
                "clinic.medical.record",
                "clinic.encounter",
                "clinic.diagnosis",
                "clinic.appointment",
            )
        }
        merge = self._merge()
        self.assertFalse(self.twin.exists())
        self.assertEqual(merge.kept_id, self.patient)
        self.assertIn(self.twin_number, merge.merged_names)
        self.assertEqual(record.encounter_ids, self.kept | self.moved)

        merge.with_user(self.admin).action_undo()
        self.env.invalidate_all()
        self.assertEqual(merge.state, "undone")
        self.assertFalse(merge.not_restored)
        self.assertEqual(self.twin.exists().patient_number, self.twin_number)
        self.assertEqual(self.twin.email, "twin@example.com")
        self.assertEqual(twin_record.exists().patient_id, self.twin)
        self.assertEqual(twin_record.allergy_note, "Novocaine")
        self.assertEqual(twin_record.encounter_ids, self.moved)
        self.assertEqual(self.moved.diagnosis_ids.patient_id, self.twin)
        self.assertEqual(self.moved.appointment_id.patient_id, self.twin)
        self.assertEqual(record.encounter_ids, self.kept)
        self.assertEqual(record.allergy_note, f"{SECRET} allergy")
        self.assertEqual(self.attachment.res_id, self.twin.id)
        for model, rows in before.items():
            self.assertEqual(self._rows(model), rows)

    def _rows(self, model):
        """Return what matters of all rows of the two cards."""
        self.env.flush_all()
        self.env.invalidate_all()
        name = {"res.partner": "id"}.get(model, "patient_id")
        wanted = [
            field
            for field in (
                "name",
                "patient_number",
                "email",
                "phone",
                "patient_id",
                "record_id",
                "state",
                "encounter_count",
                "last_visit",
                "allergy_note",
            )
            if field in self.env[model]._fields
        ]
        return self.env[model].search_read(
            [(name, "in", (self.patient | self.twin).ids)], wanted, order="id"
        )

    def test_what_came_later_stays_and_is_told(self):
        merge = self._merge()
        self.patient.phone = "+79122009999"
        later = self._create_appointment(state="booked")
        self.kept.record_id.allergy_note = "Latex"
        merge.action_undo()
        self.env.invalidate_all()
        self.assertEqual(later.patient_id, self.patient)
        self.assertEqual(self.patient.phone, "+79122009999")
        self.assertEqual(self.kept.record_id.allergy_note, "Latex")
        self.assertEqual(self.moved.record_id.patient_id, self.twin)

    def test_twice_is_refused(self):
        merge = self._merge()
        merge.action_undo()
        with self.assertRaises(UserError):
            merge.action_undo()

    def test_undone_and_merged_again(self):
        self._merge().action_undo()
        self.env.invalidate_all()
        self._merge().action_undo()
        self.env.invalidate_all()
        self.assertEqual(self.moved.record_id.patient_id, self.twin)

    def test_journal_is_the_administrators_and_tells_nothing_medical(self):
        merge = self._merge()
        for role in ("reception", "specialist", "director", "chief_physician"):
            with self.subTest(role=role), self.assertRaises(AccessError):
                merge.with_user(self._user(role)).read(["merged_names"])
        mine = merge.with_user(self.admin)
        self.assertNotIn(SECRET, str(mine.read()))
        with self.assertRaises(AccessError):
            mine.read(["rows"])
        for vals in ({"state": "merged"}, {"rows": []}):
            with self.assertRaises(UserError):
                mine.write(vals)
        with self.assertRaises(UserError):
            mine.sudo().unlink()
