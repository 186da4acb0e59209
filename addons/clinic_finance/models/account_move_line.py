from odoo import models

from ..tools.allocation import Charge, Credit


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    def _clinic_as_charge(self):
        """Return this open debit as plain data for the matching core."""
        self.ensure_one()
        move = self.move_id
        names = (move.name, move.payment_reference, move.clinic_appointment_id.name)
        return Charge(
            id=self.id,
            amount=round(self.amount_residual * 100),
            date=self.date_maturity or self.date,
            names=tuple(sorted({name for name in names if name})),
        )

    def _clinic_as_credit(self):
        """Return this open credit as plain data for the matching core."""
        self.ensure_one()
        move = self.move_id
        named = move.reversed_entry_id | move.origin_payment_id._clinic_named_invoices()
        receivable = named.line_ids.filtered(
            lambda line: line.account_type == "asset_receivable"
        )
        texts = (move.ref, move.origin_payment_id.memo, self.name)
        return Credit(
            id=self.id,
            amount=round(-self.amount_residual * 100),
            date=self.date,
            links=frozenset(receivable.ids),
            text=" ".join(text for text in texts if text),
        )
