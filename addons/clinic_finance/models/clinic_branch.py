from odoo import api, fields, models


class ClinicBranch(models.Model):
    """A branch has a cash desk and a card terminal, each with its own journal."""

    _inherit = "clinic.branch"

    cash_journal_id = fields.Many2one(
        "account.journal",
        string="Cash Desk",
        domain="[('type', '=', 'cash'), ('company_id', 'parent_of', company_id)]",
        help="Cash taken at this branch is booked here. Empty: the company's.",
    )
    card_journal_id = fields.Many2one(
        "account.journal",
        string="Card Terminal",
        domain="[('type', 'in', ('bank', 'credit')), "
        "('company_id', 'parent_of', company_id)]",
        help="Card payments at this branch are booked here. Empty: the company's.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        branches = super().create(vals_list)
        branches._clinic_open_desks()
        return branches

    @api.model
    def _clinic_open_all_desks(self):
        """Open what is missing in every company; called when the addon is updated."""
        self.with_context(active_test=False).search([])._clinic_open_desks()

    def _clinic_open_desks(self):
        """Give each branch journals of its own, the first one those of the company.

        A company without a chart of accounts gets them together with the chart.
        """
        # Sudo: who opens a branch is the administrator, who is no accountant.
        for company, branches in self.sudo().grouped("company_id").items():
            if not company.root_id.chart_template:
                continue
            company.with_company(company)._clinic_open_desk()
            taken = company._clinic_branches() - branches
            for branch in branches:
                branch._clinic_open_desk("cash_journal_id", "cash", taken)
                branch._clinic_open_desk("card_journal_id", "bank", taken)
                taken |= branch

    def _clinic_open_desk(self, fname, kind, others):
        if self[fname]:
            return
        company = self.company_id.with_company(self.company_id)
        common = company[f"clinic_{fname}"]
        if common and common not in others.mapped(fname):
            self[fname] = common
            return
        prefix = {"cash": "CSH", "bank": "CRD"}[kind]
        self[fname] = company._clinic_create_journal(
            self._clinic_free_code(prefix), kind, branch=self
        )

    def _clinic_free_code(self, prefix):
        """Return the first code of a journal that is not taken: CSH2, CSH3…"""
        journals = self.env["account.journal"].with_context(active_test=False)
        taken = set(
            journals.search(
                [
                    ("company_id", "=", self.company_id.root_id.id),
                    ("code", "=like", f"{prefix}%"),
                ]
            ).mapped("code")
        )
        number = 2
        while f"{prefix}{number}" in taken:
            number += 1
        return f"{prefix}{number}"
