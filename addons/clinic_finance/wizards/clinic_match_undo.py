from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain


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
        help="Left empty, the rules look for another charge at once; what finds none "
        "stays on the account.",
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
                people._clinic_open_items_domain(wizard.match_ids.company_id)
                & Domain("amount_residual", ">", 0)
                & Domain("id", "not in", wizard.match_ids.debit_line_id.ids)
            )

    def action_undo(self):
        """Take the matches apart; match their money with what was chosen instead.

        Where nothing was chosen the rules look at once, and the screen says what they
        found: money that is free would otherwise wait for the next event.
        """
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
        # Sudo: undo() has checked who may; the desk may not write in the books.
        people_sudo = (
            self.match_ids.partner_id | self.match_ids.charge_partner_id
        ).sudo()
        matches_sudo = people_sudo._clinic_allocate()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "message": self._found_words(matches_sudo),
                "type": "success",
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    def _found_words(self, matches_sudo):
        """Return where the money went, in words."""
        amount = self.currency_id.format(self.amount)
        names = matches_sudo.filtered(
            lambda match: match.credit_line_id in self.match_ids.credit_line_id
        ).mapped("debit_line_id.move_name")
        if names:
            return self.env._(
                "Taken apart. The money now pays: %(names)s.", names=", ".join(names)
            )
        return self.env._(
            "Taken apart. %(amount)s stays on the account.", amount=amount
        )
