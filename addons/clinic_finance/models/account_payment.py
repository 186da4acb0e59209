from odoo import fields, models
from odoo.fields import Domain


class AccountPayment(models.Model):
    _inherit = "account.payment"

    # Serves the payments on the personal account.
    partner_id = fields.Many2one(index="btree_not_null")
    clinic_key = fields.Char(
        string="Request Key",
        readonly=True,
        copy=False,
        help="Made by the screen that took the payment: sent twice, the payment is "
        "booked once.",
    )
    clinic_patient_id = fields.Many2one(
        "res.partner", string="Patient", readonly=True, index="btree_not_null"
    )
    clinic_appointment_id = fields.Many2one(
        "clinic.appointment",
        string="Appointment",
        readonly=True,
        copy=False,
        index="btree_not_null",
    )

    # Inverses of Odoo's own links, kept in the cache: without them each change of an
    # entry asks the database for its payment, a dozen queries for one payment.
    clinic_move_ids = fields.One2many("account.move", "origin_payment_id")
    clinic_line_ids = fields.One2many("account.move.line", "payment_id")

    _clinic_key_unique = models.UniqueIndex(
        "(company_id, clinic_key) WHERE clinic_key IS NOT NULL",
        "This payment has already been taken.",
    )

    def _search_reconciled_invoice_ids(self, operator, value):
        """Answer from the cache which payments a document being made has."""
        if operator == "in":
            # Sudo: as Odoo, which asks the database; the answer passes the rules.
            moves = self.env["account.move"].sudo().browse(value)
            found = moves._clinic_matched_moves()
            if found is not None:
                payments = found.payment_ids | moves.matched_payment_ids
                return Domain("id", "in", payments.ids)
        return super()._search_reconciled_invoice_ids(operator, value)

    def _clinic_named_invoices(self):
        """Return the invoices this payment was made for."""
        return (
            self.invoice_ids
            | self.payment_transaction_id.invoice_ids
            | self.clinic_appointment_id.invoice_id
            # Sudo: of a visit's invoices the desk sees the one to pay.
            | self.clinic_appointment_id.sudo().invoice_ids.with_env(self.env)
        )
