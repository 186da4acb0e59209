from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from odoo.addons.clinic_finance.tools.charges import to_kopecks


class ClinicCashMove(models.Model):
    """Change brought into a drawer, or cash that leaves it for the bank.

    Booked between the cash journal and the company's account for transfers (57), from
    where the bank statement takes it; the register is told as well, so that what it
    thinks is in the drawer agrees with the books.
    """

    _name = "clinic.cash.move"
    _description = "Cash In or Out"
    _inherit = ["clinic.iot.origin.mixin"]
    _order = "id desc"
    _check_company_auto = True

    shift_id = fields.Many2one(
        "clinic.cash.shift",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    desk_id = fields.Many2one(related="shift_id.desk_id", store=True, index=True)
    branch_id = fields.Many2one(related="shift_id.branch_id", store=True, index=True)
    company_id = fields.Many2one(related="shift_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    kind = fields.Selection(
        [("in", "Brought in"), ("out", "Taken out")], required=True, readonly=True
    )
    amount = fields.Monetary(required=True, readonly=True)
    note = fields.Char(readonly=True, help="Where it comes from or goes to.")
    key = fields.Char(required=True, readonly=True)
    user_id = fields.Many2one(
        "res.users", required=True, readonly=True, default=lambda self: self.env.user
    )
    moved_at = fields.Datetime(
        string="When", required=True, readonly=True, default=fields.Datetime.now
    )
    move_id = fields.Many2one(
        "account.move", string="Entry", readonly=True, ondelete="restrict"
    )
    job_id = fields.Many2one("clinic.iot.job", readonly=True, ondelete="restrict")
    message = fields.Char(related="job_id.message", string="The Register Says")

    _once = models.UniqueIndex("(company_id, key)", "This was booked already.")
    _is_more_than_nothing = models.Constraint(
        "CHECK(amount > 0)", "Enter a sum that is more than zero."
    )

    @api.depends("kind", "moved_at")
    @api.depends_context("lang")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for move in self:
            moment = move.moved_at and move.branch_id._localize(move.moved_at)
            day = moment.strftime("%d.%m.%Y %H:%M") if moment else ""
            move.display_name = f"{kinds.get(move.kind, '')} {day}".strip()

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(
            self.env._("Cash that came or went stays in the books: book it back.")
        )

    @api.model
    def _book(self, shift, kind, amount, note, key):
        """Book cash that comes into the drawer of an open shift or leaves it.

        :param amount: kopecks
        :param key: made by the screen; sent twice, it is booked once
        """
        shift._check_may_close()
        # Sudo after the check: the desk keeps no books.
        shift_sudo = shift.sudo()
        # One after the other, and not beside a count of the drawer.
        shift_sudo.lock_for_update()
        known = self.sudo().search(
            [("company_id", "=", shift_sudo.company_id.id), ("key", "=", key)]
        )
        if known:
            return known.with_env(self.env)
        if shift_sudo.state != "open":
            raise UserError(self.env._("The shift is closed. Open a new one."))
        if amount <= 0:
            raise UserError(self.env._("Enter a sum that is more than zero."))
        there = to_kopecks(shift_sudo._book_balance())
        if kind == "out" and amount > there:
            raise UserError(
                self.env._(
                    "There is only %(amount)s in the drawer.",
                    amount=shift_sudo.currency_id.format(there / 100),
                )
            )
        move_sudo = self.sudo().create(
            {
                "shift_id": shift_sudo.id,
                "kind": kind,
                "amount": amount / 100,
                "note": (note or "").strip() or False,
                "key": key,
            }
        )
        move_sudo.move_id = move_sudo._post_entry()
        move_sudo._tell_register()
        return move_sudo.with_env(self.env)

    def _post_entry(self):
        """Post the entry between the drawer and money on its way (sudo)."""
        journal = self.desk_id.cash_journal_id
        company = journal.company_id
        transfer = company.transfer_account_id
        if not journal or not transfer:
            raise UserError(
                self.env._(
                    "Cash cannot be moved: the desk has no cash journal, or the "
                    "company no account for transfers between its accounts. Ask the "
                    "accountant."
                )
            )
        label = self.display_name + (f": {self.note}" if self.note else "")
        inward = self.kind == "in"
        lines = [
            (journal.default_account_id, self.amount if inward else 0.0),
            (transfer, 0.0 if inward else self.amount),
        ]
        entry = self.env["account.move"].create(
            {
                "move_type": "entry",
                "journal_id": journal.id,
                "company_id": company.id,
                "date": self.branch_id._localize(self.moved_at).date(),
                "ref": label,
                "line_ids": [
                    Command.create(
                        {
                            "name": label,
                            "account_id": account.id,
                            "debit": debit,
                            "credit": self.amount - debit,
                        }
                    )
                    for account, debit in lines
                ],
            }
        )
        entry._post(soft=False)
        return entry

    def _tell_register(self):
        register = self.desk_id.register_id
        kind = f"cash_{self.kind}"
        if kind in (register.kinds or []):
            self.job_id = self.env["clinic.iot.job"]._give(
                register,
                kind,
                {"amount": to_kopecks(self.amount)},
                key=f"cash_move:{self.id}",
                record=self,
            )

    def _iot_job_ended(self, job):
        super()._iot_job_ended(job)
        if job.id > self.job_id.id:
            self.job_id = job  # it was repeated
