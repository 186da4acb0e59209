from datetime import datetime

from lxml import etree

from odoo import fields
from odoo.tests import HttpCase, tagged

from .order_common import OrderCommon

WIDGET = "clinic_wall_time"


@tagged("post_install", "-at_install")
class TestWallTime(HttpCase, OrderCommon):
    """Who looks reads the clock on the wall of the branch, wherever his browser is."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.branch.tz = "Asia/Kamchatka"
        cls.order = cls._create_prescription(cls._create_medication(), days=5)
        cls.order._activate()
        # half past ten in the morning of the next day at the clinic
        cls.env.flush_all()
        cls.env.cr.execute(
            "UPDATE clinic_medication_request SET ordered_at = %s WHERE id = %s",
            (datetime(2026, 3, 10, 22, 30), cls.order.id),
        )
        cls.env.invalidate_all()

    def test_what_belongs_to_a_visit_has_the_clock_of_its_branch(self):
        self.assertEqual(self.order.wall_tz, "Asia/Kamchatka")
        self.assertEqual(self.encounter.wall_tz, "Asia/Kamchatka")
        self.assertIn("11.03.2026", self.order.display_name)

    def test_what_belongs_to_no_branch_has_the_clock_of_the_reader(self):
        self.specialist.branch_ids = self.branch
        allergy = self.env["clinic.allergy"].create(
            {"record_id": self.record.id, "substance": "Penicillin"}
        )
        self.assertEqual(allergy.with_user(self.doctor).wall_tz, "Asia/Kamchatka")

    def test_times_that_are_only_read_are_by_the_wall(self):
        """In each list and form of whatever has the clock of a branch."""
        names = self.env.registry.descendants(["clinic.wall.time"], "_inherit")
        models = [m for m in map(self.env.get, names) if m is not None]
        views = self.env["ir.ui.view"].search(
            [
                ("model", "in", [m._name for m in models if not m._abstract]),
                ("type", "in", ("list", "form")),
                ("mode", "=", "primary"),
            ]
        )
        self.assertTrue(views)
        wrong = set()
        for view in views:
            arch = etree.fromstring(view.get_combined_arch())
            for node, model in self._fields_of(arch, self.env[view.model]):
                field = model._fields[node.get("name")]
                hidden = node.get("invisible") or node.get("column_invisible")
                if (
                    isinstance(field, fields.Datetime)
                    and "wall_tz" in model._fields
                    and hidden not in ("1", "True")
                    and node.get("widget") != WIDGET
                ):
                    wrong.add((view.name, model._name, field.name))
        self.assertFalse(wrong)

    def _fields_of(self, node, model):
        for child in node:
            inner = model
            if child.tag == "field" and child.get("name") in model._fields:
                yield child, model
                field = model._fields[child.get("name")]
                inner = self.env[field.comodel_name] if field.relational else model
            elif not isinstance(child.tag, str):
                continue
            yield from self._fields_of(child, inner)

    def test_the_form_of_an_order_shows_the_hour_of_the_clinic(self):
        self.start_tour(
            f"/odoo/clinic.medication.request/{self.order.id}",
            "clinic_emr_wall_time",
            login=self.doctor.login,
        )


@tagged("post_install", "-at_install")
class TestPrescriptionWidths(HttpCase, OrderCommon):
    def test_medicines_and_headings_are_read_whole(self):
        """On a usual screen: 1366 pixels are what Odoo's browser tests have."""
        self.record.allergy_note = False
        self._create_prescription(self._create_medication(name="Testomoxicillinum"))
        self._create_medication(name="Testomoxiclavulin")
        self.env["clinic.allergy"].create(
            {"record_id": self.record.id, "substance": "Testocillin"}
        )
        self.start_tour(
            f"/odoo/clinic.encounter/{self.encounter.id}",
            "clinic_emr_prescription_widths",
            login=self.doctor.login,
        )
