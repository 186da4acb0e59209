from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ClinicStatementWizard(models.TransientModel):
    """The period of a printed statement, and the numbers on it."""

    _name = "clinic.statement.wizard"
    _description = "Statement of an Account"

    partner_id = fields.Many2one(
        "res.partner", string="Whose Account", required=True, readonly=True
    )
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    date_from = fields.Date(
        required=True,
        default=lambda self: (
            fields.Date.context_today(self) + relativedelta(months=-3, day=1)
        ),
    )
    date_to = fields.Date(required=True, default=fields.Date.context_today)
    with_matches = fields.Boolean(
        string="Which Payment Paid What",
        help="Adds a row for each match of a payment with a charge.",
    )

    @api.constrains("date_from", "date_to")
    def _check_period(self):
        for wizard in self:
            if wizard.date_from > wizard.date_to:
                raise ValidationError(
                    self.env._("The period ends before it begins. Correct the dates.")
                )

    def action_print(self):
        """Print the statement for the period."""
        self.ensure_one()
        return self.env.ref("clinic_finance.action_report_statement").report_action(
            self
        )

    def _get_statement(self):
        """Return ``rows`` and ``opening``, ``charged``, ``paid``, ``closing``."""
        self.ensure_one()
        whose = [
            ("partner_id", "=", self.partner_id.commercial_partner_id.id),
            ("company_id", "=", self.company_id.id),
        ]
        items = self.env["clinic.account.item"].search_fetch(
            [*whose, ("date", ">=", self.date_from), ("date", "<=", self.date_to)],
            order="position",
        )
        before = self.env["clinic.account.item"].search(
            [*whose, ("date", "<", self.date_from)], order="position desc", limit=1
        )
        opening = before.balance
        charged, paid = sum(items.mapped("charged")), sum(items.mapped("paid"))
        return {
            "rows": items.filtered(
                lambda item: (
                    item.kind != "match"
                    or self.with_matches
                    or item.charged
                    or item.paid
                )
            ),
            "opening": opening,
            "charged": charged,
            "paid": paid,
            "closing": items[-1:].balance if items else opening,
        }
