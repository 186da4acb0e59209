from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from ..tools.account_number import account_number, find_account_numbers
from ..tools.allocation import allocate

# What the rules and Odoo's matching read of an open item: fetched at once.
READ_OF_ITEMS = (
    "account_id",
    "amount_currency",
    "amount_residual",
    "amount_residual_currency",
    "balance",
    "company_currency_id",
    "company_id",
    "currency_id",
    "date",
    "date_maturity",
    "full_reconcile_id",
    "journal_id",
    "matching_number",
    "move_id",
    "move_name",
    "name",
    "parent_state",
    "partner_id",
    "payment_id",
    "reconciled",
)


class ResPartner(models.Model):
    _inherit = "res.partner"

    clinic_account_number = fields.Char(
        string="Account Number", compute="_compute_clinic_account_number"
    )

    def _compute_clinic_account_number(self):
        for partner in self:
            partner.clinic_account_number = (
                account_number(partner.id) if isinstance(partner.id, int) else False
            )

    @api.model
    def _clinic_find_by_account_number(self, text):
        """Return the one person whose account number stands in ``text``, if any."""
        numbers = find_account_numbers(text or "")
        people = self.browse({int(number[:-1]) for number in numbers}).exists()
        return people if len(people) == 1 else self.browse()

    def _clinic_account(self, company=None):
        """Return the personal account of each in ``company``; opened where missing."""
        company = company or self.env.company
        Account = self.env["clinic.account"]
        domain = [
            ("company_id", "=", company.id),
            ("partner_id", "in", self.commercial_partner_id.ids),
        ]
        accounts = Account.search(domain)
        missing = self.commercial_partner_id - accounts.partner_id
        if missing:
            Account._touch([(company.id, partner_id) for partner_id in missing.ids])
            accounts = Account.search(domain)
        return accounts

    def _clinic_has_account(self):
        """Return those whose money is the clinic's to match, not the accountant's."""
        return self.filtered(
            lambda partner: partner.is_patient or partner.clinic_is_payer
        )

    clinic_is_payer = fields.Boolean(compute="_compute_clinic_is_payer")

    def _compute_clinic_is_payer(self):
        """Whoever pays for a patient, or has an account already."""
        payers = {
            payer.id
            for [payer] in self.env["res.partner"]._read_group(
                [("payer_id", "in", self.ids)], ["payer_id"]
            )
        } | {
            partner.id
            for [partner] in self.env["clinic.account"]
            # Sudo: a yes or no, asked on behalf of whoever posts a document.
            .sudo()
            ._read_group([("partner_id", "in", self.ids)], ["partner_id"])
        }
        for partner in self:
            partner.clinic_is_payer = partner.id in payers

    # When to match -----------------------------------------------------------------

    def clinic_allocate(self):
        """Match this person's open payments to their open invoices now.

        :return: ``{"matched": number of matches, "amount": their sum}``
        """
        self._check_clinic_may_take_payments()
        # Sudo after the check: the desk has no rights to write in the books.
        matches = self.sudo()._clinic_allocate()
        return {"matched": len(matches), "amount": sum(matches.mapped("amount"))}

    def _clinic_match_later(self):
        """Match these people at the end of the transaction, all of them at once.

        Whoever posts documents in a row, or knows better when (context
        ``clinic_match_later=False``), calls :meth:`_clinic_allocate` instead.
        """
        if not self or not self.env.context.get("clinic_match_later", True):
            return
        precommit = self.env.cr.precommit
        waiting = precommit.data.get("clinic.match")
        if waiting is None:
            waiting = precommit.data["clinic.match"] = set()
            # Sudo mode: what follows from a posted document, whoever posted it.
            partners = self.env["res.partner"].sudo()
            precommit.add(partners._clinic_match_waiting)
        waiting.update(self.ids)

    @api.model
    def _clinic_match_waiting(self):
        waiting = self.env.cr.precommit.data.pop("clinic.match", ())
        self.browse(sorted(waiting)).exists()._clinic_allocate()

    # Matching ----------------------------------------------------------------------

    def _clinic_allocate(self):
        """Match in sudo mode; return the rows of the log that were added."""
        log = self.env["clinic.payment.match"]
        if not self:
            return log
        if waiting := self.env.cr.precommit.data.get("clinic.match"):
            waiting.difference_update(self.ids)
        families = self.env["clinic.account"]._households(self.ids)
        people = self | self.browse(
            {
                partner_id
                for family in families.values()
                for payer_id, members in family.items()
                for partner_id in (payer_id, *members)
            }
        )
        lines = people._clinic_open_lines()
        self.env["clinic.account"]._touch(
            [(line.company_id.id, line.partner_id.id) for line in lines], matched=True
        )
        plan = {}
        for company, charges, credits in lines._clinic_open_items():
            if charges and credits:
                forbidden = log._forbidden_pairs(charges, credits)
                matches = allocate(
                    charges, credits, families.get(company.id), forbidden
                )
                plan |= {(one.charge_id, one.credit_id): one for one in matches}
        return self._clinic_execute(plan)

    def _clinic_execute(self, plan):
        """Write the planned matches in the books; return their rows of the log."""
        log = self.env["clinic.payment.match"]
        if not plan:
            return log
        lines = self.env["account.move.line"].browse(
            {line_id for pair in plan for line_id in pair}
        )
        if len(self) > 1:  # of one person it is not worth the queries
            lines._clinic_cache_matches()
        written = []
        lines = lines.with_context(
            clinic_match_plan={pair: match.rule for pair, match in plan.items()},
            clinic_match_written=written,
            clinic_accounts_touched=True,
        )
        # one prefetch for all of them, or each pair is read by itself
        pairs = [lines.browse(pair).with_prefetch(lines.ids) for pair in plan]
        if any(lines.company_id.mapped("tax_exigibility")):
            lines._reconcile_plan(pairs)
        else:
            # The same without its watch over every line of every document: a match in
            # one currency, with no taxes on cash basis, changes no line but the rests.
            lines._reconcile_plan_with_sync(*lines._optimize_reconciliation_plan(pairs))
        matches = log.browse(written)
        self._check_clinic_plan_executed(plan, matches)
        return matches

    def _check_clinic_plan_executed(self, plan, matches):
        """Refuse, and so roll back, a result other than what was planned."""
        done = {
            (match.debit_line_id.id, match.credit_line_id.id): round(match.amount * 100)
            for match in matches
        }
        if done != {pair: match.amount for pair, match in plan.items()}:
            raise UserError(
                self.env._(
                    "The payments of %(names)s changed while they were being matched. "
                    "Please try again.",
                    names=", ".join(self.mapped("name")),
                )
            )

    def _clinic_open_lines(self):
        """Return what is open of these people, in the companies' own currency."""
        return (
            self.env["account.move.line"]
            .search_fetch(
                self._clinic_open_items_domain() & Domain("amount_residual", "!=", 0),
                READ_OF_ITEMS,
            )
            # What is in another currency is left to the accountant.
            .filtered(lambda line: line.currency_id == line.company_currency_id)
        )

    # Buttons -----------------------------------------------------------------------

    @api.model
    def _check_clinic_may_take_payments(self):
        if not self.env.su and not self.env.user.has_group(
            "clinic_finance.group_payment_taker"
        ):
            raise AccessError(
                self.env._(
                    "Only the reception, the cash desk and the accountants can take "
                    "and match payments."
                )
            )

    def action_clinic_family(self):
        """Open the people this person pays for."""
        self.ensure_one()
        self._check_clinic_may_take_payments()
        # Sudo: opening the account is no writing in the books.
        account = self.sudo()._clinic_account()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Family"),
            "res_model": "clinic.account",
            "res_id": account.id,
            "view_mode": "form",
            "target": "new",
        }

    def action_clinic_allocate(self):
        """Match from the button, and say in words what came of it."""
        result = self.clinic_allocate()
        currency = self.env.company.currency_id
        message = (
            self.env._("Matched: %(amount)s.", amount=currency.format(result["amount"]))
            if result["matched"]
            else self.env._("There is nothing to match.")
        )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "message": message,
                "type": "success" if result["matched"] else "info",
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }
