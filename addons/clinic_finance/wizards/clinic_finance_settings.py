from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..tools import requisites

BANK_FIELDS = ("bank_bic", "bank_name", "bank_correspondent", "bank_account")


class ClinicFinanceSettings(models.TransientModel):
    """The settings that are the accountant's, without those of the administrator.

    Odoo shows its settings to system administrators only. A field here is a field of
    the company under the same name: it is read when the screen opens and written when
    it is saved. An addon adds a setting by adding a related-like field and a view.
    """

    _name = "clinic.finance.settings"
    _description = "Finance Settings"

    company_id = fields.Many2one(
        "res.company",
        required=True,
        readonly=True,
        default=lambda self: self.env.company,
    )
    partner_id = fields.Many2one(related="company_id.partner_id")
    name = fields.Char(string="Name of the Organisation")
    vat = fields.Char(string="INN")
    clinic_kpp = fields.Char(string="KPP")
    company_registry = fields.Char(string="OGRN")
    clinic_okpo = fields.Char(string="OKPO")
    clinic_director_name = fields.Char(string="Head of the Clinic")
    clinic_accountant_name = fields.Char(string="Chief Accountant")
    clinic_license = fields.Char(string="Medical License")
    bank_bic = fields.Char(string="BIC")
    bank_name = fields.Char(string="Bank")
    bank_correspondent = fields.Char(string="Correspondent Account")
    bank_account = fields.Char(string="Settlement Account")
    clinic_cash_journal_id = fields.Many2one(
        "account.journal", string="Cash Desk", domain="[('type', '=', 'cash')]"
    )
    clinic_card_journal_id = fields.Many2one(
        "account.journal",
        string="Card Terminal",
        domain="[('type', 'in', ('bank', 'credit'))]",
    )
    clinic_noshow_policy = fields.Selection(
        selection=lambda self: (
            self.env["res.company"]
            ._fields["clinic_noshow_policy"]
            ._description_selection(self.env)
        ),
        string="Invoice After a No-show",
    )
    clinic_send_payment_links = fields.Boolean(
        string="Send Payment Links",
        help="Whoever has not paid gets the payment link two days before the visit "
        "and again the day before, if a payment provider is set up.",
    )
    clinic_cancel_policy_id = fields.Many2one(
        "clinic.cancel.policy",
        string="Cancellation Rules",
        help="What a late cancellation costs where a service has no rules of its own.",
    )
    clinic_series_ahead = fields.Integer(
        string="Regular Visits Invoiced Ahead",
        help="So many of the next visits have invoices; zero: all of them.",
    )
    clinic_pricelist_id = fields.Many2one(
        "product.pricelist",
        string="Base Price List",
        domain="[('company_id', 'in', (False, company_id))]",
        help="Dated prices for everybody, e.g. those of next month. A service that is "
        "not on it costs what its card says.",
    )
    clinic_block_hold_minutes = fields.Integer(
        string="Time Kept for Prepayment, Minutes",
        help="How long the time of a visit is kept for a patient who books only with "
        "prepayment.",
    )
    clinic_late_days = fields.Integer(
        string="Late After, Days",
        help="An invoice paid so many days after it was due counts as paid late.",
    )
    clinic_lifted_days = fields.Integer(
        string="Rules Leave a Lifted Block Alone, Days",
        help="Whoever lifted a block decided so: no rule blocks the patient again for "
        "so many days.",
    )
    clinic_bill_queue = fields.Boolean(
        string="Pay Only Approved Bills",
        help="Every vendor bill stands in the queue of bills, and is paid after it is "
        "approved there.",
    )

    @api.model
    def _company_fields(self):
        """Return the names of the fields that are written to the company."""
        company = self.env["res.company"]
        return [
            name
            for name, field in self._fields.items()
            if name in company._fields
            and name not in (*models.MAGIC_COLUMNS, "company_id", "display_name")
            and not field.related
        ]

    @api.model
    def default_get(self, fields):
        values = super().default_get(fields)
        # Sudo: requisites are no secret, and this screen is for accountants only.
        company_sudo = self.env.company.sudo()
        for name in self._company_fields():
            if name in fields:
                values[name] = company_sudo._fields[name].convert_to_write(
                    company_sudo[name], company_sudo
                )
        account = company_sudo._clinic_bank_account()
        bank = account.bank_id
        values.update(
            bank_bic=bank.bic,
            bank_name=bank.name,
            bank_correspondent=bank.clinic_correspondent_account,
            bank_account=account.acc_number,
        )
        return {name: value for name, value in values.items() if name in fields}

    @api.onchange("bank_bic")
    def _onchange_bank_bic(self):
        """A bank that is known already is not typed again."""
        bank = self.env["res.bank"].search(
            [("bic", "=", requisites.digits(self.bank_bic))], limit=1
        )
        if self.bank_bic and bank:
            self.bank_name = bank.name
            self.bank_correspondent = bank.clinic_correspondent_account

    def action_save(self):
        """Write what was changed to the company."""
        self.ensure_one()
        if not self.env.user.has_group("account.group_account_manager"):
            raise AccessError(self.env._("Only an accountant changes these settings."))
        # Sudo after the check: a company is written by administrators only, and here
        # it is written in the fields of this screen alone.
        company_sudo = self.company_id.sudo()
        changed = {
            name: self._fields[name].convert_to_write(self[name], self)
            for name in self._company_fields()
            if self[name] != company_sudo[name]
        }
        if changed:
            company_sudo.write(changed)
        self._save_bank(company_sudo)
        return {"type": "ir.actions.act_window_close"}

    def _save_bank(self, company_sudo):
        bic, correspondent, number = map(
            requisites.digits,
            (self.bank_bic, self.bank_correspondent, self.bank_account),
        )
        if not (bic or number):
            return
        if not (bic and number and self.bank_name):
            raise UserError(
                self.env._("Enter BIC, name of the bank and settlement account.")
            )
        if not requisites.is_bic(bic):
            raise UserError(self.env._("BIC %(bic)s is mistyped.", bic=bic))
        banks_sudo = self.env["res.bank"].sudo()
        bank = banks_sudo.search([("bic", "=", bic)], limit=1)
        values = {
            "name": self.bank_name,
            "bic": bic,
            "clinic_correspondent_account": correspondent,
            "country": self.env.ref("base.ru").id,
        }
        if bank:
            bank.write(values)
        else:
            bank = banks_sudo.create(values)
        accounts_sudo = company_sudo.bank_ids.with_context(active_test=False)
        account = accounts_sudo.search(
            [
                ("partner_id", "=", company_sudo.partner_id.id),
                ("sanitized_acc_number", "=", number),
            ],
            limit=1,
        )
        if account:
            account.write({"bank_id": bank.id, "active": True})
        else:
            account = accounts_sudo.create(
                {
                    "acc_number": number,
                    "bank_id": bank.id,
                    "partner_id": company_sudo.partner_id.id,
                }
            )
        company_sudo.clinic_bank_account_id = account
