from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Command
from odoo.tools import frozendict, str2bool

from ..tools.charges import due_parts, spread, to_kopecks


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

    clinic_appointment_ids = fields.Many2many(
        "clinic.appointment",
        "clinic_appointment_invoice_rel",
        "move_id",
        "appointment_id",
        string="Appointments",
        readonly=True,
        # Set by whoever makes a document: an accountant may copy one of no visit
        # without any rights on visits.
        copy=False,
        help="More than one where visits are invoiced together.",
    )
    clinic_is_covered = fields.Boolean(
        string="By a Programme",
        readonly=True,
        help="An insurer or employer pays it: nobody asks the patient.",
    )
    clinic_due_parts = fields.Json(
        copy=False,
        help="When it is to be paid in parts: [[day, kopecks], …]. The last part "
        "takes what is left.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        """Whoever names one appointment has named them all."""
        sees_visits = self.env["clinic.appointment"].has_access("read")
        for vals in vals_list:
            visit_id = vals.get("clinic_appointment_id")
            if visit_id and sees_visits and not vals.get("clinic_appointment_ids"):
                vals["clinic_appointment_ids"] = [Command.set([visit_id])]
        moves = super().create(vals_list)
        if not sees_visits:
            # Sudo: the credit note of an accountant who has no rights on visits.
            for move in moves.sudo().filtered("clinic_appointment_id"):
                move.clinic_appointment_ids |= move.clinic_appointment_id
        return moves

    @api.depends("clinic_due_parts")
    def _compute_needed_terms(self):
        """Split the receivable by the agreed days."""
        super()._compute_needed_terms()
        for move in self:
            if (
                not move.clinic_due_parts
                or move.invoice_payment_term_id
                or not move.needed_terms
            ):
                continue
            parts = due_parts(
                abs(to_kopecks(move.amount_total_signed)),
                [
                    (fields.Date.to_date(day), kopecks)
                    for day, kopecks in move.clinic_due_parts
                ],
            )
            sign = -1 if move.amount_total_signed < 0 else 1
            if not parts:
                continue
            move.needed_terms = {
                frozendict(
                    {
                        "move_id": move.id,
                        "date_maturity": day,
                        "discount_date": False,
                        "discount_balance": 0.0,
                        "discount_amount_currency": 0.0,
                    }
                ): {
                    "balance": sign * kopecks / 100,
                    "amount_currency": sign * kopecks / 100,
                }
                for day, kopecks in parts
            }

    def _reverse_moves(self, default_values_list=None, cancel=False):
        """Keep the appointments on the credit note too.

        An accountant of Odoo's own groups may have no rights on visits at all: the
        links are read in sudo mode, and written so after the credit note is made.
        """
        default_values_list = default_values_list or [{} for move in self]
        sees_visits = self.env["clinic.appointment"].has_access("read")
        for move, values in zip(self, default_values_list, strict=True):
            visits_sudo = move.sudo().clinic_appointment_ids
            if visits_sudo:
                values.setdefault(
                    "clinic_appointment_id", move.sudo().clinic_appointment_id.id
                )
                if sees_visits:
                    values.setdefault(
                        "clinic_appointment_ids", [Command.set(visits_sudo.ids)]
                    )
        reverses = super()._reverse_moves(default_values_list, cancel=cancel)
        if not sees_visits:
            for move, reverse in zip(self.sudo(), reverses.sudo(), strict=True):
                if move.clinic_appointment_ids:
                    reverse.clinic_appointment_ids = move.clinic_appointment_ids
        return reverses

    def _invoice_paid_hook(self):
        """Let the day board show that a visit is paid."""
        result = super()._invoice_paid_hook()
        # Sudo: whoever books the payment need not see visits.
        self.sudo().clinic_appointment_ids._board_changed()
        return result

    # Charges (all in sudo mode) ----------------------------------------------

    def _clinic_shares(self):
        """Return {visit: (kopecks to pay, kopecks still to pay)} of this invoice.

        Credit notes are taken off the visit they are about. What has been paid goes
        to the earlier visits first.
        """
        self.ensure_one()
        visits = self.clinic_appointment_ids.sorted(lambda v: (v.start, v.id))
        notes = self.reversal_move_ids.filtered(lambda move: move.state == "posted")
        if len(visits) == 1:
            note_total = sum(to_kopecks(note.amount_total) for note in notes)
            net = {visits: to_kopecks(self.amount_total) - note_total}
        else:
            net = dict.fromkeys(visits, 0)
            for line in (self | notes).invoice_line_ids:
                visit = line.clinic_charge_id.appointment_id
                visit = visit if visit in net else visits[:1]
                sign = -1 if line.move_id in notes else 1
                net[visit] += sign * to_kopecks(line.price_total)
        net = {visit: max(kopecks, 0) for visit, kopecks in net.items()}
        is_open = to_kopecks(self.amount_residual) - sum(
            to_kopecks(note.amount_residual) for note in notes
        )
        paid = max(sum(net.values()) - max(is_open, 0), 0)
        shares = spread(paid, list(net.values()))
        return {
            visit: (kopecks, kopecks - share)
            for (visit, kopecks), share in zip(net.items(), shares, strict=True)
        }

    def _clinic_take_off(self, lines):
        """Take lines off this draft; one that would be empty is cancelled.

        It keeps its lines then: if the cancellation is undone, it lives again.
        """
        self.ensure_one()
        if self.invoice_line_ids - lines:
            self.write(
                {"invoice_line_ids": [Command.delete(line.id) for line in lines]}
            )
        else:
            self.button_cancel()

    def _clinic_credit_lines(self, lines, reason):
        """Credit ``lines`` of this posted invoice, less what was credited already."""
        self.ensure_one()
        notes = self.reversal_move_ids.filtered(lambda move: move.state == "posted")
        credited = defaultdict(int)
        for line in notes.invoice_line_ids:
            credited[line.clinic_charge_id] += to_kopecks(line.price_total)
        left = {
            line.clinic_charge_id: to_kopecks(line.price_total)
            - credited[line.clinic_charge_id]
            for line in lines
        }
        left = {charge: kopecks for charge, kopecks in left.items() if kopecks > 0}
        if not left:
            return
        today = self._clinic_day()
        values = {"invoice_date": today, "date": today, "ref": reason}
        move = self.with_company(self.company_id)
        whole = not (self.invoice_line_ids - lines) and not notes
        if whole and not self._clinic_is_locked():
            # What had been paid is unmatched first and becomes an advance.
            move._reverse_moves([values], cancel=True)
            return
        note = move._reverse_moves([values])
        commands = []
        for line in note.invoice_line_ids:
            charge = line.clinic_charge_id
            if charge not in left:
                commands.append(Command.delete(line.id))
            elif to_kopecks(line.price_total) != left[charge]:
                price = left[charge] / 100
                commands.append(
                    Command.update(
                        line.id, {"quantity": 1, "price_unit": price, "discount": 0}
                    )
                )
        if commands:
            note.write({"invoice_line_ids": commands})
        move._clinic_free(sum(left.values()))
        note._post(soft=False)

    def _clinic_day(self):
        """Return what day it is in the branch of the visits, else in the company."""
        self.ensure_one()
        branches = self.clinic_appointment_ids.branch_id
        return branches._clinic_day(self.company_id)

    def _clinic_date_for_posting(self):
        """Give a draft that waited for its visit the date of the visit."""
        self.ensure_one()
        visits = self.clinic_appointment_ids.filtered(
            lambda visit: visit.service_id.prepayment == "after"
        )
        if visits:
            day = min(max(visits.mapped("day")), self._clinic_day())
            self.write({"invoice_date": day, "date": day, "invoice_date_due": day})

    def _clinic_move_due(self, was, day):
        """What is due on ``was`` becomes due on ``day``; paid or not, nothing else."""
        self.ensure_one()
        parts = [
            [str(day) if part == str(was) else part, kopecks]
            for part, kopecks in self.clinic_due_parts or ()
        ]
        if self.state == "draft":
            if parts:
                self.clinic_due_parts = parts
            elif self.invoice_date_due == was:
                self.invoice_date_due = day
            return
        # The sums of a posted document stay; only the day moves.
        move = self.with_context(skip_invoice_sync=True)
        move._clinic_receivable().filtered(
            lambda line: line.date_maturity == was and not line.reconciled
        ).date_maturity = day
        vals = {"clinic_due_parts": parts} if parts else {}
        if self.invoice_date_due == was:
            vals["invoice_date_due"] = day
        if vals:
            move.write(vals)

    def _clinic_receivable(self):
        return self.line_ids.filtered(
            lambda line: line.account_type == "asset_receivable"
        )

    def _clinic_closed(self, partial):
        """Tell whether a match was made in a period that is closed by now."""
        return bool(
            self.company_id._get_lock_date_violations(partial.max_date, tax=False)
        )

    def _clinic_is_locked(self):
        partials = self._clinic_receivable().matched_credit_ids
        return any(self._clinic_closed(partial) for partial in partials)

    def _clinic_free(self, kopecks):
        """Unmatch so much money of this invoice, the newest first, for a credit note.

        What was matched in a closed period stays: the credit note then waits on the
        account like any other money.
        """
        self.ensure_one()
        missing = kopecks - to_kopecks(self.amount_residual)
        partials = self._clinic_receivable().matched_credit_ids.sorted(
            "id", reverse=True
        )
        for partial in partials:
            if missing <= 0:
                break
            money = partial.credit_move_id.move_id
            if money.move_type == "out_refund" or self._clinic_closed(partial):
                continue
            missing -= to_kopecks(partial.amount)
            partial.unlink()

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
        """Let the held window be paid for: its invoice is a draft until then.

        The patient, who may look at what a programme pays, is not asked for that money.
        """
        if self.clinic_is_covered:
            return False
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

        A held window is bought whole, or by its deposit; of a booked visit a part may
        be paid, as the payment link allows, but never more than is due.
        """
        for invoice in self.filtered("clinic_appointment_ids"):
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
            # Of a held window at least what books it: the deposit, or all.
            least = invoice.clinic_appointment_id._due_to_book() if is_draft else 0.0
            if (
                compare(amount, 0) <= 0
                or compare(amount, due) > 0
                or compare(amount, least) < 0
            ):
                raise ValidationError(
                    self.env._(
                        "The sum to pay is %(due)s. Please reload the page and try "
                        "again.",
                        due=invoice.currency_id.format(least or due),
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

    def _portal_ensure_token(self):
        """Leave the books alone: a link to an invoice changes nothing in them.

        Else each invoice of a patient's list has its lines and balance worked out
        anew, and counts as modified by hand once it was looked at.
        """
        apart = self.with_context(
            skip_invoice_sync=True,
            check_move_validity=False,
            skip_is_manually_modified=True,
        )
        return super(AccountMove, apart)._portal_ensure_token()
