from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Command


class ClinicBillableMixin(models.AbstractModel):
    _inherit = "clinic.billable.mixin"

    def _get_price(self):
        """Return the price of one service of this record.

        The single place where a price is decided; of an appointment it is
        ``clinic.price.profile`` that decides.
        """
        self.ensure_one()
        return 0.0

    def _prepare_invoice_vals(self):
        """Return the values of the invoice for this record; no lines, no invoice."""
        self.ensure_one()
        charges = self._get_charge_vals()
        return {
            "move_type": "out_invoice",
            "company_id": self.company_id.id,
            "partner_id": self._get_charge_partner().commercial_partner_id.id,
            "clinic_patient_id": self._get_charge_patient().id,
            "invoice_line_ids": [
                Command.create(self._prepare_invoice_line_vals(charge))
                for charge in charges
            ],
        }

    def _prepare_invoice_line_vals(self, charge):
        """Return the values of the invoice line for one ``charge``."""
        price = charge.get("price_unit")
        return {
            "product_id": charge["product_id"],
            "quantity": charge["quantity"],
            "name": charge["name"],
            "price_unit": self._get_price() if price is None else price,
            "discount": charge.get("discount", 0.0),
        }

    def _create_invoices(self):
        """Create draft invoices; return {record id: invoice}, free ones left out.

        Called in sudo mode: whoever books a visit need not be an accountant.
        """
        branches = self.env["clinic.branch"]
        days = {company: branches._clinic_day(company) for company in self.company_id}
        vals_by_id = {}
        for record in self:
            vals = record._prepare_invoice_vals()
            # Nothing to pay for a service given for free: no document either.
            if any(
                command[2]["price_unit"] * command[2]["quantity"]
                for command in vals["invoice_line_ids"]
            ):
                day = days[record.company_id]
                vals_by_id[record.id] = {"invoice_date": day, **vals}
        self._check_books()
        invoices = self.env["account.move"].create(list(vals_by_id.values()))
        return dict(zip(vals_by_id, invoices, strict=True))

    def _check_books(self):
        """Refuse to invoice for a company without a chart of accounts."""
        for company in self.company_id:
            if not company.chart_template:
                raise UserError(
                    self.env._(
                        "%(company)s has no chart of accounts yet, so no invoice can "
                        "be made. Ask the administrator to choose one in the "
                        "settings of Invoicing.",
                        company=company.name,
                    )
                )
