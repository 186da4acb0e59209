from odoo import models
from odoo.fields import Domain


class ResPartner(models.Model):
    _inherit = "res.partner"

    def _patient_copy_sections(self):
        """The services charged, the invoices and the payments of the patient.

        sudo: they are the patient's own, whatever of them the reader sees.
        """
        sections = super()._patient_copy_sections()
        env = self.sudo().env
        mine = Domain("clinic_patient_id", "=", self.id) | Domain(
            "partner_id", "in", (self | self.commercial_partner_id).ids
        )
        charges = env["clinic.charge"].search([("patient_id", "=", self.id)])
        invoices = env["account.move"].search(
            mine
            & Domain("move_type", "in", ("out_invoice", "out_refund", "out_receipt"))
            & Domain("state", "=", "posted"),
            order="invoice_date, id",
        )
        payments = env["account.payment"].search(
            mine & Domain("state", "in", ("in_process", "paid")), order="date, id"
        )
        return [
            *sections,
            (
                self.env._("Services"),
                charges,
                ("day", "name", "quantity", "price_unit", "amount", "state"),
            ),
            (
                self.env._("Invoices"),
                invoices,
                (
                    "name",
                    "move_type",
                    "invoice_date",
                    "partner_id",
                    "amount_total",
                    "amount_residual",
                    "payment_state",
                ),
            ),
            (
                self.env._("Payments"),
                payments,
                ("name", "date", "payment_type", "journal_id", "amount", "state"),
            ),
        ]
