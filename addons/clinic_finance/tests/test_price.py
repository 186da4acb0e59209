from datetime import timedelta

from psycopg2 import IntegrityError

from odoo import Command, fields
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..models.clinic_price_profile import PriceRequest
from .common import FinanceCommon


class PriceCommon(FinanceCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.profiles = cls.env["clinic.price.profile"]
        cls.firm = cls.env["res.partner"].create(
            {"name": "Test Employer", "is_company": True}
        )
        cls.company.clinic_pricelist_id = False

    @classmethod
    def _agree(cls, **values):
        """Agree on terms since a month; by default of all three parties."""
        return cls.profiles.create(
            {
                "patient_id": cls.patient.id,
                "specialist_id": cls.specialist.id,
                "service_id": cls.service.id,
                "date_from": fields.Date.today() - timedelta(days=30),
                **values,
            }
        )

    @classmethod
    def _price_list(cls, name="Test list", **price):
        return cls.env["product.pricelist"].create(
            {
                "name": name,
                "currency_id": cls.company.currency_id.id,
                "item_ids": [
                    Command.create(
                        {"applied_on": "3_global", "base": "list_price"} | price
                    )
                ]
                if price
                else [],
            }
        )

    @classmethod
    def _programme(cls, patients=None, **values):
        patients = cls.patient if patients is None else patients
        return cls.env["clinic.price.programme"].create(
            {
                "name": "Test programme",
                "partner_id": cls.firm.id,
                "date_from": fields.Date.today() - timedelta(days=30),
                "member_ids": [
                    Command.create(
                        {
                            "patient_id": patient.id,
                            "date_from": fields.Date.today() - timedelta(days=30),
                        }
                    )
                    for patient in patients
                ],
                **values,
            }
        )

    @classmethod
    def _resolve(cls, patient=None, specialist=None, service=None, **options):
        return cls.profiles.resolve(
            (patient or cls.patient).id,
            (specialist or cls.specialist).id,
            (service or cls.service).id,
            **options,
        )

    def _sources(self, answer):
        return [step["source"] for step in answer["chain"]]


@tagged("post_install", "-at_install")
class TestPrice(PriceCommon):
    def test_price_of_the_card_when_nothing_is_agreed(self):
        answer = self._resolve()
        self.assertEqual(answer["price"], 2000.0)
        self.assertEqual(answer["specialist_percent"], 0.0)
        self.assertEqual(self._sources(answer), ["service"])
        self.assertIn("2", answer["chain"][0]["words"])

    def test_agreement_beats_programme_beats_branch_beats_base(self):
        self.company.clinic_pricelist_id = self._price_list(
            "Base", compute_price="fixed", fixed_price=2100
        )
        self.branch.pricelist_id = self._price_list(
            "Branch", compute_price="percentage", percent_price=-10
        )
        answer = self._resolve(branch_id=self.branch.id)
        self.assertEqual(self._sources(answer), ["service", "base", "branch"])
        self.assertEqual(answer["price"], 2200.0)
        self.assertEqual(self._resolve()["price"], 2100.0)
        self._programme(discount=25)
        answer = self._resolve(branch_id=self.branch.id)
        self.assertEqual(answer["price"], 1650.0)
        self.assertEqual(answer["payer_id"], self.firm.id)
        self._agree(price=1500, specialist_percent=40)
        answer = self._resolve(branch_id=self.branch.id)
        self.assertEqual(answer["price"], 1500.0)
        self.assertEqual(answer["specialist_percent"], 40.0)
        self.assertEqual(
            self._sources(answer),
            ["service", "base", "branch", "programme", "profile", "payer", "percent"],
        )
        for step in answer["chain"]:
            self.assertTrue(step["words"])

    def test_most_specific_terms_hold(self):
        self._agree(specialist_id=False, service_id=False, discount=10)
        self.assertEqual(self._resolve()["price"], 1800.0)
        self._agree(service_id=False, discount=20)
        self.assertEqual(self._resolve()["price"], 1600.0)
        self.assertEqual(self._resolve(specialist=self.specialist2)["price"], 1800.0)

    def test_discount_of_the_own_price(self):
        self._agree(price=1000, discount=15)
        self.assertEqual(self._resolve()["price"], 850.0)

    def test_given_for_free(self):
        self._agree(is_price_fixed=True)
        self.assertEqual(self._resolve()["price"], 0.0)
        visit = self._book()
        self.assertFalse(visit.invoice_id)
        self.assertEqual(visit._get_price(), 0.0)

    def test_percent_of_the_specialist_for_everybody(self):
        self._agree(patient_id=False, service_id=False, specialist_percent=35)
        self._agree(price=1500)
        answer = self._resolve()
        self.assertEqual(answer["specialist_percent"], 35.0)
        self.assertEqual(answer["price"], 1500.0)

    def test_specialist_may_cost_more_than_the_lists(self):
        self._agree(patient_id=False, price=3000)
        self.assertEqual(self._resolve()["price"], 3000.0)
        self._programme(discount=10)
        self.assertEqual(self._resolve()["price"], 2700.0)

    def test_dates(self):
        today = fields.Date.today()
        self._agree(price=1500, date_to=today - timedelta(days=1))
        self._agree(price=1700, date_from=today + timedelta(days=5))
        self.assertEqual(self._resolve()["price"], 2000.0)
        self.assertEqual(
            self._resolve(date=str(today - timedelta(days=1)))["price"], 1500
        )
        self.assertEqual(
            self._resolve(date=str(today + timedelta(days=5)))["price"], 1700
        )

    def test_two_agreements_never_hold_at_once(self):
        first = self._agree(price=1500)
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            with self.env.cr.savepoint():
                self._agree(price=1600, date_from=fields.Date.today())
        first.date_to = fields.Date.today() - timedelta(days=1)
        self._agree(price=1600, date_from=fields.Date.today())
        self.assertEqual(self._resolve()["price"], 1600.0)

    def test_archived_terms_do_not_hold(self):
        self._agree(price=1500).active = False
        self.assertEqual(self._resolve()["price"], 2000.0)

    def test_lists_agree_with_odoo(self):
        """Our arithmetic gives what Odoo's own price lists give."""
        below = self._price_list("Below", compute_price="percentage", percent_price=7)
        category = self.service.categ_id
        cases = [
            {"compute_price": "fixed", "fixed_price": 1234.5},
            {"compute_price": "percentage", "percent_price": 33.33},
            {
                "compute_price": "formula",
                "price_discount": 12.5,
                "price_round": 50,
                "price_surcharge": -1,
            },
            {
                "compute_price": "formula",
                "base": "pricelist",
                "base_pricelist_id": below.id,
                "price_discount": 5,
                "price_min_margin": 20,
                "price_max_margin": 90,
            },
            {
                "compute_price": "formula",
                "base": "standard_price",
                "price_markup": 40,
            },
        ]
        if category:
            cases.append(
                {
                    "applied_on": "2_product_category",
                    "categ_id": category.id,
                    "compute_price": "fixed",
                    "fixed_price": 777,
                }
            )
        self.service.standard_price = 640
        for values in cases:
            with self.subTest(values):
                price_list = self._price_list(**values)
                self.branch.pricelist_id = price_list
                expected = price_list._get_product_price(self.service, 1.0)
                answer = self._resolve(branch_id=self.branch.id)
                self.assertAlmostEqual(answer["price"], expected, 2)

    def test_six_queries_for_any_number(self):
        self.branch.pricelist_id = self._price_list(
            compute_price="percentage", percent_price=5
        )
        patients = self.env["res.partner"].create(
            [{"name": f"Patient {i}", "is_patient": True} for i in range(60)]
        )
        self._programme(patients, member_limit=5000)
        self._agree(price=1500)
        requests = [
            PriceRequest(
                patient.id, specialist.id, service.id, branch_id=self.branch.id
            )
            for patient in patients
            for specialist in (self.specialist, self.specialist2)
            for service in (self.service, self.service_prepaid)
        ]
        self.env.flush_all()
        self.profiles._resolve_many(requests)
        self.env.invalidate_all()
        with self.assertQueryCount(8):  # and company and currency, read from cold
            decisions = self.profiles._resolve_many(requests)
        self.assertEqual(len(decisions), 240)
        # 1900 + 1900 + 1200 of 4750: the third of the four visits uses up the limit.
        mine = decisions[:4]
        self.assertEqual([d.price for d in mine], [1900.0, 4750.0, 1900.0, 4750.0])
        self.assertEqual([d.covered for d in mine], [1900.0, 3100.0, 0.0, 0.0])


@tagged("post_install", "-at_install")
class TestPriceOfVisit(PriceCommon):
    def test_price_is_frozen_at_booking(self):
        terms = self._agree(price=1500, specialist_percent=40)
        visit = self._book()
        self.assertEqual(visit.amount_total, 1500.0)
        self.assertEqual(visit.price_percent, 40.0)
        terms.write({"price": 3000, "specialist_percent": 10})
        self.service.list_price = 9000
        self.assertEqual(visit._get_price(), 1500.0)
        self.assertEqual(visit.price_percent, 40.0)
        self.assertEqual(visit.invoice_id.amount_total, 1500.0)
        visit.action_cancel()
        self.assertEqual(visit.price_agreed, 1500.0)
        [why] = visit.price_why["groups"]
        words = [step["words"] for step in why["steps"]]
        self.assertTrue(any("500" in word for word in words))

    def test_a_later_visit_gets_the_new_price(self):
        visit = self._book()
        self.service.list_price = 2500
        later = self._book(12)
        self.assertEqual((visit.amount_total, later.amount_total), (2000.0, 2500.0))

    def test_price_of_the_day_of_the_visit(self):
        self._agree(price=1500, date_from=self.day)
        self.assertEqual(self._book().amount_total, 1500.0)
        self._agree(
            service_id=self.service_prepaid.id,
            price=1500,
            date_from=self.day + timedelta(days=1),
        )
        visit = self._book(12, service_id=self.service_prepaid.id)
        self.assertEqual(visit.amount_total, 5000.0)

    def test_another_specialist_changes_the_share_and_not_the_price(self):
        self.specialist2.specialty_ids |= self.specialty
        self._agree(patient_id=False, service_id=False, specialist_percent=30)
        self._agree(
            patient_id=False,
            service_id=False,
            specialist_id=self.specialist2.id,
            specialist_percent=50,
        )
        visit = self._book()
        self.assertEqual(visit.price_percent, 30.0)
        visit.reschedule(self._at(11), specialist_id=self.specialist2.id)
        self.assertEqual(visit.price_percent, 50.0)
        self.assertEqual(visit.charge_ids.mapped("percent"), [50.0])
        self.assertEqual(visit.price_agreed, 2000.0)

    def test_programme_pays(self):
        self._programme(discount=10)
        visit = self._book()
        self.assertEqual(visit.price_payer_id, self.firm)
        self.assertEqual(visit.price_copay, 0.0)
        self.assertEqual(visit.invoice_id.partner_id, self.firm)
        self.assertEqual(visit.invoice_id.clinic_patient_id, self.patient)
        self.assertEqual(self._balance(), 0.0)
        self.assertEqual(self._balance(self.firm), -1800.0)

    def test_who_pays_by_a_programme_is_told_nothing_of_the_visit(self):
        self._programme()
        visit = self._book()
        visit._tell_patient("Your visit is booked.")
        told = visit.message_ids.filtered(lambda m: m.message_type == "comment")
        self.assertIn(self.patient, told.partner_ids)
        self.assertNotIn(self.firm, told.partner_ids)
        self.assertNotIn(self.firm, visit.message_partner_ids)

    def test_coverage_and_limits(self):
        programme = self._programme(coverage=80, visit_limit=1500, member_visits=2)
        visit = self._book()
        self.assertEqual((visit.price_covered, visit.price_copay), (1500.0, 500.0))
        self._book(11)
        third = self._book(12)
        self.assertFalse(third.price_payer_id)
        self.assertEqual(
            [s["skipped"] for s in third.price_chain if s.get("skipped")], ["visits"]
        )
        member = programme.member_ids
        self.assertEqual((member.used_visits, member.used_amount), (2, 3000.0))
        # A cancelled visit gives its place back.
        visit.action_cancel()
        self.assertEqual(self._book(13).price_payer_id, self.firm)

    def test_limits_within_one_booking_of_several(self):
        self._programme(member_limit=3000)
        visits = self.env["clinic.appointment"]._book(
            [
                {
                    "patient_id": self.patient.id,
                    "service_id": self.service.id,
                    "specialist_id": self.specialist.id,
                    "start": self._at(hour),
                }
                for hour in (9, 10, 11)
            ]
        )
        self.assertEqual(visits.mapped("price_covered"), [2000.0, 1000.0, 0.0])

    def test_what_is_not_covered_the_patient_pays(self):
        self._programme(
            excluded_service_ids=[Command.set(self.service.ids)], discount=5
        )
        visit = self._book()
        self.assertFalse(visit.price_payer_id)
        self.assertEqual(visit.amount_total, 2000.0)
        self.assertEqual(visit.invoice_id.partner_id, self.patient)

    def test_programme_of_prices_only(self):
        self._programme(discount=10, coverage=0)
        visit = self._book()
        self.assertEqual(visit.amount_total, 1800.0)
        self.assertEqual(visit.invoice_id.partner_id, self.patient)
