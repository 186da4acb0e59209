import json
from fractions import Fraction

from odoo import models
from odoo.fields import Domain

from ..tools import budget as arithmetic

INCOME_TYPES = ("income", "income_other")
EXPENSE_TYPES = (
    "expense",
    "expense_other",
    "expense_depreciation",
    "expense_direct_cost",
)


class ClinicBudget(models.Model):
    """Actual figures: one grouped read of the books, sorted by the items' rules."""

    _inherit = "clinic.budget"

    def _actuals(self):
        """Return ``{budget id: {(item id, branch id, month): minor units}}``.

        Entries of no item are under ``("income", …)`` and ``("expense", …)``, so that
        each budget adds up to the books. One query of the journal items a company.
        """
        result = {}
        for company, budgets in self.grouped("company_id").items():
            budgets = budgets.filtered(lambda one: one.date_from and one.date_to)
            if not budgets:
                continue
            rules, entries = budgets._read_entries(company)
            sums = arithmetic.sort_entries(rules, entries)
            for budget in budgets:
                result[budget._origin.id] = budget._place(sums)
        return result

    def _place(self, sums):
        """Return the sums at the budget's own lines.

        A branch has its entries to itself where it has a line of the item; all others
        are the clinic's as a whole.
        """
        rows = self._divided_rows()
        cells = {}
        for (item, kind, branch, month), amount in sums.items():
            if self.date_from <= month <= self.date_to:
                cell = (*self._row(item or kind, branch, rows), month)
                cells[cell] = cells.get(cell, 0) + amount
        return cells

    def _divided_rows(self):
        return {
            (line.item_id.id, line.branch_id.id)
            for line in self.line_ids
            if line.branch_id
        }

    def _row(self, item, branch, divided):
        return item, branch if (item, branch) in divided else None

    def _read_entries(self, company, extra=Domain.TRUE, with_ids=False):
        """Return the items' rules and the grouped entries of the period.

        ``extra`` narrows the entries; ``with_ids`` brings the journal items' ids along.
        """
        items = self.env["clinic.budget.item"].search([("company_id", "=", company.id)])
        # Sudo: the plan is compared with whole sums of the books, whose single entries
        # its reader may have no right to see.
        rules = items.sudo()._rules()
        natures = self._account_natures(company, rules)
        lines_sudo = (
            self.env["account.move.line"]
            .sudo()
            .with_context(clinic_budget_partners=self._named_partners(rules))
        )
        keys = self._group_keys(rules)
        groups = lines_sudo._read_group(
            Domain(
                [
                    ("parent_state", "=", "posted"),
                    ("company_id", "=", company.id),
                    ("date", ">=", min(self.mapped("date_from"))),
                    ("date", "<=", max(self.mapped("date_to"))),
                    ("account_id", "in", list(natures)),
                ]
            )
            & extra,
            list(keys.values()),
            ["balance:sum", *(["id:array_agg"] if with_ids else [])],
        )
        unit = 10**company.currency_id.decimal_places
        names = (*keys, "balance", "ids")
        entries = [
            self._entry(dict(zip(names, group, strict=False)), natures, unit)
            for group in groups
        ]
        return rules, entries

    def _group_keys(self, rules):
        """Return what to group by: no more than the rules and lines ask for."""
        keys = {
            "account": "account_id",
            "item": "clinic_budget_item_id",
            "month": "date:month",
        }
        if any(line.branch_id for line in self.line_ids):
            keys["branch"] = "clinic_branch_id"
        if any(rule.partners is not None for rule in rules):
            keys["partner"] = "clinic_budget_partner"
        if any(rule.analytics is not None for rule in rules):
            keys["shares"] = "clinic_budget_shares"
        return keys

    def _entry(self, values, natures, unit):
        account_id = values["account"].id
        return arithmetic.Entry(
            account=account_id,
            nature=natures[account_id],
            month=values["month"],
            balance=round(values["balance"] * unit),
            branch=values["branch"].id or None if "branch" in values else None,
            partner=values.get("partner") or None,
            item=values["item"].id or None,
            shares=self._shares(values.get("shares")),
            ids=tuple(values.get("ids", ())),
        )

    def _shares(self, text):
        """Return the analytic accounts of a distribution with their percents."""
        return tuple(
            (frozenset(map(int, key.split(","))), Fraction(str(percent)))
            for key, percent in json.loads(text or "{}").items()
        )

    def _account_natures(self, company, rules):
        """Return income, expense or other, by account that matters for a budget."""
        accounts = self.env["account.account"].sudo().with_company(company)
        found = accounts.with_context(active_test=False).search_fetch(
            [
                *accounts._check_company_domain(company),
                ("account_type", "in", INCOME_TYPES + EXPENSE_TYPES),
            ],
            ["account_type"],
        )
        natures = {
            account_id: "other" for rule in rules for account_id in rule.accounts or ()
        }
        for account in found:
            is_income = account.account_type in INCOME_TYPES
            natures[account.id] = "income" if is_income else "expense"
        return natures

    def _named_partners(self, rules):
        return sorted({one for rule in rules for one in rule.partners or ()})
