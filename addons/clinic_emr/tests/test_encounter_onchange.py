from unittest.mock import patch

from odoo.fields import Command
from odoo.tests import Form, tagged

from .order_common import OrderCommon


@tagged("post_install", "-at_install")
class TestEncounterOnchange(OrderCommon):
    """The form of a visit asks the server for each text one has left."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._create_prescription()
        cls._create_request()
        cls._create_encounter()
        cls.spec = Form(cls.encounter)._view["fields_spec"]

    def _onchange(self, values):
        self.env.invalidate_all()
        return self.encounter.onchange(values, list(values), self.spec)

    def test_a_text_costs_a_few_queries(self):
        # with all of the form it is some 55
        self._onchange({"complaint": ""})
        self.env.flush_all()
        with self.assertQueryCount(20):
            self._onchange({"complaint": "Cough"})

    def test_the_answer_is_that_of_the_whole_form(self):
        line = self.encounter.diagnosis_ids
        medicine = self.encounter.medication_request_ids
        changes = (
            {"complaint": ""},
            {"complaint": "", "recommendations": "", "examination": ""},
            {"diagnosis_ids": [Command.update(line.id, {"kind": "accompanying"})]},
            {"diagnosis_ids": [Command.delete(line.id)]},
            {"medication_request_ids": [Command.delete(medicine.id)]},
            {"service_request_ids": [Command.clear()], "complaint": ""},
            {"template_version_id": False},
        )
        whole = patch.object(
            type(self.encounter),
            "_onchange_methods",
            {"complaint": [], "none": []},
        )
        differing = 0
        for values in changes:
            quick = self._onchange(values)
            with whole:
                slow = self._onchange(values)
            with self.subTest(values=values):
                self.assertEqual(quick, slow)
            differing += bool(quick["value"])
        self.assertGreater(differing, 2)
