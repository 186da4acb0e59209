from odoo import api, fields, models
from odoo.exceptions import UserError


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
        "res.partner",
        string="Payer",
        readonly=True,
        index="btree_not_null",
        help="Whose money it was.",
    )
    charge_partner_id = fields.Many2one(
        "res.partner",
        string="Paid For",
        readonly=True,
        index="btree_not_null",
        help="Whose charge it paid: the payer's own, or one of the payer's family.",
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    amount = fields.Monetary(readonly=True)
    rule = fields.Selection(
        [
            ("link", "Made for it"),
            ("reference", "Named in the payment"),
            ("amount", "Same amount"),
            ("family", "For the family"),
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
    undo_reason = fields.Char(readonly=True)
    stays_undone = fields.Boolean(
        readonly=True,
        help="Somebody took this match apart: no rule puts it together again. By hand "
        "it can be.",
    )
    note = fields.Char(
        readonly=True, help="What somebody who matched by hand said about it."
    )

    # Serves the search for pairs that are not to be matched again.
    _stays_undone_idx = models.Index("(debit_line_id) WHERE stays_undone")
    _amount_positive = models.Constraint(
        "CHECK(amount > 0)", "A match is of more than nothing."
    )
    _undone_complete = models.Constraint(
        "CHECK((undone_at IS NOT NULL) OR (NOT coalesce(stays_undone, false)))",
        "Only a match that was undone can stay undone.",
    )
    _partial_unique = models.UniqueIndex(
        "(partial_id) WHERE partial_id IS NOT NULL",
        "This match is already written down.",
    )

    @api.depends("rule", "debit_line_id", "credit_line_id", "user_id", "note")
    @api.depends_context("lang")
    def _compute_reason(self):
        for match in self:
            names = {
                "charge": match.debit_line_id.move_name or self.env._("a document"),
                "money": match.credit_line_id.move_name or self.env._("a document"),
                "user": match.user_id.name,
                "payer": match.partner_id.name,
                "member": match.charge_partner_id.name,
            }
            words = (match._reason_text(names), match.note)
            match.reason = " ".join(filter(None, words))

    def _reason_text(self, names):
        """Return the sentence for the rule: why this money went to this charge."""
        env = self.env
        if self.rule == "link":
            return env._("%(money)s was paid for %(charge)s.", **names)
        if self.rule == "reference":
            return env._("The text of %(money)s names %(charge)s.", **names)
        if self.rule == "amount":
            return env._("%(money)s equals what was left of %(charge)s.", **names)
        if self.rule == "family":
            return env._(
                "%(payer)s pays for %(member)s too: %(money)s went to %(charge)s.",
                **names,
            )
        if self.rule == "oldest":
            return env._("%(charge)s was the oldest one unpaid.", **names)
        if self.rule == "reversal":
            return env._("%(money)s cancels %(charge)s.", **names)
        return env._("%(user)s matched %(money)s with %(charge)s by hand.", **names)

    # Written by the books -----------------------------------------------------------

    @api.model
    def _log_partials(self, partials):
        """Write one row for each new match on a customer's account."""
        plan = self.env.context.get("clinic_match_plan", {})
        note = self.env.context.get("clinic_match_note")
        vals_list = []
        for partial in partials:
            charge, money = partial.debit_move_id, partial.credit_move_id
            if charge.account_type != "asset_receivable" or partial.amount <= 0:
                continue
            rule = plan.get((charge.id, money.id)) or self._guess_rule(partial)
            vals_list.append(
                {
                    "partial_id": partial.id,
                    "debit_line_id": charge.id,
                    "credit_line_id": money.id,
                    "partner_id": (money.partner_id or charge.partner_id).id,
                    "charge_partner_id": charge.partner_id.id,
                    "company_id": partial.company_id.id,
                    "amount": partial.amount,
                    "rule": rule,
                    "note": note,
                }
            )
        rows = self.create(vals_list)
        # Whoever planned these matches compares them with the plan.
        self.env.context.get("clinic_match_written", []).extend(rows.ids)

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
        reason = self.env.context.get("clinic_undo_reason")
        self.search([("partial_id", "in", partials.ids)]).write(
            {
                "undone_at": fields.Datetime.now(),
                "undone_by_id": self.env.uid,
                "undo_reason": reason,
                # What a document's own life takes apart may meet again.
                "stays_undone": bool(reason),
            }
        )

    @api.model
    def _forbidden_pairs(self, charges, credits):
        """Return the pairs that somebody took apart, of these open items."""
        rows = self.search_fetch(
            [
                ("stays_undone", "=", True),
                ("debit_line_id", "in", [charge.id for charge in charges]),
                ("credit_line_id", "in", [credit.id for credit in credits]),
            ],
            ["debit_line_id", "credit_line_id"],
        )
        return {(row.debit_line_id.id, row.credit_line_id.id) for row in rows}

    # By hand ------------------------------------------------------------------------

    def undo(self, reason):
        """Take these matches apart; no rule puts the same pairs together again.

        The money is free then: for another charge chosen by hand, or for what the
        rules find when they run next.

        :param reason: why, in words of the one who does it
        """
        self.env["res.partner"]._check_clinic_may_take_payments()
        self.check_access("read")
        reason = (reason or "").strip()
        if not reason:
            raise UserError(self.env._("Say why the match is taken apart."))
        standing = self.filtered("partial_id")
        if not standing:
            raise UserError(self.env._("This match has been taken apart already."))
        # Sudo after the checks: the desk has no rights to write in the books.
        standing.sudo().with_context(clinic_undo_reason=reason).partial_id.unlink()
        return True

    @api.model
    def match_by_hand(self, debit_line_id, credit_line_id, note=None):
        """Match this money with this charge; returns the id of the row written.

        Any two items of one payer or family may be matched, also those that were
        taken apart before.
        """
        self.env["res.partner"]._check_clinic_may_take_payments()
        lines = self.env["account.move.line"].browse([debit_line_id, credit_line_id])
        lines.check_access("read")
        lines_sudo = lines.sudo()
        self._check_by_hand(lines_sudo)
        # Sudo after the checks: the desk has no rights to write in the books.
        lines_sudo.with_context(
            clinic_match_plan={(debit_line_id, credit_line_id): "manual"},
            clinic_match_note=(note or "").strip() or False,
        ).reconcile()
        return self.search(
            [
                ("debit_line_id", "=", debit_line_id),
                ("credit_line_id", "=", credit_line_id),
            ],
            limit=1,
        ).id

    def _check_by_hand(self, lines_sudo):
        charge, money = lines_sudo
        if not (charge.amount_residual > 0 > money.amount_residual):
            raise UserError(
                self.env._("Choose a charge that is not paid and money that is free.")
            )
        payer = money.partner_id
        family = payer._clinic_account(charge.company_id).filtered("family_consent")
        if charge.partner_id not in payer | family.family_ids:
            raise UserError(
                self.env._(
                    "%(payer)s has not agreed to pay for %(member)s. Note the "
                    "agreement on the account of %(payer)s first.",
                    payer=payer.name,
                    member=charge.partner_id.name,
                )
            )

    def action_undo(self):
        """Open the question why, and where the money is to go instead."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Take Apart"),
            "res_model": "clinic.match.undo",
            "view_mode": "form",
            "target": "new",
            "context": {"default_match_ids": self.filtered("partial_id").ids},
        }
