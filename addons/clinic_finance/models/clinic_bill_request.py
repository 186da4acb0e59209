from datetime import timedelta

from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ..tools import bills

OPEN = ("draft", "submitted", "approved")
# What is frozen once somebody has approved it.
APPROVED_FIELDS = {
    "partner_id",
    "number",
    "amount",
    "item_id",
    "branch_id",
    "company_id",
}


class ClinicBillRequest(models.Model):
    """A bill to pay: asked for by a branch or entered by the accountant.

    All of them are in one queue: approved within limits, paid from one list. The
    accounting document is Odoo's own vendor bill.
    """

    _name = "clinic.bill.request"
    _description = "Bill to Pay"
    _inherit = ["mail.thread"]
    # Who approves a bill asks about it there, though its figures are not theirs.
    _mail_post_access = "read"
    _order = "priority desc, date_due, id"
    _rec_names_search = ["name", "number", "partner_id"]
    _check_company_auto = True

    name = fields.Char(default="/", readonly=True, copy=False)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    user_id = fields.Many2one(
        "res.users",
        string="Asked By",
        required=True,
        readonly=True,
        default=lambda self: self.env.user,
        index=True,
    )
    partner_id = fields.Many2one(
        "res.partner", string="Supplier", index="btree_not_null", tracking=True
    )
    number = fields.Char(string="Bill Number", copy=False)
    number_key = fields.Char(compute="_compute_number_key", store=True, copy=False)
    bill_date = fields.Date(default=fields.Date.context_today)
    date_due = fields.Date(
        string="Pay Until",
        required=True,
        index=True,
        default=lambda self: fields.Date.context_today(self) + timedelta(days=7),
    )
    amount = fields.Monetary(tracking=True)
    description = fields.Char(string="What For", required=True)
    branch_id = fields.Many2one("clinic.branch", check_company=True, index=True)
    item_id = fields.Many2one(
        "clinic.budget.item",
        string="Budget Item",
        check_company=True,
        index="btree_not_null",
        domain="[('child_ids', '=', False), ('kind', '=', 'expense')]",
    )
    priority = fields.Selection(
        [("0", "Usual"), ("1", "Important"), ("2", "Urgent")], default="0"
    )
    attachment_ids = fields.Many2many(
        "ir.attachment", string="Photo or PDF", bypass_search_access=True
    )
    approval = fields.Selection(
        [
            ("draft", "Draft"),
            ("submitted", "To approve"),
            ("approved", "Approved"),
            ("refused", "Refused"),
        ],
        required=True,
        readonly=True,
        default="draft",
        copy=False,
        tracking=True,
    )
    approved_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    approved_at = fields.Datetime(readonly=True, copy=False)
    refusal = fields.Char(string="Why Refused", readonly=True, copy=False)
    move_id = fields.Many2one(
        "account.move", string="Vendor Bill", readonly=True, copy=False, index=True
    )
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("submitted", "To approve"),
            ("approved", "To pay"),
            ("paid", "Paid"),
            ("refused", "Refused"),
            ("cancelled", "Cancelled"),
        ],
        compute="_compute_state",
        store=True,
        index=True,
    )
    amount_left = fields.Monetary(
        string="Left to Pay", compute="_compute_amount_left", compute_sudo=True
    )
    is_overdue = fields.Boolean(compute="_compute_is_overdue")
    can_approve = fields.Boolean(compute="_compute_can_approve")
    can_edit = fields.Boolean(compute="_compute_can_edit")
    # Sudo: a branch is warned of a bill that another branch has asked for.
    duplicate_ids = fields.Many2many(
        "clinic.bill.request",
        compute="_compute_duplicates",
        compute_sudo=True,
        string="Looks Like",
    )
    duplicate_note = fields.Char(compute="_compute_duplicates", compute_sudo=True)
    is_checked = fields.Boolean(
        string="Not a Duplicate",
        copy=False,
        help="Somebody compared it with the bills it looks like.",
    )
    budget_note = fields.Char(compute="_compute_budget_note", string="In the Budget")
    is_over_budget = fields.Boolean(compute="_compute_budget_note")

    _bill_unique = models.UniqueIndex(
        "(company_id, partner_id, number_key, bill_date, amount) "
        "WHERE approval <> 'refused' AND number_key IS NOT NULL",
        "This bill is in the queue already: the same supplier, number, day and sum.",
    )
    _move_unique = models.UniqueIndex(
        "(move_id) WHERE move_id IS NOT NULL",
        "This vendor bill is in the queue already.",
    )
    _amount_not_negative = models.Constraint(
        "CHECK(amount >= 0)", "The sum of a bill cannot be below zero."
    )

    @api.depends("number")
    def _compute_number_key(self):
        for request in self:
            request.number_key = bills.number_key(request.number)

    @api.depends("approval", "move_id.state", "move_id.payment_state")
    def _compute_state(self):
        for request in self:
            move_sudo = request.move_id.sudo()
            if move_sudo.payment_state in ("paid", "in_payment"):
                request.state = "paid"
            elif move_sudo.state == "cancel" or move_sudo.payment_state == "reversed":
                request.state = "cancelled"
            else:
                request.state = request.approval

    @api.depends("amount", "move_id.amount_residual", "move_id.state", "state")
    def _compute_amount_left(self):
        for request in self:
            move = request.move_id
            if request.state in ("paid", "refused", "cancelled"):
                request.amount_left = 0.0
            else:
                is_posted = move.state == "posted"
                request.amount_left = (
                    move.amount_residual if is_posted else request.amount
                )

    @api.depends("date_due", "state")
    def _compute_is_overdue(self):
        today = fields.Date.context_today(self)
        for request in self:
            request.is_overdue = (
                request.state in OPEN and request.date_due and request.date_due < today
            )

    @api.depends("amount", "branch_id", "company_id", "approval", "user_id")
    @api.depends_context("uid")
    def _compute_can_approve(self):
        for request in self:
            request.can_approve = (
                request.approval == "submitted" and not request._approval_problem()
            )

    @api.depends_context("uid")
    def _compute_can_edit(self):
        known = self._origin
        writable = known._filtered_access("write")
        for request in self:
            request.can_edit = not request._origin or request._origin in writable

    @api.depends("partner_id", "number_key", "amount", "bill_date", "attachment_ids")
    def _compute_duplicates(self):
        for request, found in self._find_duplicates().items():
            request.duplicate_ids = self.browse(found)
            reasons = {
                bills.FILE: self.env._("the same file"),
                bills.NUMBER: self.env._("the same number"),
                bills.AMOUNT: self.env._("the same supplier and sum"),
            }
            request.duplicate_note = "; ".join(
                f"{self.browse(other).display_name}: {reasons[why]}"
                for other, why in found.items()
            )

    @api.depends("item_id", "branch_id", "date_due", "amount", "move_id.state")
    def _compute_budget_note(self):
        for request in self:
            budget, planned, left = request._budget_figures()
            # A posted bill is among the actual figures already.
            is_booked = request.sudo().move_id.state == "posted"
            rest = left if is_booked else left - request.amount
            is_over = request.currency_id.compare_amounts(rest, 0) < 0
            request.is_over_budget = bool(budget) and is_over
            request.budget_note = False
            if budget:
                request.budget_note = request._budget_words(
                    budget, planned, left, -rest if is_over else 0.0
                )

    @api.depends("name", "partner_id", "number")
    def _compute_display_name(self):
        for request in self:
            name = request.name if request.name != "/" else None
            parts = (name, request.partner_id.name, request.number)
            request.display_name = ", ".join(part for part in parts if part)

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if vals.get("approval", "draft") != "draft" and not self.env.su:
                raise UserError(self.env._("A new request is a draft."))
            if vals.get("name", "/") == "/":
                sequence = self.env["ir.sequence"].sudo()
                vals["name"] = sequence.next_by_code("clinic.bill.request") or "/"
        requests = super().create(vals_list)
        requests._own_attachments()
        return requests

    def write(self, vals):
        if "approval" in vals and not self.env.su:
            raise UserError(self.env._("Use the buttons to approve or refuse."))
        if APPROVED_FIELDS & vals.keys() and not self.env.su:
            fixed = self.filtered(lambda one: one.approval == "approved")
            if fixed:
                raise UserError(
                    self.env._(
                        "%(bills)s: approved already. Take the approval back to change "
                        "what was approved.",
                        bills=", ".join(fixed.mapped("name")),
                    )
                )
        result = super().write(vals)
        if "attachment_ids" in vals:
            self._own_attachments()
        return result

    @api.constrains("attachment_ids")
    def _check_files(self):
        # sudo: what is being kept is looked at, whoever sent it
        for file_sudo in self.sudo().attachment_ids:
            self.env["clinic.file.rules"]._check_file(file_sudo.name, file_sudo.raw)

    @api.ondelete(at_uninstall=False)
    def _unlink_drafts_only(self):
        if self.filtered(lambda one: one.approval not in ("draft", "refused")):
            raise UserError(self.env._("Only drafts and refused requests are deleted."))

    def _own_attachments(self):
        """Let who reads the request read its files."""
        for request in self:
            # Sudo: only files the user has just uploaded and nobody owns.
            loose = request.sudo().attachment_ids.filtered(
                lambda file: not file.res_id and file.create_uid == self.env.user
            )
            loose.write({"res_model": self._name, "res_id": request.id})

    # Duplicates ------------------------------------------------------------------

    def _find_duplicates(self):
        """Return ``{request: {id of another one: reason}}``; one query for all."""
        result = {request: {} for request in self}
        real = self.filtered("amount")
        checksums = real.sudo().attachment_ids.mapped("checksum")
        if not real:
            return result
        # Sudo: a copy asked for by another branch is a copy, too.
        candidates_sudo = self.sudo().search(
            Domain("company_id", "in", real.company_id.ids)
            & Domain("approval", "!=", "refused")
            & (
                Domain("partner_id", "in", real.partner_id.ids)
                | Domain(
                    "number_key", "in", real.filtered("number_key").mapped("number_key")
                )
                | Domain("attachment_ids.checksum", "in", checksums)
            )
        )
        as_bills = [
            (one.id, one.company_id.id, one._as_bill()) for one in candidates_sudo
        ]
        for request in real:
            own = request.sudo()._as_bill()
            for other_id, company_id, other in as_bills:
                if other_id != own.id and company_id == request.company_id.id:
                    reason = bills.likeness(own, other)
                    if reason:
                        result[request][other_id] = reason
        return result

    def _as_bill(self):
        unit = 10**self.currency_id.decimal_places
        return bills.Bill(
            id=self._origin.id,
            partner=self.partner_id.commercial_partner_id.id or None,
            number=self.number_key or None,
            amount=round(self.amount * unit),
            day=self.bill_date or None,
            checksums=frozenset(filter(None, self.attachment_ids.mapped("checksum"))),
        )

    # The way of a bill -----------------------------------------------------------

    def _meet_payers(self):
        """Wait for whoever pays the same bills at this moment.

        Called before anything is written. The later one is run again by the server
        and finds them paid.
        """
        if self:
            self.env.cr.execute(
                SQL(
                    "UPDATE clinic_bill_request b SET id = b.id FROM (SELECT id"
                    " FROM clinic_bill_request WHERE id IN %s ORDER BY id FOR UPDATE"
                    ") AS met WHERE b.id = met.id",
                    tuple(self.ids),
                )
            )

    def action_submit(self):
        """Put the request before those who approve."""
        for request in self:
            if request.approval not in ("draft", "refused"):
                raise UserError(self.env._("%s is on its way already.", request.name))
            if not request.amount:
                raise UserError(self.env._("Enter the sum of %s.", request.name))
        self.check_access("write")
        # Sudo: the state is written by the buttons only.
        self.sudo().write({"approval": "submitted", "refusal": False})

    def _approval_problem(self):
        """Return why this user may not approve the request, or nothing."""
        self.ensure_one()
        user = self.env.user
        limit = self.env["clinic.bill.limit"]._highest(
            user, self.company_id, self.branch_id
        )
        if not limit:
            return self.env._("You do not approve bills.")
        if self.currency_id.compare_amounts(min(limit, 1e15), self.amount) < 0:
            return self.env._(
                "%(bill)s is above your limit of %(limit)s.",
                bill=self.name,
                limit=self.currency_id.format(limit),
            )
        if self.user_id == user and limit != float("inf"):
            return self.env._(
                "%s was asked for by you: somebody else approves it.", self.name
            )
        return ""

    def action_approve(self):
        """Allow the bills to be paid."""
        self.check_access("read")
        for request in self:
            if request.approval != "submitted":
                raise UserError(
                    self.env._("%s does not wait for approval.", request.name)
                )
            problem = request._approval_problem()
            if problem:
                raise AccessError(problem)
            if not request.partner_id:
                raise UserError(self.env._("Say who is paid by %s.", request.name))
            if request.duplicate_ids and not request.is_checked:
                raise UserError(
                    self.env._(
                        "%(bill)s may be a duplicate (%(why)s). Compare them and tick "
                        "“Not a Duplicate”, or refuse it.",
                        bill=request.name,
                        why=request.duplicate_note,
                    )
                )
        # Sudo after the checks: who approves need not be able to edit.
        self.sudo().write(
            {
                "approval": "approved",
                "approved_by_id": self.env.uid,
                "approved_at": fields.Datetime.now(),
            }
        )

    def action_not_duplicate(self):
        """Note that somebody has compared the bills."""
        self.check_access("read")
        for request in self:
            if request._approval_problem() and not request.has_access("write"):
                raise AccessError(request._approval_problem())
        # Sudo after the check: who approves need not be able to edit.
        self.sudo().is_checked = True

    def action_refuse(self, reason=None):
        """Refuse, or take an approval back; nothing paid can be refused."""
        self.check_access("read")
        for request in self:
            is_own = (
                request.user_id == self.env.user and request.approval == "submitted"
            )
            limit = self.env["clinic.bill.limit"]._highest(
                self.env.user, request.company_id, request.branch_id
            )
            if not limit and not is_own:
                raise AccessError(self.env._("You do not approve bills."))
            if request.state not in ("submitted", "approved"):
                raise UserError(
                    self.env._("%s cannot be refused any more.", request.name)
                )
        # Sudo after the checks: who approves need not be able to edit.
        self.sudo().write(
            {
                "approval": "refused",
                "refusal": reason or False,
                "approved_by_id": False,
                "approved_at": False,
            }
        )
        for request_sudo in self.sudo():
            if request_sudo.user_id != self.env.user:
                request_sudo._tell_refused(reason)

    def _tell_refused(self, reason):
        """Tell who asked for the bill that it will not be paid (sudo)."""
        asker = self.user_id.partner_id
        words = self.with_context(lang=asker.lang or self.env.lang).env._
        self.message_post(
            author_id=self.env.user.partner_id.id,
            body=words("Not to be paid: %(reason)s", reason=reason)
            if reason
            else words("Not to be paid."),
            partner_ids=asker.ids,
            subtype_xmlid="mail.mt_note",
        )

    def action_pay(self):
        """Open the payment of the chosen bills."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Pay Bills"),
            "res_model": "clinic.bill.pay",
            "view_mode": "form",
            "target": "new",
            "context": {"default_request_ids": [Command.set(self.ids)]},
        }

    def action_open_bill(self):
        self.ensure_one()
        return self.move_id._get_records_action()

    # The books -------------------------------------------------------------------

    def _ensure_bills(self):
        """Make and post the vendor bills of those that have none yet."""
        for request in self.filtered(lambda one: not one.move_id):
            move = self.env["account.move"].create(request._prepare_bill_vals())
            request.sudo().move_id = move
            for file_sudo in request.sudo().attachment_ids:
                file_sudo.copy({"res_model": move._name, "res_id": move.id})
        drafts = self.move_id.filtered(lambda move: move.state == "draft")
        if drafts:
            drafts.action_post()
        return self.move_id

    def _prepare_bill_vals(self):
        """Return the values of the vendor bill."""
        self.ensure_one()
        return {
            "move_type": "in_invoice",
            "company_id": self.company_id.id,
            "partner_id": self.partner_id.id,
            "ref": self.number or self.name,
            "invoice_date": self.bill_date or fields.Date.context_today(self),
            "invoice_date_due": self.date_due,
            "clinic_branch_id": self.branch_id.id,
            "clinic_budget_item_id": self.item_id.id,
            "invoice_line_ids": [
                Command.create(
                    {
                        "name": self.description,
                        "price_unit": self.amount,
                        "tax_ids": [Command.clear()],
                        **(
                            {"account_id": self.item_id.account_ids[0].id}
                            if self.item_id.account_ids
                            else {}
                        ),
                    }
                )
            ],
        }

    def _budget_figures(self):
        """Return the budget in force, what it plans for the item and what is left."""
        self.ensure_one()
        # Sudo: who asks or approves is told of this item only.
        budgets_sudo = self.env["clinic.budget"].sudo()
        if not self.item_id or not self.date_due:
            return budgets_sudo, 0.0, 0.0
        budget_sudo = budgets_sudo.search(
            [
                ("company_id", "=", self.company_id.id),
                ("state", "=", "approved"),
                ("date_from", "<=", self.date_due),
                ("date_to", ">=", self.date_due),
                ("line_ids.item_id", "=", self.item_id.id),
            ],
            limit=1,
        )
        month = self.date_due.replace(day=1)
        lines_sudo = budget_sudo.line_ids.filtered(
            lambda line: (
                line.item_id == self.item_id
                and line.month == month
                and line.branch_id in (self.branch_id, self.branch_id.browse())
            )
        )
        planned = sum(lines_sudo.mapped("planned"))
        return budget_sudo, planned, planned - sum(lines_sudo.mapped("actual"))

    def _budget_words(self, budget, planned, left, over):
        words = {
            "budget": budget.display_name,
            "planned": self.currency_id.format(planned),
            "left": self.currency_id.format(left),
            "over": self.currency_id.format(over),
        }
        if over:
            return self.env._(
                "%(budget)s: %(planned)s planned, %(left)s left. With this bill the "
                "plan is exceeded by %(over)s.",
                **words,
            )
        return self.env._("%(budget)s: %(planned)s planned, %(left)s left", **words)

    @api.model
    def _enqueue(self, moves):
        """Put vendor bills made in Odoo's own screens into the queue."""
        # Sudo: the queue keeps itself, whoever posts a bill.
        known = self.sudo().search([("move_id", "in", moves.ids)]).move_id
        for move in moves - known:
            request_sudo = self.sudo().create(
                {
                    "company_id": move.company_id.id,
                    "user_id": self.env.uid,
                    "partner_id": move.commercial_partner_id.id,
                    "number": move.ref,
                    "bill_date": move.invoice_date,
                    "date_due": move.invoice_date_due or move.invoice_date,
                    "amount": abs(move.amount_total_signed),
                    "description": move.invoice_line_ids[:1].name or move.name,
                    "branch_id": move.clinic_branch_id.id,
                    "item_id": move.clinic_budget_item_id.id,
                    "move_id": move.id,
                    "approval": "submitted",
                }
            )
            request = request_sudo.with_env(self.env)
            if not request_sudo.duplicate_ids and not request._approval_problem():
                request.action_approve()
