"""Card payments that the terminal has taken and nobody has booked.

The browser was closed, the connection broke, or a payment of which nothing was known
turned out to be taken: the patient has paid, the books do not know of it.
"""

from odoo import api, fields, models
from odoo.exceptions import UserError

NOT_BOOKED = ("canceled", "rejected")


class ClinicIotJob(models.Model):
    _inherit = "clinic.iot.job"

    card_payment_ids = fields.One2many(
        "account.payment", "clinic_terminal_job_id", string="Booked Card Payments"
    )
    card_returned = fields.Boolean(
        string="Returned to the Card", readonly=True, copy=False
    )
    card_open = fields.Boolean(
        string="Taken, Not Booked",
        compute="_compute_card_open",
        store=True,
        help="The terminal has charged the card, and no payment says so.",
    )
    card_amount = fields.Monetary(
        string="Sum of the Card", compute="_compute_card_amount"
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    card_patient_id = fields.Many2one(
        "res.partner", string="Patient", compute="_compute_card_patient_id"
    )

    _card_open_idx = models.Index("(device_id) WHERE card_open")

    @api.depends("kind", "state", "card_returned", "card_payment_ids.state")
    def _compute_card_open(self):
        for job in self:
            # Sudo: whoever sees the job need not see the payment.
            payments_sudo = job.sudo().card_payment_ids
            job.card_open = (
                job.kind == "payment"
                and job.state == "done"
                and not job.card_returned
                and not payments_sudo.filtered(lambda one: one.state not in NOT_BOOKED)
            )

    @api.depends("kind", "payload")
    def _compute_card_amount(self):
        for job in self:
            payload = job.payload if isinstance(job.payload, dict) else {}
            by_card = job.kind in ("payment", "refund")
            job.card_amount = (payload.get("amount") or 0) / 100 if by_card else 0.0

    @api.depends("res_model", "res_id")
    def _compute_card_patient_id(self):
        for job in self:
            about = job.res_model == "res.partner" and job.res_id
            job.card_patient_id = about or False

    def _check_card_open(self):
        self._check_group()
        if not self.card_open:
            raise UserError(
                self.env._("This card payment is booked or was returned already.")
            )

    def action_book_card(self):
        """Open the cash screen with the patient and what the card has paid."""
        self._check_card_open()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "clinic_iot.action_clinic_cash_screen"
        )
        return {**action, "params": {"card_job_id": self.id}}

    def action_return_card(self):
        """Ask by which slip the money went back to the card."""
        self._check_card_open()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Returned to the Card"),
            "res_model": "clinic.iot.job.card.return",
            "view_mode": "form",
            "target": "new",
            "context": {"default_job_id": self.id},
        }

    def _return_card(self, reference, reason):
        """Keep that the terminal has given the money back."""
        self._check_card_open()
        # Sudo after the check: people write no jobs.
        self.sudo().write(
            {
                "card_returned": True,
                "handled_by": self.env.uid,
                "handled_reason": reason,
            }
        )
        self.message_post(
            body=self.env._(
                "Returned to the card, slip %(slip)s: %(reason)s",
                slip=reference,
                reason=reason,
            )
        )
        self._notify()

    @api.model
    def _approve_by_slip(self, job_id, reference):
        """Settle a card payment of which nothing is known by the slip in the hand."""
        job = self.browse(job_id).exists()
        if job.kind == "payment" and job.state == "unknown":
            reason = self.env._("Slip %(slip)s of the terminal", slip=reference)
            job._settle_by_hand("done", reason, {"reference": reference})
        return job
