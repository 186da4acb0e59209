"""Receipts that nobody's payment calls for: on credit, and for money of before."""

from odoo import api, models
from odoo.exceptions import UserError

from ..tools import fiscal


class ClinicFiscalReceipt(models.Model):
    _inherit = "clinic.fiscal.receipt"

    @api.model
    def _make_missed(self, payments, desk, correction):
        """Write and print correction receipts for money that has none (sudo).

        :param correction: as the register wants it, see the README; the day is that of
            each payment
        """
        if not desk.register_id:
            raise UserError(self.env._("This desk has no fiscal register."))
        wrong = payments.filtered(
            lambda payment: (
                payment.clinic_receipt_id
                or payment.payment_type != "inbound"
                or payment.partner_type != "customer"
                or payment.state not in ("in_process", "paid")
                or payment.company_id != desk.company_id
            )
        )
        if wrong:
            raise UserError(
                self.env._(
                    "These have a receipt, or are no money taken from patients of this "
                    "company: %(payments)s",
                    payments=", ".join(wrong.mapped("display_name")),
                )
            )
        receipts = self.browse()
        # One receipt a settlement, with its day: the oldest first.
        for payment in payments.sorted(lambda payment: (payment.date, payment.id)):
            made = self._make_for(payment, self.env["account.move"].browse(), desk)
            own = made.filtered("payment_ids")
            day = payment.date.isoformat()
            for receipt in own:
                receipt.kind = "correction"
                # The register wants who prints it, not who once took the money.
                receipt.user_id = self.env.user
                # What was taken then lies in the drawer: it stays shut.
                receipt.payload = {
                    **fiscal.without_drawer(receipt.payload),
                    "cashier": self.env.user.name,
                    "correction": {**correction, "date": day},
                }
            receipts |= made
        receipts._print()
        return receipts

    @api.model
    def _make_on_credit(self, moves, desk):
        """Write and print what was provided and is not paid: on credit, 1214 = 6."""
        receipts = self._make_for(
            self.env["account.payment"].browse(), moves, desk, lend=True
        )
        receipts._print()
        return receipts


class ClinicCashShift(models.Model):
    _inherit = "clinic.cash.shift"

    def _lend_unpaid(self):
        """Print on credit what private patients have got and not paid (sudo).

        By the last desk of the branch that closes: until then they may come to any.
        """
        moves = self._unpaid_moves()
        if moves:
            self.env["clinic.fiscal.receipt"]._make_on_credit(moves, self.desk_id)

    def _unpaid_moves(self):
        """Return the invoices of visits of the branch that are over and not paid."""
        moves = self.env["account.move"]
        desk = self.desk_id
        if not desk.register_id or not desk.credit_from:
            return moves
        others = self.search_count(
            [
                ("branch_id", "=", self.branch_id.id),
                ("state", "=", "open"),
                ("desk_id.register_id", "!=", False),
                ("id", "!=", self.id),
            ],
            limit=1,
        )
        if others:
            return moves
        return moves.search(
            [
                ("company_id", "=", self.company_id.id),
                ("move_type", "=", "out_invoice"),
                ("state", "=", "posted"),
                ("payment_state", "in", ("not_paid", "partial")),
                ("invoice_date", ">=", desk.credit_from),
                ("commercial_partner_id.is_company", "=", False),
                ("clinic_appointment_ids.branch_id", "=", self.branch_id.id),
                ("clinic_appointment_ids.state", "=", "fulfilled"),
            ],
            order="id",
        ).filtered(lambda move: move._clinic_is_provided())
