from datetime import timedelta

from lxml import etree

from odoo.fields import Command
from odoo.tests import freeze_time, tagged

from .common import FinanceCommon


@tagged("post_install", "-at_install")
class TestPartnerAccount(FinanceCommon):
    def test_balance_has_both_signs(self):
        self.assertEqual(self._balance(), 0.0)
        self._book()
        self.assertEqual(self._balance(), -2000.0)
        # "To pay" is said without a minus.
        self.assertEqual(self.patient.clinic_to_pay, 2000.0)
        self._open_payment(2500)
        self.assertEqual(self._balance(), 500.0)
        self.patient.invalidate_recordset(["clinic_balance", "clinic_to_pay"])
        self.assertEqual(self.patient.clinic_to_pay, 0.0)

    def test_access_keys_of_forms_are_not_those_of_the_pager(self):
        for xmlid in ("view_clinic_account_form", "view_clinic_appointment_form"):
            view = self.env.ref(f"clinic_finance.{xmlid}")
            with self.subTest(xmlid):
                keys = etree.fromstring(view.arch).xpath("//header//@data-hotkey")
                keys += etree.fromstring(view.arch).xpath("//xpath//@data-hotkey")
                self.assertTrue(keys)
                self.assertFalse({"p", "n"} & set(keys))

    def test_debt_is_what_is_late_not_what_is_to_come(self):
        visit = self._book()
        self.assertEqual(self.patient.clinic_overdue, 0.0)
        self.assertFalse(self.patient._clinic_desk_warnings())
        with freeze_time(visit.stop + timedelta(days=3)):
            self.patient.invalidate_recordset(["clinic_overdue"])
            self.assertEqual(self.patient.clinic_overdue, 2000.0)
            owes = self.company.currency_id.format(2000.0)
            self.assertIn(f"Owes {owes}", self.patient._clinic_desk_warnings())
            self._open_payment(500)
            self.patient.invalidate_recordset(["clinic_overdue"])
            self.assertEqual(self.patient.clinic_overdue, 1500.0)

    def _open_invoice(self, partner, due):
        line = {"name": "Certificate", "price_unit": 700, "tax_ids": []}
        self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": partner.id,
                "invoice_date_due": due,
                "invoice_line_ids": [Command.create(line)],
            }
        ).action_post()

    def test_those_who_are_late_are_found(self):
        other = self._create_patient(name="Later", phone="+7 912 200-00-04")
        visit = self._book()
        with freeze_time(visit.stop + timedelta(days=3)):
            self._open_invoice(other, due=visit.day + timedelta(days=30))
            self.assertEqual(self._balance(other), -700)
            both = self.patient | other
            late = [("id", "in", both.ids), ("clinic_overdue", ">", 0)]
            partners = self.env["res.partner"]
            self.assertEqual(partners.search(late), self.patient)
            self._open_payment(2000)
            self.env.invalidate_all()
            self.assertFalse(partners.search(late))

    def test_balances_of_a_list_take_one_query(self):
        patients = self.patient
        for number in range(3):
            patients |= self._create_patient(
                name=f"P{number}", phone=f"+7 912 200-01-0{number}"
            )
        self._book()
        self.env.flush_all()
        patients.invalidate_recordset()
        patients.mapped("name")
        self.env.company.currency_id.rounding  # noqa: B018  (read before counting)
        with self.assertQueryCount(1):
            patients.mapped("clinic_balance")

    def test_balance_is_searchable(self):
        other = self._create_patient(name="Other", phone="+7 912 200-00-03")
        self._book()
        self._open_payment(100, partner=other)
        both = self.patient | other
        search = self.env["res.partner"].search
        for operator, value, expected in (
            ("<", 0, self.patient),
            (">", 0, other),
            (">=", 0, other),
            ("=", 0, self.env["res.partner"]),
            ("!=", 0, both),
            ("=", -2000, self.patient),
        ):
            with self.subTest(operator=operator, value=value):
                found = search(
                    [("id", "in", both.ids), ("clinic_balance", operator, value)]
                )
                self.assertEqual(found, expected)

    def test_allocate_says_what_it_did(self):
        visit = self._book()
        self._open_payment(500)
        self.assertEqual(
            self.patient.clinic_allocate(), {"matched": 1, "amount": 500.0}
        )
        self.assertEqual(visit.amount_due, 1500.0)
        self.assertEqual(self.patient.clinic_allocate(), {"matched": 0, "amount": 0.0})

    def test_every_rule_is_written_down(self):
        first, second, third = self._book(10), self._book(11), self._book(12)
        self._open_payment(300, memo=f"за {second.invoice_id.name}")
        self._open_payment(2000)
        self._open_payment(100)
        self.patient.clinic_allocate()
        matches = self.patient.clinic_match_ids.sorted("id")
        self.assertEqual(matches.mapped("rule"), ["reference", "amount", "oldest"])
        self.assertEqual(first.payment_state, "paid")
        self.assertEqual(second.amount_due, 1600.0)
        self.assertEqual(third.amount_due, 2000.0)
        for match in matches:
            self.assertIn(match.debit_move_id.name, match.reason)
            self.assertEqual(match.partial_id.amount, match.amount)

    def test_match_by_hand_is_written_down(self):
        visit = self._book()
        payment = self._open_payment(2000)
        line = payment.move_id.line_ids.filtered(
            lambda line: line.account_type == "asset_receivable"
        )
        visit.invoice_id.js_assign_outstanding_line(line.id)
        match = self.patient.clinic_match_ids
        self.assertEqual(match.rule, "manual")
        self.assertEqual(match.user_id, self.env.user)

    def test_credit_note_is_written_down(self):
        self._book().action_cancel()
        self.assertEqual(self.patient.clinic_match_ids.rule, "reversal")

    def test_undone_match_keeps_its_row(self):
        visit = self._book()
        self._pay(visit)
        match = self.patient.clinic_match_ids
        match.partial_id.unlink()
        self.assertTrue(match.undone_at)
        self.assertEqual(match.undone_by_id, self.env.user)
        self.assertFalse(match.partial_id)
        self.assertEqual(visit.payment_state, "not_paid")

    def test_money_of_another_person_is_not_touched(self):
        other = self._create_patient(name="Other", phone="+7 912 200-00-03")
        visit = self._book()
        self._open_payment(2000, partner=other)
        (self.patient | other).clinic_allocate()
        self.assertEqual(visit.payment_state, "not_paid")
        self.assertEqual(self._balance(other), 2000.0)

    def test_account_screen_opens(self):
        patient = self.patient.with_user(self._user("cashier"))
        action = patient.action_clinic_account()
        self.assertEqual(action["res_id"], patient.id)
        view = patient.get_view(action["views"][0][0], "form")
        self.assertIn("clinic_balance", view["arch"])
