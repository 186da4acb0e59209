from odoo import api, models
from odoo.exceptions import UserError


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
