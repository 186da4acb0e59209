from odoo import api, fields, models


class AccountPayment(models.Model):
    """At which desk money was taken, and the receipts that say so."""

    _inherit = "account.payment"

    clinic_desk_id = fields.Many2one(
        "clinic.cash.desk",
        string="Taken At",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    clinic_shift_id = fields.Many2one(
        "clinic.cash.shift",
        string="Cash Shift",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    clinic_cash_given = fields.Monetary(
        string="Cash Given",
        readonly=True,
        copy=False,
        help="What the patient gave; the receipt prints the change.",
    )
    clinic_receipt_contact = fields.Char(
        string="Receipt To",
        readonly=True,
        copy=False,
        help="Phone or mail that gets the electronic receipt.",
    )
    clinic_terminal_job_id = fields.Many2one(
        "clinic.iot.job",
        string="Card Terminal's Job",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    clinic_card_reference = fields.Char(
        string="Number on the Slip",
        readonly=True,
        copy=False,
        help="Of the card terminal (RRN): by it the bank finds the payment.",
    )
    clinic_receipt_id = fields.Many2one(
        "clinic.fiscal.receipt",
        string="Fiscal Receipt",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    clinic_receipt_ids = fields.Many2many(
        "clinic.fiscal.receipt",
        string="Fiscal Receipts",
        compute="_compute_clinic_receipt_ids",
    )

    _clinic_terminal_once = models.UniqueIndex(
        "(clinic_terminal_job_id) WHERE clinic_terminal_job_id IS NOT NULL "
        "AND state NOT IN ('canceled', 'rejected')",
        "What this card has paid is booked already.",
    )

    def _compute_clinic_receipt_ids(self):
        """All receipts that speak of this money: its own, and what followed."""
        groups = self.env["clinic.fiscal.receipt.part"]._read_group(
            [("payment_id", "in", self.ids)], ["payment_id"], ["receipt_id:recordset"]
        )
        found = dict(groups)
        for payment in self:
            receipts = found.get(payment._origin, payment.clinic_receipt_id.browse())
            payment.clinic_receipt_ids = receipts | payment.clinic_receipt_id

    def action_post(self):
        result = super().action_post()
        self._clinic_fiscal_later()
        return result

    def _clinic_fiscal_later(self):
        self.env["clinic.fiscal.receipt"]._make_later(payments=self)

    @api.model
    def _clinic_desk_vals(self, desk):
        """Return what a payment keeps of the desk it is taken at."""
        return {
            "clinic_desk_id": desk.id,
            "clinic_shift_id": desk._open_shift().id if desk else False,
        }

    def _clinic_fiscal_way(self):
        self.ensure_one()
        return "cash" if self.journal_id.type == "cash" else "card"

    def _clinic_fiscal_desk(self):
        """Return the desk whose register prints this payment, or none (sudo).

        Money that came by the bank has none: it is no settlement by a register.
        """
        self.ensure_one()
        desks = self.env["clinic.cash.desk"]
        online = self.payment_transaction_id or (
            self.clinic_refund_of_id.payment_transaction_id
            if self.clinic_refund_of_id.journal_id == self.journal_id
            else False
        )
        if online:
            domain = [("is_internet", "=", True)]
        elif self.clinic_desk_id:
            return self.clinic_desk_id.filtered("register_id")
        else:
            domain = [
                "|",
                ("cash_journal_id", "=", self.journal_id.id),
                ("card_journal_id", "=", self.journal_id.id),
                ("is_internet", "=", False),
            ]
        return desks.search(
            [
                *domain,
                ("company_id", "child_of", self.company_id.id),
                ("register_id", "!=", False),
            ],
            limit=1,
        )

    def _clinic_correction_desk(self):
        """Return the desk whose register is to print corrections of these payments.

        The one at which they were taken, if it prints by now; else where the user
        works, the desk of their journal, one of their branch, and any at last.
        """
        desks = self.env["clinic.cash.desk"]
        company = self.company_id[:1] or self.env.company
        printing = desks.search(
            [("register_id", "!=", False), ("company_id", "child_of", company.id)]
        )
        at_desks = printing.filtered(lambda desk: not desk.is_internet)
        # Sudo: which desk prints, whatever else of a payment may be read.
        taken_at = self.sudo().clinic_desk_id
        by_journal = desks.union(*(one._clinic_fiscal_desk() for one in self.sudo()))
        branches = taken_at.branch_id | self.sudo().clinic_appointment_id.branch_id
        return (
            (taken_at & printing)
            or (desks._current() & at_desks)
            or (by_journal & printing)
            or at_desks.filtered(lambda desk: desk.branch_id in branches)
            or at_desks
        )[:1]

    def action_clinic_send_receipt(self):
        """Send the copy of the payment's receipt to a phone or mail."""
        self.ensure_one()
        return self.clinic_receipt_id.action_send()
