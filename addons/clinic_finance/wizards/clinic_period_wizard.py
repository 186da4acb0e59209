from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError


class ClinicPeriodWizard(models.TransientModel):
    """Closing of periods, and opening one for a while with a reason.

    Community has the lock dates and their exceptions, but no screen for them.
    """

    _name = "clinic.period.wizard"
    _description = "Closing of Periods"

    company_id = fields.Many2one(
        "res.company",
        required=True,
        readonly=True,
        default=lambda self: self.env.company,
    )
    fiscalyear_lock_date = fields.Date(
        string="All Closed Up To",
        help="No entries, payments or matches up to and including this day.",
    )
    sale_lock_date = fields.Date(
        string="Invoices to Patients Up To",
        help="Invoices and credit notes up to this day can no longer be changed; "
        "money for them can still be taken.",
    )
    purchase_lock_date = fields.Date(string="Bills of Suppliers Up To")
    hard_lock_date = fields.Date(related="company_id.hard_lock_date")
    open_from = fields.Date(
        help="For you alone, the days from this one on are open again for a while.",
    )
    open_hours = fields.Integer(string="For Hours", default=1)
    reason = fields.Char()
    exception_ids = fields.Many2many(
        "account.lock_exception", compute="_compute_exception_ids"
    )

    @api.model
    def default_get(self, fields):
        values = super().default_get(fields)
        company = self.env.company
        for name in ("fiscalyear_lock_date", "sale_lock_date", "purchase_lock_date"):
            if name in fields:
                values[name] = company[name]
        return values

    @api.depends("company_id")
    def _compute_exception_ids(self):
        for wizard in self:
            wizard.exception_ids = self.env["account.lock_exception"].search(
                [("company_id", "=", wizard.company_id.id)], limit=10, order="id desc"
            )

    def action_close(self):
        """Set the lock dates; Odoo checks that nothing unfinished is left behind."""
        self.ensure_one()
        self._check_accountant()
        names = ("fiscalyear_lock_date", "sale_lock_date", "purchase_lock_date")
        today = fields.Date.context_today(self)
        if any(self[name] and self[name] >= today for name in names):
            raise UserError(
                self.env._("Only days that are over can be closed, not today or later.")
            )
        changed = {
            name: self[name] for name in names if self[name] != self.company_id[name]
        }
        if changed:
            # Sudo after the check: a company is written by administrators only.
            self.company_id.sudo().write(changed)
        return {"type": "ir.actions.act_window_close"}

    def action_open(self):
        """Open the closed days for this user, for a while and with a reason."""
        self.ensure_one()
        self._check_accountant()
        reason = (self.reason or "").strip()
        if not reason:
            raise UserError(self.env._("Say why the period has to be opened."))
        if not self.open_from or not 1 <= self.open_hours <= 72:
            raise UserError(
                self.env._("Say from which day on, and for 1 to 72 hours at most.")
            )
        lock = self.company_id.fiscalyear_lock_date
        if not lock or self.open_from > lock:
            raise UserError(self.env._("These days are not closed."))
        self.env["account.lock_exception"].create(
            {
                "company_id": self.company_id.id,
                "user_id": self.env.uid,
                "fiscalyear_lock_date": self.open_from - timedelta(days=1),
                "reason": reason,
                "end_datetime": fields.Datetime.now()
                + timedelta(hours=self.open_hours),
            }
        )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._("The period is open for you."),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    def _check_accountant(self):
        self.check_access("write")
        if not self.env.user.has_group("account.group_account_manager"):
            raise UserError(self.env._("Only an accountant closes periods."))
