from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import str2bool


class AccountMove(models.Model):
    _inherit = "account.move"

    clinic_patient_id = fields.Many2one(
        "res.partner",
        string="Patient",
        index="btree_not_null",
        readonly=True,
        help="Who was treated. The customer of the invoice is who pays.",
    )
    clinic_appointment_id = fields.Many2one(
        "clinic.appointment",
        string="Appointment",
        index="btree_not_null",
        readonly=True,
        copy=False,
        ondelete="set null",
    )

    def _reverse_moves(self, default_values_list=None, cancel=False):
        """Keep the appointment on the credit note too."""
        default_values_list = default_values_list or [{} for move in self]
        for move, values in zip(self, default_values_list, strict=True):
            if move.clinic_appointment_id:
                values.setdefault(
                    "clinic_appointment_id", move.clinic_appointment_id.id
                )
        return super()._reverse_moves(default_values_list, cancel=cancel)

    def _invoice_paid_hook(self):
        """Let the day board show that a visit is paid."""
        result = super()._invoice_paid_hook()
        self.clinic_appointment_id._board_changed()
        return result

    def _clinic_is_living_hold(self):
        """Tell whether this draft belongs to a window still held for payment."""
        self.ensure_one()
        appointment = self.clinic_appointment_id
        return (
            self.state == "draft"
            and self.move_type == "out_invoice"
            and appointment.state == "hold"
            and (
                not appointment.hold_until
                or appointment.hold_until > fields.Datetime.now()
            )
        )

    def _has_to_be_paid(self):
        """Let the held window be paid for: its invoice is a draft until then."""
        if super()._has_to_be_paid():
            return True
        param = "account_payment.enable_portal_payment"
        return (
            str2bool(self.env["ir.config_parameter"].sudo().get_param(param))
            and self._clinic_is_living_hold()
            and self.amount_total > 0
            and not self.transaction_ids.filtered(
                lambda tx: (
                    tx.state == "done"
                    or tx.state in ("pending", "authorized")
                    and tx.provider_code not in ("none", "custom")
                )
            )
        )

    @api.private
    def _check_online_amount(self, amount):
        """Refuse an online payment of a visit that is not what is due.

        A held window is bought whole; of a booked visit a part may be paid, as the
        payment link allows, but never more than is due.
        """
        for invoice in self.filtered("clinic_appointment_id"):
            due = invoice.amount_residual
            compare = invoice.currency_id.compare_amounts
            is_draft = invoice.state == "draft"
            if (
                invoice.state == "cancel"
                or is_draft
                and not invoice._clinic_is_living_hold()
            ):
                raise ValidationError(
                    self.env._(
                        "The time kept for this visit has run out, so it cannot be "
                        "paid any more. Please choose a time again."
                    )
                )
            if is_draft and not invoice._has_to_be_paid():
                raise ValidationError(
                    self.env._("A payment for this visit is already on its way.")
                )
            if invoice.currency_id.is_zero(due):
                raise ValidationError(self.env._("This visit is already paid."))
            if (
                compare(amount, 0) <= 0
                or compare(amount, due) > 0
                or is_draft
                and compare(amount, due)
            ):
                raise ValidationError(
                    self.env._(
                        "The sum to pay is %(due)s. Please reload the page and try "
                        "again.",
                        due=invoice.currency_id.format(due),
                    )
                )

    def _clinic_payment_url(self):
        """Return the link by which anybody who has it can see and pay the invoice.

        It carries no sum: whatever is due when it is opened is what is asked.
        """
        self.ensure_one()
        path = self.get_portal_url(query_string="&payment=True", anchor="portal_pay")
        return self.get_base_url().rstrip("/") + path

    def action_clinic_print(self):
        """Open the invoice as PDF; the token spares the desk accounting rights."""
        self.ensure_one()
        self.check_access("read")
        # The token is written on first use, which the desk may not do itself.
        url = self.sudo().get_portal_url(report_type="pdf", download=True)
        return {"type": "ir.actions.act_url", "url": url, "target": "new"}
