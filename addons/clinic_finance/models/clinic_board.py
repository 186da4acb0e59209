from odoo import api, models
from odoo.tools import format_amount


class ClinicBoard(models.AbstractModel):
    """Money on the day board: what is done and not paid stands out in red."""

    _inherit = "clinic.board"

    @api.model
    def _board_card_fields(self):
        return [*super()._board_card_fields(), "amount_due", "company_id"]

    @api.model
    def _board_card(self, visit):
        card = super()._board_card(visit)
        if visit.amount_due and visit.state == "fulfilled":
            card["alert"] = "unpaid"
            card["due"] = self._board_amount(visit, visit.amount_due)
        elif visit.amount_due and visit.state in ("arrived", "in_progress"):
            card["to_pay"] = True
        return card

    @api.model
    def _board_amount(self, visit, amount):
        return format_amount(self.env, amount, visit.company_id.currency_id)

    @api.model
    def _visit_price(self, visit):
        if visit.amount_total:
            return self._board_amount(visit, visit.amount_total)
        return super()._visit_price(visit)

    @api.model
    def _visit_facts(self, visit):
        facts = super()._visit_facts(visit)
        if visit.payment_state == "paid":
            text = self.env._("Paid")
            facts.append({"icon": "fa-check", "text": text, "tone": "success"})
        elif visit.amount_due and visit.state not in ("cancelled", "noshow"):
            text = self.env._(
                "To pay: %(amount)s", amount=self._board_amount(visit, visit.amount_due)
            )
            facts.append({"icon": "fa-rub", "text": text, "tone": "danger"})
        return facts
