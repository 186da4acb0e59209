from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools.constants import PREFETCH_MAX

from ..tools import budget as arithmetic


class ClinicBudgetLine(models.Model):
    """What is planned for one item in one month, beside what the books say."""

    _name = "clinic.budget.line"
    _description = "Budget Line"
    _order = "budget_id, month, item_id, branch_id, id"
    _check_company_auto = True

    budget_id = fields.Many2one(
        "clinic.budget", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        related="budget_id.company_id", store=True, precompute=True, index=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    state = fields.Selection(related="budget_id.state")
    item_id = fields.Many2one(
        "clinic.budget.item",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        domain="[('child_ids', '=', False)]",
    )
    kind = fields.Selection(related="item_id.kind")
    branch_id = fields.Many2one(
        "clinic.branch",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        help="Empty: entries of all branches that have no line of their own.",
    )
    month = fields.Date(
        required=True,
        default=lambda self: fields.Date.context_today(self).replace(day=1),
        help="Any day of it; kept as the first one.",
    )
    planned = fields.Monetary()
    actual = fields.Monetary(
        compute="_compute_actual", help="From the posted entries, at this moment."
    )
    deviation = fields.Monetary(compute="_compute_actual", help="Actual less planned.")
    forecast = fields.Monetary(
        compute="_compute_actual",
        help="What the month comes to: the past as it was, the current month by what "
        "is there already, the future as planned.",
    )
    is_one_off = fields.Boolean(
        string="One-off",
        compute="_compute_is_one_off",
        store=True,
        readonly=False,
        help="Left out when the budget is copied to another period.",
    )
    note = fields.Char()

    _cell_unique = models.UniqueIndex(
        "(budget_id, item_id, COALESCE(branch_id, 0), month)",
        "The budget has a figure for this item, branch and month already.",
    )
    _month_is_first_day = models.Constraint(
        "CHECK(EXTRACT(DAY FROM month) = 1)", "A line is of a whole month."
    )

    @api.depends("item_id", "branch_id", "month")
    def _compute_display_name(self):
        for line in self:
            parts = (line.item_id.name, line.branch_id.name, str(line.month or ""))
            line.display_name = ", ".join(filter(None, parts))

    @api.depends("item_id")
    def _compute_is_one_off(self):
        for line in self:
            line.is_one_off = line.item_id.is_one_off

    @api.depends("budget_id", "item_id", "branch_id", "month", "planned")
    def _compute_actual(self):
        names = ("actual", "deviation", "forecast")
        lines = self
        if len(self) >= PREFETCH_MAX:
            # The ORM asks for a thousand at a time; the books are read once for all.
            lines |= self.budget_id.line_ids
        with self.env.protecting([self._fields[name] for name in names], lines):
            lines._fill_actual()

    def _fill_actual(self):
        actuals = self.budget_id._actuals()
        today = fields.Date.context_today(self)
        for line in self:
            currency = line.currency_id or self.env.company.currency_id
            unit = 10**currency.decimal_places
            cells = actuals.get(line.budget_id._origin.id, {})
            key = line.item_id.id, line.branch_id.id or None, line.month
            actual = cells.get(key, 0)
            planned = round(line.planned * unit)
            line.actual = actual / unit
            line.deviation = (actual - planned) / unit
            line.forecast = (
                arithmetic.forecast(
                    planned,
                    actual,
                    line.month,
                    today,
                    line.item_id.forecast_method == "pace",
                )
                / unit
                if line.month
                else 0.0
            )

    @api.constrains("month", "budget_id")
    def _check_month(self):
        for line in self:
            budget = line.budget_id
            if not budget.date_from <= line.month <= budget.date_to:
                raise ValidationError(
                    self.env._(
                        "%(month)s is outside the period of %(budget)s.",
                        month=fields.Date.to_string(line.month),
                        budget=budget.name,
                    )
                )

    @api.constrains("item_id")
    def _check_item(self):
        divided = self.item_id.filtered("child_ids")
        if divided:
            raise ValidationError(
                self.env._(
                    "Plan the parts of these items, not their totals: %(items)s.",
                    items=", ".join(divided.mapped("name")),
                )
            )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._to_first_day(vals)
        budget_ids = {vals.get("budget_id") for vals in vals_list} - {None, False}
        self.env["clinic.budget"].browse(budget_ids)._check_open()
        lines = super().create(vals_list)
        lines.budget_id._divide_if_branches(lines)
        return lines

    def write(self, vals):
        if {"budget_id", "item_id", "branch_id", "month", "planned"} & vals.keys() or (
            {"is_one_off", "company_id"} & vals.keys()
        ):
            self.budget_id._check_open()
        self._to_first_day(vals)
        result = super().write(vals)
        if "budget_id" in vals:
            self.budget_id._check_open()
        if vals.get("branch_id"):
            self.budget_id._divide_if_branches(self)
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_of_open_budget(self):
        self.budget_id._check_open()

    @staticmethod
    def _to_first_day(vals):
        if vals.get("month"):
            vals["month"] = fields.Date.to_date(vals["month"]).replace(day=1)

    def action_entries(self):
        """Open the journal items behind the actual figure."""
        self.ensure_one()
        return self.budget_id.action_entries(
            self.item_id.id, self.branch_id.id, self.month
        )
