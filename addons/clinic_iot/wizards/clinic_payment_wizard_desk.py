from odoo import fields, models


class ClinicPaymentWizard(models.TransientModel):
    """The payment screen knows the desk its user works at, and asks for a contact."""

    _inherit = "clinic.payment.wizard"

    desk_id = fields.Many2one(
        "clinic.cash.desk",
        default=lambda self: self.env["clinic.cash.desk"]._current(),
        readonly=True,
    )
    receipt_contact = fields.Char(
        string="Receipt To", help="Phone or mail, if the patient wants it so."
    )
    card_reference = fields.Char(string="Number on the Slip")
    # Plain numbers: nobody reads jobs through this screen.
    terminal_job_id = fields.Integer(readonly=True)

    def _prepare_payment_vals(self):
        vals = super()._prepare_payment_vals()
        desk = self.desk_id
        if desk and desk.company_id != self.company_id:
            return vals
        if desk:
            journal = (
                desk.cash_journal_id
                if self.method == "cash"
                else (desk.card_journal_id)
            )
            vals["journal_id"] = journal.id or vals["journal_id"]
            vals.update(self.env["account.payment"]._clinic_desk_vals(desk))
        contact = self.env["clinic.fiscal.receipt"]._clean_contact(self.receipt_contact)
        by_card = self.method == "card"
        return {
            **vals,
            "clinic_receipt_contact": contact,
            "clinic_cash_given": 0.0 if by_card else self.cash_given,
            "clinic_card_reference": self.card_reference if by_card else False,
            "clinic_terminal_job_id": by_card and self.terminal_job_id,
        }


class ClinicRefundWizard(models.TransientModel):
    _inherit = "clinic.refund.wizard"

    def _prepare_refund_vals(self):
        """Return cash of the drawer the user works at, and note the desk."""
        vals = super()._prepare_refund_vals()
        desk = self.env["clinic.cash.desk"]._current()
        if desk and desk.company_id == self.company_id:
            if self.method == "cash" and desk.cash_journal_id:
                vals["journal_id"] = desk.cash_journal_id.id
            vals.update(self.env["account.payment"]._clinic_desk_vals(desk))
        vals["clinic_receipt_contact"] = self.payment_id.clinic_receipt_contact
        return vals
