from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tools.misc import format_date

from ..tools.charges import due_parts, even_parts, to_kopecks


class ClinicInstalmentWizard(models.TransientModel):
    """Agrees that an invoice is paid in parts, each due on its day."""

    _name = "clinic.instalment.wizard"
    _description = "Pay in Instalments"

    move_id = fields.Many2one("account.move", required=True, readonly=True)
    currency_id = fields.Many2one(related="move_id.currency_id")
    amount = fields.Monetary(related="move_id.amount_residual", string="To Pay")
    count = fields.Integer(string="Parts", default=3, required=True)
    first_day = fields.Date(required=True, default=fields.Date.context_today)
    step = fields.Selection(
        [
            ("week", "Every week"),
            ("fortnight", "Every two weeks"),
            ("month", "Monthly"),
        ],
        default="month",
        required=True,
    )
    line_ids = fields.One2many(
        "clinic.instalment.wizard.line",
        "wizard_id",
        compute="_compute_line_ids",
        store=True,
        readonly=False,
    )
    difference = fields.Monetary(compute="_compute_difference")

    @api.depends("move_id", "count", "first_day", "step")
    def _compute_line_ids(self):
        """Even parts in whole roubles; the last takes the rest."""
        steps = {
            "week": relativedelta(weeks=1),
            "fortnight": relativedelta(weeks=2),
            "month": relativedelta(months=1),
        }
        for wizard in self:
            if not (wizard.move_id and wizard.first_day and 1 <= wizard.count <= 36):
                wizard.line_ids = [Command.clear()]
                continue
            parts = even_parts(to_kopecks(wizard.amount), wizard.count, unit=100)
            wizard.line_ids = [
                Command.clear(),
                *(
                    Command.create(
                        {
                            "day": wizard.first_day + steps[wizard.step] * number,
                            "amount": part / 100,
                        }
                    )
                    for number, part in enumerate(parts)
                ),
            ]

    @api.depends("line_ids.amount", "amount")
    def _compute_difference(self):
        for wizard in self:
            wizard.difference = wizard.amount - sum(wizard.line_ids.mapped("amount"))

    def action_apply(self):
        self.ensure_one()
        if not self.env.user.has_group("account.group_account_invoice"):
            raise AccessError(self.env._("Only an accountant agrees on instalments."))
        if not self.currency_id.is_zero(self.difference):
            raise UserError(
                self.env._(
                    "The parts differ from what is to be paid by %(amount)s.",
                    amount=self.currency_id.format(self.difference),
                )
            )
        if any(line.amount <= 0 for line in self.line_ids):
            raise UserError(self.env._("Each part is more than zero."))
        days = self.line_ids.mapped("day")
        if len(set(days)) < len(days):
            raise UserError(self.env._("Each part has a day of its own."))
        self.move_id.sudo()._clinic_set_schedule(
            [(line.day, to_kopecks(line.amount)) for line in self.line_ids]
        )
        return {"type": "ir.actions.act_window_close"}


class ClinicInstalmentWizardLine(models.TransientModel):
    _name = "clinic.instalment.wizard.line"
    _description = "Instalment"
    _order = "day, id"

    wizard_id = fields.Many2one(
        "clinic.instalment.wizard", required=True, index=True, ondelete="cascade"
    )
    currency_id = fields.Many2one(related="wizard_id.currency_id")
    day = fields.Date(string="Due", required=True)
    amount = fields.Monetary(required=True)


class AccountMove(models.Model):
    _inherit = "account.move"

    clinic_due_words = fields.Text(
        string="Instalments", compute="_compute_clinic_due_words"
    )

    @api.depends("clinic_due_parts", "amount_total")
    @api.depends_context("lang")
    def _compute_clinic_due_words(self):
        """One line a part: its day and its sum; paid ones are parts too."""
        for move in self:
            agreed = [
                (fields.Date.to_date(day), kopecks)
                for day, kopecks in move.clinic_due_parts or ()
            ]
            parts = due_parts(to_kopecks(move.amount_total), agreed) if agreed else []
            move.clinic_due_words = "\n".join(
                f"{format_date(self.env, day)}: {move.currency_id.format(part / 100)}"
                for day, part in parts
            )

    def action_clinic_instalments(self):
        """Open the screen that divides what is to be paid."""
        self.ensure_one()
        if self.state != "posted" or self.currency_id.is_zero(self.amount_residual):
            raise UserError(self.env._("Nothing is to be paid on this invoice."))
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Pay in Instalments"),
            "res_model": "clinic.instalment.wizard",
            "view_mode": "form",
            "target": "new",
            "context": {"default_move_id": self.id},
        }

    def _clinic_set_schedule(self, parts):
        """Divide the receivable of this posted invoice by ``parts`` (sudo).

        What has been paid already stays a part of its own, due when it was. The lines
        of what was sold are not touched.
        """
        self.ensure_one()
        receivable = self._clinic_receivable()
        partials = receivable.matched_credit_ids
        if any(self._clinic_closed(partial) for partial in partials):
            raise UserError(
                self.env._(
                    "A part of %(name)s was paid in a closed period: its days of "
                    "payment stay.",
                    name=self.name,
                )
            )
        paid = to_kopecks(self.amount_total) - to_kopecks(self.amount_residual)
        before = min(receivable.mapped("date_maturity"))
        schedule = [[str(before), paid]] if paid else []
        schedule += [[str(day), kopecks] for day, kopecks in parts]
        partials.unlink()
        self.button_draft()
        self.write(
            {
                "invoice_payment_term_id": False,
                "clinic_due_parts": schedule,
            }
        )
        self._post(soft=False)
        notes = self.reversal_move_ids.filtered(lambda move: move.state == "posted")
        (self | notes)._clinic_receivable().filtered(
            lambda line: not line.reconciled
        )._clinic_pair_notes()
        self.partner_id._clinic_allocate()
        words = ", ".join(
            f"{self.env['ir.qweb.field.date'].value_to_html(day, {})}: "
            f"{self.currency_id.format(kopecks / 100)}"
            for day, kopecks in parts
        )
        self._message_log(
            body=self.env._("To be paid in parts: %(parts)s", parts=words)
        )


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    def _clinic_pair_notes(self):
        """Match an invoice with its own credit notes before any money comes."""
        if any(line.move_type == "out_refund" for line in self):
            self.reconcile()
