import hashlib
import json

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL


class ClinicPaymentIntent(models.Model):
    """One order to move money, from wherever it came: it is carried out once.

    The row is the first thing written in the transaction that books the money, and
    its key is unique. Whoever sends the same order again (a double click, a web hook
    sent twice, a bank file imported twice) finds the row and gets its payment; the
    same key with another sum is an error. Of two who come at one moment one waits for
    the other in the database, and then is told to try again or finds the row.

    A row without a payment waits for a person: the bank tells of money whose payer
    nobody has recognised yet.
    """

    _name = "clinic.payment.intent"
    _description = "Payment Order"
    _order = "id desc"
    _rec_name = "key"
    _check_company_auto = True

    company_id = fields.Many2one("res.company", required=True, readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    source = fields.Selection(
        [
            ("desk", "Desk"),
            ("online", "Online payment"),
            ("bank", "Bank statement"),
            ("corporate", "Corporate payer"),
            ("refund", "Refund"),
        ],
        required=True,
        readonly=True,
    )
    key = fields.Char(required=True, readonly=True)
    payload_hash = fields.Char(required=True, readonly=True)
    state = fields.Selection(
        [("waiting", "To be sorted out"), ("done", "Booked"), ("skipped", "Left out")],
        required=True,
        readonly=True,
        default="waiting",
    )
    partner_id = fields.Many2one(
        "res.partner", string="Payer", readonly=True, index="btree_not_null"
    )
    amount = fields.Monetary(readonly=True)
    date = fields.Date(readonly=True)
    payer_name = fields.Char(string="Payer in the Bank's Words", readonly=True)
    purpose = fields.Char(readonly=True)
    journal_id = fields.Many2one("account.journal", readonly=True)
    payment_id = fields.Many2one(
        "account.payment", readonly=True, index="btree_not_null", ondelete="restrict"
    )
    user_id = fields.Many2one(
        "res.users", string="By", readonly=True, default=lambda self: self.env.user
    )

    _once = models.UniqueIndex(
        "(company_id, source, key)", "This payment has already been taken."
    )
    _payment_once = models.UniqueIndex("(payment_id) WHERE payment_id IS NOT NULL")
    _booked_has_payment = models.Constraint(
        "CHECK((state = 'done') = (payment_id IS NOT NULL))",
        "What is booked has a payment, and only that.",
    )
    # Serves the list of what waits for a person.
    _waiting_idx = models.Index("(date) WHERE state = 'waiting'")

    # Claiming ----------------------------------------------------------------

    @api.model
    def _claim(self, source, company, orders):
        """Return {key: intent}, in sudo mode, one for each of ``orders``.

        An intent with a payment was carried out before. Two statements for any
        number of orders.

        :param dict orders: ``{key: payload}``; a payload is a flat dict of plain
            values that tells one order from another.
        :raise UserError: a key was used before for something else.
        """
        hashes = {key: self._digest(payload) for key, payload in orders.items()}
        now = fields.Datetime.now()
        # In one order for everybody, or two batches could wait for each other. A
        # row of a transaction that ends while we wait raises a serialization error:
        # the request is repeated by Odoo and then finds the row.
        rows = SQL(", ").join(
            SQL(
                "(%s, %s, %s, %s, 'waiting', %s, %s, %s, %s, %s)",
                company.id,
                source,
                key,
                hashes[key],
                self.env.uid,
                self.env.uid,
                self.env.uid,
                now,
                now,
            )
            for key in sorted(hashes)
        )
        if not hashes:
            return {}
        self.env.cr.execute(
            SQL(
                """INSERT INTO clinic_payment_intent
                       (company_id, source, key, payload_hash, state,
                        user_id, create_uid, write_uid, create_date, write_date)
                   VALUES %s ON CONFLICT (company_id, source, key) DO NOTHING""",
                rows,
            )
        )
        # Sudo: nobody has the right to write here; the caller checked who may pay.
        found_sudo = self.sudo().search(
            [
                ("company_id", "=", company.id),
                ("source", "=", source),
                ("key", "in", list(hashes)),
            ]
        )
        intents = {intent.key: intent for intent in found_sudo}
        for key, intent_sudo in intents.items():
            if intent_sudo.payload_hash != hashes[key]:
                intent_sudo._refuse_other_order()
        return intents

    @api.model
    def _digest(self, payload):
        """Return the fingerprint of an order."""
        text = json.dumps(payload, sort_keys=True, ensure_ascii=False, default=str)
        return hashlib.sha256(text.encode()).hexdigest()

    def _refuse_other_order(self):
        self.ensure_one()
        raise UserError(
            self.env._(
                "This request has already taken %(amount)s (%(name)s). Make a new one "
                "for another payment.",
                amount=self.currency_id.format(self.payment_id.amount or self.amount),
                name=self.payment_id.name or self.key,
            )
        )

    def _done(self, payment):
        """Write down the result: what a repeat will get."""
        self.ensure_one()
        self.sudo().write(
            {
                "state": "done",
                "payment_id": payment.id,
                "partner_id": payment.partner_id.id,
                "amount": payment.amount,
                "date": payment.date,
            }
        )

    # Taking money ------------------------------------------------------------

    @api.model
    def _take(self, source, company, vals_by_key):
        """Book payments once each; return them in sudo mode, in the order given.

        What was booked before under the same key is returned as it is. The money
        then tells its visits and finds its invoices.

        :param dict vals_by_key: ``{key: values of the account.payment}``
        """
        intents = self._claim(
            source,
            company,
            {key: self._payment_payload(vals) for key, vals in vals_by_key.items()},
        )
        new = [key for key in vals_by_key if not intents[key].payment_id]
        if new:
            self._book(intents, {key: vals_by_key[key] for key in new})
        return self.env["account.payment"].concat(
            *(intents[key].payment_id for key in vals_by_key)
        )

    @api.model
    def _payment_payload(self, vals):
        """Return what makes a payment another one; its text and day may differ."""
        return {
            "kopecks": round(vals["amount"] * 100),
            **{
                name: vals.get(name) or False
                for name in (
                    "partner_id",
                    "journal_id",
                    "currency_id",
                    "payment_type",
                    "clinic_appointment_id",
                )
            },
        }

    @api.model
    def _book(self, intents, vals_by_key):
        """Create, post and match the payments of these intents (sudo)."""
        self.env["clinic.appointment"].browse(
            filter(None, (v.get("clinic_appointment_id") for v in vals_by_key.values()))
        )._meet_payers()
        payments = (
            self.env["account.payment"]
            .sudo()
            .create(
                [
                    {"clinic_key": f"{intents[key].source}:{key}", **vals}
                    for key, vals in vals_by_key.items()
                ]
            )
        )
        # Matched below, when the visits have had their say.
        payments.with_context(clinic_match_later=False).action_post()
        for key, payment in zip(vals_by_key, payments, strict=True):
            intents[key]._done(payment)
        # The visits first: confirming a hold posts the invoice the money is meant for.
        for payment in payments:
            payment.clinic_appointment_id._after_payment(payment)
        payments.partner_id._clinic_allocate()
        return payments

    @api.depends("source", "payment_id", "payer_name", "amount")
    @api.depends_context("lang")
    def _compute_display_name(self):
        sources = dict(self._fields["source"]._description_selection(self.env))
        for intent in self:
            name = intent.payment_id.name or intent.payer_name or intent.key
            intent.display_name = f"{sources.get(intent.source)} · {name}"
