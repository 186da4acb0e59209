from odoo import api, fields, models
from odoo.fields import Domain

from .res_partner import MONEY_GROUPS


class ResPartner(models.Model):
    """What a person should have paid by now, as against what is still to come."""

    _inherit = "res.partner"

    clinic_overdue = fields.Monetary(
        string="Overdue",
        compute="_compute_clinic_overdue",
        compute_sudo=True,
        search="_search_clinic_overdue",
        currency_field="clinic_currency_id",
        groups=MONEY_GROUPS,
        help="Open invoices whose day of payment is over, less the money on the "
        "account. Visits still to come are not in it.",
    )

    @api.depends_context("company")
    def _compute_clinic_overdue(self):
        company = self.env.company
        money = self.env["clinic.appointment"]._finance_money(self)
        for partner in self:
            account = money.get((partner.id, company.id))
            partner.clinic_overdue = (
                max(account["debt"] - account["free"], 0.0) if account else 0.0
            )

    def _search_clinic_overdue(self, operator, value):
        if operator != ">":
            return NotImplemented
        # Sudo: the figure itself is shown to whoever may see this field.
        everybody = self.sudo().browse()
        late = everybody._clinic_open_items_domain(self.env.company, anybody=True)
        late &= Domain("amount_residual", ">", 0)
        late &= Domain("date_maturity", "<", fields.Date.context_today(self))
        groups = self.env["account.move.line"].sudo()._read_group(late, ["partner_id"])
        people = self.browse([partner.id for [partner] in groups])
        found = people.filtered(lambda person: person.sudo().clinic_overdue > value)
        return Domain("id", "in", found.ids)

    def _clinic_desk_warnings(self):
        """Add what the payer is late with, for those who may see money."""
        warnings = super()._clinic_desk_warnings()
        payer = self._clinic_payer()
        if payer._has_field_access(payer._fields["clinic_overdue"], "read"):
            currency = self.env.company.currency_id
            if not currency.is_zero(payer.clinic_overdue):
                warnings.append(
                    self.env._(
                        "Owes %(amount)s", amount=currency.format(payer.clinic_overdue)
                    )
                )
        return warnings
