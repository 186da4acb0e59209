from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tools import SQL
from odoo.tools.misc import format_date

# Where advances stand in the books, and where the balance sheet wants them.
ACCOUNTS = ("ru62_01", "ru62_02")


class ClinicAdvanceReport(models.TransientModel):
    """Who had paid in advance on a day, and the entry that shows it as 62.02.

    Debts and advances are on one account, for Odoo matches within one only. The entry
    moves the advances apart on the day and back on the next one; it names no partner,
    so nobody's personal account and no match is touched.
    """

    _name = "clinic.advance.report"
    _description = "Advances on a Day"

    company_id = fields.Many2one(
        "res.company",
        required=True,
        readonly=True,
        default=lambda self: self.env.company,
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    date = fields.Date(
        string="On",
        required=True,
        default=lambda self: (
            fields.Date.context_today(self).replace(day=1) - timedelta(days=1)
        ),
    )
    line_ids = fields.One2many(
        "clinic.advance.report.line", "report_id", compute="_compute_line_ids"
    )
    advance_total = fields.Monetary(string="Advances", compute="_compute_line_ids")
    debt_total = fields.Monetary(string="Debts", compute="_compute_line_ids")
    move_id = fields.Many2one(
        "account.move", string="Entry", compute="_compute_move_id"
    )

    @api.depends("date", "company_id")
    def _compute_line_ids(self):
        for report in self:
            rows = report._figures()
            currency = report.company_id.currency_id
            report.line_ids = [
                Command.clear(),
                *(
                    Command.create(
                        {
                            "currency_id": currency.id,
                            "partner_id": partner,
                            "advance": advance,
                            "debt": debt,
                        }
                    )
                    for partner, advance, debt in rows
                ),
            ]
            report.advance_total = sum(row[1] for row in rows)
            report.debt_total = sum(row[2] for row in rows)

    @api.depends("date", "company_id")
    def _compute_move_id(self):
        for report in self:
            report.move_id = self.env["account.move"].search(
                [
                    ("company_id", "=", report.company_id.id),
                    ("clinic_advances_on", "=", report.date),
                    ("state", "=", "posted"),
                ],
                limit=1,
            )

    def _accounts(self):
        """Return the accounts of debts and of advances, empty in another chart."""
        charts = self.env["account.chart.template"].with_company(self.company_id)
        if self.company_id.chart_template != "ru_clinic":
            return [self.env["account.account"]] * 2
        return [
            charts.ref(key, raise_if_not_found=False) or self.env["account.account"]
            for key in ACCOUNTS
        ]

    def _figures(self):
        """Return ``(partner, advance, debt)`` as they stood when the day was over."""
        self.ensure_one()
        if not self.date:
            return []
        self._check_reader()
        models_read = ("account.move.line", "account.partial.reconcile")
        for model in models_read:
            self.env[model].flush_model()
        debts = self._accounts()[0]
        # Matched later than on the day counts as open on the day.
        query = SQL(
            """
            SELECT item.partner_id,
                   SUM(GREATEST(-item.open, 0)), SUM(GREATEST(item.open, 0))
              FROM (SELECT line.partner_id,
                           line.balance
                           - COALESCE((SELECT SUM(part.amount)
                                         FROM account_partial_reconcile part
                                        WHERE part.debit_move_id = line.id
                                          AND part.max_date <= %(day)s), 0)
                           + COALESCE((SELECT SUM(part.amount)
                                         FROM account_partial_reconcile part
                                        WHERE part.credit_move_id = line.id
                                          AND part.max_date <= %(day)s), 0) AS open
                      FROM account_move_line line
                      JOIN account_account account ON account.id = line.account_id
                     WHERE line.company_id = %(company)s
                       AND line.parent_state = 'posted'
                       AND line.date <= %(day)s
                       AND line.partner_id IS NOT NULL
                       AND account.account_type = 'asset_receivable'
                       AND (%(account)s IS NULL OR account.id = %(account)s)
                       AND (line.reconciled IS NOT TRUE OR line.id IN (
                            SELECT part.debit_move_id
                              FROM account_partial_reconcile part
                             WHERE part.max_date > %(day)s
                             UNION
                            SELECT part.credit_move_id
                              FROM account_partial_reconcile part
                             WHERE part.max_date > %(day)s))) item
             GROUP BY item.partner_id
            HAVING SUM(ABS(item.open)) > 0.004
             ORDER BY 2 DESC, 3 DESC, 1
            """,
            day=self.date,
            company=self.company_id.id,
            account=debts.id or None,
        )
        return [
            (partner, float(advance), float(debt))
            for partner, advance, debt in self.env.execute_query(query)
        ]

    def _check_reader(self):
        if not self.env.user.has_group("account.group_account_readonly"):
            raise AccessError(self.env._("The books are read by accountants."))

    def action_transfer(self):
        """Book the advances apart on the day, and back on the next one."""
        self.ensure_one()
        if not self.env.user.has_group("account.group_account_user"):
            raise AccessError(self.env._("Only an accountant writes in the books."))
        source, target = self._accounts()
        if not source or not target:
            raise UserError(
                self.env._("This chart of accounts has no account for advances.")
            )
        day = format_date(self.env, self.date)
        if self.move_id:
            raise UserError(
                self.env._(
                    "The advances on %(day)s are booked already: %(entry)s. Reverse it "
                    "first to book them anew.",
                    day=day,
                    entry=self.move_id.name,
                )
            )
        amount = self.currency_id.round(self.advance_total)
        if not amount:
            raise UserError(self.env._("There were no advances on %s.", day))
        if self.date >= fields.Date.context_today(self):
            raise UserError(self.env._("Wait until the day is over."))
        moves = self.env["account.move"].create(
            [
                self._prepare_move_vals(source, target, amount, self.date),
                self._prepare_move_vals(
                    source, target, -amount, self.date + timedelta(days=1)
                ),
            ]
        )
        moves[0].clinic_advances_on = self.date
        moves.action_post()
        return moves._get_records_action(name=self.env._("Advances on %s", day))

    def _prepare_move_vals(self, source, target, amount, day):
        label = self.env._("Advances on %s", format_date(self.env, self.date))
        return {
            "move_type": "entry",
            "company_id": self.company_id.id,
            "date": day,
            "ref": label,
            "line_ids": [
                Command.create(
                    {"name": label, "account_id": account.id, "balance": balance}
                )
                for account, balance in ((source, amount), (target, -amount))
            ],
        }


class ClinicAdvanceReportLine(models.TransientModel):
    _name = "clinic.advance.report.line"
    _description = "Advance or Debt on a Day"
    _order = "advance desc, debt desc, id"

    report_id = fields.Many2one("clinic.advance.report", ondelete="cascade", index=True)
    # Written, not related: the lines are never saved, and have nothing to relate to.
    currency_id = fields.Many2one("res.currency", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Payer", readonly=True)
    advance = fields.Monetary(readonly=True)
    debt = fields.Monetary(readonly=True)
