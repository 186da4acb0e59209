from odoo import api, fields, models

from ..tools import requisites
from ..tools.bank_qr import Payee


class ResCompany(models.Model):
    """What is printed on the documents of the clinic."""

    _inherit = "res.company"

    clinic_kpp = fields.Char(related="partner_id.clinic_kpp", readonly=False)
    clinic_okpo = fields.Char(string="OKPO", help="Printed on cash orders.")
    clinic_director_name = fields.Char(
        string="Head of the Clinic",
        help="Signs acts and cash orders, e.g. Smirnov A. B.",
    )
    clinic_accountant_name = fields.Char(
        string="Chief Accountant", help="Signs invoices for payment and cash orders."
    )
    clinic_license = fields.Char(
        string="Medical License", help="Number, date and issuer, printed on acts."
    )
    clinic_bank_account_id = fields.Many2one(
        "res.partner.bank",
        string="Settlement Account",
        domain="[('partner_id', '=', partner_id)]",
        help="Printed on invoices for payment and in their QR code.",
    )

    def _clinic_bank_account(self):
        """Return the account that documents name: the chosen one, else the first."""
        self.ensure_one()
        return self.clinic_bank_account_id or self.bank_ids[:1]

    def _clinic_payee(self):
        """Return who receives payments as plain data for the QR code, or None."""
        account = self._clinic_bank_account()
        bank = account.bank_id
        if not (account.acc_number and bank.bic and bank.name):
            return None
        return Payee(
            name=self.name,
            account=requisites.digits(account.acc_number),
            bank=bank.name,
            bic=bank.bic,
            correspondent=requisites.digits(bank.clinic_correspondent_account),
            inn=requisites.digits(self.vat),
            kpp=requisites.digits(self.clinic_kpp),
        )

    def _clinic_money(self, amount):
        """Return an amount as Russian documents print it: 2 500,00."""
        return f"{amount:,.2f}".replace(",", "\u00a0").replace(".", ",")

    @api.model
    def _clinic_kopecks(self, amount):
        """Return an amount as whole kopecks."""
        return round(amount * 100)
