from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command

from odoo.addons.clinic_finance.tools.amount_words import in_words
from odoo.addons.clinic_finance.tools.charges import to_kopecks

from ..tools import cash

# The register is as it shall be: a correction between two shifts opens its own.
ALREADY = {"shift_open": "shift_open", "shift_close": "shift_closed"}
# The jobs in whose results the register says what it counts in its drawer.
REGISTER_COUNTS = ("x_report", "state", "shift_close")
REGISTER_PATIENCE = timedelta(minutes=2)


class ClinicCashShift(models.Model):
    """From the opening of a desk to the count of its drawer.

    What should lie in the drawer is the balance of the desk's cash journal, nothing
    else: the count either agrees with the books to the kopeck, or the difference is
    booked with a reason.
    """

    _name = "clinic.cash.shift"
    _description = "Cash Shift"
    _inherit = ["clinic.iot.origin.mixin"]
    _order = "id desc"
    _check_company_auto = True

    desk_id = fields.Many2one(
        "clinic.cash.desk",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    branch_id = fields.Many2one(related="desk_id.branch_id", store=True, index=True)
    company_id = fields.Many2one(related="desk_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    user_id = fields.Many2one(
        "res.users",
        string="Cashier",
        required=True,
        readonly=True,
        default=lambda self: self.env.user,
    )
    state = fields.Selection(
        [("open", "Open"), ("closed", "Closed")],
        required=True,
        readonly=True,
        default="open",
    )
    opened_at = fields.Datetime(readonly=True, default=fields.Datetime.now)
    closed_at = fields.Datetime(readonly=True)
    closed_by_id = fields.Many2one("res.users", readonly=True)
    opening_amount = fields.Monetary(
        string="In the Drawer at the Start", readonly=True, aggregator=None
    )
    payment_ids = fields.One2many("account.payment", "clinic_shift_id", readonly=True)
    cash_in = fields.Monetary(string="Cash Taken", compute="_compute_turnover")
    cash_out = fields.Monetary(string="Cash Returned", compute="_compute_turnover")
    card_in = fields.Monetary(string="By Card", compute="_compute_turnover")
    card_out = fields.Monetary(string="Returned to Cards", compute="_compute_turnover")
    payment_count = fields.Integer(string="Payments", compute="_compute_turnover")
    cash_move_ids = fields.One2many("clinic.cash.move", "shift_id", readonly=True)
    brought_in = fields.Monetary(
        string="Change Brought In", compute="_compute_cash_moves"
    )
    taken_out = fields.Monetary(
        string="Taken to the Bank", compute="_compute_cash_moves"
    )
    notes = fields.Json(readonly=True, help="What was counted: pieces by value.")
    counted_amount = fields.Monetary(string="Counted", readonly=True, aggregator=None)
    expected_amount = fields.Monetary(
        string="By the Books", readonly=True, aggregator=None
    )
    difference = fields.Monetary(readonly=True)
    reason = fields.Char(string="Why It Differs", readonly=True)
    difference_move_id = fields.Many2one(
        "account.move", string="Entry of the Difference", readonly=True
    )
    open_job_id = fields.Many2one("clinic.iot.job", readonly=True)
    close_job_id = fields.Many2one("clinic.iot.job", readonly=True)
    register_message = fields.Char(
        string="The Register Says",
        readonly=True,
        help="What went wrong when the register opened or closed its shift.",
    )

    register_amount = fields.Monetary(
        string="By the Register",
        readonly=True,
        aggregator=None,
        help="The cash in the drawer as the register itself counts it.",
    )
    register_difference = fields.Monetary(
        string="Register Differs from the Books",
        readonly=True,
        aggregator=None,
        help="Receipts of another program, or cash that the register was not told of.",
    )
    register_asked_at = fields.Datetime(readonly=True)

    _one_open = models.UniqueIndex(
        "(desk_id) WHERE state = 'open'", "A shift is open at this desk already."
    )
    _closed_is_counted = models.Constraint(
        "CHECK(state = 'open' OR (closed_at IS NOT NULL AND notes IS NOT NULL))",
        "A shift is closed with its drawer counted.",
    )
    _difference_has_reason = models.Constraint(
        "CHECK(coalesce(difference, 0) = 0 OR coalesce(reason, '') <> '')",
        "A difference has a reason.",
    )

    @api.depends("payment_ids.amount", "payment_ids.state")
    def _compute_turnover(self):
        sums = {}
        # Sudo: who sees the shift sees its sums; payments of all are counted.
        for shift, journal, kind, amount, count in (
            self.env["account.payment"]
            .sudo()
            ._read_group(
                [
                    ("clinic_shift_id", "in", self.ids),
                    ("state", "in", ("in_process", "paid")),
                ],
                ["clinic_shift_id", "journal_id", "payment_type"],
                ["amount:sum", "__count"],
            )
        ):
            way = "cash" if journal.type == "cash" else "card"
            key = shift.id, f"{way}_{'in' if kind == 'inbound' else 'out'}"
            sums[key] = sums.get(key, 0) + amount
            sums[shift.id] = sums.get(shift.id, 0) + count
        for shift in self:
            for name in ("cash_in", "cash_out", "card_in", "card_out"):
                shift[name] = sums.get((shift._origin.id, name), 0.0)
            shift.payment_count = sums.get(shift._origin.id, 0)

    @api.depends("cash_move_ids.amount", "cash_move_ids.kind")
    def _compute_cash_moves(self):
        for shift in self:
            by_kind = shift.cash_move_ids.grouped("kind")
            shift.brought_in = sum(one.amount for one in by_kind.get("in", []))
            shift.taken_out = sum(one.amount for one in by_kind.get("out", []))

    @api.depends("desk_id", "opened_at")
    def _compute_display_name(self):
        for shift in self:
            opened = shift.opened_at and shift.branch_id._localize(shift.opened_at)
            day = opened.strftime("%d.%m.%Y %H:%M") if opened else ""
            shift.display_name = f"{shift.desk_id.name or ''} · {day}"

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("A cash shift is not deleted."))

    # Opening and closing ------------------------------------------------------

    @api.model
    def _start(self, desk):
        """Open a shift of the user at ``desk``; the one that is open is returned."""
        shift = desk._open_shift()
        if shift:
            return shift
        # Sudo: shifts are opened by the cash screen only, which has checked the user.
        shift_sudo = self.sudo().create({"desk_id": desk.id})
        shift_sudo.opening_amount = shift_sudo._book_balance()
        if desk.register_id:
            shift_sudo.open_job_id = self.env["clinic.iot.job"]._give(
                desk.register_id,
                "shift_open",
                {},
                key=f"shift_open:{shift_sudo.id}",
                record=shift_sudo,
            )
        return shift_sudo.with_env(self.env)

    def _book_balance(self):
        """Return what should lie in the drawer: the balance of its journal."""
        self.ensure_one()
        # Sudo: the desk keeps no books; the cashier sees what should be there.
        journal_sudo = self.desk_id.sudo().cash_journal_id
        if not journal_sudo:
            return 0.0
        [[balance]] = (
            self.env["account.move.line"]
            .sudo()
            ._read_group(
                [
                    ("account_id", "=", journal_sudo.default_account_id.id),
                    ("parent_state", "=", "posted"),
                    ("company_id", "child_of", journal_sudo.company_id.id),
                ],
                [],
                ["balance:sum"],
            )
        )
        return self.currency_id.round(balance or 0.0)

    def _may_close(self):
        """Tell whether the user may count this drawer and move its cash."""
        user = self.env.user
        return self.user_id == user or user.has_group("clinic_base.group_finance")

    def _check_may_close(self):
        """Only the cashier of the shift and the accountants close it or move cash."""
        if not self._may_close():
            raise AccessError(
                self.env._(
                    "The shift is %(user)s's: only they or an accountant close it, or "
                    "bring cash in and out.",
                    user=self.user_id.name,
                )
            )

    def _close(self, notes, reason=None):
        """Close with the drawer counted; the difference is booked with its reason.

        :param notes: ``{value in kopecks: pieces}``
        """
        self.ensure_one()
        self._check_may_close()
        # Sudo after the check: shifts are written by the cash screen only.
        shift_sudo = self.sudo()
        shift_sudo.lock_for_update()
        if shift_sudo.state != "open":
            return self
        try:
            counted = cash.counted(notes)
        except cash.CashError:
            raise UserError(
                self.env._("Count the notes and coins in whole pieces.")
            ) from None
        expected = to_kopecks(shift_sudo._book_balance())
        difference = counted - expected
        reason = (reason or "").strip()
        if difference and not reason:
            raise UserError(
                self.env._(
                    "Counted: %(counted)s, by the books: %(expected)s. Say why it "
                    "differs.",
                    counted=self.currency_id.format(counted / 100),
                    expected=self.currency_id.format(expected / 100),
                )
            )
        shift_sudo._lend_unpaid()
        shift_sudo.write(
            {
                "state": "closed",
                "closed_at": fields.Datetime.now(),
                "closed_by_id": self.env.uid,
                # An empty drawer is counted too, and nothing at all is no count.
                "notes": {str(k): v for k, v in notes.items() if v} or {"0": 0},
                "counted_amount": counted / 100,
                "expected_amount": expected / 100,
                "difference": difference / 100,
                "reason": reason if difference else False,
            }
        )
        if difference:
            shift_sudo.difference_move_id = shift_sudo._book_difference()
        shift_sudo._close_register()
        return self

    def _close_register(self):
        """Let the register print its Z report, after all that waits for it."""
        register = self.desk_id.register_id
        if register:
            self.close_job_id = self.env["clinic.iot.job"]._give(
                register,
                "shift_close",
                {},
                key=f"shift_close:{self.id}",
                record=self,
            )

    def _book_difference(self):
        """Book what the drawer has more or less (sudo); return the entry."""
        journal = self.desk_id.cash_journal_id
        company = journal.company_id
        more = self.difference > 0
        other = (
            journal.profit_account_id
            or company.default_cash_difference_income_account_id
            if more
            else journal.loss_account_id
            or company.default_cash_difference_expense_account_id
        )
        if not other:
            raise UserError(
                self.env._(
                    "The journal %(journal)s has no account for differences of cash. "
                    "Ask the accountant to choose it.",
                    journal=journal.name,
                )
            )
        label = self.env._(
            "Count of the drawer, %(shift)s: %(reason)s",
            shift=self.display_name,
            reason=self.reason,
        )
        balances = {
            journal.default_account_id: self.difference,
            other: -self.difference,
        }
        move = self.env["account.move"].create(
            {
                "move_type": "entry",
                "journal_id": journal.id,
                "company_id": company.id,
                "date": fields.Date.context_today(self),
                "ref": label,
                "line_ids": [
                    Command.create(
                        {
                            "name": label,
                            "account_id": account.id,
                            "debit": max(balance, 0.0),
                            "credit": max(-balance, 0.0),
                        }
                    )
                    for account, balance in balances.items()
                ],
            }
        )
        move._post(soft=False)
        return move

    def _ask_register(self, kind="state"):
        """Let the register say what it counts in its drawer; return the job, if any."""
        self.ensure_one()
        register = self.desk_id.register_id
        if kind not in (register.kinds or []):
            return self.env["clinic.iot.job"]
        deadline = fields.Datetime.now() + REGISTER_PATIENCE
        return self.env["clinic.iot.job"]._give(
            register, kind, {}, deadline=deadline, record=self
        )

    def _keep_register_cash(self, job):
        """Keep the register's own count, and what the books say at that moment."""
        counted = (job.result or {}).get("cash")
        if job.state != "done" or not isinstance(counted, int):
            return
        closed = self.state == "closed"
        books = self.expected_amount if closed else self._book_balance()
        amount = counted / 100
        self.write(
            {
                "register_amount": amount,
                "register_difference": self.currency_id.round(amount - books),
                "register_asked_at": fields.Datetime.now(),
            }
        )

    def _iot_job_ended(self, job):
        super()._iot_job_ended(job)
        if job.kind in REGISTER_COUNTS:
            self._keep_register_cash(job)
        if job.kind in ALREADY:
            is_so = (
                job.state == "failed"
                and (job.result or {}).get("code") == ALREADY[job.kind]
            )
            trouble = job.state != "done" and not is_so
            self.register_message = job.message if trouble else False

    # The act ------------------------------------------------------------------

    def action_print_act(self):
        """Print the act of the count."""
        self.ensure_one()
        return self.env.ref("clinic_iot.action_report_clinic_cash_shift").report_action(
            self
        )

    def _act_values(self):
        """Return what the act of the shift shows."""
        self.ensure_one()
        self.check_access("read")
        shift_sudo = self.sudo()
        localize = shift_sudo.branch_id._localize
        return {
            "register": bool(shift_sudo.register_asked_at),
            "opened": localize(shift_sudo.opened_at).strftime("%d.%m.%Y %H:%M"),
            "closed": shift_sudo.closed_at
            and localize(shift_sudo.closed_at).strftime("%d.%m.%Y %H:%M"),
            "notes": [
                {"value": value / 100, "pieces": pieces, "amount": amount / 100}
                for value, pieces, amount in cash.in_notes(shift_sudo.notes or {})
            ],
            "words": in_words(to_kopecks(shift_sudo.counted_amount)),
            "receipts": self.env["clinic.fiscal.receipt"]
            .sudo()
            .search_count(
                [("payment_ids.clinic_shift_id", "=", self.id), ("state", "=", "done")]
            ),
        }
