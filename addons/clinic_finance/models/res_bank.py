from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..tools import requisites


class ResBank(models.Model):
    _inherit = "res.bank"

    clinic_correspondent_account = fields.Char(
        string="Correspondent Account",
        help="Of the bank at the Bank of Russia; printed on invoices for payment.",
    )

    @api.constrains("bic", "clinic_correspondent_account")
    def _check_clinic_correspondent_account(self):
        for bank in self.filtered("clinic_correspondent_account"):
            if not requisites.is_correspondent_account(
                requisites.digits(bank.clinic_correspondent_account), bank.bic or ""
            ):
                raise ValidationError(
                    self.env._(
                        "Correspondent account %(account)s does not belong to the bank "
                        "with BIC %(bic)s. Compare both with the bank's letter.",
                        account=bank.clinic_correspondent_account,
                        bic=bank.bic or "—",
                    )
                )


class ResPartnerBank(models.Model):
    _inherit = "res.partner.bank"

    @api.constrains("acc_number", "bank_id")
    def _check_clinic_account(self):
        """Check the key of an account in a Russian bank; others have other rules."""
        for account in self:
            bic = account.bank_id.bic or ""
            if requisites.is_bic(bic) and not requisites.is_account(
                requisites.digits(account.acc_number), bic
            ):
                raise ValidationError(
                    self.env._(
                        "Account %(account)s does not fit the bank with BIC %(bic)s: "
                        "one of the two is mistyped.",
                        account=account.acc_number,
                        bic=bic,
                    )
                )
