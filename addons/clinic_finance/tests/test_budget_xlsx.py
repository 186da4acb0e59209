from io import BytesIO

from openpyxl import load_workbook

from odoo import Command
from odoo.tests import freeze_time, tagged

from .common import FinanceCommon


@tagged("post_install", "-at_install")
class TestBudgetXlsx(FinanceCommon):
    """The workbook an accountant opens: the whole, the branches, living totals."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        items = cls.env["clinic.budget.item"]
        cls.income = items.create({"name": "Visits", "kind": "income", "code": "X1"})
        cls.staff = items.create({"name": "Staff", "code": "X2"})
        cls.wages, cls.courses = items.create(
            [
                {"name": "Wages", "code": "X3", "parent_id": cls.staff.id},
                {"name": "Courses", "code": "X4", "parent_id": cls.staff.id},
            ]
        )
        cls.other_branch = cls.branch.copy({"name": "Second branch"})

    def _budget(self, *figures):
        return self.env["clinic.budget"].create(
            {
                "name": "Plan",
                "date_from": "2031-03-01",
                "date_to": "2031-04-30",
                "line_ids": [
                    Command.create(
                        {
                            "item_id": item.id,
                            "branch_id": branch and branch.id,
                            "month": month,
                            "planned": planned,
                        }
                    )
                    for item, branch, month, planned in figures
                ],
            }
        )

    def _sheets(self, budget):
        """Return {name: {row label: its cells}} of values, and of formulas."""
        content = budget._xlsx()
        return [
            {
                sheet.title: {
                    (row[0] or "").strip(): row[1:]
                    for row in sheet.iter_rows(min_row=5, values_only=True)
                }
                for sheet in load_workbook(BytesIO(content), data_only=values)
            }
            for values in (True, False)
        ]

    @freeze_time("2031-03-10")
    def test_totals_are_formulas_that_carry_their_values(self):
        budget = self._budget(
            (self.income, None, "2031-03-01", 1000),
            (self.income, None, "2031-04-01", 2000),
            (self.wages, None, "2031-03-01", 300),
            (self.courses, None, "2031-03-01", 50),
        )
        values, formulas = self._sheets(budget)
        self.assertEqual(len(values), 1)
        [sheet], [living] = values.values(), formulas.values()
        self.assertEqual([sheet["Visits"][n] for n in (0, 4, 8)], [1000, 2000, 3000])
        self.assertEqual(sheet["Staff"][0], 350)
        self.assertTrue(str(living["Staff"][0]).startswith("="))
        self.assertEqual([sheet["Result"][n] for n in (0, 8)], [650, 2650])
        self.assertTrue(str(living["Result"][8]).startswith("="))

    @freeze_time("2031-03-10")
    def test_the_whole_comes_before_the_branches(self):
        budget = self._budget(
            (self.wages, self.branch, "2031-03-01", 300),
            (self.wages, self.other_branch, "2031-03-01", 200),
        )
        self.assertTrue(budget.by_branch)
        values, _formulas = self._sheets(budget)
        names = list(values)
        self.assertEqual(names[0], "All branches")
        self.assertNotIn("Common", names)  # nothing is planned for all in common
        planned = [values[name]["Wages"][0] for name in names]
        self.assertEqual(planned[0], 500)
        self.assertEqual(sorted(filter(None, planned[1:])), [200, 300])

    @freeze_time("2031-03-10")
    def test_what_is_common_has_its_sheet(self):
        budget = self._budget(
            (self.wages, self.branch, "2031-03-01", 300),
            (self.courses, None, "2031-03-01", 70),
        )
        values, _formulas = self._sheets(budget)
        self.assertEqual(values["Common"]["Courses"][0], 70)
        self.assertEqual(values["All branches"]["Staff"][0], 370)
