from odoo import models


class ResPartner(models.Model):
    _inherit = "res.partner"

    def action_clinic_statement(self):
        """Open the statement of this person: every charge, payment and match."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "clinic_finance.action_clinic_account_item"
        )
        company = self.env.company
        return {
            **action,
            "name": self.env._("Statement: %(name)s", name=self.name),
            "domain": [
                ("partner_id", "=", self.commercial_partner_id.id),
                ("company_id", "=", company.id),
            ],
            "context": {
                "default_partner_id": self.commercial_partner_id.id,
                "default_company_id": company.id,
                "search_default_money": 1,
            },
        }

    def action_clinic_print_statement(self):
        """Ask for the period, then print the statement of this person."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Print the Statement"),
            "res_model": "clinic.statement.wizard",
            "view_mode": "form",
            "target": "new",
            "context": {"default_partner_id": self.commercial_partner_id.id},
        }
