from odoo import Command, api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from ..tools import budget as arithmetic


class ClinicBudgetItem(models.Model):
    """An article of the budget; the lowest ones say which entries are theirs."""

    _name = "clinic.budget.item"
    _description = "Budget Item"
    _parent_store = True
    _rec_name = "complete_name"
    _rec_names_search = ["complete_name", "code"]
    _order = "sequence, code, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    complete_name = fields.Char(
        string="Item", compute="_compute_complete_name", recursive=True, store=True
    )
    code = fields.Char()
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    parent_id = fields.Many2one(
        "clinic.budget.item",
        index=True,
        ondelete="restrict",
        check_company=True,
        help="Its figures are part of this item's total.",
    )
    parent_path = fields.Char(index=True)
    child_ids = fields.One2many("clinic.budget.item", "parent_id")
    kind = fields.Selection(
        [("income", "Income"), ("expense", "Expense")],
        required=True,
        default="expense",
    )
    account_ids = fields.Many2many(
        "account.account",
        string="Ledger Accounts",
        check_company=True,
        help="Entries of these accounts are the item's.",
    )
    account_tag_ids = fields.Many2many(
        "account.account.tag",
        string="Account Tags",
        domain="[('applicability', '=', 'accounts')]",
        help="Entries of all accounts that have one of these tags, now or later.",
    )
    analytic_account_ids = fields.Many2many(
        "account.analytic.account",
        string="Analytic Accounts",
        check_company=True,
        help="Only the part of an entry that goes to one of these.",
    )
    partner_ids = fields.Many2many(
        "res.partner", string="Partners", help="Only entries of these partners."
    )
    partner_tag_ids = fields.Many2many(
        "res.partner.category",
        string="Partner Tags",
        help="Only entries of partners that have one of these tags.",
    )
    forecast_method = fields.Selection(
        [("pace", "By the pace of the month"), ("plan", "As planned")],
        string="Forecast",
        compute="_compute_forecast_method",
        store=True,
        precompute=True,
        readonly=False,
        required=True,
        help="Of the current month. By the pace: what is there goes on to the end of "
        "the month. As planned: what is paid once, such as rent, is not multiplied.",
    )
    is_one_off = fields.Boolean(
        string="One-off",
        help="Planned once: left out when a budget is copied to another period.",
    )
    note = fields.Text()

    _code_unique = models.UniqueIndex(
        "(company_id, code) WHERE code IS NOT NULL",
        "Another budget item of the company has this code already.",
    )

    @api.depends("name", "parent_id.complete_name")
    def _compute_complete_name(self):
        for item in self:
            parent = item.parent_id.complete_name
            item.complete_name = f"{parent} / {item.name}" if parent else item.name

    @api.depends("kind")
    def _compute_forecast_method(self):
        for item in self:
            item.forecast_method = "pace" if item.kind == "income" else "plan"

    @api.onchange("parent_id")
    def _onchange_parent_id(self):
        if self.parent_id:
            self.kind = self.parent_id.kind

    @api.constrains("parent_id", "kind", "company_id")
    def _check_parent(self):
        if self._has_cycle():
            raise ValidationError(
                self.env._("A budget item cannot be a part of itself.")
            )
        for item in self:
            for child in item.child_ids | (item if item.parent_id else item.browse()):
                if child.kind != child.parent_id.kind:
                    raise ValidationError(
                        self.env._(
                            "%(item)s and %(parent)s must be of one kind: income or "
                            "expense.",
                            item=child.name,
                            parent=child.parent_id.name,
                        )
                    )
        planned = self.env["clinic.budget.line"].search(
            [("item_id", "in", self.parent_id.ids)], limit=1
        )
        if planned:
            raise ValidationError(
                self.env._(
                    "%(item)s has figures of its own in %(budget)s, so it cannot be "
                    "divided. Make a new item for the total, or choose another one.",
                    item=planned.item_id.name,
                    budget=planned.budget_id.name,
                )
            )

    @api.model
    def action_from_accounts(self):
        """Make an item of each account of income and expense that has none yet."""
        self.check_access("create")
        company = self.env.company
        mine = Domain("company_id", "=", company.id)
        known = self.search(mine)
        tagged = self.env["account.account"].search(
            [("tag_ids", "in", known.account_tag_ids.ids)]
        )
        accounts = self.env["account.account"].search(
            [
                *self.env["account.account"]._check_company_domain(company),
                ("internal_group", "in", ("income", "expense")),
                ("id", "not in", (known.account_ids | tagged).ids),
            ],
            order="code",
        )
        names = {"income": self.env._("Income"), "expense": self.env._("Expenses")}
        for kind, found in accounts.grouped("internal_group").items():
            roots = known.filtered(
                lambda item, kind=kind: item.kind == kind and not item.parent_id
            )
            planned = self.env["clinic.budget.line"].search(
                [("item_id", "in", roots.ids)]
            )
            root = (roots - planned.item_id).filtered("child_ids")[:1] or self.create(
                {"name": names[kind], "kind": kind, "company_id": company.id}
            )
            self.create(
                [
                    {
                        "name": account.name,
                        "kind": kind,
                        "parent_id": root.id,
                        "company_id": company.id,
                        "account_ids": [Command.set(account.ids)],
                    }
                    for account in found
                ]
            )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._("New budget items: %s.", len(accounts)),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def _rules(self):
        """Return what the items ask of the entries, in their order.

        An item divided into others has no entries of its own.
        """
        accounts_by_tag = self._accounts_by_tag()
        partners_by_tag = self._partners_by_tag()
        rules = []
        for item in self:
            if item.child_ids:
                continue
            accounts = set(item.account_ids.ids)
            for tag in item.account_tag_ids:
                accounts |= accounts_by_tag.get(tag.id, set())
            partners = set(item.partner_ids.ids)
            for tag in item.partner_tag_ids:
                partners |= partners_by_tag.get(tag.id, set())
            has_partners = item.partner_ids or item.partner_tag_ids
            has_accounts = item.account_ids or item.account_tag_ids
            analytics = item.analytic_account_ids.ids
            rules.append(
                arithmetic.Rule(
                    item.id,
                    item.kind,
                    accounts=frozenset(accounts) if has_accounts else None,
                    analytics=frozenset(analytics) if analytics else None,
                    partners=frozenset(partners) if has_partners else None,
                )
            )
        return rules

    def _accounts_by_tag(self):
        if not self.account_tag_ids:
            return {}
        accounts = self.env["account.account"].search(
            [("tag_ids", "in", self.account_tag_ids.ids)]
        )
        result = {}
        for account in accounts:
            for tag in account.tag_ids:
                result.setdefault(tag.id, set()).add(account.id)
        return result

    def _partners_by_tag(self):
        if not self.partner_tag_ids:
            return {}
        groups = (
            self.env["res.partner"]
            .with_context(active_test=False)
            ._read_group(
                [("category_id", "in", self.partner_tag_ids.ids)],
                ["category_id"],
                ["id:array_agg"],
            )
        )
        return {tag.id: set(ids) for tag, ids in groups}
