from odoo import api, fields, models


class ClinicPaymentMatch(models.Model):
    """One match of money with a charge: what, how much, and why.

    Rows are only added. A match that was undone keeps its row, which then says
    when and by whom.
    """

    _name = "clinic.payment.match"
    _description = "Payment Match"
    _order = "id desc"
    _rec_name = "reason"

    partial_id = fields.Many2one(
        "account.partial.reconcile", readonly=True, index=True, ondelete="set null"
    )
    debit_line_id = fields.Many2one(
        "account.move.line",
        string="Charge",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    credit_line_id = fields.Many2one(
        "account.move.line",
        string="Money",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    debit_move_id = fields.Many2one(
        related="debit_line_id.move_id", string="Charge Document"
    )
    credit_move_id = fields.Many2one(
        related="credit_line_id.move_id", string="Money Document"
    )
    partner_id = fields.Many2one(
        "res.partner", string="Payer", readonly=True, index="btree_not_null"
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    amount = fields.Monetary(readonly=True)
    rule = fields.Selection(
        [
            ("link", "Made for it"),
            ("reference", "Named in the payment"),
            ("amount", "Same amount"),
            ("oldest", "Oldest first"),
            ("reversal", "Credit note"),
            ("manual", "By hand"),
        ],
        required=True,
        readonly=True,
    )
    reason = fields.Char(compute="_compute_reason", compute_sudo=True)
    user_id = fields.Many2one(
        "res.users",
        string="Matched By",
        readonly=True,
        default=lambda self: self.env.user,
    )
    undone_at = fields.Datetime(readonly=True)
    undone_by_id = fields.Many2one("res.users", readonly=True)

    _partial_unique = models.UniqueIndex(
        "(partial_id) WHERE partial_id IS NOT NULL",
        "This match is already written down.",
    )

    @api.depends("rule", "debit_line_id", "credit_line_id", "user_id")
    @api.depends_context("lang")
    def _compute_reason(self):
        for match in self:
            names = {
                "charge": match.debit_line_id.move_name or self.env._("a document"),
                "money": match.credit_line_id.move_name or self.env._("a document"),
                "user": match.user_id.name,
            }
            match.reason = match._reason_text(names)

    def _reason_text(self, names):
        """Return the sentence for the rule: why this money went to this charge."""
        env = self.env
        if self.rule == "link":
            return env._("%(money)s was paid for %(charge)s.", **names)
        if self.rule == "reference":
            return env._("The text of %(money)s names %(charge)s.", **names)
        if self.rule == "amount":
            return env._("%(money)s equals what was left of %(charge)s.", **names)
        if self.rule == "oldest":
            return env._("%(charge)s was the oldest one unpaid.", **names)
        if self.rule == "reversal":
            return env._("%(money)s cancels %(charge)s.", **names)
        return env._("%(user)s matched %(money)s with %(charge)s by hand.", **names)

    @api.model
    def _log_partials(self, partials):
        """Write one row for each new match on a customer's account."""
        plan = self.env.context.get("clinic_match_plan", {})
        vals_list = []
        for partial in partials:
            charge, money = partial.debit_move_id, partial.credit_move_id
            if charge.account_type != "asset_receivable":
                continue
            rule = plan.get((charge.id, money.id)) or self._guess_rule(partial)
            vals_list.append(
                {
                    "partial_id": partial.id,
                    "debit_line_id": charge.id,
                    "credit_line_id": money.id,
                    "partner_id": charge.partner_id.id,
                    "company_id": partial.company_id.id,
                    "amount": partial.amount,
                    "rule": rule,
                }
            )
        self.create(vals_list)

    @api.model
    def _guess_rule(self, partial):
        """Return the rule of a match that our own allocation did not make."""
        charge = partial.debit_move_id.move_id
        money = partial.credit_move_id.move_id
        if money.reversed_entry_id == charge or charge.reversed_entry_id == money:
            return "reversal"
        if charge in money.origin_payment_id._clinic_named_invoices():
            return "link"
        return "manual"

    @api.model
    def _log_undone(self, partials):
        """Mark the rows of matches that are about to be removed."""
        self.search([("partial_id", "in", partials.ids)]).write(
            {"undone_at": fields.Datetime.now(), "undone_by_id": self.env.uid}
        )
