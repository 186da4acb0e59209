import re

from odoo import api, models
from odoo.exceptions import UserError

# What a number of a document looks like in the words of a payer.
WORD = re.compile(r"[\w№/\-]{3,}")


class ClinicPaymentIntent(models.Model):
    """What a bank statement tells: whose money it is, or who has to find out."""

    _inherit = "clinic.payment.intent"

    @api.model
    def _take_from_bank(self, journal, documents):
        """Book the incoming documents of a statement once; return {key: intent}.

        Money whose payer is recognised is booked and matched; the rest waits for a
        person. What came in an earlier file is left as it is.

        :param list documents: :class:`~.tools.client_bank.Document`
        """
        company = journal.company_id
        by_key = {document.key: document for document in documents}
        known = set(
            self.sudo()
            .search(
                [
                    ("company_id", "=", company.id),
                    ("source", "=", "bank"),
                    ("key", "in", list(by_key)),
                ]
            )
            .mapped("key")
        )
        intents = self._claim(
            "bank",
            company,
            {
                key: {"journal_id": journal.id, "kopecks": document.kopecks}
                for key, document in by_key.items()
            },
        )
        fresh = {key: doc for key, doc in by_key.items() if key not in known}
        payers = self._recognise_payers(company, fresh)
        ready = {}
        for key, document in fresh.items():
            intents[key].write(
                {
                    "amount": document.kopecks / 100,
                    "date": document.received or document.day,
                    "payer_name": document.payer_name,
                    "purpose": document.purpose,
                    "journal_id": journal.id,
                    "partner_id": payers[key].id,
                }
            )
            if payers[key]:
                ready[key] = intents[key]._bank_payment_vals(payers[key])
        if ready:
            self._book(intents, ready)
        return intents

    def _bank_payment_vals(self, payer):
        self.ensure_one()
        return {
            "payment_type": "inbound",
            "partner_type": "customer",
            "partner_id": payer.commercial_partner_id.id,
            "company_id": self.company_id.id,
            "date": self.date,
            "amount": self.amount,
            "currency_id": self.currency_id.id,
            "journal_id": self.journal_id.id,
            "memo": self.purpose,
        }

    @api.model
    def _recognise_payers(self, company, documents):
        """Return {key: partner}: by account number, document number, then INN.

        Whatever fits two people fits nobody. Four queries for any number of documents.
        """
        partners = self.env["res.partner"].sudo()
        words = {
            key: {word.strip("№-/") for word in WORD.findall(document.purpose)}
            for key, document in documents.items()
        }
        every = sorted(set().union(*words.values())) if words else []
        invoices = (
            self.env["account.move"]
            .sudo()
            .search(
                [
                    ("company_id", "=", company.id),
                    ("move_type", "=", "out_invoice"),
                    ("state", "=", "posted"),
                    "|",
                    ("name", "in", every),
                    ("clinic_appointment_ids.name", "in", every),
                ]
            )
        )
        inns = {document.payer_inn for document in documents.values()} - {"", "0"}
        by_inn = partners.search([("vat", "in", list(inns)), ("parent_id", "=", False)])
        found = {}
        for key, document in documents.items():
            named = invoices.filtered(
                lambda move, key=key: (
                    move.name in words[key]
                    or words[key].intersection(
                        move.clinic_appointment_ids.mapped("name")
                    )
                )
            ).partner_id
            same_inn = by_inn.filtered(
                lambda partner, document=document: partner.vat == document.payer_inn
            )
            found[key] = next(
                (
                    people.commercial_partner_id
                    for people in (
                        partners._clinic_find_by_account_number(document.purpose),
                        named,
                        same_inn,
                    )
                    if len(people) == 1
                ),
                partners.browse(),
            )
        return found

    # A person finds out ------------------------------------------------------

    def _assign(self, payer):
        """Book what waits as the money of ``payer`` (sudo)."""
        self._check_waiting()
        self._book(
            {intent.key: intent for intent in self},
            {intent.key: intent._bank_payment_vals(payer) for intent in self},
        )

    def _check_waiting(self):
        # Of two accountants the second is told: the rows are theirs from here on.
        self.lock_for_update()
        for intent in self:
            if intent.state != "waiting":
                raise UserError(
                    self.env._(
                        "%(name)s has been sorted out already.",
                        name=intent.display_name,
                    )
                )

    def action_assign(self):
        """Ask whose money it is."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Whose Money Is It?"),
            "res_model": "clinic.bank.assign",
            "view_mode": "form",
            "target": "new",
            "context": {"default_intent_ids": self.ids},
        }

    def action_leave_out(self):
        """Leave out what is no payment of a patient: own transfers, returned bills."""
        self._check_sorter()
        intents_sudo = self.sudo()
        intents_sudo._check_waiting()
        intents_sudo.write({"state": "skipped", "user_id": self.env.uid})
        return True

    def action_bring_back(self):
        """Sort out after all what was left out."""
        self._check_sorter()
        self.sudo().filtered(lambda i: i.state == "skipped").write({"state": "waiting"})
        return True

    @api.model
    def _check_sorter(self):
        self.env["clinic.bank.import"].check_access("create")
