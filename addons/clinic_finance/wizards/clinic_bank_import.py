import base64

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..tools import client_bank


class ClinicBankImport(models.TransientModel):
    """The statement of a client-bank in 1C's format: each payment is booked once."""

    _name = "clinic.bank.import"
    _description = "Import of a Bank Statement"

    file = fields.Binary(required=True, attachment=False)
    filename = fields.Char()
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    journal_id = fields.Many2one(
        "account.journal",
        string="Bank",
        compute="_compute_journal_id",
        store=True,
        readonly=False,
        check_company=True,
        domain="[('type', '=', 'bank'), ('company_id', '=', company_id)]",
        help="Found by the account number; choose it where the journal has none.",
    )
    account = fields.Char(compute="_compute_statement", string="Account of the File")
    incoming_count = fields.Integer(compute="_compute_statement", string="Incoming")
    incoming_amount = fields.Monetary(compute="_compute_statement", string="Sum")
    outgoing_count = fields.Integer(
        compute="_compute_statement",
        string="Outgoing, Not Imported",
        help="Payments to suppliers are booked with their bills.",
    )
    known_count = fields.Integer(compute="_compute_statement", string="Imported Before")
    difference = fields.Monetary(compute="_compute_statement")
    problem = fields.Char(compute="_compute_statement")

    @api.depends("file", "company_id")
    def _compute_journal_id(self):
        for wizard in self:
            try:
                found = wizard.file and wizard._find_journal(wizard._statement())
            except client_bank.ClientBankError:
                found = False
            wizard.journal_id = found or wizard.journal_id

    @api.depends("file", "company_id")
    def _compute_statement(self):
        for wizard in self:
            wizard.update(
                {
                    "account": False,
                    "incoming_count": 0,
                    "incoming_amount": 0,
                    "outgoing_count": 0,
                    "known_count": 0,
                    "difference": 0,
                    "problem": False,
                }
            )
            if not wizard.file:
                continue
            try:
                statement = wizard._statement()
            except client_bank.ClientBankError as error:
                wizard.problem = wizard._say(error)
                continue
            incoming = statement.incoming
            wizard.account = ", ".join(statement.accounts)
            wizard.incoming_count = len(incoming)
            wizard.incoming_amount = sum(doc.kopecks for doc in incoming) / 100
            wizard.outgoing_count = len(statement.outgoing)
            wizard.difference = statement.difference() / 100
            wizard.known_count = self.env["clinic.payment.intent"].search_count(
                [
                    ("company_id", "=", wizard.company_id.id),
                    ("source", "=", "bank"),
                    ("key", "in", [document.key for document in incoming]),
                ]
            )

    def _statement(self):
        self.ensure_one()
        content = self.with_context(bin_size=False).file
        return client_bank.parse(base64.b64decode(content))

    def _find_journal(self, statement):
        journals = self.env["account.journal"].search(
            [("type", "=", "bank"), ("company_id", "=", self.company_id.id)]
        )
        return journals.filtered(
            lambda journal: (
                journal.bank_account_id.sanitized_acc_number in statement.accounts
            )
        )[:1]

    def _say(self, error):
        """Return in words why a file cannot be read."""
        words = {
            "not_client_bank": self.env._(
                "This is no statement of a client-bank. Export it from the bank for "
                "“1C”; such a file begins with “1CClientBankExchange”."
            ),
            "cut_off": self.env._("The file is cut off: its end is missing."),
            "bad_sum": self.env._("A sum in line %s cannot be read.", error.line),
            "bad_date": self.env._("A date in line %s cannot be read.", error.line),
        }
        return words[error.reason]

    def action_import(self):
        """Book what is recognised, show what is not."""
        self.ensure_one()
        self.check_access("write")
        try:
            statement = self._statement()
        except client_bank.ClientBankError as error:
            raise UserError(self._say(error)) from error
        if not self.journal_id:
            raise UserError(
                self.env._("Choose the bank journal for account %s.", self.account)
            )
        if not statement.incoming:
            raise UserError(self.env._("There is no incoming payment in this file."))
        intents = self.env["clinic.payment.intent"]._take_from_bank(
            self.journal_id, statement.incoming
        )
        ids = [intent.id for intent in intents.values()]
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "clinic_finance.action_clinic_payment_intent"
        )
        waiting = any(intent.state == "waiting" for intent in intents.values())
        return {
            **action,
            "name": self.env._("Bank Statement %s", self.filename or ""),
            "domain": [("id", "in", ids)],
            # With a column of who it may be, where somebody has to find out.
            "context": {"search_default_waiting": 1, "sort_out": True}
            if waiting
            else {},
            "target": "main",
        }


class ClinicBankAssign(models.TransientModel):
    """Whose money it is, said by a person."""

    _name = "clinic.bank.assign"
    _description = "Payer of a Bank Payment"

    intent_ids = fields.Many2many("clinic.payment.intent", readonly=True)
    partner_id = fields.Many2one(
        "res.partner",
        string="Payer",
        required=True,
        default=lambda self: self._default_partner_id(),
    )
    suggested_partner_ids = fields.Many2many(
        "res.partner", string="Perhaps", compute="_compute_words"
    )
    payer_name = fields.Char(string="In the Statement", compute="_compute_words")
    purpose = fields.Char(compute="_compute_words")

    @api.model
    def _default_partner_id(self):
        """Propose whoever is the only one that the statement may mean."""
        intents = self.env["clinic.payment.intent"].browse(
            self.env.context.get("default_intent_ids", ())
        )
        suggested = intents.suggested_partner_ids
        return suggested if len(suggested) == 1 else False

    @api.depends("intent_ids")
    def _compute_words(self):
        for wizard in self:
            first = wizard.intent_ids[:1]
            wizard.suggested_partner_ids = wizard.intent_ids.suggested_partner_ids
            wizard.payer_name = first.payer_name
            wizard.purpose = first.purpose

    def action_assign(self):
        self.ensure_one()
        self.env["clinic.payment.intent"]._check_sorter()
        self.intent_ids.check_access("read")
        # Sudo: orders are written by the code alone.
        self.intent_ids.sudo()._assign(self.partner_id)
        return {"type": "ir.actions.act_window_close"}
