from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL
from odoo.tools.misc import format_date

from ..tools import budget as arithmetic


class ClinicBudget(models.Model):
    """The budget as a table of items and months: what the grid reads and writes.

    Sums travel as whole kopecks, so that the browser adds them up exactly.
    """

    _inherit = "clinic.budget"

    def get_grid(self, compared_id=False):
        """Return all that the grid shows, beside the plan of another version."""
        self.ensure_one()
        self.check_access("read")
        others = self._versions() - self
        compared = others.filtered(lambda one: one.id == compared_id)
        today = fields.Date.context_today(self)
        return {
            "id": self.id,
            "name": self.display_name,
            "state": self.state,
            "stateLabel": dict(self._fields["state"]._description_selection(self.env))[
                self.state
            ],
            "canEdit": self.state == "draft" and self.has_access("write"),
            "canCopy": self.env["clinic.budget"].has_access("create"),
            "canApprove": self.state == "draft"
            and self.env.user.has_group("clinic_finance.group_budget_approver"),
            "byBranch": self.by_branch,
            "currency": {
                "symbol": self.currency_id.symbol,
                "unit": 10**self.currency_id.decimal_places,
            },
            "months": [self._grid_month(month, today) for month in self._months()],
            "branches": self._grid_branches(),
            "versions": [version._grid_version() for version in others],
            "compared": compared.id,
            "items": self._grid_items(compared),
            "cells": self._grid_cells(compared),
        }

    def _grid_month(self, month, today):
        return {
            "key": fields.Date.to_string(month),
            "label": format_date(self.env, month, date_format="LLL yy"),
            "done": float(arithmetic.done_share(month, today)),
        }

    def _grid_branches(self):
        if not self.by_branch:
            return []
        branches = self.env["clinic.branch"].search(
            [("company_id", "=", self.company_id.id)]
        )
        return (branches | self.line_ids.branch_id).read(["name"])

    def _grid_version(self):
        states = dict(self._fields["state"]._description_selection(self.env))
        return {
            "id": self.id,
            "name": self.env._("Version %(number)s", number=self.version),
            "state": states[self.state],
        }

    def _grid_items(self, compared):
        """Return the items as a tree, in order; archived ones only if they are used."""
        items = self.env["clinic.budget.item"].search(
            [("company_id", "=", self.company_id.id)]
        )
        used = (self | compared).line_ids.item_id
        while used - items:
            items |= used
            used = used.parent_id
        children = items.sorted(lambda item: (item.sequence, item.code or "", item.id))
        children = children.grouped("parent_id")
        result = []

        def walk(parent, level, kind):
            for item in children.get(parent, ()):
                if item.kind != kind:
                    continue
                below = item in children
                result.append(
                    {
                        "id": item.id,
                        "name": item.name,
                        "code": item.code or "",
                        "kind": kind,
                        "parent": item.parent_id.id,
                        "level": level,
                        "leaf": not below,
                        "byPace": item.forecast_method == "pace",
                    }
                )
                walk(item, level + 1, kind)

        for kind in (arithmetic.INCOME, arithmetic.EXPENSE):
            walk(self.env["clinic.budget.item"], 0, kind)
        return result

    def _grid_cells(self, compared):
        unit = 10**self.currency_id.decimal_places
        cells = {
            (line.item_id.id, line.branch_id.id or None, line.month): {
                "planned": round(line.planned * unit),
                "oneOff": line.is_one_off,
                "note": line.note or "",
            }
            for line in self.line_ids
        }
        for key, amount in self._actuals().get(self.id, {}).items():
            cells.setdefault(key, {"planned": 0})["actual"] = amount
        for line in compared.line_ids:
            branch = line.branch_id.id if self.by_branch else None
            key = line.item_id.id, branch or None, line.month
            cell = cells.setdefault(key, {"planned": 0})
            cell["before"] = cell.get("before", 0) + round(line.planned * unit)
        return [
            {
                "item": item,
                "branch": branch or False,
                "month": fields.Date.to_string(month),
                "planned": 0,
                "actual": 0,
                "before": 0,
                "oneOff": False,
                "note": "",
                **values,
            }
            for (item, branch, month), values in cells.items()
        ]

    def save_cells(self, cells):
        """Write changed cells; return those that somebody else changed meanwhile.

        A cell: ``item``, ``branch``, ``month``, ``planned``, ``was`` (what the editor
        saw before), and if changed ``oneOff`` and ``note``.
        """
        self.ensure_one()
        self.check_access("write")
        self._check_open()
        # Two savers meet here: the second one is run again, and sees the first's.
        self.env.cr.execute(
            SQL("UPDATE clinic_budget SET id = id WHERE id = %s", self.id)
        )
        unit = 10**self.currency_id.decimal_places
        lines = {
            (line.item_id.id, line.branch_id.id, line.month): line
            for line in self.line_ids
        }
        new, conflicts = [], []
        for cell in cells:
            key = (
                int(cell["item"]),
                int(cell.get("branch") or 0) or False,
                fields.Date.to_date(cell["month"]),
            )
            line = lines.get(key, self.env["clinic.budget.line"])
            known = round(line.planned * unit) if line else 0
            if known not in (cell.get("was", known), cell["planned"]):
                conflicts.append({**cell, "planned": known})
                continue
            values = {"planned": int(cell["planned"]) / unit}
            if "oneOff" in cell:
                values["is_one_off"] = bool(cell["oneOff"])
            if "note" in cell:
                values["note"] = cell["note"] or False
            if line:
                line.write(values)
            else:
                names = ("item_id", "branch_id", "month")
                new.append(
                    {"budget_id": self.id, **dict(zip(names, key, strict=True))}
                    | values
                )
        self.env["clinic.budget.line"].create(new)
        return {"conflicts": conflicts}

    @api.readonly
    def action_entries(self, item, branch=False, month=False):
        """Open the journal items behind an actual figure.

        ``item``: an item's id, a list of them, or ``"income"``/``"expense"`` for
        entries of no item. Exactly those that were counted, found in the same way.
        """
        self.ensure_one()
        self.check_access("read")
        if not self.env["account.move.line"].has_access("read"):
            raise UserError(self.env._("You have no right to see journal items."))
        wanted = set(item if isinstance(item, list) else [item])
        day = fields.Date.to_date(month)
        extra = Domain.TRUE
        if day:
            first = day.replace(day=1)
            last = arithmetic.last_day(day)
            extra = Domain("date", ">=", first) & Domain("date", "<=", last)
        rules, entries = self._read_entries(self.company_id, extra, with_ids=True)
        sorter, divided = arithmetic.Sorter(rules), self._divided_rows()
        is_all = self.by_branch and branch == "all"
        ids = [
            line_id
            for entry in entries
            for piece in sorter.pieces(entry)
            if (piece.item or piece.kind) in wanted
            and (
                is_all
                or self._row(piece.item or piece.kind, entry.branch, divided)[1]
                == (branch or None)
            )
            for line_id in entry.ids
        ]
        return {
            "type": "ir.actions.act_window",
            "name": self._entries_title(wanted, day),
            "res_model": "account.move.line",
            "views": [
                [
                    self.env.ref("clinic_finance.view_clinic_budget_entry_list").id,
                    "list",
                ]
            ],
            "domain": [("id", "in", sorted(set(ids)))],
            "context": {"create": False, "delete": False},
        }

    def _entries_title(self, wanted, day):
        items = self.env["clinic.budget.item"].browse(
            [one for one in wanted if isinstance(one, int)]
        )
        name = items.name if len(items) == 1 else self.name
        period = format_date(self.env, day, date_format="LLLL y") if day else ""
        return ", ".join(filter(None, [name or self.env._("Of no item"), period]))
