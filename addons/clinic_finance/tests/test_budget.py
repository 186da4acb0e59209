from datetime import date

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import FinanceCommon


class BudgetCommon(FinanceCommon):
    """Two months of books: revenue of two branches, rent, salaries, supplies."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        make = cls._account
        cls.revenue = make("B4000", "Revenue", "income")
        cls.rent_account = make("B6000", "Rent", "expense")
        cls.other_account = make("B6100", "Other costs", "expense")
        cls.cash_account = make("B1000", "Money", "asset_current")
        cls.branch_b = cls.env["clinic.branch"].create({"name": "Budget branch B"})
        cls.income = cls._item("Income", kind="income")
        cls.visits = cls._item("Visits", cls.income, cls.revenue, kind="income")
        cls.costs = cls._item("Costs")
        cls.rent = cls._item("Rent", cls.costs, cls.rent_account)
        cls.supplies = cls._item("Supplies", cls.costs, cls.other_account)
        cls.repair = cls._item("Repair", cls.costs, is_one_off=True)
        cls.nov, cls.dec = date(2026, 11, 1), date(2026, 12, 1)
        cls._post(cls.revenue, -1000, "2026-11-05", branch=cls.branch)
        cls._post(cls.revenue, -500.5, "2026-11-30", branch=cls.branch_b)
        cls._post(cls.revenue, -70, "2026-12-01", branch=cls.branch)
        cls._post(cls.rent_account, 300, "2026-11-01")
        cls._post(cls.other_account, 40.25, "2026-11-10")
        cls.budget = cls.env["clinic.budget"].create(
            {
                "name": "November",
                "date_from": "2026-11-01",
                "date_to": "2026-11-30",
                "line_ids": [
                    Command.create({"item_id": item.id, "month": cls.nov, **values})
                    for item, values in (
                        (cls.visits, {"planned": 2000}),
                        (cls.rent, {"planned": 300}),
                        (cls.supplies, {"planned": 33.33}),
                        (cls.repair, {"planned": 90}),
                    )
                ],
            }
        )

    @classmethod
    def _account(cls, code, name, account_type):
        return cls.env["account.account"].create(
            {"code": code, "name": name, "account_type": account_type}
        )

    @classmethod
    def _item(cls, name, parent=None, account=None, **values):
        return cls.env["clinic.budget.item"].create(
            {
                "name": name,
                "parent_id": parent and parent.id,
                "account_ids": [Command.set(account.ids)] if account else False,
                **values,
            }
        )

    @classmethod
    def _post(cls, account, balance, day, branch=None, partner=None, post=True, **line):
        """Post an entry of ``balance`` on the account against money."""
        move = cls.env["account.move"].create(
            {
                "move_type": "entry",
                "date": day,
                "clinic_branch_id": branch and branch.id,
                "line_ids": [
                    Command.create(
                        {
                            "account_id": account.id,
                            "balance": balance,
                            "partner_id": partner and partner.id,
                            **line,
                        }
                    ),
                    Command.create(
                        {"account_id": cls.cash_account.id, "balance": -balance}
                    ),
                ],
            }
        )
        if post:
            move.action_post()
        return move

    def _line(self, item, budget=None, branch=None):
        lines = (budget or self.budget).line_ids
        lines.invalidate_recordset()
        return lines.filtered(
            lambda line: (
                line.item_id == item and (not branch or line.branch_id == branch)
            )
        )


@tagged("post_install", "-at_install")
class TestBudget(BudgetCommon):
    def test_actual_figures_are_those_of_the_books(self):
        self._post(self.rent_account, 999, "2026-11-03", post=False)
        self.assertRecordValues(
            self.budget.line_ids.sorted("id"),
            [
                {"actual": 1500.5, "deviation": -499.5},
                {"actual": 300.0, "deviation": 0.0},
                {"actual": 40.25, "deviation": 6.92},
                {"actual": 0.0, "deviation": -90.0},
            ],
        )

    def test_one_query_for_all_figures(self):
        self.budget.line_ids.mapped("item_id.account_ids")
        self.env.flush_all()
        self.env.invalidate_all()
        reads = []
        model = type(self.env["account.move.line"])
        original = model._read_group

        def counted(records, *args, **kwargs):
            reads.append(args)
            return original(records, *args, **kwargs)

        self.patch(model, "_read_group", counted)
        self.budget.line_ids.mapped("actual")
        self.assertEqual(len(reads), 1)

    def test_forecast(self):
        cases = {
            # Half of the month: half of the pace, half of the plan.
            "2026-11-15": {self.rent: 300.0, self.repair: 90.0},
            "2026-12-01": {self.visits: 1500.5, self.rent: 300.0, self.repair: 0.0},
            "2026-10-31": {self.visits: 2000.0, self.rent: 300.0},
        }
        for day, expected in cases.items():
            with self.subTest(day), freeze_time(day):
                for item, amount in expected.items():
                    self.assertEqual(self._line(item).forecast, amount)
        with freeze_time("2026-11-15"):
            forecast = self._line(self.visits).forecast
        self.assertTrue(1500.5 < forecast < 3001, forecast)

    def test_more_particular_item_wins(self):
        landlord = self.env["res.partner"].create({"name": "Landlord"})
        tag = self.env["res.partner.category"].create({"name": "Suppliers of water"})
        water = self.env["res.partner"].create(
            {"name": "Water", "category_id": [Command.link(tag.id)]}
        )
        parking = self._item("Parking", self.costs, partner_ids=landlord.ids)
        drinks = self._item(
            "Water", self.costs, self.other_account, partner_tag_ids=tag.ids
        )
        self._post(self.rent_account, 7, "2026-11-02", partner=landlord)
        self._post(self.other_account, 5, "2026-11-02", partner=water)
        self._post(
            self.other_account,
            3,
            "2026-11-02",
            partner=water,
            clinic_budget_item_id=self.repair.id,
        )
        for item in (parking, drinks):
            self.budget.line_ids = [
                Command.create({"item_id": item.id, "month": self.nov})
            ]
        found = {
            item: self._line(item).actual
            for item in (parking, drinks, self.rent, self.supplies, self.repair)
        }
        self.assertEqual(
            found,
            {
                parking: 7.0,
                drinks: 5.0,
                self.rent: 300.0,
                self.supplies: 40.25,
                self.repair: 3.0,
            },
        )

    def test_analytic_accounts_share_an_entry(self):
        plan = self.env["account.analytic.plan"].create({"name": "Departments"})
        therapy, surgery = self.env["account.analytic.account"].create(
            [{"name": name, "plan_id": plan.id} for name in ("Therapy", "Surgery")]
        )
        item = self._item("Therapy", self.costs, analytic_account_ids=therapy.ids)
        self.budget.line_ids = [Command.create({"item_id": item.id, "month": self.nov})]
        self._post(
            self.other_account,
            100.01,
            "2026-11-12",
            analytic_distribution={str(therapy.id): 50, str(surgery.id): 50},
        )
        mine, rest = self._line(item).actual, self._line(self.supplies).actual
        self.assertEqual(mine, 50.01)
        self.assertAlmostEqual(mine + rest, 140.26)

    def test_accounts_by_tag(self):
        tag = self.env["account.account.tag"].create(
            {"name": "Advertising", "applicability": "accounts"}
        )
        account = self._account("B6200", "Advertising", "expense")
        account.tag_ids = tag
        item = self._item("Advertising", self.costs, account_tag_ids=tag.ids)
        self.budget.line_ids = [Command.create({"item_id": item.id, "month": self.nov})]
        self._post(account, 12, "2026-11-02")
        self.assertEqual(self._line(item).actual, 12.0)

    def test_items_of_the_chart_of_accounts(self):
        items = self.env["clinic.budget.item"].with_user(self._user("finance"))
        items.action_from_accounts()
        mine = items.search([("account_ids", "in", self.rent_account.ids)])
        self.assertEqual(mine.sudo(), self.rent)
        without = self.env["account.account"].search(
            [
                *self.env["account.account"]._check_company_domain(self.company),
                ("internal_group", "in", ("income", "expense")),
                ("id", "not in", items.search([]).account_ids.ids),
            ]
        )
        self.assertFalse(without)
        count = items.search_count([])
        items.action_from_accounts()
        self.assertEqual(items.search_count([]), count)

    def test_branches(self):
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
        self.assertTrue(self.budget.by_branch)
        common = self._line(self.visits).filtered(lambda line: not line.branch_id)
        self.assertEqual(common.actual, 1000.0)
        self.assertEqual(self._line(self.visits, branch=self.branch_b).actual, 500.5)

    def test_visits_bring_their_branch(self):
        visit = self._book(9)
        lines = visit.invoice_id.line_ids
        self.assertEqual(lines.clinic_branch_id, self.branch)

    def test_whole_months(self):
        budget = self.env["clinic.budget"].create(
            {"name": "X", "date_from": "2027-01-10", "date_to": "2027-02-03"}
        )
        self.assertEqual(budget.date_from, date(2027, 1, 1))
        self.assertEqual(budget.date_to, date(2027, 2, 28))
        with self.assertRaises(ValidationError):
            budget.line_ids = [
                Command.create({"item_id": self.rent.id, "month": "2027-03-01"})
            ]

    @mute_logger("odoo.sql_db")
    def test_one_figure_a_cell(self):
        with self.assertRaises(ValidationError), self.cr.savepoint():
            try:
                self.budget.line_ids = [
                    Command.create({"item_id": self.rent.id, "month": "2026-11-20"})
                ]
                self.env.flush_all()
            except Exception as error:
                raise ValidationError(str(error)) from error

    def test_totals_are_not_planned(self):
        with self.assertRaises(ValidationError):
            self.budget.line_ids = [
                Command.create({"item_id": self.costs.id, "month": self.nov})
            ]
        with self.assertRaises(ValidationError):
            self._item("Part of rent", self.rent)
        with self.assertRaises(ValidationError):
            self.rent.kind = "income"


@tagged("post_install", "-at_install")
class TestBudgetCopy(BudgetCommon):
    def _copy(self, date_from, date_to, source=None, **options):
        budget = source or self.budget
        return budget.browse(budget.copy_to_period(date_from, date_to, **options))

    def _figures(self, budget):
        return {
            (line.item_id.name, line.month.month): line.planned
            for line in budget.line_ids
        }

    def test_month_to_month(self):
        copy = self._copy("2026-12-01", "2026-12-31")
        self.assertEqual(
            self._figures(copy),
            {("Visits", 12): 2000.0, ("Rent", 12): 300.0, ("Supplies", 12): 33.33},
        )
        self.assertEqual((copy.state, copy.version), ("draft", 1))
        self.assertEqual(copy.date_to, date(2026, 12, 31))

    def test_percent_and_rounding(self):
        copy = self._copy("2026-12-01", "2026-12-31", percent=10.0)
        self.assertEqual(self._figures(copy)["Supplies", 12], 36.66)
        copy = self._copy("2026-12-01", "2026-12-31", percent=-2.5, rounding=100)
        self.assertEqual(self._figures(copy)["Visits", 12], 2000.0)
        self.assertEqual(self._figures(copy)["Supplies", 12], 0.0)
        with self.assertRaises(UserError):
            self._copy("2026-12-01", "2026-12-31", percent=-101)

    def test_several_months_and_one_off(self):
        copy = self._copy("2027-01-01", "2027-03-31", one_off=True)
        figures = self._figures(copy)
        self.assertEqual(len(figures), 12)
        self.assertEqual(figures["Repair", 3], 90.0)
        self.assertTrue(copy.line_ids.filtered("is_one_off"))

    def test_year_goes_by_calendar_month(self):
        year = self._copy("2026-01-01", "2026-12-31")
        march = year.line_ids.filtered(
            lambda line: line.month.month == 3 and line.item_id == self.rent
        )
        march.planned = 777
        following = self._copy("2027-02-01", "2027-03-31", source=year)
        figures = self._figures(following)
        self.assertEqual(figures["Rent", 3], 777.0)
        self.assertEqual(figures["Rent", 2], 300.0)

    def test_from_actual_figures(self):
        copy = self._copy("2026-12-01", "2026-12-31", base="actual", percent=100)
        self.assertEqual(self._figures(copy)["Visits", 12], 3001.0)

    def test_wizard_proposes_the_next_period(self):
        wizards = self.env["clinic.budget.copy"].with_context(
            default_budget_id=self.budget.id
        )
        wizard = wizards.create({"percent": 5})
        self.assertEqual(wizard.date_from, self.dec)
        self.assertEqual(wizard.date_to, date(2026, 12, 31))
        action = wizard.action_copy()
        budget = self.env["clinic.budget"].browse(action["context"]["active_id"])
        self.assertEqual(self._figures(budget)["Rent", 12], 315.0)


@tagged("post_install", "-at_install")
class TestBudgetApproval(BudgetCommon):
    def _as(self, role, record=None):
        self.env.invalidate_all()
        return (record if record is not None else self.budget).with_user(
            self._user(role)
        )

    def test_approved_budget_is_locked(self):
        self._as("director").action_approve()
        self.assertEqual(self.budget.state, "approved")
        self.assertEqual(self.budget.approved_by_id, self._user("director"))
        line = self.budget.line_ids[0]
        for change in (
            lambda: self._as("finance", line).write({"planned": 1}),
            lambda: self._as("finance", line).unlink(),
            lambda: self._as("finance").write({"date_to": "2027-01-31"}),
            lambda: self._as("finance").unlink(),
            lambda: self._as("finance").save_cells(
                [{"item": self.rent.id, "month": "2026-11-01", "planned": 1}]
            ),
            lambda: self._as("finance", line).create(
                {"budget_id": self.budget.id, "item_id": self.rent.id}
            ),
        ):
            with self.assertRaises(UserError):
                change()

    def test_new_version_replaces_the_old_one(self):
        self._as("director").action_approve()
        self._as("finance").action_new_version()
        self.budget.invalidate_recordset()
        draft = self.budget.version_ids - self.budget
        self.assertEqual((draft.version, draft.state), (2, "draft"))
        self.assertEqual(len(draft.line_ids), 4)
        # Asked for again, it is the same draft.
        self._as("finance").action_new_version()
        self.budget.invalidate_recordset()
        self.assertEqual(self.budget.version_count, 2)
        self._as("director", draft).action_approve()
        self.assertEqual((self.budget.state, draft.state), ("closed", "approved"))

    def test_accountant_does_not_approve(self):
        with self.assertRaises(AccessError):
            self._as("finance").action_approve()
        with self.assertRaises(AccessError):
            self._as("finance").write({"state": "approved"})
        with self.assertRaises(UserError):
            self._as("finance", self.budget).create({"name": "X", "state": "approved"})

    def test_director_reads_and_does_not_edit(self):
        budget = self._as("director")
        self.assertEqual(budget.line_ids[0].with_env(budget.env).actual, 1500.5)
        with self.assertRaises(AccessError):
            budget.write({"name": "X"})
        with self.assertRaises(AccessError):
            budget.line_ids.write({"planned": 1})

    def test_nobody_else(self):
        for role in ("reception", "cashier", "callcenter", "specialist", "nurse"):
            with self.subTest(role):
                for method in ("get_grid", "action_approve"):
                    with self.assertRaises(AccessError):
                        getattr(self._as(role), method)()
                with self.assertRaises(AccessError):
                    self._as(role, self.budget.line_ids).read(["planned"])

    def test_other_company(self):
        company = self.env["res.company"].create({"name": "Other clinic"})
        other = self.env["clinic.budget"].create(
            {"name": "Other", "company_id": company.id}
        )
        with self.assertRaises(AccessError):
            self._as("finance", other).read(["name"])
        with self.assertRaises(AccessError):
            self._as("director", other).get_grid()


@tagged("post_install", "-at_install")
class TestBudgetGrid(BudgetCommon):
    def _cells(self, budget=None):
        grid = (budget or self.budget).get_grid()
        return {(cell["item"], cell["month"]): cell for cell in grid["cells"]}

    def test_grid_adds_up_to_the_books(self):
        loose = self._account("B6900", "Loose", "expense")
        self._post(loose, 11, "2026-11-15")
        cells = self._cells()
        self.assertEqual(cells["expense", "2026-11-01"]["actual"], 1100)
        income = sum(
            cell["actual"]
            for (item, _m), cell in cells.items()
            if item == self.visits.id
        )
        self.assertEqual(income, 150050)

    def test_tree(self):
        grid = self.budget.get_grid()
        mine = (self.income | self.visits | self.costs | self.rent).ids
        rows = [
            (row["id"], row["level"], row["leaf"])
            for row in grid["items"]
            if row["id"] in mine
        ]
        self.assertEqual(
            rows,
            [
                (self.income.id, 0, False),
                (self.visits.id, 1, True),
                (self.costs.id, 0, False),
                (self.rent.id, 1, True),
            ],
        )

    def test_save(self):
        result = self.budget.save_cells(
            [
                {"item": self.rent.id, "month": "2026-11-01", "planned": 31005},
                {
                    "item": self.visits.id,
                    "branch": self.branch.id,
                    "month": "2026-11-01",
                    "planned": 100,
                    "was": 0,
                    "note": "new",
                },
            ]
        )
        self.assertEqual(result, {"conflicts": []})
        self.assertEqual(self._line(self.rent).planned, 310.05)
        self.assertEqual(self._line(self.visits, branch=self.branch).note, "new")

    def test_change_of_another_person_is_not_lost(self):
        cell = {"item": self.rent.id, "month": "2026-11-01", "planned": 1, "was": 5}
        result = self.budget.save_cells([cell])
        self.assertEqual(result["conflicts"][0]["planned"], 30000)
        self.assertEqual(self._line(self.rent).planned, 300.0)

    def test_entries_behind_a_figure(self):
        self._post(
            self.other_account, 8, "2026-11-09", clinic_budget_item_id=self.rent.id
        )
        action = self.budget.action_entries(self.rent.id, False, "2026-11-01")
        lines = self.env["account.move.line"].search(action["domain"])
        self.assertEqual(sum(lines.mapped("balance")), 308.0)
        self.assertEqual(sum(lines.mapped("balance")), self._line(self.rent).actual)
        action = self.budget.action_entries([self.rent.id, self.supplies.id])
        lines = self.env["account.move.line"].search(action["domain"])
        self.assertEqual(sum(lines.mapped("balance")), 348.25)

    def test_versions_beside_each_other(self):
        self.budget.with_user(self._user("director")).action_approve()
        self.budget.action_new_version()
        draft = self.budget.version_ids - self.budget
        self._line(self.rent, budget=draft).planned = 450.5
        self._line(self.visits, budget=draft).unlink()
        grid = draft.get_grid(self.budget.id)
        self.assertEqual([one["id"] for one in grid["versions"]], self.budget.ids)
        self.assertEqual(grid["compared"], self.budget.id)
        plans = {
            cell["item"]: (cell["before"], cell["planned"])
            for cell in grid["cells"]
            if cell["item"] in (self.rent.id, self.visits.id)
        }
        before = round(self._line(self.visits).planned * 100)
        self.assertTrue(before)
        self.assertEqual(
            plans, {self.rent.id: (30000, 45050), self.visits.id: (before, 0)}
        )
        alone = draft.get_grid()
        self.assertFalse(alone["compared"])
        self.assertFalse(any(cell["before"] for cell in alone["cells"]))
        other = self.budget.copy({"name": "Another budget"})
        self.assertFalse(other.get_grid(self.budget.id)["compared"])
