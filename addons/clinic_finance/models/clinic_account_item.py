from odoo import api, fields, models
from odoo.tools import SQL


class ClinicAccountItem(models.Model):
    """One row of a person's statement: what happened to the money, and what was left.

    Read from the books, nothing is stored: a charge, a payment, a refund or a credit
    note is an item of the ledger; a match says which of them met. The running balance
    is the account's balance after the row, so the last one is the balance of today.
    A match moves it only where a payer paid for somebody of the family.
    """

    _name = "clinic.account.item"
    _description = "Statement Row"
    _auto = False
    # What is read below has to be written to the database before.
    _depends = {
        "account.move": [
            "move_type",
            "clinic_patient_id",
            "clinic_appointment_id",
        ],
        "account.move.line": [
            "account_id",
            "amount_residual",
            "balance",
            "company_id",
            "date",
            "date_maturity",
            "parent_state",
            "partner_id",
            "payment_id",
        ],
        "account.partial.reconcile": ["amount", "max_date"],
        "account.payment": ["clinic_patient_id", "clinic_appointment_id"],
        "clinic.payment.match": ["partial_id"],
    }
    _order = "position desc"
    _rec_name = "move_id"

    position = fields.Char(readonly=True, help="The order of the rows.")
    date = fields.Date(readonly=True)
    kind = fields.Selection(
        [
            ("charge", "Charge"),
            ("payment", "Payment"),
            ("refund", "Refund"),
            ("credit", "Credit Note"),
            ("entry", "Entry"),
            ("match", "Match"),
        ],
        readonly=True,
    )
    partner_id = fields.Many2one("res.partner", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    move_id = fields.Many2one("account.move", string="Document", readonly=True)
    document = fields.Char(
        related="move_id.name",
        help="The desk may know the number of an entry it may not open.",
    )
    patient_id = fields.Many2one("res.partner", readonly=True)
    appointment_id = fields.Many2one(
        "clinic.appointment", string="Visit", readonly=True
    )
    due_date = fields.Date(string="Due", readonly=True)
    charged = fields.Monetary(readonly=True)
    paid = fields.Monetary(readonly=True)
    matched = fields.Monetary(readonly=True)
    residual = fields.Monetary(string="Open", readonly=True)
    balance = fields.Monetary(readonly=True, aggregator=None)
    match_id = fields.Many2one("clinic.payment.match", readonly=True)
    note = fields.Char(string="Why", compute="_compute_note")

    @api.depends("match_id")
    def _compute_note(self):
        for item in self:
            item.note = item.match_id.reason or item.appointment_id.display_name

    @property
    def _table_query(self):
        # One window over the rows of each person: asked for one person, the database
        # reads that person's items only.
        return SQL(
            """
            SELECT r.*,
                   sum(r.paid - r.charged) OVER (
                       PARTITION BY r.company_id, r.partner_id
                       ORDER BY r.position) AS balance
              FROM (%s UNION ALL %s UNION ALL %s) r
            """,
            self._ledger_rows(),
            self._match_rows("debit", "credit"),
            self._match_rows("credit", "debit"),
        )

    @api.model
    def _ledger_rows(self):
        return SQL(
            """
            SELECT l.id * 3 AS id,
                   to_char(l.date, 'YYYYMMDD') || '1' || lpad(l.id::text, 12, '0')
                       AS position,
                   l.date,
                   CASE WHEN m.move_type = 'out_refund' THEN 'credit'
                        WHEN m.move_type IN ('out_invoice', 'out_receipt')
                            THEN 'charge'
                        WHEN l.payment_id IS NULL THEN 'entry'
                        WHEN l.balance > 0 THEN 'refund'
                        ELSE 'payment' END AS kind,
                   l.partner_id, l.company_id, c.currency_id,
                   l.move_id,
                   coalesce(m.clinic_patient_id, y.clinic_patient_id) AS patient_id,
                   coalesce(m.clinic_appointment_id, y.clinic_appointment_id)
                       AS appointment_id,
                   l.date_maturity AS due_date,
                   greatest(l.balance, 0) AS charged,
                   greatest(-l.balance, 0) AS paid,
                   NULL::numeric AS matched,
                   l.amount_residual AS residual,
                   NULL::int AS match_id
              FROM account_move_line l
              JOIN account_account a ON a.id = l.account_id
              JOIN account_move m ON m.id = l.move_id
              JOIN res_company c ON c.id = l.company_id
         LEFT JOIN account_payment y ON y.id = l.payment_id
             WHERE a.account_type = 'asset_receivable'
               AND l.parent_state = 'posted'
               AND l.partner_id IS NOT NULL
            """
        )

    @api.model
    def _match_rows(self, side, other):
        """Return the matches as the owner of one ``side`` sees them.

        Within one person a match is shown once, on the side of the charge.
        """
        mine, theirs = (
            SQL.identifier("p", f"{name}_move_id") for name in (side, other)
        )
        strangers = SQL("l.partner_id IS DISTINCT FROM o.partner_id")
        return SQL(
            """
            SELECT p.id * 3 + %(slot)s AS id,
                   to_char(p.max_date, 'YYYYMMDD') || '2' || lpad(p.id::text, 12, '0')
                       AS position,
                   p.max_date AS date,
                   'match' AS kind,
                   l.partner_id, l.company_id, c.currency_id,
                   l.move_id,
                   m.clinic_patient_id AS patient_id,
                   m.clinic_appointment_id AS appointment_id,
                   NULL::date AS due_date,
                   CASE WHEN %(strangers)s AND %(is_money)s
                        THEN p.amount ELSE 0 END AS charged,
                   CASE WHEN %(strangers)s AND NOT %(is_money)s
                        THEN p.amount ELSE 0 END AS paid,
                   p.amount AS matched,
                   NULL::numeric AS residual,
                   g.id AS match_id
              FROM account_move_line l
              JOIN account_partial_reconcile p ON %(mine)s = l.id
              JOIN account_move_line o ON o.id = %(theirs)s
              JOIN account_account a ON a.id = l.account_id
              JOIN account_move m ON m.id = l.move_id
              JOIN res_company c ON c.id = l.company_id
         LEFT JOIN clinic_payment_match g ON g.partial_id = p.id
             WHERE a.account_type = 'asset_receivable'
               AND l.parent_state = 'posted'
               AND l.partner_id IS NOT NULL
               AND (%(strangers)s OR NOT %(is_money)s)
            """,
            slot=1 if side == "debit" else 2,
            strangers=strangers,
            is_money=side == "credit",
            mine=mine,
            theirs=theirs,
        )
