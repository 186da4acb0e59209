from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from .common import FinanceCommon


@tagged("post_install", "-at_install")
class TestStatement(FinanceCommon):
    def _rows(self, partner=None):
        self.env.cr.flush()
        self.env.invalidate_all()
        action = (partner or self.patient).action_clinic_statement()
        return self.env["clinic.account.item"].search(
            action["domain"], order="position"
        )

    def test_every_event_in_order_with_the_balance_after_it(self):
        visit = self._book()
        self._pay(visit, amount=500)
        self._open_payment(2500)
        rows = self._rows()
        self.assertRecordValues(
            rows.filtered(lambda row: row.kind != "match"),
            [
                {"kind": "charge", "charged": 2000, "paid": 0, "balance": -2000},
                {"kind": "payment", "charged": 0, "paid": 500, "balance": -1500},
                {"kind": "payment", "charged": 0, "paid": 2500, "balance": 1000},
            ],
        )
        matches = rows.filtered(lambda row: row.kind == "match")
        self.assertEqual(matches.mapped("matched"), [500, 1500])
        self.assertTrue(all(match.note for match in matches))
        self.assertEqual(rows[-1].balance, self._balance())

    def test_credit_note_and_refund(self):
        visit = self._book()
        self._pay(visit)
        visit.action_cancel()
        self.env["account.payment"].create(
            {
                "payment_type": "outbound",
                "partner_type": "customer",
                "partner_id": self.patient.id,
                "amount": 2000,
                "journal_id": self.company.clinic_cash_journal_id.id,
            }
        ).action_post()
        rows = self._rows().filtered(lambda row: row.kind != "match")
        self.assertCountEqual(
            rows.mapped("kind"), ["charge", "payment", "credit", "refund"]
        )
        self.assertEqual(rows[-1].balance, 0)

    def test_family_moves_the_balance_between_people(self):
        spouse = self._create_patient(name="Spouse", phone="+7 912 200-00-09")
        self.patient._clinic_account().write(
            {"family_ids": [Command.set(spouse.ids)], "family_consent": True}
        )
        self._book(patient_id=spouse.id)
        self._open_payment(2300)
        mine, theirs = self._rows(), self._rows(spouse)
        self.assertEqual(mine[-1].balance, 300)
        self.assertEqual(mine[-1].charged, 2000)
        self.assertIn("Spouse", mine[-1].note)
        self.assertEqual(theirs[-1].balance, 0)
        for person, rows in ((self.patient, mine), (spouse, theirs)):
            self.assertEqual(rows[-1].balance, self._balance(person))

    def test_printed_period(self):
        today = fields.Date.today()
        for amount, days in ((100, 400), (200, 40), (300, 10)):
            self._open_payment(amount, date=today - timedelta(days=days))
        wizard = self.env["clinic.statement.wizard"].create(
            {
                "partner_id": self.patient.id,
                "date_from": today - timedelta(days=90),
                "date_to": today - timedelta(days=20),
            }
        )
        self.env.cr.flush()
        statement = wizard._get_statement()
        self.assertEqual(statement["opening"], 100)
        self.assertEqual(statement["paid"], 200)
        self.assertEqual(statement["closing"], 300)
        self.assertEqual(len(statement["rows"]), 1)
        report = self.env["ir.actions.report"]
        html, _kind = report._render_qweb_html(
            "clinic_finance.report_statement", wizard.ids
        )
        self.assertIn(self.patient.clinic_account_number, html.decode())
        # The desk prints it too, with payments whose entries it may not open.
        self.env.invalidate_all()
        for role in ("reception", "cashier"):
            with self.subTest(role=role):
                user = self._user(role)
                mine = wizard.with_user(user).create(
                    {"partner_id": self.patient.id, "date_from": wizard.date_from}
                )
                self.env.invalidate_all()
                html, _kind = report.with_user(user)._render_qweb_html(
                    "clinic_finance.report_statement", mine.ids
                )
                self.assertIn("PCSH", html.decode().replace("PCASH", "PCSH"))
        with self.assertRaises(ValidationError):
            wizard.date_to = today - timedelta(days=100)

    def test_a_long_statement_takes_no_more_queries(self):
        wanted = {
            "date": {},
            "move_id": {"fields": {"display_name": {}}},
            "note": {},
            "patient_id": {"fields": {"display_name": {}}},
            "charged": {},
            "paid": {},
            "balance": {},
        }

        def page():
            self.env.cr.flush()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            action = self.patient.action_clinic_statement()
            found = self.env["clinic.account.item"].web_search_read(
                action["domain"], wanted, limit=80, count_limit=10001
            )
            return len(found["records"]), self.env.cr.sql_log_count - before

        self._pay(self._book())
        page()  # warms what a server keeps between requests
        few, queries = page()
        for hour in (12, 13, 14):
            self._pay(self._book(hour))
        more, queries_of_more = page()
        self.assertGreater(more, few)
        self.assertEqual(queries_of_more, queries)

    def test_who_may_read_it(self):
        self._pay(self._book())
        rows = self._rows()
        for role in ("cashier", "finance", "director"):
            self.env.invalidate_all()
            self.assertTrue(rows.with_user(self._user(role)).mapped("balance"))
        for role in ("specialist", "callcenter", "lab"):
            self.env.invalidate_all()
            with self.subTest(role=role), self.assertRaises(AccessError):
                rows.with_user(self._user(role)).mapped("balance")

    def test_other_company_is_out_of_sight(self):
        self._pay(self._book())
        rows = self._rows()
        other = self.env["res.company"].create({"name": "Other clinic"})
        user = self._user("finance")
        user.company_ids |= other
        items = rows.with_user(user).with_context(allowed_company_ids=other.ids)
        self.assertFalse(items.search([("partner_id", "=", self.patient.id)]))
        accounts = self.env["clinic.account"].with_env(items.env)
        self.assertFalse(accounts.search([("partner_id", "=", self.patient.id)]))
