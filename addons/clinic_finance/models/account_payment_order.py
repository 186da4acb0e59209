from odoo import api, fields, models
from odoo.exceptions import UserError

from ..tools.amount_words import in_words, roubles_in_words


class AccountPayment(models.Model):
    """Cash orders KO-1 (cash in) and KO-2 (cash out), numbered by desk and year.

    A number is given when the order is first printed: since the fiscal receipt came,
    an order of its own for each payment is made on request.
    """

    _inherit = "account.payment"

    clinic_order_number = fields.Integer(
        string="Cash Order", readonly=True, copy=False, aggregator=None
    )
    clinic_order_year = fields.Integer(readonly=True, copy=False, aggregator=None)
    clinic_is_cash = fields.Boolean(compute="_compute_clinic_is_cash")

    _clinic_order_unique = models.UniqueIndex(
        "(journal_id, clinic_order_year, payment_type, clinic_order_number) "
        "WHERE clinic_order_number > 0",
        "Another cash order has this number already; please print again.",
    )

    @api.depends("journal_id")
    def _compute_clinic_is_cash(self):
        # Sudo: the desk sees payments, not the journals.
        for payment in self:
            payment.clinic_is_cash = payment.sudo().journal_id.type == "cash"

    def action_clinic_print_order(self):
        """Print KO-1 for cash taken, KO-2 for cash returned."""
        self.ensure_one()
        # Sudo: the number follows from the desk, whoever prints.
        self.check_access("read")
        self.sudo()._clinic_number_order()
        kind = "in" if self.payment_type == "inbound" else "out"
        report = self.env.ref(f"clinic_finance.action_report_clinic_cash_{kind}")
        return report.report_action(self)

    def _clinic_number_order(self):
        """Give the next number of the desk, of this kind and year."""
        for payment in self:
            if payment.journal_id.type != "cash" or payment.state not in (
                "in_process",
                "paid",
            ):
                raise UserError(
                    self.env._(
                        "A cash order is printed for cash that was taken or paid."
                    )
                )
            if payment.clinic_order_number:
                continue
            year = payment.date.year
            [[last]] = self._read_group(
                [
                    ("journal_id", "=", payment.journal_id.id),
                    ("payment_type", "=", payment.payment_type),
                    ("clinic_order_year", "=", year),
                ],
                aggregates=["clinic_order_number:max"],
            )
            # Two who print at once: the unique index lets one of them try again.
            payment.write(
                {"clinic_order_number": (last or 0) + 1, "clinic_order_year": year}
            )

    def _clinic_order_values(self):
        """Return what a cash order shows."""
        self.ensure_one()
        self.check_access("read")
        payment_sudo = self.sudo()
        payment_sudo._clinic_number_order()
        company = payment_sudo.company_id
        kopecks = company._clinic_kopecks(payment_sudo.amount)
        branch = (
            self.env["clinic.branch"]
            .sudo()
            .search([("cash_journal_id", "=", payment_sudo.journal_id.id)], limit=1)
        )
        receivable = payment_sudo.destination_account_id
        visit = payment_sudo.clinic_appointment_id
        documents = payment_sudo.reconciled_invoice_ids.mapped("name")
        basis = "Оплата медицинских услуг"
        if payment_sudo.payment_type == "outbound":
            basis = "Возврат оплаты медицинских услуг"
        if documents:
            word = "счёту" if len(documents) == 1 else "счетам"
            basis += f" по {word} {', '.join(documents)}"
        elif visit:
            basis += f", визит {visit.name}"
        return {
            "number": payment_sudo.clinic_order_number,
            "date": payment_sudo.date,
            "company": company,
            "branch": branch,
            "cash_account": payment_sudo.journal_id.default_account_id.code,
            "other_account": receivable.code,
            "amount": payment_sudo.amount,
            "roubles": kopecks // 100,
            "kopecks": f"{kopecks % 100:02d}",
            "partner": payment_sudo.partner_id,
            "basis": basis,
            "words": in_words(kopecks),
            "vat": payment_sudo._clinic_vat_words(),
            "roubles_words": roubles_in_words(kopecks),
            "cashier": payment_sudo._clinic_cashier(),
        }

    def _clinic_vat_words(self):
        """Return the tax in what was paid: its share of each invoice."""
        self.ensure_one()
        lines = self.move_id.line_ids
        partials = lines.matched_debit_ids | lines.matched_credit_ids
        vat = 0.0
        for partial in partials:
            invoice = (partial.debit_move_id | partial.credit_move_id).move_id.filtered(
                lambda move: move.move_type == "out_invoice" and move.amount_total
            )
            for one in invoice:
                vat += partial.amount * one.amount_tax / one.amount_total
        kopecks = self.company_id._clinic_kopecks(self.currency_id.round(vat))
        if not kopecks:
            return "без налога (НДС)"
        return f"НДС {kopecks // 100} руб. {kopecks % 100:02d} коп."

    def _clinic_cashier(self):
        """Return who took the money; nobody where a program did."""
        self.ensure_one()
        user = self.create_uid
        return "" if user == self.env.ref("base.user_root") else user.name
