from odoo import api, fields, models

# Where the money of the desk lies, by the chart of accounts: (cash, cards).
DESK_ACCOUNTS = {"ru_clinic": {"cash": "ru50_01", "bank": "ru57_03"}}


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

    @api.model_create_multi
    def create(self, vals_list):
        """Give a new Russian company our chart, so that it can work at once."""
        companies = super().create(vals_list)
        if self.env.registry.ready and self.env.is_system():
            russia = self.env.ref("base.ru")
            for company in companies.filtered(
                lambda company: not company.parent_id and company.country_id == russia
            ):
                if not company.chart_template:
                    self.env["account.chart.template"].try_loading(
                        company._clinic_chart(), company
                    )
        return companies

    def _clinic_chart(self):
        """Return the chart of accounts for a company without one."""
        self.ensure_one()
        return "ru_clinic" if self.country_id.code in (False, "RU") else "generic_coa"

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
            charts = env["account.chart.template"]
            for company in bare.with_env(env).filtered(lambda c: not c.chart_template):
                charts.try_loading(company._clinic_chart(), company)
            if pending and not env.company.chart_template:
                pending(env)

        self.env.registry._auto_install_template = load_charts

    def _clinic_is_russian(self):
        self.ensure_one()
        return self.country_id.code == "RU"

    def _clinic_setup_books(self):
        """Rouble, services without VAT, a cash desk and a card terminal.

        The currency and the default taxes of a Russian company are touched only while
        its books are empty: what an accountant has set up stays.
        """
        for company in self.sudo():
            if (
                company._clinic_is_russian()
                and not company.parent_id
                and not company._existing_accounting()
            ):
                rouble = self.env.ref("base.RUB")
                rouble.active = True
                company.write(
                    {
                        "currency_id": rouble.id,
                        "account_sale_tax_id": False,
                        "account_purchase_tax_id": False,
                    }
                )
            company._clinic_open_desk()
            company._clinic_branches()._clinic_open_desks()

    def _clinic_open_desk(self):
        """Make the cash desk and the card terminal of the company, where missing."""
        self.ensure_one()
        if not self.clinic_cash_journal_id:
            journal = self._clinic_create_journal("CASH", "cash")
            self.clinic_cash_journal_id = journal
        if not self.clinic_card_journal_id:
            journal = self._clinic_create_journal("CARD", "bank")
            self.clinic_card_journal_id = journal

    def _clinic_branches(self):
        """Return the branches of this company, archived ones too."""
        return (
            self.env["clinic.branch"]
            .with_context(active_test=False)
            .search([("company_id", "=", self.id)])
        )

    def _clinic_journal_name(self, kind, branch=None):
        """Return the name of a journal of the desk in the language of the context."""
        names = {
            "cash": self.env._("Cash desk"),
            "bank": self.env._("Card terminal"),
        }
        return f"{names[kind]}: {branch.name}" if branch else names[kind]

    def _clinic_create_journal(self, code, kind, branch=None):
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
                "name": self._clinic_journal_name(kind, branch),
                "code": code,
                "type": kind,
                "company_id": self.root_id.id,
                "default_account_id": self._clinic_desk_account(kind, branch).id,
            }
        )
        for lang, _name in self.env["res.lang"].get_installed():
            name = self.with_context(lang=lang)._clinic_journal_name(
                kind, branch and branch.with_context(lang=lang)
            )
            journal.with_context(lang=lang).name = name
        for line in (
            journal.inbound_payment_method_line_ids
            | journal.outbound_payment_method_line_ids
        ):
            if not line.payment_account_id:
                line.payment_account_id = journal.default_account_id
        return journal

    def _clinic_desk_account(self, kind, branch=None):
        """Return the account of a new journal; none lets Odoo make one.

        A branch has accounts of its own below those of the company, so that its cash
        can be counted by itself: 50.01.1, 50.01.2…
        """
        company = self.root_id
        charts = self.env["account.chart.template"].with_company(company)
        xmlid = DESK_ACCOUNTS.get(company.chart_template, {}).get(kind)
        account = xmlid and charts.ref(xmlid, raise_if_not_found=False)
        if not account or not branch:
            return account or self.env["account.account"]
        account = account.with_company(company)
        own = self.env["account.account"].create(
            {
                "name": f"{account.name}: {branch.name}",
                "code": account._search_new_account_code(f"{account.code}.0"),
                "account_type": account.account_type,
                "company_ids": [fields.Command.link(company.id)],
            }
        )
        for lang, _name in self.env["res.lang"].get_installed():
            title = account.with_context(lang=lang).name
            place = branch.with_context(lang=lang).name
            own.with_context(lang=lang).name = f"{title}: {place}"
        return own

    def _clinic_journals(self, branch=None):
        """Return {"cash": journal, "card": journal} of the desk of ``branch``.

        What a branch has no journal of its own for goes to the company's.
        """
        self.ensure_one()
        branch_sudo = (branch or self.env["clinic.branch"]).sudo()
        return {
            "cash": branch_sudo.cash_journal_id or self.clinic_cash_journal_id,
            "card": branch_sudo.card_journal_id or self.clinic_card_journal_id,
        }

    def _clinic_journal(self, method):
        """Return the journal of a desk payment ``method``: cash or card."""
        return self._clinic_journals()[method]
