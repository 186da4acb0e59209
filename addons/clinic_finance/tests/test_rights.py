from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import FinanceCommon

TAKERS = ("reception", "cashier", "finance")
VIEWERS = (*TAKERS, "director")
OTHERS = ("callcenter", "storekeeper", "specialist", "nurse", "lab", "chief_physician")


@tagged("post_install", "-at_install")
class TestRights(FinanceCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for role in (*VIEWERS, *OTHERS, "admin"):
            cls._user(role)
        cls.visit = cls._book(9)
        cls.invoice = cls.visit.invoice_id
        cls.bill = cls.env["account.move"].create(
            {"move_type": "in_invoice", "partner_id": cls.patient.id}
        )

    def _as(self, record, role):
        self.env.invalidate_all()
        return record.with_user(self._user(role))

    def test_who_takes_payments(self):
        for role in TAKERS:
            with self.subTest(role):
                self.env.invalidate_all()
                payment = self._pay(self.visit, user=self._user(role), amount=100)
                self.assertEqual(payment.state, "paid")
                self.assertEqual(payment.create_uid, self._user(role))
        for role in ("director", *OTHERS):
            with self.subTest(role), self.assertRaises(AccessError):
                self.env.invalidate_all()
                self._pay(self.visit, user=self._user(role), amount=100)

    def test_who_matches(self):
        for role in TAKERS:
            with self.subTest(role):
                result = self._as(self.patient, role).clinic_allocate()
                self.assertEqual(result["matched"], 0)
        for role in ("director", *OTHERS):
            with self.subTest(role), self.assertRaises(AccessError):
                self._as(self.patient, role).clinic_allocate()

    def test_who_sees_the_balance_and_invoices(self):
        for role in VIEWERS:
            with self.subTest(role):
                patient = self._as(self.patient, role)
                self.assertEqual(patient.clinic_balance, -2000.0)
                self.assertEqual(patient.clinic_invoice_ids, self.invoice)
                self.assertEqual(
                    self._as(self.invoice, role).read(["name", "amount_total"])[0][
                        "amount_total"
                    ],
                    2000.0,
                )
        for role in OTHERS:
            with self.subTest(role):
                with self.assertRaises(AccessError):
                    self._as(self.patient, role).read(["clinic_balance"])
                with self.assertRaises(AccessError):
                    self._as(self.invoice, role).read(["amount_total"])

    def test_desk_sees_no_bills_and_no_other_entries(self):
        for role in ("reception", "cashier"):
            with self.subTest(role):
                with self.assertRaises(AccessError):
                    self._as(self.bill, role).read(["amount_total"])
                lines = self._as(self.invoice.line_ids, role).search([])
                kinds = set(lines.sudo().mapped("account_id.account_type"))
                moves = set(lines.sudo().mapped("move_id.move_type"))
                self.assertFalse(
                    moves - {"out_invoice", "out_refund"}
                    and (kinds - {"asset_receivable", "income"})
                )

    def test_nobody_but_the_accountant_writes_in_the_books(self):
        payment = self._pay(self.visit, amount=100)
        vals = {
            "payment_type": "outbound",
            "partner_type": "customer",
            "partner_id": self.patient.id,
            "amount": 100,
            "journal_id": self.company.clinic_cash_journal_id.id,
        }
        for role in ("reception", "cashier", "director", *OTHERS):
            with self.subTest(role):
                with self.assertRaises(AccessError):
                    self._as(self.env["account.payment"], role).create(vals)
                with self.assertRaises(AccessError):
                    self._as(self.invoice, role).write({"ref": "x"})
                with self.assertRaises(AccessError):
                    self._as(payment, role).write({"memo": "x"})
                with self.assertRaises(UserError):
                    self._as(self.invoice, role).button_draft()
                with self.assertRaises(AccessError):
                    self._as(self.env["account.move.reversal"], role).create(
                        {"move_ids": [(6, 0, self.invoice.ids)]}
                    )

    def test_accountant_refunds(self):
        self._pay(self.visit, amount=100)
        refund = self._as(self.env["account.payment"], "finance").create(
            {
                "payment_type": "outbound",
                "partner_type": "customer",
                "partner_id": self.patient.id,
                "amount": 100,
                "journal_id": self.company.clinic_cash_journal_id.id,
            }
        )
        refund.action_post()
        self.assertEqual(refund.state, "paid")
        self.assertEqual(self._as(self.bill, "finance").state, "draft")

    def test_nobody_writes_the_log_of_matches(self):
        self._pay(self.visit)
        match = self.patient.clinic_match_ids
        for role in (*VIEWERS, *OTHERS, "admin"):
            with self.subTest(role):
                with self.assertRaises(AccessError):
                    self._as(match, role).write({"amount": 1})
                with self.assertRaises(AccessError):
                    self._as(match, role).unlink()

    def test_bookings_of_every_role_that_books(self):
        hours = {"reception": 10, "callcenter": 11, "specialist": 12, "admin": 13}
        for role, hour in hours.items():
            with self.subTest(role):
                self.env.invalidate_all()
                visits = self.env["clinic.appointment"].with_user(self._user(role))
                patient = self._create_patient(
                    name=f"For {role}", phone=f"+7 912 200-02-{hour}"
                )
                visit_id = visits.book(
                    patient.id, self.service.id, self.specialist.id, self._at(hour)
                )
                visit = visits.browse(visit_id)
                self.env.invalidate_all()
                visit.action_confirm()
                visit.action_cancel("test")
                self.assertEqual(visit.sudo().payment_state, "reversed")

    def test_payment_link(self):
        for role in ("reception", "callcenter", "cashier", "finance"):
            with self.subTest(role):
                self.assertIn("access_token", self._as(self.visit, role).payment_url)

    def test_menus(self):
        root = self.env.ref("account.menu_finance")
        today = self.env.ref("clinic_finance.menu_clinic_unpaid_today")
        cases = {
            "reception": (False, True),
            "cashier": (False, True),
            "finance": (True, True),
            "director": (False, False),
            "nurse": (False, False),
        }
        for role, expected in cases.items():
            with self.subTest(role):
                menus = self.env["ir.ui.menu"].with_user(self._user(role))
                visible = menus._visible_menu_ids()
                self.assertEqual((root.id in visible, today.id in visible), expected)
