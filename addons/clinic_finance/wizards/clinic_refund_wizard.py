from uuid import uuid4

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools.misc import clean_context


class ClinicRefundWizard(models.TransientModel):
    """Money given back: a named payment, or what waits on the account."""

    _name = "clinic.refund.wizard"
    _description = "Return Money"

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    partner_id = fields.Many2one(
        "res.partner", string="Return To", required=True, readonly=True
    )
    payment_id = fields.Many2one(
        "account.payment",
        readonly=True,
        help="Empty: what waits on the account is returned.",
    )
    amount_max = fields.Monetary(
        string="Can Be Returned", compute="_compute_amount_max"
    )
    amount = fields.Monetary(compute="_compute_amount", store=True, readonly=False)
    can_online = fields.Boolean(compute="_compute_amount_max")
    method = fields.Selection(
        [
            ("cash", "Cash"),
            ("card", "Card by terminal"),
            ("online", "The way it was paid online"),
        ],
        compute="_compute_method",
        store=True,
        readonly=False,
    )
    reason = fields.Char(required=True)
    credit = fields.Boolean(
        string="The service is not provided",
        help="The invoices that this money had paid are credited. Otherwise they are "
        "to be paid anew.",
    )
    consequence = fields.Text(compute="_compute_consequence")
    key = fields.Char(required=True, default=lambda self: str(uuid4()), readonly=True)

    @api.depends("payment_id", "partner_id", "company_id")
    def _compute_amount_max(self):
        for wizard in self:
            # Sudo: shown to who may return money; the books are closed to the desk.
            payment_sudo = wizard.payment_id.sudo()
            if payment_sudo:
                wizard.amount_max = payment_sudo.clinic_refundable
            else:
                items = wizard._free_money()
                wizard.amount_max = -sum(items.mapped("amount_residual"))
            tx_sudo = payment_sudo.payment_transaction_id
            wizard.can_online = bool(tx_sudo) and (
                tx_sudo.provider_id.support_refund != "none"
            )

    @api.depends("payment_id", "can_online")
    def _compute_method(self):
        for wizard in self:
            journal_sudo = wizard.payment_id.sudo().journal_id
            if wizard.can_online:
                wizard.method = "online"
            else:
                by_card = journal_sudo.type in ("bank", "credit")
                wizard.method = "card" if by_card else "cash"

    @api.depends("amount_max")
    def _compute_amount(self):
        for wizard in self:
            wizard.amount = wizard.amount_max

    @api.depends("payment_id", "amount", "credit")
    def _compute_consequence(self):
        for wizard in self:
            lines = []
            if wizard.payment_id and wizard.amount > 0:
                undo = wizard.payment_id.sudo()._clinic_matches_to_undo(wizard.amount)
                for partial, part in undo:
                    names = {
                        "invoice": partial.debit_move_id.move_id.name,
                        "amount": wizard.currency_id.format(
                            part if wizard.credit else partial.amount
                        ),
                    }
                    lines.append(
                        self.env._("%(invoice)s: credited for %(amount)s", **names)
                        if wizard.credit
                        else self.env._("%(invoice)s: unmatched, %(amount)s", **names)
                    )
            wizard.consequence = "\n".join(lines)

    @api.model
    def _open(self, **defaults):
        """Return the action that opens this screen with ``default_*`` values."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Return Money"),
            "res_model": self._name,
            "view_mode": "form",
            "target": "new",
            "context": defaults,
        }

    def _free_money(self):
        """Return (sudo) what waits on the payer's account, the newest first."""
        self.ensure_one()
        return (
            self.env["account.move.line"]
            .sudo()
            .search(
                self.partner_id.commercial_partner_id._clinic_open_items_domain(
                    self.company_id
                )
                & Domain("amount_residual", "<", 0),
                order="date desc, id desc",
            )
        )

    # Returning ---------------------------------------------------------------

    def action_refund(self):
        """Return the money and say what was done."""
        self.ensure_one()
        done = self._refund()
        amount = self.currency_id.format(self.amount)
        message = (
            self.env._("Returned: %(amount)s.", amount=amount)
            if done
            else self.env._(
                "The provider was asked to return %(amount)s; it will be booked when "
                "the provider confirms it.",
                amount=amount,
            )
        )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success" if done else "info",
                "message": message,
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    def _refund(self):
        """Return the outgoing payment (sudo), none while a provider works on it."""
        self.ensure_one()
        if not self.env.su and not self.env.user.has_group(
            "clinic_finance.group_payment_refunder"
        ):
            raise AccessError(
                self.env._("Only the cash desk and the accountants can return money.")
            )
        self.payment_id.check_access("read")
        if self.company_id not in self.env.companies or (
            self.payment_id and self.payment_id.company_id != self.company_id
        ):
            raise AccessError(
                self.env._("Choose the company whose money is to be returned.")
            )
        # Sudo after the checks: the desk returns money, it does not keep the books.
        # The defaults of this screen are not meant for what is made from it.
        context = clean_context(self.env.context)
        return self.with_env(self.env(su=True, context=context))._refund_sudo()

    def _refund_sudo(self):
        intents = self.env["clinic.payment.intent"]
        if self.method == "online":
            # The row of the payment is written first: of two who return it at one
            # moment the second is told to try again, and then finds less to return.
            self.payment_id.lock_for_update()
            self.payment_id.write({"clinic_refund_reason": self.reason})
            self._check_amount()
            return self._refund_online()
        vals = self._prepare_refund_vals()
        intent = intents._claim(
            "refund",
            self.company_id,
            {
                self.key: {
                    **intents._payment_payload(vals),
                    "of": self.payment_id.id,
                    "credit": self.credit,
                }
            },
        )[self.key]
        if intent.payment_id:
            return intent.payment_id
        self._check_amount()
        refund = self.env["account.payment"].create(vals)
        refund.action_post()
        intent._done(refund)
        if self.payment_id:
            self.payment_id._clinic_take_back(refund, credit=self.credit)
        else:
            refund._clinic_pair_with(self._free_money())
        return refund

    def _check_amount(self):
        self.invalidate_recordset(["amount_max"])
        compare = self.currency_id.compare_amounts
        if compare(self.amount_max, 0) <= 0:
            raise UserError(
                self.env._(
                    "There is nothing left to return: the money has been returned "
                    "already, perhaps just now by a colleague."
                )
            )
        if compare(self.amount, 0) <= 0:
            raise UserError(self.env._("Enter the amount to return."))
        if compare(self.amount, self.amount_max) > 0:
            raise UserError(
                self.env._(
                    "Not more than %(amount)s can be returned.",
                    amount=self.currency_id.format(self.amount_max),
                )
            )

    def _prepare_refund_vals(self):
        """Return the values of the outgoing payment."""
        taken_in = self.payment_id.journal_id
        if taken_in.type == "cash" and self.method == "cash":
            journal = taken_in  # back from the desk that has taken it
        else:
            branch = self.payment_id.clinic_appointment_id.branch_id
            journal = self.company_id._clinic_journals(branch)[self.method]
        if not journal:
            raise UserError(
                self.env._(
                    "No journal is chosen for this way of paying. Ask the "
                    "administrator to choose it in the settings of Invoicing."
                )
            )
        source = self.payment_id
        memo = self.env._(
            "Refund %(payment)s: %(reason)s",
            payment=source.name or "",
            reason=self.reason,
        )
        return {
            "payment_type": "outbound",
            "partner_type": "customer",
            # Back to who has paid, whatever the screen was told.
            "partner_id": (
                source.partner_id or self.partner_id.commercial_partner_id
            ).id,
            "company_id": self.company_id.id,
            "date": fields.Date.context_today(self),
            "amount": self.amount,
            "currency_id": self.currency_id.id,
            "journal_id": journal.id,
            "memo": " ".join(memo.split()),
            "clinic_key": f"refund:{self.key}",
            "clinic_refund_of_id": source.id,
            "clinic_refund_reason": self.reason,
            "clinic_patient_id": source.clinic_patient_id.id,
            "clinic_appointment_id": source.clinic_appointment_id.id,
        }

    def _refund_online(self):
        """Ask the provider; a confirmed refund is booked at once."""
        source_tx = self.payment_id.payment_transaction_id
        if not self.can_online:
            raise UserError(self.env._("This payment cannot be returned online."))
        refund_tx = source_tx._refund(amount_to_refund=self.amount)
        refund_tx.clinic_refund_credit = self.credit
        refund_tx.clinic_refund_reason = self.reason
        if refund_tx.state == "error":
            raise UserError(
                self.env._(
                    "The provider refused to return the money: %(message)s",
                    message=refund_tx.state_message or "",
                )
            )
        if refund_tx.state == "done":
            refund_tx._post_process()
        return refund_tx.payment_id
