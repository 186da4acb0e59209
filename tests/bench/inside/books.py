"""Many documents at once: copies, by SQL, of ones that Odoo posted.

A thousand invoices take Odoo most of a minute; what is measured is not that. Every
column is copied from a document of one rouble, but for the ids, names, people, days and
sums: so each row is what Odoo itself would have written.
"""

from odoo import Command
from odoo.tools import SQL

MOVE, LINE, PAYMENT = "account_move", "account_move_line", "account_payment"
# Sums of a document of one rouble, to be multiplied.
SUMS = {
    MOVE: ("amount_",),
    LINE: ("debit", "credit", "balance", "amount_", "price_"),
    PAYMENT: ("amount",),
}


class Copies:
    def __init__(self, env, partner):
        self.env = env
        company = env.company
        invoice = env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": partner.id,
                "invoice_line_ids": [
                    Command.create({"name": "Visit", "price_unit": 1, "tax_ids": False})
                ],
            }
        )
        invoice._post()
        payment = env["account.payment"].create(
            {
                "payment_type": "inbound",
                "partner_type": "customer",
                "partner_id": partner.id,
                "amount": 1,
                "journal_id": company.clinic_cash_journal_id.id,
            }
        )
        payment.action_post()
        env.cr.flush()
        self.invoice, self.payment = invoice, payment

    def invoices(self, rows):
        """Make open invoices of ``(partner id, name, reference, sum, day)``."""
        self._wanted(rows)
        self._copy_moves(self.invoice)

    def payments(self, rows):
        """Make open payments of ``(partner id, name, memo, sum, day)``."""
        self._wanted(rows)
        self._copy_moves(self.payment.move_id)
        self._copy(
            PAYMENT,
            SQL("t.id = %s", self.payment.id),
            {
                "id": SQL("w.payment_id"),
                "name": SQL("w.name"),
                "move_id": SQL("w.move_id"),
                "memo": SQL("w.text"),
                "date": SQL("w.day"),
                "partner_id": SQL("w.partner_id"),
            },
        )
        self.env.cr.execute(
            """UPDATE account_move m SET origin_payment_id = w.payment_id
                 FROM bench_wanted w WHERE w.move_id = m.id;
               UPDATE account_move_line l SET payment_id = w.payment_id
                 FROM bench_wanted w WHERE w.move_id = l.move_id"""
        )

    def _wanted(self, rows):
        cr = self.env.cr
        cr.execute(
            """DROP TABLE IF EXISTS bench_wanted;
               CREATE TEMP TABLE bench_wanted (
                   partner_id int, name varchar, text varchar, sum numeric, day date,
                   move_id int DEFAULT nextval('account_move_id_seq'),
                   payment_id int DEFAULT nextval('account_payment_id_seq')
               ) ON COMMIT DROP"""
        )
        cr.execute_values(
            "INSERT INTO bench_wanted (partner_id, name, text, sum, day) VALUES %s",
            rows,
            page_size=5000,
        )

    def _copy_moves(self, move):
        self._copy(
            MOVE,
            SQL("t.id = %s", move.id),
            {
                "id": SQL("w.move_id"),
                "name": SQL("w.name"),
                "sequence_prefix": SQL("'BENCH/'"),
                "sequence_number": SQL("w.move_id"),
                "payment_reference": SQL("w.text"),
                "date": SQL("w.day"),
                "invoice_date": SQL("w.day"),
                "invoice_date_due": SQL("w.day"),
                "partner_id": SQL("w.partner_id"),
                "commercial_partner_id": SQL("w.partner_id"),
                "partner_shipping_id": SQL("w.partner_id"),
                "access_token": SQL("NULL"),
            },
        )
        self._copy(
            LINE,
            SQL("t.move_id = %s", move.id),
            {
                "id": SQL("nextval('account_move_line_id_seq')"),
                "move_id": SQL("w.move_id"),
                "move_name": SQL("w.name"),
                "date": SQL("w.day"),
                "invoice_date": SQL("w.day"),
                "date_maturity": SQL(
                    "CASE WHEN t.date_maturity IS NULL THEN NULL ELSE w.day END"
                ),
                "partner_id": SQL("w.partner_id"),
            },
        )

    def _copy(self, table, which, changed):
        cr = self.env.cr
        cr.execute(
            """SELECT column_name, data_type FROM information_schema.columns
                WHERE table_name = %s AND table_schema = current_schema""",
            [table],
        )
        names, values = [], []
        for name, kind in cr.fetchall():
            names.append(SQL.identifier(name))
            if name in changed:
                values.append(changed[name])
            elif kind == "numeric" and name.startswith(SUMS[table]):
                values.append(SQL("%s * w.sum", SQL.identifier("t", name)))
            else:
                values.append(SQL.identifier("t", name))
        cr.execute(
            SQL(
                "INSERT INTO %s (%s) SELECT %s FROM %s t CROSS JOIN bench_wanted w "
                "WHERE %s ORDER BY w.move_id, t.id",
                SQL.identifier(table),
                SQL(", ").join(names),
                SQL(", ").join(values),
                SQL.identifier(table),
                which,
            )
        )
        # The planner guesses wildly about rows it has not counted.
        cr.execute(SQL("ANALYZE %s", SQL.identifier(table)))
        self.env.invalidate_all()
