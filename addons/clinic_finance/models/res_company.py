from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    clinic_cash_journal_id = fields.Many2one(
        "account.journal",
        string="Cash Desk",
        check_company=True,
        domain="[('type', '=', 'cash')]",
        help="Cash taken at the reception is booked here and settled at once.",
    )
    clinic_card_journal_id = fields.Many2one(
        "account.journal",
        string="Card Terminal",
        check_company=True,
        domain="[('type', 'in', ('bank', 'credit'))]",
        help="Card payments at the reception are booked here and settled at once.",
    )
    clinic_noshow_policy = fields.Selection(
        [
            ("prepaid", "Only where payment in advance is required"),
            ("always", "Always"),
            ("never", "Never"),
        ],
        string="Invoice After a No-show",
        default="prepaid",
        required=True,
        help="When the patient did not come, the invoice is either kept or credited; "
        "the money of a credited invoice stays on the account.",
    )

    def _clinic_ensure_books(self):
        """Set up the books, loading a chart of accounts where there is none.

        A chart needs the complete registry: while addons are being installed the
        loading is left to the end, in the same way as Odoo does it itself.
        """
        for company in self.filtered("chart_template"):
            company._clinic_setup_books()
        bare = self.filtered(lambda company: not company.chart_template)
        if not bare:
            return
        pending = getattr(self.env.registry, "_auto_install_template", None)

        def load_charts(env):
            if pending:
                pending(env)
            for company in bare.with_env(env).filtered(lambda c: not c.chart_template):
                env["account.chart.template"].try_loading("generic_coa", company)

        self.env.registry._auto_install_template = load_charts

    def _clinic_setup_books(self):
        """Rouble, services without VAT, a cash desk and a card terminal.

        The currency and the default taxes are touched only while the books are
        empty: what an accountant has set up stays.
        """
        for company in self.sudo():
            if not company.parent_id and not company._existing_accounting():
                rouble = self.env.ref("base.RUB")
                rouble.active = True
                company.write(
                    {
                        "currency_id": rouble.id,
                        "account_sale_tax_id": False,
                        "account_purchase_tax_id": False,
                    }
                )
            if not company.clinic_cash_journal_id:
                journal = company._clinic_create_journal("CASH", "cash")
                company.clinic_cash_journal_id = journal
            if not company.clinic_card_journal_id:
                journal = company._clinic_create_journal("CARD", "bank")
                company.clinic_card_journal_id = journal

    def _clinic_journal_name(self, code):
        """Return the name of one of our journals in the language of the context."""
        return {
            "CASH": self.env._("Cash desk"),
            "CARD": self.env._("Card terminal"),
        }[code]

    def _clinic_create_journal(self, code, kind):
        """Return the journal with this code, whose payments settle at once.

        Without an account of its own on the method lines, Community would book a
        payment to Outstanding Receipts and leave it open for ever.
        """
        self.ensure_one()
        journal = self.env["account.journal"].search(
            [
                ("company_id", "=", self.root_id.id),
                ("code", "=", code),
                ("type", "=", kind),
            ],
            limit=1,
        ) or self.env["account.journal"].create(
            {
                "name": self._clinic_journal_name(code),
                "code": code,
                "type": kind,
                "company_id": self.root_id.id,
            }
        )
        for lang, _name in self.env["res.lang"].get_installed():
            name = self.with_context(lang=lang)._clinic_journal_name(code)
            journal.with_context(lang=lang).name = name
        for line in (
            journal.inbound_payment_method_line_ids
            | journal.outbound_payment_method_line_ids
        ):
            if not line.payment_account_id:
                line.payment_account_id = journal.default_account_id
        return journal

    def _clinic_journal(self, method):
        """Return the journal of a desk payment ``method``: cash or card."""
        self.ensure_one()
        return {
            "cash": self.clinic_cash_journal_id,
            "card": self.clinic_card_journal_id,
        }[method]
