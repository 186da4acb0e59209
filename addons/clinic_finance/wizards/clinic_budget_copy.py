from odoo import api, fields, models

from ..tools import budget as arithmetic


class ClinicBudgetCopy(models.TransientModel):
    """The next period's budget, made from this one."""

    _name = "clinic.budget.copy"
    _description = "Copy Budget"

    budget_id = fields.Many2one("clinic.budget", required=True, ondelete="cascade")
    date_from = fields.Date(string="From", required=True)
    date_to = fields.Date(string="To", required=True)
    base = fields.Selection(
        [
            ("planned", "Planned figures"),
            ("actual", "Actual figures"),
            ("forecast", "Forecast: actual, and what the current month comes to"),
        ],
        string="Take",
        required=True,
        default="planned",
    )
    percent = fields.Float(
        string="Change by, %", help="5 adds five per cent to each figure, -5 takes off."
    )
    rounding = fields.Selection(
        [
            ("0.01", "Not rounded"),
            ("1", "To whole roubles"),
            ("100", "To hundreds"),
            ("1000", "To thousands"),
        ],
        required=True,
        default="1",
    )
    one_off = fields.Boolean(
        string="Copy One-off Items Too",
        help="Those planned only once are usually left out.",
    )
    name = fields.Char(string="Name of the New Budget")

    @api.model
    def default_get(self, fields):
        """Propose the period that follows, of the same length."""
        values = super().default_get(fields)
        budget = self.env["clinic.budget"].browse(
            values.get("budget_id") or self.env.context.get("active_id")
        )
        if budget:
            months = budget._months()
            first = arithmetic.add_months(months[-1], 1)
            last = arithmetic.add_months(months[-1], len(months))
            values |= {
                "budget_id": budget.id,
                "date_from": first,
                "date_to": arithmetic.last_day(last),
            }
        return values

    def action_copy(self):
        self.ensure_one()
        new_id = self.budget_id.copy_to_period(
            self.date_from,
            self.date_to,
            percent=self.percent,
            rounding=float(self.rounding),
            base=self.base,
            one_off=self.one_off,
            name=self.name,
        )
        return self.env["clinic.budget"].browse(new_id).action_open_grid()
