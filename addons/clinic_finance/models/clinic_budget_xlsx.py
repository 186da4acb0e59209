import io

import xlsxwriter
from xlsxwriter.utility import xl_rowcol_to_cell

from odoo import fields, models
from odoo.tools.misc import format_date

from ..tools import budget as arithmetic

MEASURES = ("planned", "actual", "deviation", "forecast")
MONEY = "#,##0.00;[Red]-#,##0.00;"
FIRST_ROW = 3
EVERYTHING = None  # not a branch: the sheet of all of them


class ClinicBudget(models.Model):
    """The budget as a workbook: the figures of the grid, with living totals."""

    _inherit = "clinic.budget"

    def _xlsx(self):
        """Return the bytes of the workbook.

        Where branches are planned apart: the whole first, then a sheet each. Sums of
        items, of months and the result are formulas, so that what is changed in Excel
        adds up again.
        """
        self.ensure_one()
        stream = io.BytesIO()
        book = xlsxwriter.Workbook(stream, {"in_memory": True})
        styles = self._xlsx_styles(book)
        grid = self.get_grid()
        views = [(EVERYTHING, self.env._("Budget"))]
        if self.by_branch:
            views = [(EVERYTHING, self.env._("All branches"))]
            if any(not cell["branch"] for cell in grid["cells"]):
                views.append((False, self.env._("Common")))
            views += [(branch["id"], branch["name"]) for branch in grid["branches"]]
        names = set()
        for branch, name in views:
            sheet = book.add_worksheet(self._xlsx_sheet_name(name, names))
            self._xlsx_sheet(sheet, styles, grid, branch, name)
        book.close()
        return stream.getvalue()

    def _xlsx_sheet_name(self, name, taken):
        """Return a name that Excel takes: short, unique, without some signs."""
        clean = "".join("_" if sign in "[]:*?/\\'" else sign for sign in name)[:31]
        number = 1
        base = clean or "1"
        clean = base
        while clean.lower() in taken:
            number += 1
            clean = f"{base[:27]} {number}"
        taken.add(clean.lower())
        return clean

    def _xlsx_styles(self, book):
        money = {"num_format": MONEY}
        return {
            "title": book.add_format({"bold": True, "font_size": 14}),
            "head": book.add_format(
                {"bold": True, "bg_color": "#E9ECEF", "align": "center", "border": 1}
            ),
            "name": book.add_format({}),
            "money": book.add_format(money),
            "total_name": book.add_format({"bold": True, "bg_color": "#F1F3F5"}),
            "total": book.add_format({"bold": True, "bg_color": "#F1F3F5", **money}),
        }

    def _xlsx_sheet(self, sheet, styles, grid, branch, name):
        measures = self._xlsx_measures()
        months = grid["months"]
        sheet.write(0, 0, self.display_name, styles["title"])
        sheet.write(
            1,
            0,
            self.env._(
                "%(state)s. %(branch)s. As of %(day)s, %(currency)s",
                state=grid["stateLabel"],
                branch=name,
                day=format_date(self.env, fields.Date.context_today(self)),
                currency=self.currency_id.name,
            ),
        )
        sheet.set_column(0, 0, 42)
        sheet.set_column(1, len(measures) * (len(months) + 1), 13)
        sheet.freeze_panes(FIRST_ROW + 1, 1)
        sheet.write(FIRST_ROW, 0, self.env._("Item"), styles["head"])
        heads = [month["label"] for month in months] + [self.env._("Total")]
        for number, head in enumerate(heads):
            column = 1 + number * len(measures)
            last = column + len(measures) - 1
            sheet.merge_range(
                FIRST_ROW - 1, column, FIRST_ROW - 1, last, head, styles["head"]
            )
            for offset, label in enumerate(measures.values()):
                sheet.write(FIRST_ROW, column + offset, label, styles["head"])
        self._xlsx_rows((sheet, styles, grid, {}), branch)

    def _xlsx_measures(self):
        return {
            "planned": self.env._("Planned"),
            "actual": self.env._("Actual"),
            "deviation": self.env._("Deviation"),
            "forecast": self.env._("Forecast"),
        }

    def _xlsx_rows(self, page, branch):
        grid = page[2]
        figures = self._xlsx_figures(grid, branch)
        row, totals = FIRST_ROW + 1, {}
        for kind, label, other in (
            ("income", self.env._("Income, total"), self.env._("Other income")),
            ("expense", self.env._("Expenses, total"), self.env._("Other expenses")),
        ):
            items = [item for item in grid["items"] if item["kind"] == kind]
            places = {item["id"]: row + n for n, item in enumerate(items)}
            tops = [places[item["id"]] for item in items if not item["parent"]]
            # From below, so that what a sum adds up is known before the sum.
            for item in reversed(items):
                parts = [
                    places[one["id"]] for one in items if one["parent"] == item["id"]
                ]
                title = "    " * item["level"] + item["name"]
                values = figures.get(item["id"])
                self._xlsx_row(page, places[item["id"]], title, values, parts)
            row += len(items)
            if kind in figures:
                self._xlsx_row(page, row, other, figures[kind])
                tops.append(row)
                row += 1
            totals[kind] = row
            self._xlsx_row(page, row, label, None, tops, total=True)
            row += 2
        # The result: income less expenses.
        parts = [totals["income"], -totals["expense"]]
        label = self.env._("Result")
        self._xlsx_row(page, row, label, None, parts, total=True)

    def _xlsx_figures(self, grid, branch):
        """Return ``{item: {month: {measure: sum}}}`` of one branch or of all."""
        unit = grid["currency"]["unit"]
        by_pace = {item["id"]: item["byPace"] for item in grid["items"]}
        today = fields.Date.context_today(self)
        figures = {}
        for cell in grid["cells"]:
            if branch is not EVERYTHING and (cell["branch"] or False) != branch:
                continue
            planned, actual = cell["planned"], cell["actual"]
            month = fields.Date.to_date(cell["month"])
            has_begun = month <= today
            forecast = arithmetic.forecast(
                planned, actual, month, today, by_pace.get(cell["item"], False)
            )
            sums = figures.setdefault(cell["item"], {}).setdefault(
                cell["month"], dict.fromkeys(MEASURES, 0)
            )
            sums["planned"] += planned / unit
            sums["actual"] += actual / unit
            sums["deviation"] += (actual - planned) / unit if has_begun else 0
            sums["forecast"] += forecast / unit
        return figures

    def _xlsx_row(self, page, row, name, values, parts=(), total=False):
        """Write a row: figures, or the sum of the rows ``parts`` (a minus: less).

        Formulas carry their value, for programs that show a file without counting.
        """
        sheet, styles, grid, known = page
        is_sum = total or bool(parts)
        style = styles["total" if is_sum else "money"]
        sheet.write(row, 0, name, styles["total_name" if is_sum else "name"])
        count = len(MEASURES)

        def write_sum(column, terms, cell_style):
            formula = "".join(
                ("-" if sign < 0 else "+") + xl_rowcol_to_cell(*place)
                for sign, place in terms
            )
            amount = sum(sign * known.get(place, 0) for sign, place in terms)
            known[row, column] = round(amount, 2)
            sheet.write_formula(
                row, column, f"={formula}", cell_style, round(amount, 2)
            )

        for number, month in enumerate(grid["months"]):
            for offset, measure in enumerate(MEASURES):
                column = 1 + number * count + offset
                if parts:
                    terms = [
                        (-1 if one < 0 else 1, (abs(one), column)) for one in parts
                    ]
                    write_sum(column, terms, style)
                else:
                    amount = (values or {}).get(month["key"], {}).get(measure, 0)
                    known[row, column] = amount
                    sheet.write_number(row, column, amount, style)
        last = 1 + len(grid["months"]) * count
        for offset in range(count):
            terms = [(1, (row, column)) for column in range(1 + offset, last, count)]
            write_sum(last + offset, terms, styles["total"])
