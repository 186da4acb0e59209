import re
from datetime import datetime
from urllib.parse import quote

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..tools import fiscal

OPERATIONS = [
    ("income", "Income"),
    ("income_return", "Return of income"),
    ("expense", "Expense"),
    ("expense_return", "Return of expense"),
]
STATE_OF_JOB = {
    "queued": "queued",
    "leased": "printing",
    "running": "printing",
    "done": "done",
    "failed": "failed",
    "unknown": "unknown",
}


class ClinicFiscalReceipt(models.Model):
    """One fiscal receipt: what it says, and what the register made of it.

    It is written in the transaction that moves the money or the match, so that there
    is no payment without its receipt; the register prints it when it can.
    """

    _name = "clinic.fiscal.receipt"
    _description = "Fiscal Receipt"
    _inherit = ["clinic.iot.origin.mixin"]
    _order = "id desc"
    _check_company_auto = True

    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    key = fields.Char(required=True, readonly=True)
    kind = fields.Selection(
        [
            ("payment", "Payment"),
            ("settlement", "Service provided"),
            ("refund", "Refund"),
            ("return", "Offset taken back"),
            ("correction", "Correction"),
        ],
        required=True,
        readonly=True,
    )
    operation = fields.Selection(OPERATIONS, required=True, readonly=True)
    desk_id = fields.Many2one(
        "clinic.cash.desk",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    branch_id = fields.Many2one(related="desk_id.branch_id", store=True, index=True)
    partner_id = fields.Many2one(
        "res.partner", string="Payer", readonly=True, index="btree_not_null"
    )
    patient_id = fields.Many2one("res.partner", readonly=True, index="btree_not_null")
    payment_ids = fields.One2many(
        "account.payment", "clinic_receipt_id", string="Payments", readonly=True
    )
    move_id = fields.Many2one(
        "account.move", string="Invoice", readonly=True, index="btree_not_null"
    )
    part_ids = fields.One2many(
        "clinic.fiscal.receipt.part", "receipt_id", readonly=True
    )
    corrects_id = fields.Many2one(
        "clinic.fiscal.receipt",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    reason = fields.Char(readonly=True, help="Why it was corrected.")
    amount = fields.Monetary(readonly=True)
    contact = fields.Char(
        readonly=True, help="The phone or mail that gets the electronic receipt."
    )
    payload = fields.Json(readonly=True)
    user_id = fields.Many2one(
        "res.users",
        string="Cashier",
        readonly=True,
        default=lambda self: self.env.user,
    )
    job_id = fields.Many2one(
        "clinic.iot.job", readonly=True, index="btree_not_null", ondelete="restrict"
    )
    state = fields.Selection(
        [
            ("queued", "Waiting for the printer"),
            ("printing", "Being printed"),
            ("done", "Printed"),
            ("failed", "Not printed"),
            ("unknown", "Not known"),
        ],
        compute="_compute_state",
        store=True,
        index=True,
    )
    message = fields.Char(related="job_id.message", string="What Happened")
    fn = fields.Char(string="Fiscal Storage", readonly=True)
    fd = fields.Char(string="Document", readonly=True)
    fp = fields.Char(string="Fiscal Sign", readonly=True)
    shift_number = fields.Integer(string="Shift", readonly=True, aggregator=None)
    moment = fields.Char(readonly=True, help="By the clock of the register.")
    moment_shown = fields.Char(string="Printed At", compute="_compute_moment_shown")
    check = fields.Char(
        string="Text of the Code", readonly=True, help="By it a buyer checks a receipt."
    )
    check_url = fields.Char(string="Code", compute="_compute_check_url")

    _once = models.UniqueIndex(
        "(company_id, key)", "This receipt is written already; please try again."
    )
    # Serves the banner: what waits, and since when.
    _waiting_idx = models.Index("(desk_id, id) WHERE state <> 'done'")

    @api.depends("job_id.state")
    def _compute_state(self):
        for receipt in self:
            # Sudo: whoever sees the receipt sees whether it is printed.
            receipt.state = STATE_OF_JOB[receipt.sudo().job_id.state or "queued"]

    @api.depends("moment")
    def _compute_moment_shown(self):
        for receipt in self:
            receipt.moment_shown = receipt._moment_words()

    @api.depends("check")
    def _compute_check_url(self):
        for receipt in self:
            receipt.check_url = receipt.check and (
                "/report/barcode/?barcode_type=QR&width=180&height=180&value="
                + quote(receipt.check, safe="")
            )

    @api.depends("fd", "kind")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for receipt in self:
            number = receipt.fd or f"({receipt.id})"
            receipt.display_name = self.env._("Receipt %(number)s", number=number)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("A fiscal receipt is not deleted."))

    # Printing -----------------------------------------------------------------

    def _print(self):
        """Give the receipts to their registers, in their order (sudo)."""
        for receipt in self.sorted("id"):
            receipt.job_id = self.env["clinic.iot.job"]._give(
                receipt.desk_id.register_id,
                "receipt",
                receipt.payload,
                key=f"fiscal:{receipt.id}",
                record=receipt,
            )

    def _iot_job_ended(self, job):
        super()._iot_job_ended(job)
        # What was repeated is known by its repetition.
        if job.kind != "receipt" or job.id < self.job_id.id:
            return
        result = job.result if isinstance(job.result, dict) else {}
        values = {"job_id": job.id}
        if job.state == "done":
            for name in ("fn", "fd", "fp", "moment", "check"):
                values[name] = str(result.get(name) or "") or False
            values["shift_number"] = result.get("shift") or 0
        self.write(values)

    def action_print_again(self):
        """Print what has surely not been printed, in its order."""
        failed = self.filtered(
            lambda one: one.state == "failed" and one.job_id._is_for_people()
        )
        if not failed:
            raise UserError(
                self.env._(
                    "Choose receipts that were not printed. Of those of which nobody "
                    "knows, find out first."
                )
            )
        for receipt in failed.sorted("id"):
            reason = self.env._(
                "Printed again after: %(why)s", why=receipt.message or "—"
            )
            receipt.job_id._settle_by_hand("again", reason)

    def action_open_job(self):
        """Open the job: there it is found out, repeated or settled by hand."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "clinic.iot.job",
            "res_id": self.job_id.id,
            "view_mode": "form",
            "views": [(False, "form")],
        }

    # The copy for the patient -------------------------------------------------

    def action_send(self):
        """Ask where the fiscal data shall be sent."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Send the Receipt"),
            "res_model": "clinic.fiscal.receipt.send",
            "view_mode": "form",
            "target": "new",
            "context": {"default_receipt_id": self.id},
        }

    def _moment_words(self):
        """Return when it was printed, by the clock of the register, as people write."""
        self.ensure_one()
        try:
            return datetime.fromisoformat(self.moment or "").strftime("%d.%m.%Y %H:%M")
        except ValueError:
            return self.moment or ""

    def _text(self):
        """Return the receipt in words: what was paid, and how it is checked."""
        self.ensure_one()
        return self.env._(
            "%(clinic)s: receipt of %(amount)s, %(moment)s. ФН %(fn)s, ФД %(fd)s, "
            "ФП %(fp)s. Check it at nalog.gov.ru.",
            clinic=self.company_id.name,
            amount=self.currency_id.format(self.amount),
            moment=self._moment_words(),
            fn=self.fn,
            fd=self.fd,
            fp=self.fp,
        )

    @api.model
    def _clean_contact(self, contact):
        """Return a phone or mail as the law wants it on a receipt (tag 1008)."""
        contact = (contact or "").strip()
        if not contact:
            return ""
        if "@" in contact:
            if not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", contact):
                raise UserError(
                    self.env._("%(mail)s is no mail address.", mail=contact)
                )
            return contact
        digits = re.sub(r"\D", "", contact)
        if len(digits) == 11 and digits[0] in "78":
            return f"+7{digits[1:]}"
        if len(digits) == 10:
            return f"+7{digits}"
        raise UserError(
            self.env._("%(phone)s is neither a phone nor a mail.", phone=contact)
        )

    # Mending ------------------------------------------------------------------

    def action_correct(self):
        """Ask why, and what is to be printed instead."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Take Back by Another Receipt"),
            "res_model": "clinic.fiscal.receipt.correct",
            "view_mode": "form",
            "target": "new",
            "context": {"default_receipt_id": self.id},
        }

    def _correct(self, reason, again="none"):
        """Take a printed receipt back by another one that names it (sudo).

        What was printed stays printed: the money and the books are not touched.

        :param again: what is printed instead: none, same, cash, card
        """
        self.ensure_one()
        if self.state != "done" or self.kind == "correction":
            raise UserError(
                self.env._("Only a receipt that was printed is taken back by another.")
            )
        vals_list = [
            self._correction_values(
                "back", reason, fiscal.reversed_payload(self.payload, self.fp)
            )
        ]
        if again != "none":
            right = fiscal.repaid_payload(self.payload, self.fp, again)
            vals_list.append(self._correction_values("again", reason, right))
        receipts = self.create(vals_list)
        receipts._print()
        return receipts[0]

    def _correction_values(self, name, reason, payload):
        return {
            **self._copied_values(),
            "kind": "correction",
            "key": f"correction:{self.id}:{name}",
            "corrects_id": self.id,
            "reason": reason,
            "payload": {
                **fiscal.without_drawer(payload),
                "cashier": self.env.user.name,
            },
            "operation": payload["operation"],
        }

    def _copied_values(self):
        return {
            "company_id": self.company_id.id,
            "desk_id": self.desk_id.id,
            "partner_id": self.partner_id.id,
            "patient_id": self.patient_id.id,
            "amount": self.amount,
            "contact": self.contact,
        }
