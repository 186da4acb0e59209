from fractions import Fraction

from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools.misc import format_date

from ..tools import budget as arithmetic

# What may follow what; a budget that was approved is never edited again.
MOVES = {"draft": ("approved",), "approved": ("closed",), "closed": ()}
MAX_MONTHS = 60


class ClinicBudget(models.Model):
    """The plan of a period: whole months, items, branches.

    An approved budget is locked. To change it a new version is made and approved, which
    closes the old one.
    """

    _name = "clinic.budget"
    _description = "Budget"
    _inherit = ["mail.thread"]
    # Who approves a budget says there what is to be changed.
    _mail_post_access = "read"
    _order = "date_from desc, name, version desc, id desc"

    name = fields.Char(required=True, tracking=True)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    date_from = fields.Date(
        string="From",
        required=True,
        default=lambda self: fields.Date.context_today(self).replace(day=1),
        help="A budget is made of whole months: the first day is taken.",
    )
    date_to = fields.Date(
        string="To",
        required=True,
        default=lambda self: arithmetic.last_day(fields.Date.context_today(self)),
        help="A budget is made of whole months: the last day is taken.",
    )
    by_branch = fields.Boolean(help="The grid plans each branch apart.")
    line_ids = fields.One2many("clinic.budget.line", "budget_id", copy=True)
    state = fields.Selection(
        [("draft", "Draft"), ("approved", "Approved"), ("closed", "Closed")],
        required=True,
        readonly=True,
        copy=False,
        default="draft",
        index=True,
        tracking=True,
    )
    version = fields.Integer(default=1, readonly=True, copy=False)
    first_version_id = fields.Many2one(
        "clinic.budget", readonly=True, copy=False, index=True, ondelete="restrict"
    )
    version_ids = fields.Many2many(
        "clinic.budget", compute="_compute_version_ids", string="Versions"
    )
    version_count = fields.Integer(compute="_compute_version_ids")
    approved_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    approved_at = fields.Datetime(readonly=True, copy=False)
    note = fields.Text()

    _one_approved = models.UniqueIndex(
        "(COALESCE(first_version_id, id)) WHERE state = 'approved'",
        "Another version of this budget is approved already.",
    )
    _dates_in_order = models.Constraint(
        "CHECK(date_from <= date_to)", "The period ends before it begins."
    )

    @api.depends("version")
    def _compute_display_name(self):
        for budget in self:
            budget.display_name = budget.name
            if budget.version > 1:
                budget.display_name = self.env._(
                    "%(name)s (version %(number)s)",
                    name=budget.name,
                    number=budget.version,
                )

    @api.depends("first_version_id")
    def _compute_version_ids(self):
        for budget in self:
            budget.version_ids = budget._versions()
            budget.version_count = len(budget.version_ids)

    def _versions(self):
        """Return the budget in all its versions."""
        first = self.first_version_id or self._origin
        return self.search(
            ["|", ("id", "=", first.id), ("first_version_id", "=", first.id)]
        )

    @api.constrains("date_from", "date_to")
    def _check_period(self):
        for budget in self:
            months = budget._months()
            if len(months) > MAX_MONTHS:
                raise ValidationError(
                    self.env._(
                        "A budget has %(count)s months at most.", count=MAX_MONTHS
                    )
                )
            outside = budget.line_ids.filtered(
                lambda line, months=months: line.month not in months
            )
            if outside:
                raise ValidationError(
                    self.env._(
                        "%(budget)s has figures outside the new period. Delete them "
                        "first.",
                        budget=budget.name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._to_whole_months(vals)
            if vals.get("state", "draft") != "draft":
                raise UserError(self.env._("A new budget is a draft."))
        return super().create(vals_list)

    def write(self, vals):
        if "state" in vals:
            self._check_move(vals["state"])
        if {"date_from", "date_to", "company_id", "line_ids", "version"} & vals.keys():
            self._check_open()
        self._to_whole_months(vals)
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_drafts_only(self):
        self._check_open()

    @staticmethod
    def _to_whole_months(vals):
        if vals.get("date_from"):
            vals["date_from"] = fields.Date.to_date(vals["date_from"]).replace(day=1)
        if vals.get("date_to"):
            vals["date_to"] = arithmetic.last_day(fields.Date.to_date(vals["date_to"]))

    def _months(self):
        """Return the first days of the months of the period."""
        self.ensure_one()
        return arithmetic.months_between(self.date_from, self.date_to)

    # Approval and versions -------------------------------------------------------

    def _check_open(self):
        """Refuse to change what is approved or closed."""
        locked = self.filtered(lambda budget: budget.state != "draft")
        if locked:
            raise UserError(
                self.env._(
                    "%(budgets)s: approved, and therefore locked. Make a new version "
                    "to change it.",
                    budgets=", ".join(locked.mapped("display_name")),
                )
            )

    def _check_move(self, state):
        if not self.env.user.has_group("clinic_finance.group_budget_approver"):
            raise AccessError(
                self.env._("Only who approves budgets may approve or close one.")
            )
        for budget in self:
            if state != budget.state and state not in MOVES[budget.state]:
                raise UserError(
                    self.env._(
                        "%(budget)s is %(state)s: this cannot be done with it.",
                        budget=budget.display_name,
                        state=dict(
                            self._fields["state"]._description_selection(self.env)
                        )[budget.state].lower(),
                    )
                )

    def action_approve(self):
        """Lock the figures; the version that was in force is closed."""
        self.check_access("read")
        self._check_move("approved")
        empty = self.filtered(lambda budget: not budget.line_ids)
        if empty:
            raise UserError(
                self.env._(
                    "There is nothing planned in %(budgets)s yet.",
                    budgets=", ".join(empty.mapped("display_name")),
                )
            )
        # Sudo after the check: who approves need not be able to edit.
        for budget in self.sudo():
            in_force = budget._versions().filtered(lambda one: one.state == "approved")
            in_force.write({"state": "closed"})
            in_force.flush_recordset()
            budget.write(
                {
                    "state": "approved",
                    "approved_by_id": self.env.uid,
                    "approved_at": fields.Datetime.now(),
                }
            )

    def action_close(self):
        self.check_access("read")
        self._check_move("closed")
        # Sudo after the check: who approves need not be able to edit.
        self.sudo().write({"state": "closed"})

    def action_new_version(self):
        """Open a draft with the same figures that will replace this budget."""
        self.ensure_one()
        first = self.first_version_id or self
        versions = self._versions()
        draft = versions.filtered(lambda one: one.state == "draft")[:1]
        if not draft:
            draft = self.copy(
                {
                    "name": self.name,
                    "version": max(versions.mapped("version")) + 1,
                    "first_version_id": first.id,
                }
            )
        return draft.action_open_grid()

    def action_open_versions(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "clinic_finance.action_clinic_budget"
        )
        return action | {"domain": [("id", "in", self.version_ids.ids)], "context": {}}

    def action_open_grid(self):
        """Open the figures as a table of items and months."""
        self.ensure_one()
        action = self.env["ir.actions.client"]._for_xml_id(
            "clinic_finance.action_clinic_budget_grid"
        )
        return action | {
            "display_name": self.display_name,
            "context": {"active_id": self.id, "active_model": self._name},
        }

    def _divide_if_branches(self, lines):
        """Plan branches apart as soon as a line names one."""
        divided = lines.filtered("branch_id").budget_id & self
        divided.filtered(lambda budget: not budget.by_branch).by_branch = True

    # Copying ---------------------------------------------------------------------

    def copy_to_period(
        self,
        date_from,
        date_to,
        percent=0.0,
        rounding=0.0,
        base="planned",
        one_off=False,
        name=None,
    ):
        """Make a draft for another period from this budget; return its id.

        ``percent``: added to each figure; ``rounding``: to whole such sums (1000);
        ``base``: the figures to take, planned, actual or forecast; ``one_off``: those
        planned once are copied too. A year goes calendar month by calendar month, a
        shorter period is repeated.
        """
        self.ensure_one()
        self.check_access("read")
        if percent < -100:
            raise UserError(self.env._("A figure cannot become less by over 100 %."))
        date_from = fields.Date.to_date(date_from)
        date_to = fields.Date.to_date(date_to)
        if not date_from or not date_to or date_to < date_from:
            raise UserError(self.env._("The period ends before it begins."))
        targets = arithmetic.months_between(date_from, date_to)
        sources = arithmetic.match_months(self._months(), targets)
        unit = 10**self.currency_id.decimal_places
        step = max(round(rounding * unit), 1)
        by_month = self.line_ids.grouped("month")
        commands = []
        for target, source in sources.items():
            for line in by_month.get(source, ()):
                if line.is_one_off and not one_off:
                    continue
                amount = arithmetic.scale(
                    round(line[base] * unit), Fraction(str(percent)), step
                )
                commands.append(
                    Command.create(
                        {
                            "item_id": line.item_id.id,
                            "branch_id": line.branch_id.id,
                            "month": target,
                            "planned": amount / unit,
                            "is_one_off": line.is_one_off,
                            "note": line.note,
                        }
                    )
                )
        values = {
            "name": name or self._period_name(targets),
            "company_id": self.company_id.id,
            "date_from": date_from,
            "date_to": date_to,
            "by_branch": self.by_branch,
            "line_ids": commands,
        }
        return self.create(values).id

    def _period_name(self, months):
        """Return the usual name of a budget for these months."""
        first = format_date(self.env, months[0], date_format="LLLL y")
        last = format_date(self.env, months[-1], date_format="LLLL y")
        if len(months) == 12 and months[0].month == 1:
            return self.env._("Budget %(period)s", period=months[0].year)
        period = first if len(months) == 1 else f"{first} – {last}"
        return self.env._("Budget %(period)s", period=period)
