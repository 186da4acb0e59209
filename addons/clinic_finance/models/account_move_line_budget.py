from odoo import api, fields, models
from odoo.tools import SQL
from odoo.tools.sql import column_exists, create_column


class AccountMoveLine(models.Model):
    """What the budget asks of an entry: whose branch, which item."""

    _inherit = "account.move.line"

    clinic_branch_id = fields.Many2one(
        "clinic.branch",
        string="Branch",
        compute="_compute_clinic_branch_id",
        store=True,
        readonly=False,
        precompute=True,
        ondelete="set null",
        help="Of the document, or another one for this line.",
    )
    clinic_budget_item_id = fields.Many2one(
        "clinic.budget.item",
        string="Budget Item",
        compute="_compute_clinic_budget_item_id",
        store=True,
        readonly=False,
        precompute=True,
        ondelete="set null",
        domain="[('child_ids', '=', False)]",
        help="Empty: found by the rules of the budget items.",
    )
    # Only to group by: see _field_to_sql.
    clinic_budget_shares = fields.Char(compute="_compute_clinic_budget_keys")
    clinic_budget_partner = fields.Integer(compute="_compute_clinic_budget_keys")

    # Serves the budget's read of a whole year, which then needs no row of the table: at
    # a million items 2.5 times less work than Odoo's index of accounts and days.
    _clinic_budget_idx = models.Index(
        "(company_id, account_id, date) "
        "INCLUDE (balance, clinic_budget_item_id, clinic_branch_id) "
        "WHERE parent_state = 'posted'"
    )

    def _auto_init(self):
        """Add the columns empty: Odoo would compute them for every old entry."""
        cr = self.env.cr
        for column in ("clinic_branch_id", "clinic_budget_item_id"):
            if not column_exists(cr, self._table, column):
                create_column(cr, self._table, column, "int4")
        return super()._auto_init()

    @api.depends("move_id.clinic_branch_id", "clinic_charge_id")
    def _compute_clinic_branch_id(self):
        for line in self:
            # One invoice may be for visits to several branches.
            visit = line.clinic_charge_id.appointment_id
            line.clinic_branch_id = visit.branch_id or line.move_id.clinic_branch_id

    @api.depends("move_id.clinic_budget_item_id")
    def _compute_clinic_budget_item_id(self):
        for line in self:
            item = line.move_id.clinic_budget_item_id
            # Neither the debt nor the tax of a bill is an expense.
            is_own = line.display_type == "product"
            line.clinic_budget_item_id = item if is_own else False

    def _compute_clinic_budget_keys(self):
        self.clinic_budget_shares = False
        self.clinic_budget_partner = 0

    def _field_to_sql(self, alias, field_expr, query=None):
        """Give the two keys by which a budget groups entries.

        Partners are told apart only where a budget item names them: thousands of
        patients would otherwise be thousands of groups.
        """
        if field_expr == "clinic_budget_shares":
            column = super()._field_to_sql(alias, "analytic_distribution", query)
            return SQL("%s::text", column)
        if field_expr == "clinic_budget_partner":
            column = super()._field_to_sql(alias, "partner_id", query)
            partner_ids = list(self.env.context.get("clinic_budget_partners", ()))
            return SQL(
                "CASE WHEN %s = ANY(%s::int[]) THEN %s END", column, partner_ids, column
            )
        return super()._field_to_sql(alias, field_expr, query)
