from odoo import Command, fields
from odoo.tests import HttpCase, tagged

from .test_budget import BudgetCommon


@tagged("post_install", "-at_install")
class TestBudgetTours(BudgetCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for role in ("finance", "director"):
            cls._user(role)
        cls.env["clinic.bill.limit"].search([]).unlink()
        cls.env["clinic.bill.limit"].create(
            {"group_id": cls.env.ref("clinic_base.group_director").id}
        )

    def test_plan_and_look_behind_a_figure(self):
        self.budget.name = "Tour budget"
        self.rent.name = "Tour rent"
        self.start_tour(
            "/odoo/clinic-budgets",
            "clinic_budget_tour",
            login=self._user("finance").login,
        )
        self.assertEqual(self._line(self.rent).planned, 1200.0)

    def test_bill_is_approved_and_paid(self):
        supplier = self.env["res.partner"].create({"name": "Tour supplier"})
        request = self.env["clinic.bill.request"].create(
            {
                "partner_id": supplier.id,
                "number": "T-1",
                "amount": 250,
                "description": "Tour paper",
                "item_id": self.rent.id,
                "date_due": fields.Date.today(),
            }
        )
        request.action_submit()
        director, accountant = self._user("director"), self._user("finance")
        self.start_tour("/odoo/clinic-bills", "clinic_bills_tour", login=director.login)
        self.assertEqual(request.approved_by_id, director)
        self.start_tour(
            "/odoo/clinic-bills", "clinic_bills_pay_tour", login=accountant.login
        )
        self.assertEqual(request.state, "paid")
        self.assertEqual(
            self._line(self.rent).actual, 300.0 + 250.0 * self._is_november()
        )

    def _is_november(self):
        today = fields.Date.context_today(self.budget)
        return (today.year, today.month) == (2026, 11)

    def test_workbook(self):
        self.authenticate(self._user("finance").login, self._user("finance").login)
        url = f"/clinic_finance/budget/{self.budget.id}/xlsx"
        response = self.url_open(url)
        self.assertEqual(response.status_code, 200)
        self.assertEqual(response.content[:2], b"PK")
        self.authenticate(self._user("director").login, self._user("director").login)
        self.assertEqual(self.url_open(url).status_code, 200)
        reception = self._user("reception")
        self.authenticate(reception.login, reception.login)
        self.assertEqual(self.url_open(url).status_code, 403)

    def test_workbook_of_branches(self):
        self.budget.line_ids = [
            Command.create(
                {
                    "item_id": self.visits.id,
                    "month": self.nov,
                    "branch_id": self.branch_b.id,
                    "planned": 600,
                }
            )
        ]
        self.branch_b.name = "A/B: [very long name of a branch, indeed]"
        self.assertEqual(self.budget._xlsx()[:2], b"PK")
