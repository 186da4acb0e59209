from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ..tools.charges import spread, to_kopecks


class AccountPayment(models.Model):
    """Giving money back: the newest matches of the payment are undone first."""

    _inherit = "account.payment"

    clinic_refund_of_id = fields.Many2one(
        "account.payment",
        string="Refund Of",
        readonly=True,
        copy=False,
        index="btree_not_null",
    )
    clinic_refund_ids = fields.One2many(
        "account.payment", "clinic_refund_of_id", string="Refunds", readonly=True
    )
    clinic_refund_reason = fields.Char(string="Why Returned", readonly=True, copy=False)
    clinic_refundable = fields.Monetary(
        string="Can Be Returned", compute="_compute_clinic_refundable"
    )

    @api.depends(
        "amount",
        "state",
        "clinic_refund_ids.state",
        "payment_transaction_id.child_transaction_ids.state",
        "payment_transaction_id.child_transaction_ids.payment_id",
    )
    def _compute_clinic_refundable(self):
        for payment in self:
            alive = (
                payment.payment_type == "inbound"
                and payment.partner_type == "customer"
                and payment.state in ("in_process", "paid")
            )
            payment.clinic_refundable = payment._clinic_refund_left() if alive else 0.0

    def _clinic_refund_left(self):
        """Return what was not returned yet, nor is on its way back."""
        self.ensure_one()
        booked = self.clinic_refund_ids.filtered(
            lambda refund: refund.state not in ("draft", "canceled", "rejected")
        )
        # Sudo: transactions are read by accountants only; just a sum is taken.
        children = self.sudo().payment_transaction_id.child_transaction_ids
        on_its_way = children.filtered(
            lambda tx: (
                tx.operation == "refund"
                and tx.state in ("draft", "pending", "done")
                and not tx.payment_id
            )
        )
        left = self.amount - sum(booked.mapped("amount"))
        return max(left + sum(on_its_way.mapped("amount")), 0.0)

    def _clinic_receivable(self):
        """Return the items of this payment on the customer's account."""
        return self.move_id.line_ids.filtered(
            lambda line: line.account_type == "asset_receivable"
        )

    def _clinic_matches_to_undo(self, amount):
        """Return [(match, part of it that goes back)] that free ``amount``.

        The newest first; money that waits on the account goes before any of them.
        Matches with other refunds stand.
        """
        self.ensure_one()
        money = self._clinic_receivable()
        compare = self.currency_id.compare_amounts
        missing = amount + sum(money.mapped("amount_residual"))
        undo = []
        for partial in money.matched_debit_ids.sorted("id", reverse=True):
            if compare(missing, 0) <= 0:
                break
            if partial.debit_move_id.move_id.origin_payment_id:
                continue
            undo.append((partial, min(partial.amount, missing)))
            missing -= partial.amount
        return undo

    def _clinic_take_back(self, refund, credit=False):
        """Pair a posted ``refund`` with this payment (sudo).

        :param bool credit: what the money had paid for is not provided: its invoices
            are credited for the part that goes back. Otherwise they are to be paid
            anew.
        """
        self.ensure_one()
        undo = self._clinic_matches_to_undo(refund.amount)
        credits = [
            (partial.debit_move_id.move_id, part) for partial, part in undo if credit
        ]
        self.env["account.partial.reconcile"].union(
            *(partial for partial, _part in undo)
        ).unlink()
        refund._clinic_pair_with(self._clinic_receivable())
        for invoice, part in credits:
            invoice._clinic_credit(part, refund.clinic_refund_reason)
        (self.partner_id | refund.partner_id)._clinic_allocate()

    def _clinic_pair_with(self, money):
        """Match this refund with the open credits in ``money``, in their order."""
        self.ensure_one()
        debit = self._clinic_receivable()
        for credit in money:
            if not debit.reconciled and not credit.reconciled:
                (debit | credit).reconcile()
        if not debit.reconciled:
            raise UserError(
                self.env._(
                    "There is not so much money left to return: somebody has used it "
                    "just now. Please look at the account again."
                )
            )

    def action_clinic_refund(self):
        """Open the screen that returns this payment or a part of it."""
        self.ensure_one()
        return self.env["clinic.refund.wizard"]._open(
            default_payment_id=self.id,
            default_partner_id=self.partner_id.id,
            default_company_id=self.company_id.id,
        )


class AccountMove(models.Model):
    _inherit = "account.move"

    def _clinic_credit(self, amount, reason):
        """Credit this posted invoice for ``amount`` (sudo).

        Services whose whole price goes back are dropped, so that nothing bills them
        anew; another amount is a reduction of the price, and they stand.
        """
        self.ensure_one()
        charges = self._clinic_charges_worth(amount)
        if charges:
            charges._take_back(reason or self.env._("Returned"))
        else:
            self._clinic_credit_part(amount, reason)

    def _clinic_charges_worth(self, amount):
        """Return the charges on this invoice whose price is ``amount``: all, or one."""
        charges = self.invoice_line_ids.clinic_charge_id._standing()
        wanted = to_kopecks(amount)
        billed = charges._billed()
        if sum(billed.values()) == wanted:
            return charges
        return charges.filtered(lambda charge: billed[charge] == wanted)[:1]

    def _clinic_credit_part(self, amount, reason):
        """Credit a part of the price, whatever it was for (sudo)."""
        self.ensure_one()
        today = self._clinic_day()
        # Read before the credit note is there, which counts too.
        left = self.invoice_line_ids.clinic_charge_id._billed()
        is_whole = not self.currency_id.compare_amounts(amount, self.amount_total)
        note = self._reverse_moves(
            [
                {
                    "invoice_date": today,
                    "date": today,
                    "ref": self.env._(
                        "Refund by invoice %(invoice)s: %(reason)s",
                        invoice=self.name,
                        reason=reason or "",
                    ),
                }
            ],
            cancel=is_whole,
        )
        if is_whole:
            return
        # Over the services, so that none is credited for more than it has cost.
        lines = note.invoice_line_ids.sorted(lambda line: (-line.price_total, line.id))
        room = [
            left[line.clinic_charge_id]
            if line.clinic_charge_id
            else to_kopecks(line.price_total)
            for line in lines
        ]
        parts = spread(to_kopecks(amount), room)
        # What fits nowhere (lines that are no service) goes with the first.
        parts[0] += to_kopecks(amount) - sum(parts)
        note.invoice_line_ids = [
            Command.update(
                line.id,
                {
                    "quantity": 1,
                    "price_unit": part / 100,
                    "discount": 0,
                    # A tax that is in the price is in a part of it as well.
                    "tax_ids": [
                        Command.set(line.tax_ids.filtered("price_include").ids)
                    ],
                    "name": self.env._("Part of invoice %(name)s", name=self.name),
                },
            )
            if part
            else Command.delete(line.id)
            for line, part in zip(lines, parts, strict=True)
        ]
        note._post(soft=False)
        (self | note).line_ids.filtered(
            lambda line: line.account_type == "asset_receivable" and not line.reconciled
        ).reconcile()
