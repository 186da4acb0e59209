from datetime import date, timedelta

from psycopg2.errors import UniqueViolation

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import BaseCase, Form, tagged
from odoo.tools import mute_logger

from ..tools import bills
from .common import FinanceCommon


@tagged("post_install", "-at_install")
class TestBillLikeness(BaseCase):
    def test_numbers(self):
        cases = [
            ("Сч. № 00-123/а", "сч 123А"),
            ("A-0012", "А 12"),
            ("7/2026", "07 / 2026"),
            ("УТ-5601", "счёт № УТ 5601"),
            ("17", "Сч. №17"),
        ]
        for one, other in cases:
            with self.subTest(one):
                self.assertEqual(bills.number_key(one), bills.number_key(other))
        self.assertNotEqual(bills.number_key("12"), bills.number_key("120"))
        self.assertIsNone(bills.number_key(" №- "))

    def test_likeness(self):
        day = date(2026, 11, 20)
        bill = bills.Bill(1, 5, "A1", 100, day)
        cases = {
            bills.Bill(2, 5, "A1", 999, day): bills.NUMBER,
            bills.Bill(3, 6, "A1", 100, day): bills.NUMBER,
            bills.Bill(4, 6, "A1", 999, day): None,
            bills.Bill(5, 5, None, 100, day + timedelta(days=9)): bills.AMOUNT,
            bills.Bill(6, 5, None, 100, day + timedelta(days=30)): None,
            bills.Bill(7, 5, "B7", 100, day): None,
        }
        for other, reason in cases.items():
            with self.subTest(other.id):
                self.assertEqual(bills.likeness(bill, other), reason)
                self.assertEqual(bills.likeness(other, bill), reason)
        scan = frozenset({"same"})
        self.assertEqual(
            bills.likeness(
                bills.Bill(1, None, None, 1, None, scan),
                bills.Bill(2, 3, "X", 2, day, scan),
            ),
            bills.FILE,
        )


@tagged("post_install", "-at_install")
class TestBills(FinanceCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.clinic_bill_queue = True
        cls.supplier = cls.env["res.partner"].create({"name": "Paper and Sons"})
        cls.account = cls.env["account.account"].create(
            {"code": "Q6000", "name": "Office", "account_type": "expense"}
        )
        cls.item = cls.env["clinic.budget.item"].create(
            {"name": "Office", "account_ids": [Command.set(cls.account.ids)]}
        )
        limits = cls.env["clinic.bill.limit"]
        limits.search([]).unlink()
        limits.create(
            [
                {
                    "group_id": cls.env.ref("clinic_base.group_finance").id,
                    "amount": 1000,
                },
                {"group_id": cls.env.ref("clinic_base.group_director").id},
            ]
        )
        for role in ("reception", "finance", "director", "callcenter"):
            cls._user(role)
        cls.bank = cls.env["account.journal"].search(
            [("type", "=", "bank"), ("company_id", "=", cls.company.id)], limit=1
        )

    def _request(self, role="reception", **values):
        values = {
            "partner_id": self.supplier.id,
            "number": "17",
            "amount": 500.0,
            "description": "Paper",
            "branch_id": self.branch.id,
            "item_id": self.item.id,
            **values,
        }
        requests = self.env["clinic.bill.request"].with_user(self._user(role))
        request = requests.create(values)
        request.action_submit()
        return request.sudo()

    def _as(self, record, role):
        self.env.invalidate_all()
        return record.with_user(self._user(role))

    def _pay(self, requests, role="finance", **values):
        wizard = (
            self.env["clinic.bill.pay"]
            .with_user(self._user(role))
            .create(
                {
                    "request_ids": [Command.set(requests.ids)],
                    "journal_id": self.bank.id,
                    **values,
                }
            )
        )
        return wizard._pay()

    def test_from_request_to_payment(self):
        request = self._request()
        self.assertEqual(request.state, "submitted")
        self._as(request, "finance").action_approve()
        self.assertEqual(request.state, "approved")
        payments = self._pay(request)
        self.assertEqual(payments.amount, 500.0)
        self.assertEqual(request.state, "paid")
        self.assertEqual(request.amount_left, 0.0)
        bill = request.move_id
        self.assertEqual((bill.ref, bill.amount_total), ("17", 500.0))
        line = bill.invoice_line_ids
        self.assertEqual(line.account_id, self.account)
        self.assertEqual(line.clinic_branch_id, self.branch)
        self.assertEqual(line.clinic_budget_item_id, self.item)
        # Neither the debt nor the money is the item's.
        self.assertEqual(
            bill.line_ids.filtered("clinic_budget_item_id"), bill.invoice_line_ids
        )

    def test_several_at_once(self):
        one = self._request()
        two = self._request(number="18", amount=200)
        waiting = self._request(number="19", amount=5000)
        self._as(one | two, "finance").action_approve()
        payments = self._pay(one | two | waiting, by_supplier=True)
        self.assertEqual(payments.amount, 700.0)
        self.assertEqual((one | two).mapped("state"), ["paid", "paid"])
        self.assertEqual(waiting.state, "submitted")
        with self.assertRaises(UserError):
            self._pay(one | two)

    def _pay_lines(self, requests, **values):
        wizard = self.env["clinic.bill.pay"].with_user(self._user("finance"))
        return wizard.create(
            {
                "request_ids": [Command.set(requests.ids)],
                "journal_id": self.bank.id,
                **values,
            }
        )

    def test_a_part_is_paid_and_the_rest_stays(self):
        one, two = self._request(), self._request(number="18", amount=200)
        self._as(one | two, "finance").action_approve()
        wizard = self._pay_lines(one | two, by_supplier=True)
        self.assertEqual(wizard.total, 700.0)
        line = wizard.line_ids.filtered(lambda row: row.request_id == one)
        line.amount = 120
        self.assertEqual(wizard.total, 320.0)
        payments = wizard._pay()
        self.assertEqual(sorted(payments.mapped("amount")), [120.0, 200.0])
        self.assertRecordValues(
            one | two,
            [
                {"state": "approved", "amount_left": 380.0},
                {"state": "paid", "amount_left": 0.0},
            ],
        )
        rest = self._pay_lines(one)
        self.assertEqual(rest.line_ids.amount, 380.0)
        rest.line_ids.amount = 380.01
        with self.assertRaises(UserError):
            rest._pay()
        rest.line_ids.amount = 380
        rest._pay()
        self.assertEqual(one.state, "paid")

    def test_what_is_put_off_is_not_paid(self):
        one, two = self._request(), self._request(number="18", amount=200)
        self._as(one | two, "finance").action_approve()
        wizard = self._pay_lines(one | two)
        wizard.line_ids.filtered(lambda row: row.request_id == two).amount = 0
        self.assertEqual(wizard._pay().amount, 500.0)
        self.assertEqual(two.state, "approved")
        self.assertFalse(two.move_id)

    def test_limits(self):
        request = self._request(amount=1000.01)
        with self.assertRaises(AccessError):
            self._as(request, "finance").action_approve()
        self.assertFalse(self._as(request, "finance").can_approve)
        self.assertTrue(self._as(request, "director").can_approve)
        self._as(request, "director").action_approve()
        self.assertEqual(request.approved_by_id, self._user("director"))

    def test_nobody_approves_his_own(self):
        request = self._request("finance")
        with self.assertRaises(AccessError):
            self._as(request, "finance").action_approve()
        self._as(self._request("director", number="9"), "director").action_approve()

    def test_approved_is_fixed(self):
        request = self._request()
        self._as(request, "finance").action_approve()
        for change in ({"amount": 1}, {"partner_id": False}, {"approval": "draft"}):
            with self.assertRaises(UserError):
                self._as(request, "finance").write(change)
        with self.assertRaises(UserError):
            self._as(request, "finance").unlink()
        self._as(request, "finance").action_refuse("too dear")
        self.assertEqual((request.state, request.refusal), ("refused", "too dear"))

    def test_refused_on_the_screen_with_a_reason(self):
        request = self._request()
        boss = self._user("director")
        action = request.with_user(boss).action_open_refuse()
        wizard = self.env["clinic.bill.refuse"].with_user(boss)
        wizard = wizard.with_context(**action["context"]).create({"reason": "Too dear"})
        wizard.action_refuse()
        self.assertRecordValues(request, [{"state": "refused", "refusal": "Too dear"}])
        told = request.message_ids.filtered(
            lambda message: request.user_id.partner_id in message.partner_ids
        )
        self.assertIn("Too dear", told.body)
        self.assertEqual(told.author_id, boss.partner_id)

    def test_duplicate_is_noticed(self):
        self._request()
        copy = self._request(number="№ 0017", amount=501)
        self.assertIn("B", copy.duplicate_note)
        with self.assertRaises(UserError):
            self._as(copy, "finance").action_approve()
        self._as(copy, "finance").action_not_duplicate()
        self._as(copy, "finance").action_approve()

    def test_program_is_no_bill(self):
        file = (
            self.env["ir.attachment"]
            .with_user(self._user("reception"))
            .create({"name": "bill.pdf", "raw": b"MZ\x90 a program"})
        )
        with self.assertRaises(ValidationError):
            self._request(attachment_ids=[Command.set(file.ids)])

    def test_a_branch_is_told_of_the_like_of_another(self):
        other = self._request(role="finance")
        own = self._as(self._request(amount=300), "reception")
        own.invalidate_recordset()
        [row] = own.web_read({"duplicate_note": {}, "duplicate_ids": {}})
        self.assertIn(other.name, row["duplicate_note"])
        with self.assertRaises(AccessError):
            self._as(other, "reception").read(["amount"])
        # also on the form, before it is saved
        drafts = self.env["clinic.bill.request"].with_user(self._user("reception"))
        draft = drafts.new({"partner_id": self.supplier.id, "number": "17"})
        draft.amount = 70
        self.assertIn(other.name, draft.duplicate_note)

    def test_duplicate_by_file(self):
        scans = [
            self.env["ir.attachment"]
            .with_user(self._user("reception"))
            .create({"name": f"{n}.jpg", "raw": b"the same photo"})
            for n in range(2)
        ]
        self._request(attachment_ids=[Command.set(scans[0].ids)])
        copy = self._request(
            number=False,
            partner_id=False,
            amount=3,
            attachment_ids=[Command.set(scans[1].ids)],
        )
        self.assertTrue(copy.duplicate_ids)
        file = self._as(scans[0], "finance")
        self.assertEqual(file.raw, b"the same photo")

    @mute_logger("odoo.sql_db")
    def test_the_database_keeps_one(self):
        self._request()
        with self.assertRaises(UniqueViolation), self.cr.savepoint():
            self._request(number="0017")
            self.env.flush_all()

    def test_bill_of_the_accountant_is_queued(self):
        move = self._bill(5000)
        request = move.clinic_bill_request_ids
        self.assertEqual((request.state, request.amount), ("submitted", 5000.0))
        register = self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=move.ids
        )
        with self.assertRaises(UserError):
            register.create({"journal_id": self.bank.id})._create_payments()
        self._as(request, "director").action_approve()
        register.create({"journal_id": self.bank.id})._create_payments()
        self.assertEqual(request.state, "paid")

    def _bill(self, amount, **values):
        move = self.env["account.move"].create(
            {
                "move_type": "in_invoice",
                "partner_id": self.supplier.id,
                "ref": "F-1",
                "invoice_date": fields.Date.today(),
                "invoice_line_ids": [
                    Command.create(
                        {
                            "name": "Chairs",
                            "price_unit": amount,
                            "account_id": self.account.id,
                            "tax_ids": [Command.clear()],
                        }
                    )
                ],
                **values,
            }
        )
        move.action_post()
        return move

    def test_without_the_queue_odoo_is_as_it_was(self):
        self.company.clinic_bill_queue = False
        move = self._bill(5000)
        self.assertFalse(move.clinic_bill_request_ids)

    def test_reversed_bill_leaves_the_queue(self):
        request = self._bill(100).clinic_bill_request_ids
        self.env["account.move.reversal"].with_context(
            active_model="account.move", active_ids=request.move_id.ids
        ).create({"journal_id": request.move_id.journal_id.id}).modify_moves()
        self.assertEqual(request.state, "cancelled")
        self.assertEqual(request.amount_left, 0.0)

    def test_who_sees_what(self):
        request = self._request()
        self.assertEqual(self._as(request, "reception").amount, 500.0)
        for role in ("finance", "director"):
            self.assertEqual(self._as(request, role).amount, 500.0)
        with self.assertRaises(AccessError):
            self._as(request, "callcenter").read(["amount"])
        for role in ("reception", "callcenter"):
            with self.subTest(role), self.assertRaises(AccessError):
                self._as(request, role).action_approve()
        with self.assertRaises(AccessError):
            self._as(request, "director").write({"amount": 1})
        with self.assertRaises(AccessError):
            self._pay(request, role="reception")
        portal = self.env["res.users"].create(
            {
                "name": "P",
                "login": "bill_portal",
                "group_ids": [Command.set(self.env.ref("base.group_portal").ids)],
            }
        )
        self.env.invalidate_all()
        with self.assertRaises(AccessError):
            request.with_user(portal).read(["amount"])

    def test_who_approves_asks_and_does_not_edit(self):
        request = self._request()
        self.assertTrue(self._as(request, "reception").can_edit)
        self.assertTrue(self._as(request, "finance").can_edit)
        seen = self._as(request, "director")
        self.assertFalse(seen.can_edit)
        with Form(seen) as form, self.assertRaises(AssertionError):
            form.amount = 1.0
        message = seen.message_post(body="Why so dear?", message_type="comment")
        self.assertIn(message, request.message_ids)
        own = self._request("director", number="18", amount=70.0)
        self.assertTrue(self._as(own, "director").can_edit)

    def test_left_in_the_budget(self):
        due = date(2026, 11, 25)
        budget = self.env["clinic.budget"].create(
            {
                "name": "November",
                "date_from": "2026-11-01",
                "date_to": "2026-11-30",
                "line_ids": [
                    Command.create(
                        {"item_id": self.item.id, "month": due, "planned": 800}
                    )
                ],
            }
        )
        request = self._request(date_due=due)
        self.assertFalse(request.budget_note)
        budget.with_user(self._user("director")).action_approve()
        request.invalidate_recordset()
        self.assertIn("800", request.budget_note)
        self.assertEqual(request.is_over_budget, request.amount > 800)
        request.amount = 900
        self.assertTrue(request.is_over_budget)
        self.assertIn("100", request.budget_note)
        request.amount = 800
        self.assertFalse(request.is_over_budget)
