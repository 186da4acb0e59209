from psycopg2.errors import CheckViolation

from odoo.exceptions import ValidationError
from odoo.fields import Command
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import mute_logger

from .common import ClinicCommon


@tagged("post_install", "-at_install")
class TestService(ClinicCommon):
    def test_service_by_default(self):
        self.assertRecordValues(
            self.service,
            [{"type": "service", "duration": 30, "prepayment": "none"}],
        )
        if "taxes_id" in self.service._fields:
            self.assertFalse(self.service.taxes_id)

    def test_service_is_found_by_parts_of_its_words(self):
        service = self._create_service(name="Приём терапевта повторный")
        goods = self.env["product.product"].create({"name": "Терапевта повторный"})
        found = [
            row[0] for row in self.env["product.product"].name_search("терап повт")
        ]
        self.assertIn(service.id, found)
        self.assertNotIn(goods.id, found)
        self.assertFalse(self.env["product.product"].name_search("терап хирург"))

    @mute_logger("odoo.sql_db")
    def test_duration_has_bounds(self):
        for minutes in (5, 480):
            self.service.duration = minutes
            self.service.flush_recordset()
        for minutes in (0, 4, 481, -30):
            with (
                self.subTest(minutes),
                self.assertRaises(CheckViolation),
                self.env.cr.savepoint(),
            ):
                self._create_service(duration=minutes)

    def test_ordinary_product_has_any_duration(self):
        self.env["product.template"].create({"name": "Gloves", "duration": 0})

    def test_copied_by_who_has_no_role_in_the_clinic(self):
        product = self.env["product.template"].create(
            {"name": "Gloves", "specialty_ids": [Command.set(self.specialty.ids)]}
        )
        accountant = new_test_user(
            self.env, "no_role", groups="base.group_user,product.group_product_manager"
        )
        self.env.invalidate_all()
        copy = product.with_user(accountant).copy()
        self.assertEqual(copy.list_price, product.list_price)
        self.assertFalse(copy.sudo().specialty_ids)
        self.assertEqual(product.copy().specialty_ids, self.specialty)

    def test_goods_are_no_clinic_service(self):
        with self.assertRaisesRegex(ValidationError, "must be Service"):
            self.service.type = "consu"
        with self.assertRaisesRegex(ValidationError, "must be Service"):
            self.env["product.template"].create(
                {"name": "Gloves", "type": "consu", "is_clinic_service": True}
            )

    def test_accountant_makes_a_service_on_the_page(self):
        Template = self.env["product.template"].with_user(self._user("finance"))
        with Form(
            Template.with_context(
                default_is_clinic_service=True, default_type="service"
            ),
            view="clinic_base.view_clinic_service_form",
        ) as form:
            form.name = "Test ECG"
            form.duration = 20
            form.list_price = 900
            form.specialty_ids.add(self.specialty)
        self.assertRecordValues(
            form.record,
            [{"is_clinic_service": True, "type": "service", "list_price": 900.0}],
        )
