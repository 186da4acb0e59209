from datetime import datetime, time, timedelta
from io import BytesIO

from openpyxl import Workbook

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .test_price import PriceCommon

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@tagged("post_install", "-at_install")
class TestPriceGenerate(PriceCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls._create_patient(name="Other", phone="+7 912 200-00-55")
        cls.today = fields.Date.today()
        cls._book(9)
        cls._book(10)
        cls._book(11, patient_id=cls.other.id, service_id=cls.service_prepaid.id)
        cls._book(13, patient_id=cls.other.id).action_cancel()

    @classmethod
    def _generate(cls, **values):
        values.setdefault(
            "specialist_ids", [Command.set((cls.specialist | cls.specialist2).ids)]
        )
        return cls.env["clinic.price.generate"].create(values)

    def test_preview_writes_nothing(self):
        wizard = self._generate()
        wizard.action_preview()
        self.assertRecordValues(
            wizard.line_ids.sorted("visits"),
            [
                {
                    "patient_id": self.other.id,
                    "service_id": self.service_prepaid.id,
                    "visits": 1,
                    "price": 5000.0,
                    "state": "new",
                },
                {
                    "patient_id": self.patient.id,
                    "service_id": self.service.id,
                    "visits": 2,
                    "price": 2000.0,
                    "state": "new",
                },
            ],
        )
        self.assertFalse(self.patient.clinic_price_profile_ids)

    def test_agreed_prices_outlive_a_change_of_prices(self):
        wizard = self._generate(specialist_percent=40, note="Order 5")
        wizard.action_preview()
        action = wizard.action_apply()
        profiles = self.profiles.search(action["domain"])
        self.assertEqual(len(profiles), 2)
        self.assertEqual(set(profiles.mapped("note")), {"Order 5"})
        self.service.list_price = 9999
        answer = self._resolve()
        self.assertEqual((answer["price"], answer["specialist_percent"]), (2000.0, 40))
        again = self._generate(specialist_percent=40)
        again.action_preview()
        self.assertEqual(again.kept_count, 1)
        self.assertEqual(again.same_count, 1)
        with self.assertRaises(UserError):
            again.action_apply()

    def test_renewal_ends_what_was_agreed(self):
        old = self._agree(price=1500)
        wizard = self._generate(existing="renew", change_percent=7, rounding="50")
        wizard.action_preview()
        line = wizard.line_ids.filtered(lambda li: li.patient_id == self.patient)
        self.assertEqual(
            (line.state, line.old_price, line.price), ("changed", 1500, 2150)
        )
        line.price = 2100
        wizard.action_apply()
        self.assertEqual(old.date_to, self.today - timedelta(days=1))
        self.assertEqual(self._resolve()["price"], 2100.0)
        yesterday = fields.Date.to_string(self.today - timedelta(days=1))
        self.assertEqual(self._resolve(date=yesterday)["price"], 1500.0)

    def test_terms_of_the_same_day_give_way(self):
        self._agree(price=1500, date_from=self.today)
        wizard = self._generate(existing="renew")
        wizard.action_preview()
        wizard.action_apply()
        self.assertEqual(self._resolve()["price"], 2000.0)

    def test_terms_agreed_for_later_stay(self):
        later = self._agree(price=1700, date_from=self.today + timedelta(days=20))
        wizard = self._generate()
        wizard.action_preview()
        wizard.action_apply()
        made = self.patient.clinic_price_profile_ids - later
        self.assertEqual(made.date_to, self.today + timedelta(days=19))

    def test_conditions(self):
        self.assertEqual(self._generate(min_visits=2).action_preview() and 1, 1)
        wizard = self._generate(min_visits=2)
        wizard.action_preview()
        self.assertEqual(wizard.line_ids.patient_id, self.patient)
        with self.assertRaises(UserError):
            self._generate(
                specialist_ids=[Command.set(self.specialist2.ids)]
            ).action_preview()

    def test_hundreds_in_few_queries(self):
        patients = self.env["res.partner"].create(
            [{"name": f"Many {i}", "is_patient": True} for i in range(200)]
        )
        day = self.today - timedelta(days=10)
        self.env["clinic.appointment"].with_context(tracking_disable=True).create(
            [
                {
                    "patient_id": patient.id,
                    "service_id": self.service.id,
                    "specialist_id": self.specialist.id,
                    "branch_id": self.branch.id,
                    "room_id": self.room.id,
                    "start": self._at(9, day=day),
                    "state": "fulfilled",
                }
                for patient in patients[:1]
            ]
        )
        # The others are treated in the books of the same day, one after another.
        self.env.flush_all()
        self.env.cr.execute(
            "INSERT INTO clinic_appointment (name, patient_id, service_id,"
            " specialist_id, branch_id, room_id, company_id, start, stop, day,"
            " duration, state, origin)"
            " SELECT 'M' || p, p, service_id, specialist_id, branch_id, room_id,"
            " company_id, start, stop, day, duration, state, origin"
            " FROM clinic_appointment, unnest(%s) p WHERE patient_id = %s",
            [patients[1:].ids, patients[0].id],
        )
        self.env.invalidate_all()
        wizard = self._generate()
        with self.assertQueryCount(60):
            wizard.action_preview()
            self.env.flush_all()
        self.assertEqual(wizard.new_count, 202)
        with self.assertQueryCount(60):
            wizard.action_apply()
            self.env.flush_all()


@tagged("post_install", "-at_install")
class TestPriceChange(PriceCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.both = cls.service | cls.service_prepaid

    def _change(self, **values):
        values.setdefault("service_ids", [Command.set(self.both.ids)])
        wizard = self.env["clinic.price.change"].create(values)
        wizard.action_preview()
        return wizard

    def test_cards_from_today_on(self):
        wizard = self._change(percent=7, rounding="100", ending=10)
        self.assertEqual(wizard.line_ids.mapped("price"), [5390.0, 2090.0])
        self.assertEqual(self.service.list_price, 2000.0)
        wizard.action_apply()
        self.assertEqual(self.both.mapped("list_price"), [2090.0, 5390.0])

    def test_agreed_booked_and_invoiced_stay(self):
        visit = self._book()
        self._agree(price=1500)
        agreed = self._book(12)
        wizard = self._change(percent=50)
        self.assertEqual((wizard.agreed_count, wizard.visit_count), (1, 2))
        wizard.action_apply()
        self.assertEqual(visit.invoice_id.amount_total, 2000.0)
        self.assertEqual(agreed.amount_total, 1500.0)
        visit.action_cancel()
        self.assertEqual(visit._get_price(), 2000.0)
        self.assertEqual(self._resolve()["price"], 1500.0)

    def test_prices_of_a_later_day(self):
        begin = self.day
        self._change(percent=10, date_from=begin).action_apply()
        self.assertEqual(self.service.list_price, 2000.0)
        self.assertEqual(self._resolve()["price"], 2000.0)
        self.assertEqual(self._resolve(date=str(begin))["price"], 2200.0)
        before = str(begin - timedelta(days=1))
        self.assertEqual(self._resolve(date=before)["price"], 2000.0)
        self.assertEqual(self._book().amount_total, 2200.0)
        # A second change in between ends where the planned one begins.
        middle = begin - timedelta(days=3)
        self._change(percent=50, date_from=middle).action_apply()
        self.assertEqual(self._resolve(date=before)["price"], 3000.0)
        self.assertEqual(self._resolve(date=str(begin))["price"], 2200.0)
        # And a new price of today takes effect, though a list has been in use.
        self._change(percent=-50).action_apply()
        self.assertEqual(self._resolve()["price"], 1000.0)

    def test_a_price_list(self):
        price_list = self._price_list(compute_price="percentage", percent_price=10)
        self.branch.pricelist_id = price_list
        self._change(
            target="list", pricelist_id=price_list.id, percent=10, rounding="1"
        ).action_apply()
        answer = self._resolve(branch_id=self.branch.id)
        self.assertEqual(answer["price"], 1980.0)
        self.assertEqual(self._resolve()["price"], 2000.0)

    def test_nothing_in_the_past(self):
        with self.assertRaises(UserError):
            self._change(date_from=fields.Date.today() - timedelta(days=1))


@tagged("post_install", "-at_install")
class TestPriceImport(PriceCommon):
    """A price list comes from the accountant's file by Odoo's own import."""

    def _import(self, model, header, rows, mimetype="text/csv"):
        if mimetype == "text/csv":
            content = "\n".join(";".join(row) for row in [header, *rows]).encode()
        else:
            content = rows
        wizard = self.env["base_import.import"].create(
            {"res_model": model, "file": content, "file_type": mimetype}
        )
        options = {
            "quoting": '"',
            "separator": ";",
            "has_headers": True,
            "encoding": "utf-8",
            "float_thousand_separator": " ",
            "float_decimal_separator": ",",
            "date_format": "%d.%m.%Y",
            "datetime_format": "",
        }
        return wizard.execute_import(header, header, options)

    def test_rules_of_a_price_list_by_code(self):
        self.service.default_code = "TEST-A01"
        self.service_prepaid.default_code = "TEST-A02"
        price_list = self._price_list("Imported prices")
        result = self._import(
            "product.pricelist.item",
            [
                "pricelist_id",
                "applied_on",
                "product_tmpl_id",
                "compute_price",
                "fixed_price",
            ],
            [
                ["Imported prices", "1_product", "TEST-A01", "fixed", "2 345,50"],
                ["Imported prices", "1_product", "TEST-A02", "fixed", "6000"],
            ],
        )
        self.assertFalse(
            [m for m in result["messages"] if m["type"] == "error"], result["messages"]
        )
        self.branch.pricelist_id = price_list
        answer = self._resolve(branch_id=self.branch.id)
        self.assertEqual(answer["price"], 2345.5)

    def _workbook(self, header, *rows):
        book = Workbook()
        for row in (header, *rows):
            book.active.append(row)
        buffer = BytesIO()
        book.save(buffer)
        return buffer.getvalue()

    def _import_as_accountant(self, model, content):
        """Upload the workbook as the screen does: what it recognises is imported."""
        wizard = (
            self.env["base_import.import"]
            .with_user(self._user("finance"))
            .create({"res_model": model, "file": content, "file_type": XLSX})
        )
        preview = wizard.parse_preview({"has_headers": True})
        self.assertNotIn("error", preview)
        columns = [
            "/".join(preview["matches"].get(number, [])) or False
            for number in range(len(preview["headers"]))
        ]
        self.assertNotIn(False, columns, preview["headers"])
        result = wizard.execute_import(columns, preview["headers"], preview["options"])
        errors = [m for m in result["messages"] if m["type"] == "error"]
        self.assertFalse(errors)
        return result["ids"]

    def test_an_excel_price_list_as_the_accountant_sees_its_columns(self):
        self.service.default_code = "TEST-X01"
        price_list = self._price_list("Imported from Excel")
        until = fields.Date.today() + timedelta(days=30)
        self._import_as_accountant(
            "product.pricelist.item",
            self._workbook(
                ["Pricelist", "Apply On", "Product", "Compute Price", "Fixed Price"],
                [price_list.name, "Product", "TEST-X01", "Fixed Price", 2345.5],
            ),
        )
        self.branch.pricelist_id = price_list
        answer = self._resolve(branch_id=self.branch.id, date=until)
        self.assertEqual(answer["price"], 2345.5)

    def test_an_excel_list_of_agreed_prices(self):
        day = datetime.combine(fields.Date.today(), time())
        [profile_id] = self._import_as_accountant(
            "clinic.price.profile",
            self._workbook(
                ["Patient", "Service", "Price", "From", "Note"],
                [self.patient.name, self.service.name, 1234, day, "Contract 7"],
            ),
        )
        profile = self.env["clinic.price.profile"].browse(profile_id)
        self.assertRecordValues(
            profile,
            [
                {
                    "patient_id": self.patient.id,
                    "service_id": self.service.id,
                    "price": 1234,
                    "is_price_fixed": True,
                    "date_from": fields.Date.today(),
                    "note": "Contract 7",
                }
            ],
        )
        self.assertEqual(self._resolve()["price"], 1234)

    def test_members_of_a_programme(self):
        self._programme(self.env["res.partner"])
        self.patient.ref = "x"
        result = self._import(
            "clinic.price.programme.member",
            ["programme_id", "patient_id", "policy_number", "date_from", "date_to"],
            [
                [
                    "Test programme",
                    self.patient.name,
                    "12-345",
                    f"{fields.Date.today():%d.%m.%Y}",
                    "",
                ]
            ],
        )
        self.assertFalse(
            [m for m in result["messages"] if m["type"] == "error"], result["messages"]
        )
        self.assertEqual(self.patient.clinic_price_member_ids.policy_number, "12-345")
        self.assertEqual(self._resolve()["payer_id"], self.firm.id)


@tagged("post_install", "-at_install")
class TestPriceRights(PriceCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for role in ("callcenter", "cashier", "finance", "director", "nurse", "lab"):
            cls._user(role)
        cls.terms = cls._agree(price=1500, specialist_percent=40)
        cls.programme = cls._programme(discount=5)

    def _as(self, record, role):
        self.env.invalidate_all()
        return record.with_user(self._user(role))

    def test_accountant_enters_insurers_and_no_patients(self):
        contacts = self.env["res.partner"].with_user(self._user("finance"))
        insurer = contacts.create({"name": "Insurer", "is_company": True})
        insurer.write({"phone": "+7 495 000-00-01"})
        with self.assertRaises(AccessError):
            contacts.create({"name": "Somebody", "is_patient": True})
        with self.assertRaises(AccessError):
            self.patient.with_user(self._user("finance")).write({"name": "Renamed"})

    def test_who_keeps_agreed_prices(self):
        for role in ("finance", "admin"):
            with self.subTest(role):
                self._as(self.terms, role).price = 1600
        others = ("reception", "cashier", "director", "callcenter", "specialist", "lab")
        for role in others:
            with self.subTest(role):
                with self.assertRaises(AccessError):
                    self._as(self.terms, role).price = 1
                with self.assertRaises(AccessError):
                    self._as(self.programme, role).discount = 100
                with self.assertRaises(AccessError):
                    self._as(self.env["clinic.price.generate"], role).create({})
                with self.assertRaises(AccessError):
                    self._as(self.env["clinic.price.change"], role).create({})

    def test_who_knows_the_share_of_the_specialist(self):
        visit = self._book()
        for role in ("finance", "director", "admin"):
            with self.subTest(role):
                answer = self._as(self.profiles, role).resolve(
                    self.patient.id, self.specialist.id, self.service.id
                )
                self.assertEqual(answer["specialist_percent"], 40.0)
                self.assertEqual(self._as(visit, role).price_percent, 40.0)
        for role in ("reception", "callcenter", "cashier", "nurse"):
            with self.subTest(role):
                answer = self._as(self.profiles, role).resolve(
                    self.patient.id, self.specialist.id, self.service.id
                )
                self.assertEqual(answer["price"], 1500.0)
                self.assertIsNone(answer["specialist_percent"])
                self.assertNotIn("40", str(answer["chain"]))
                with self.assertRaises(AccessError):
                    self._as(visit, role).read(["price_percent_chain"])
        for role in ("reception", "cashier"):
            with self.assertRaises(AccessError):
                self._as(self.terms, role).read(["specialist_percent"])

    def test_reception_enters_a_policy(self):
        patient = self._create_patient(name="Insured", phone="+7 912 200-00-77")
        self._as(self.env["clinic.price.programme.member"], "reception").create(
            {
                "programme_id": self.programme.id,
                "patient_id": patient.id,
                "policy_number": "55",
            }
        )
        for role in ("cashier", "callcenter", "director", "specialist"):
            with self.subTest(role), self.assertRaises(AccessError):
                self._as(self.programme.member_ids, role).write({"policy_number": "1"})

    def test_portal_and_other_companies_see_nothing(self):
        portal = self.env["res.users"].create(
            {
                "name": "Portal",
                "login": "price_portal",
                "group_ids": [Command.set(self.env.ref("base.group_portal").ids)],
            }
        )
        company = self.env["res.company"].create({"name": "Other clinic"})
        stranger = self.env["res.users"].create(
            {
                "name": "Stranger",
                "login": "price_stranger",
                "company_id": company.id,
                "company_ids": [Command.set(company.ids)],
                "group_ids": [
                    Command.set(self.env.ref("clinic_base.group_finance").ids)
                ],
            }
        )
        self.env.invalidate_all()
        for record in (self.terms, self.programme, self.programme.member_ids):
            with self.subTest(record._name):
                for user in (portal, stranger):
                    self.env.invalidate_all()
                    with self.assertRaises(AccessError):
                        record.with_user(user).read(["date_from"])
        with self.assertRaises(AccessError):
            self.profiles.with_user(portal).resolve(
                self.patient.id, self.specialist.id, self.service.id
            )

    def test_booking_with_agreed_prices_by_roles(self):
        """Who books needs no rights on the terms the price follows from."""
        for hour, role in enumerate(("reception", "callcenter", "specialist"), 10):
            with self.subTest(role):
                visits = self._as(self.env["clinic.appointment"], role)
                visit_id = visits.book(
                    self.patient.id,
                    self.service.id,
                    self.specialist.id,
                    self._at(hour),
                )
                self.env.invalidate_all()
                visit = visits.browse(visit_id)
                self.assertEqual(visit.amount_total, 1500.0)
                self.assertTrue(visit.price_why["groups"][0]["steps"])

    def test_prices_of_the_other_company_do_not_count(self):
        company = self.env["res.company"].create({"name": "Other clinic"})
        foreign = self.profiles.with_company(company)
        [decision] = foreign._resolve_many([self._book()._price_request()])
        self.assertEqual(decision.price, 2000.0)
        self.assertIsNone(decision.payer_id)
