import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..tools.charges import percent_of, to_kopecks

_logger = logging.getLogger(__name__)


class ClinicAppointmentCancel(models.Model):
    """What a cancelled visit leaves behind: money back, or a part of it kept."""

    _inherit = "clinic.appointment"

    fee_waiver = fields.Char(
        string="Fee Not Taken",
        readonly=True,
        copy=False,
        help="Why a fee by the cancellation rules was not taken.",
    )

    fee_words = fields.Char(
        string="Fee", compute="_compute_fee_words", compute_sudo=True
    )

    @api.depends("charge_ids.state", "charge_ids.drop_reason", "fee_waiver")
    @api.depends_context("lang")
    def _compute_fee_words(self):
        """Tell at the desk what a cancelled visit costs, or why it costs nothing."""
        for visit in self:
            fee = visit.charge_ids.filtered(lambda charge: charge.kind == "fee")[-1:]
            amount = visit.currency_id.format(fee.amount) if fee else ""
            if not fee:
                visit.fee_words = False
            elif fee.state != "dropped":
                visit.fee_words = self.env._(
                    "Kept by the rules: %(amount)s.", amount=amount
                )
            else:
                visit.fee_words = self.env._(
                    "%(amount)s by the rules were not taken: %(reason)s (%(user)s).",
                    amount=amount,
                    reason=fee.drop_reason or "",
                    user=fee.dropped_by_id.name or "",
                )

    def _move(self, state, force=False, at=None, **vals):
        """Release the documents of what is cancelled, less what the rules keep."""
        if state not in ("cancelled", "noshow"):
            return super()._move(state, force=force, at=at, **vals)
        reason = self.env["clinic.cancel.reason"].browse(
            vals.get("cancel_reason_id") or ()
        )
        # Sudo: the fee follows from the rules, whoever cancels.
        fees = {visit.id: visit.sudo()._cancel_fee(state, reason, at) for visit in self}
        result = super()._move(state, force=force, at=at, **vals)
        visits_sudo = self.sudo()
        kept = visits_sudo.filtered(
            lambda visit: state == "noshow" and visit._keeps_invoice()
        )
        kept._post_invoices()
        (visits_sudo - kept)._release_invoices(fees)
        return result

    def _keeps_invoice(self):
        """Where there are cancellation rules, they say what is kept."""
        return not self._cancel_policy() and super()._keeps_invoice()

    def _cancel_policy(self):
        """Return the rules for cancelling this visit, if any."""
        self.ensure_one()
        service = self.service_id.with_company(self.company_id)
        return service.cancel_policy_id or self.company_id.clinic_cancel_policy_id

    def _cancel_fee(self, state="cancelled", reason=None, at=None):
        """Return what would be kept if the visit were cancelled (or missed) now.

        :param reason: ``clinic.cancel.reason``; the clinic's own cost nothing.
        :param at: the moment (naive UTC), if not now.
        """
        self.ensure_one()
        policy = self._cancel_policy()
        if not policy or self.state not in ("booked", "confirmed", "arrived"):
            return 0.0
        if state == "noshow":
            percent = policy.noshow_percent
        else:
            now = at or fields.Datetime.now()
            grace = timedelta(minutes=policy.grace_minutes)
            by_clinic = reason and reason.side == "clinic"
            if by_clinic or now < self.create_date + grace:
                return 0.0
            percent = policy._kept_percent((self.start - now).total_seconds() / 3600)
        own = sum(
            charge.amount
            for charge in self.charge_ids._standing()
            if not charge.is_covered
        )
        if policy.base == "deposit":
            own = min(self.deposit_amount, own)
        elif policy.base == "paid":
            _covered, total, due = self._payment_figures()
            own = total - due
        return percent_of(to_kopecks(own), percent) / 100

    def _charge_fee(self, amount):
        """Charge the fee, or write down that it was not taken, and why (sudo)."""
        self.ensure_one()
        written = self.with_context(lang=self._charge_lang())
        product = written.env.ref("clinic_finance.product_cancel_fee")
        charge = self.env["clinic.charge"].create(
            {
                "appointment_id": self.id,
                "partner_id": self._get_private_payer().commercial_partner_id.id,
                "product_id": product.product_variant_id.id,
                "name": written.env._(
                    "%(fee)s: %(service)s, %(time)s",
                    fee=product.name,
                    service=written.service_id.name,
                    time=written.local_time,
                ),
                "price_unit": amount,
                "kind": "fee",
                "state": "done",
            }
        )
        if self.fee_waiver:
            charge.write(
                {
                    "state": "dropped",
                    "dropped_by_id": self.env.uid,
                    "dropped_at": fields.Datetime.now(),
                    "drop_reason": self.fee_waiver,
                }
            )
        return charge

    def _after_restore(self, state):
        fees_sudo = self.sudo().charge_ids.filtered(lambda charge: charge.kind == "fee")
        fees_sudo._standing()._drop(self.env._("The cancellation was taken back"))
        self.sudo().fee_waiver = False
        # Sudo: who takes a cancellation back is no accountant.
        self.sudo()._fetch_money_back()
        return super()._after_restore(state)

    def _fetch_money_back(self):
        """Free the money that left this visit when it was cancelled (sudo mode).

        The cancellation let it pay other charges by the rules, the oldest first;
        taken back, it is as if that had not happened. What somebody has matched by
        hand since, or what lies in a closed period, stays.
        """
        matches = self.env["clinic.payment.match"]
        documents = self.invoice_ids | self.invoice_id
        left = matches.search(
            [
                ("debit_line_id.move_id", "in", documents.ids),
                ("undone_at", "!=", False),
                ("stays_undone", "=", False),
                ("rule", "!=", "reversal"),
            ]
        )
        since = matches.search(
            [
                ("credit_line_id", "in", left.credit_line_id.ids),
                ("debit_line_id.move_id", "not in", documents.ids),
                ("partial_id", "!=", False),
                ("rule", "not in", ("manual", "reversal")),
            ]
        )
        # Rows of one transaction have one time: their order is that of their ids.
        left_at = {row.credit_line_id: row.id for row in left.sorted("id")}
        for match in since:
            if match.id < left_at[match.credit_line_id]:
                continue
            try:
                with self.env.cr.savepoint():
                    match.partial_id.unlink()
            except UserError:
                _logger.info("Match %s stays: its period is closed", match.id)

    def _waive_fee(self, reason):
        """Let a cancellation that follows go free, for those who may decide so."""
        if not self.env.user.has_group("clinic_finance.group_charge_override"):
            raise AccessError(
                self.env._("Only the accountant can let a late cancellation go free.")
            )
        self.check_access("read")
        # Sudo after the check: written by this method only.
        self.sudo().fee_waiver = reason
