from odoo import fields, models

from odoo.addons.clinic_finance.tools.charges import to_kopecks

from ..tools import fiscal

OVER = ("fulfilled", "cancelled", "noshow")


class AccountMove(models.Model):
    _inherit = "account.move"

    def _clinic_is_provided(self):
        """Tell whether what this invoice is for has been done (sudo).

        A fee for a visit that did not take place is due at once, as is what an
        accountant invoices without a visit.
        """
        self.ensure_one()
        visits = self.clinic_appointment_ids
        return self.state == "posted" and all(visit.state in OVER for visit in visits)

    def _clinic_fiscal_lines(self):
        """Yield what stands on a fiscal receipt for this invoice."""
        self.ensure_one()
        for line in self.invoice_line_ids:
            if line.display_type != "product":
                continue
            product = line.product_id
            yield fiscal.Line(
                " ".join((product.name or line.name or "").split()),
                to_kopecks(line.price_total),
                line.quantity,
                fiscal.vat_of(line._clinic_vat_rate()),
                1 if product.type == "consu" else fiscal.SERVICE,
                line.clinic_marking or "",
            )


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    clinic_marking = fields.Char(
        string="Marking Code",
        copy=False,
        help="Of a marked good, in hexadecimal as the scanner has read it.",
    )

    def _clinic_vat_rate(self):
        """Return the rate of VAT in percent, None where the service is exempt."""
        self.ensure_one()
        rates = [tax.amount for tax in self.tax_ids if tax.amount_type == "percent"]
        return rates[0] if rates else None
