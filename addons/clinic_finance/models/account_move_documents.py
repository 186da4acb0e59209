import base64

from odoo import models
from odoo.exceptions import UserError

from ..tools.amount_words import in_words
from ..tools.bank_qr import bank_qr


class AccountMove(models.Model):
    """The invoice for payment, with the QR code that bank applications read."""

    _inherit = "account.move"

    def action_clinic_print_bill(self):
        """Print the invoice for payment."""
        self.ensure_one()
        self.check_access("read")
        if self.move_type != "out_invoice" or self.state == "cancel":
            raise UserError(self.env._("Only an invoice to a patient can be printed."))
        if not self.sudo().company_id._clinic_payee():
            raise UserError(
                self.env._(
                    "The bank account of %(company)s is not filled in. The accountant "
                    "enters it in Finance Settings.",
                    company=self.company_id.name,
                )
            )
        report = self.env.ref("clinic_finance.action_report_clinic_bill")
        return report.report_action(self)

    def _get_invoice_pdf_proforma(self):
        """Give the patient the invoice for payment, under its own number.

        Odoo would make a “proforma” of what was never sent by mail.
        """
        self.ensure_one()
        if not self.clinic_patient_id:
            return super()._get_invoice_pdf_proforma()
        # sudo: the invoice was allowed, whoever asks for its file
        reports_sudo = self.env["ir.actions.report"].sudo()
        content, kind = reports_sudo._render_qweb_pdf(
            "clinic_finance.report_clinic_bill", self.ids
        )
        number = self._get_move_display_name().replace(" ", "_").replace("/", "_")
        return {"filename": f"{number}.{kind}", "filetype": kind, "content": content}

    def _clinic_qr(self):
        """Return the text of the payment code for what is still due, or False."""
        self.ensure_one()
        payee = self.company_id._clinic_payee()
        kopecks = self.company_id._clinic_kopecks(self.amount_residual)
        if not payee or kopecks <= 0:
            return False
        number = self.name if self.name and self.name != "/" else self.invoice_origin
        return bank_qr(
            payee,
            kopecks,
            purpose=f"Оплата по счёту {number or ''}. НДС не облагается",
            personal_account=self.partner_id.clinic_account_number or "",
        )

    def _clinic_qr_image(self):
        """Return the payment code as the address of an image, or False.

        The barcode widget of reports prints anything but ASCII as plain text.
        """
        text = self._clinic_qr()
        if not text:
            return False
        image = self.env["ir.actions.report"].barcode(
            "QR", text, width=600, height=600, barLevel="M"
        )
        return f"data:image/png;base64,{base64.b64encode(image).decode()}"

    def _clinic_bill_values(self):
        """Return what the invoice for payment shows."""
        self.ensure_one()
        self.check_access("read")
        move_sudo = self.sudo()
        company = move_sudo.company_id
        lines = move_sudo.invoice_line_ids.filtered(
            lambda line: line.display_type == "product"
        )
        return {
            "number": move_sudo.name if move_sudo.name != "/" else "",
            "date": move_sudo.invoice_date or move_sudo.date,
            "due_date": move_sudo.invoice_date_due,
            "company": company,
            "payee": company._clinic_payee(),
            "seller": company.partner_id._clinic_requisites_text(),
            "buyer": move_sudo.partner_id._clinic_requisites_text(),
            "patient": move_sudo.clinic_patient_id,
            "lines": [
                {
                    "name": line.product_id.display_name or line.name,
                    "quantity": line.quantity,
                    "price": line.price_unit * (1 - line.discount / 100),
                    "amount": line.price_total,
                }
                for line in lines
            ],
            "total": move_sudo.amount_total,
            "due": move_sudo.amount_residual,
            "currency": move_sudo.currency_id,
            "words": in_words(company._clinic_kopecks(move_sudo.amount_total)),
            "qr": move_sudo._clinic_qr_image(),
        }
