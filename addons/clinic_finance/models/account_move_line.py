from collections import defaultdict

from odoo import models

from ..tools.allocation import Charge, Credit

# How far matches are followed to know what is paid by what: further is rare.
MATCH_STEPS = 3


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    def _clinic_open_items(self):
        """Return ``(company, charges, credits)`` of these open items as plain data.

        One entry for each receivable account of a company: items of two accounts
        cannot be matched.
        """
        links = self._clinic_links()
        closed = self._clinic_in_closed_books()
        groups = defaultdict(lambda: ([], []))
        for line in self:
            charges, credits = groups[line.company_id, line.account_id]
            if line.amount_residual > 0:
                charges.append(line._clinic_as_charge(line in closed))
            else:
                credits.append(line._clinic_as_credit(links, line in closed))
        return [(company, *items) for (company, _account), items in groups.items()]

    def _clinic_as_charge(self, closed):
        move = self.move_id
        return Charge(
            id=self.id,
            amount=round(self.amount_residual * 100),
            date=self.date_maturity or self.date,
            names=tuple(sorted({name for name in move._clinic_names() if name})),
            owner=self.partner_id.id,
            closed=closed,
            document=move.id,
            serial=move.sequence_number or 0,
            issued=move.invoice_date,
        )

    def _clinic_as_credit(self, links, closed):
        move = self.move_id
        texts = (move.ref, move.origin_payment_id.memo, self.name)
        return Credit(
            id=self.id,
            amount=round(-self.amount_residual * 100),
            date=self.date,
            links=links.get(move.id, frozenset()),
            text=" ".join(text for text in texts if text),
            owner=self.partner_id.id,
            held=move.origin_payment_id._clinic_is_held(),
            closed=closed,
        )

    def _clinic_links(self):
        """Return ``{id of a move of money: ids of the charges it was made for}``."""
        named = {}
        for move in self.filtered(lambda line: line.amount_residual < 0).move_id:
            invoices = (
                move.reversed_entry_id | move.origin_payment_id._clinic_named_invoices()
            )
            if invoices:
                named[move.id] = invoices.ids
        if not named:
            return {}
        receivable = defaultdict(list)
        for line in self.search_fetch(
            [
                ("move_id", "in", list({i for ids in named.values() for i in ids})),
                ("account_type", "=", "asset_receivable"),
            ],
            ["move_id"],
        ):
            receivable[line.move_id.id].append(line.id)
        return {
            move_id: frozenset(i for invoice in ids for i in receivable[invoice])
            for move_id, ids in named.items()
        }

    def _clinic_in_closed_books(self):
        """Return the items that lie in a closed period."""
        closed = self.browse()
        for company, lines in self.grouped("company_id").items():
            if day := company._clinic_lock_date():
                closed |= lines.filtered(lambda line, day=day: line.date <= day)
        return closed

    def _clinic_cache_matches(self):
        """Read the documents of these items, and of what these were matched with.

        What is paid by what follows from the cache then, while items are matched:
        asking the database would write all amounts down in between, and twice.
        """
        moves = self.move_id
        for _step in range(MATCH_STEPS):
            lines = moves.line_ids
            partials = lines.matched_debit_ids | lines.matched_credit_ids
            partials.fetch(["debit_move_id", "credit_move_id"])
            moves = (partials.debit_move_id | partials.credit_move_id).move_id - moves
