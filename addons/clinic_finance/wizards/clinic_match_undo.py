from odoo import api, fields, models
from odoo.exceptions import UserError


class ClinicMatchUndo(models.TransientModel):
    """Why a match is taken apart, and what the money is to pay instead."""

    _name = "clinic.match.undo"
    _description = "Take a Match Apart"

    match_ids = fields.Many2many("clinic.payment.match", string="Matches")
    currency_id = fields.Many2one(related="match_ids.currency_id")
    amount = fields.Monetary(compute="_compute_amount")
    reason = fields.Char(required=True)
    possible_line_ids = fields.Many2many(
        "account.move.line", compute="_compute_possible_line_ids"
    )
    line_id = fields.Many2one(
        "account.move.line",
        string="Pay Instead",
        domain="[('id', 'in', possible_line_ids)]",
        help="Left empty, the money stays on the account, and the rules find the next "
        "charge for it.",
    )

    @api.depends("match_ids")
    def _compute_amount(self):
        for wizard in self:
            wizard.amount = sum(wizard.match_ids.mapped("amount"))

    @api.depends("match_ids")
    def _compute_possible_line_ids(self):
        for wizard in self:
            people = wizard.match_ids.partner_id | wizard.match_ids.charge_partner_id
            wizard.possible_line_ids = self.env["account.move.line"].search(
                [
                    ("partner_id", "in", people.ids),
                    ("company_id", "in", wizard.match_ids.company_id.ids),
                    ("parent_state", "=", "posted"),
                    ("account_type", "=", "asset_receivable"),
                    ("amount_residual", ">", 0),
                    ("id", "not in", wizard.match_ids.debit_line_id.ids),
                ]
            )

    def action_undo(self):
        """Take the matches apart; match their money with what was chosen instead."""
        self.ensure_one()
        money = self.match_ids.credit_line_id
        if self.line_id and len(money) != 1:
            raise UserError(
                self.env._(
                    "These are several payments. Take them apart one by one to say "
                    "what each is to pay instead."
                )
            )
        self.match_ids.undo(self.reason)
        if self.line_id:
            self.env["clinic.payment.match"].match_by_hand(
                self.line_id.id, money.id, self.reason
            )
        return {"type": "ir.actions.act_window_close"}
