from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import FinanceCommon


@tagged("post_install", "-at_install")
class TestAdvances(FinanceCommon):
    """What patients had paid in advance on a day, and its place in the books."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = fields.Date.context_today(cls.env.user)
        cls.yesterday = cls.today - timedelta(days=1)
        cls.payer = cls.env["res.partner"].create({"name": "Pays In Advance"})

    def _report(self, date=None, role="finance"):
        reports = self.env["clinic.advance.report"].with_user(self._user(role))
        return reports.create({"date": date or self.yesterday})

    def _have_our_chart(self):
        """Let the company have 62.01 and 62.02, whatever chart it was made with."""
        if self.company.chart_template == "ru_clinic":
            return
        self.company.chart_template = "ru_clinic"
        advances = self.env["account.account"].create(
            {
                "name": "Test 62.02",
                "code": "62.02",
                "account_type": "liability_current",
            }
        )
        accounts = {
            "ru62_01": self.payer.property_account_receivable_id,
            "ru62_02": advances,
        }
        self.env["ir.model.data"]._update_xmlids(
            [
                {"xml_id": f"account.{self.company.id}_{name}", "record": account}
                for name, account in accounts.items()
            ]
        )

    def test_every_sum_has_its_currency(self):
        self._open_payment(700, self.payer, date=self.yesterday)
        lines = self._report().line_ids
        self.assertTrue(lines)
        self.assertEqual(lines.currency_id, self.company.currency_id)

    def _of_payer(self, report):
        line = report.line_ids.filtered(lambda one: one.partner_id == self.payer)
        return line.advance, line.debt

    def _invoice(self, amount, day):
        invoice = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.payer.id,
                "invoice_date": day,
                "invoice_line_ids": [
                    fields.Command.create(
                        {"name": "Service", "price_unit": amount, "tax_ids": []}
                    )
                ],
            }
        )
        invoice.action_post()
        return invoice

    def test_money_that_met_its_invoice_later_was_an_advance_before(self):
        before = self.yesterday - timedelta(days=5)
        payment = self._open_payment(3000, self.payer, date=before)
        invoice = self._invoice(1000, self.today)
        self._receivable(payment.move_id | invoice).reconcile()
        self.assertEqual(self._of_payer(self._report()), (3000, 0))
        self.assertEqual(self._of_payer(self._report(self.today)), (2000, 0))
        self.assertEqual(
            self._of_payer(self._report(before - timedelta(days=1))), (0, 0)
        )

    def test_debts_are_told_apart(self):
        self._open_payment(500, self.payer, date=self.yesterday)
        # Not matched: the rules match at the end of a transaction.
        self._invoice(800, self.yesterday)
        self.assertEqual(self._of_payer(self._report()), (500, 800))

    def test_the_entry_goes_and_comes_back_and_nobodys_balance_moves(self):
        self._have_our_chart()
        self._open_payment(700, self.payer, date=self.yesterday)
        report = self._report()
        total = report.advance_total
        balance = self._balance(self.payer)
        report.action_transfer()
        moves = self.env["account.move"].search([], order="id desc", limit=2)
        back, there = moves
        advances = report._accounts()[1]
        self.assertEqual((there.date, back.date), (self.yesterday, self.today))
        for move, sign in ((there, -1), (back, 1)):
            line = move.line_ids.filtered(lambda one: one.account_id == advances)
            self.assertAlmostEqual(line.balance, sign * total)
            self.assertEqual(move.state, "posted")
            self.assertFalse(move.line_ids.partner_id)
        self.assertEqual(self._balance(self.payer), balance)
        again = self._report()
        self.assertEqual(again.move_id, there)
        self.assertAlmostEqual(again.advance_total, total)
        with self.assertRaises(UserError):
            again.action_transfer()

    def test_who_may(self):
        self._open_payment(700, self.payer, date=self.yesterday)
        self.assertEqual(self._of_payer(self._report(role="director")), (700, 0))
        with self.assertRaises(AccessError):
            self._report(role="director").action_transfer()
        for role in ("reception", "cashier", "specialist"):
            with self.subTest(role), self.assertRaises(AccessError):
                self._report(role=role)
