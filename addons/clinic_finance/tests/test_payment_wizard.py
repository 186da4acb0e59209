from datetime import timedelta

from psycopg2 import IntegrityError

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .common import FinanceCommon


@tagged("post_install", "-at_install")
class TestPaymentWizard(FinanceCommon):
    def test_cash_pays_the_visit_at_once(self):
        visit = self._book()
        payment = self._pay(visit)
        self.assertRecordValues(
            payment,
            [
                {
                    "state": "paid",
                    "amount": 2000.0,
                    "journal_id": self.branch.cash_journal_id.id,
                    "clinic_patient_id": self.patient.id,
                    "clinic_appointment_id": visit.id,
                    "is_matched": True,
                    "is_reconciled": True,
                }
            ],
        )
        self.assertEqual(visit.payment_state, "paid")
        match = self.patient.clinic_match_ids
        self.assertEqual(match.rule, "link")
        self.assertEqual(match.amount, 2000.0)

    def test_an_old_screen_does_not_take_the_money_again(self):
        visit = self._book()
        screens = []
        for _cashier in range(2):
            action = visit.action_take_payment()
            model = self.env[action["res_model"]].with_context(**action["context"])
            screens.append(Form(model))
        first, second = (screen.save() for screen in screens)
        self.assertEqual((first | second).mapped("due_seen"), [2000.0, 2000.0])
        first.action_pay()
        second.invalidate_recordset(["amount_due"])
        with self.assertRaises(UserError):
            second.action_pay()
        # the same screen sent again is answered by its own payment
        first.invalidate_recordset(["amount_due"])
        first.action_pay()
        self.assertEqual(self._balance(), 0.0)
        # what is still due may be taken, and more on purpose
        third = Form(model)
        third.amount = 300
        third.save().action_pay()
        self.assertEqual(self._balance(), 300.0)

    def test_card_goes_to_the_terminal(self):
        payment = self._pay(self._book(), method="card")
        self.assertEqual(payment.journal_id, self.branch.card_journal_id)
        self.assertEqual(payment.state, "paid")

    def test_part_and_rest(self):
        visit = self._book()
        self._pay(visit, amount=500)
        self.assertEqual(visit.payment_state, "partial")
        wizard = self._wizard(visit)
        self.assertEqual(wizard.amount, 1500.0)
        wizard._take()
        self.assertEqual(visit.payment_state, "paid")

    def test_more_than_due_stays_as_an_advance(self):
        visit = self._book()
        wizard = self._wizard(visit, amount=3000)
        self.assertEqual(wizard.advance, 1000.0)
        wizard._take()
        self.assertEqual(visit.payment_state, "paid")
        self.assertEqual(self._balance(), 1000.0)

    def test_money_kept_for_a_visit_until_it_is_cancelled(self):
        debt, visit = self._book(10), self._book(11)
        wizard = self._wizard(visit, amount=3000, hold=True)
        # As on the screen: saved and read, then paid by another request.
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertTrue(wizard.can_hold)
        payment = wizard._take()
        self.assertEqual(payment.clinic_held_for_id, visit)
        self.assertTrue(payment.clinic_is_held)
        self.assertEqual(visit.payment_state, "paid")
        self.assertEqual(debt.payment_state, "not_paid")
        found = self.env["account.payment"].search([("clinic_is_held", "=", True)])
        self.assertIn(payment, found)
        visit.action_cancel()
        self.env.cr.flush()
        self.assertEqual(debt.payment_state, "paid")
        self.assertFalse(payment.clinic_is_held)
        self.assertNotIn(payment, found.search([("clinic_is_held", "=", True)]))

    def test_money_kept_for_a_visit_is_let_go_at_the_desk(self):
        debt, visit = self._book(10), self._book(11)
        payment = self._pay(visit, amount=3000, hold=True)
        cashier = self._user("cashier")
        payment.with_user(cashier).action_clinic_let_go()
        self.env.cr.flush()
        self.assertFalse(payment.clinic_held_for_id)
        self.assertEqual(debt.amount_due, 1000.0)
        self.assertIn(visit.name, payment.message_ids[0].body)

    def test_prepayment_of_a_visit_invoiced_later_waits_for_it(self):
        debt = self._book(10)
        later = self._create_service(
            name="Test after", list_price=2000.0, prepayment="after"
        )
        visit = self._book(11, service_id=later.id)
        self.assertEqual(visit.payment_state, "later")
        wizard = self._wizard(visit)
        self.assertRecordValues(wizard, [{"hold": True, "amount": 2000.0}])
        wizard._take()
        self.assertEqual(debt.payment_state, "not_paid")

    def test_nothing_is_kept_for_a_visit_that_is_over(self):
        visit = self._book()
        visit.action_cancel()
        wizard = self._wizard(visit, amount=500, hold=True)
        self.assertFalse(wizard.can_hold)
        self.assertFalse(wizard._prepare_payment_vals()["clinic_held_for_id"])

    def test_payment_goes_to_its_visit_not_to_the_oldest(self):
        first, second = self._book(10), self._book(11)
        self._pay(second)
        self.assertEqual(first.payment_state, "not_paid")
        self.assertEqual(second.payment_state, "paid")

    def test_payment_without_a_visit_goes_to_the_oldest(self):
        visit = self._book()
        wizard = self._wizard()
        self.assertEqual(wizard.amount, 2000.0)
        wizard._take()
        self.assertEqual(visit.payment_state, "paid")

    def test_paid_hold_becomes_a_booking(self):
        debt = self._book(9)
        visit = self._hold()
        self._pay(visit)
        self.assertEqual(visit.state, "booked")
        self.assertEqual(visit.payment_state, "paid")
        self.assertEqual(debt.payment_state, "not_paid")

    def test_part_of_a_hold_waits_on_the_account(self):
        visit = self._hold()
        self._pay(visit, amount=1000)
        self.assertEqual(visit.state, "hold")
        self.assertEqual(self._balance(), 1000.0)
        self._pay(visit, amount=4000)
        self.assertEqual(visit.state, "booked")
        self.assertEqual(visit.payment_state, "paid")
        self.assertEqual(self._balance(), 0.0)

    def test_same_screen_sent_twice_takes_once(self):
        wizard = self._wizard(self._book())
        first = wizard._take()
        self.assertEqual(wizard._take(), first)
        self.assertEqual(self.patient.clinic_payment_ids, first)

    def test_same_key_for_another_sum_is_refused(self):
        visit = self._book()
        first = self._wizard(visit, amount=500, key="test-key")
        first._take()
        with self.assertRaisesRegex(UserError, "already taken"):
            self._wizard(visit, amount=700, key="test-key")._take()
        self.assertEqual(self.patient.clinic_payment_ids.mapped("amount"), [500])

    def test_database_refuses_the_same_key(self):
        payment = self._wizard(self._book(), key="test-key")._take()
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            payment.copy({"clinic_key": "test-key"})
            self.env.flush_all()

    def test_nothing_or_less_is_refused(self):
        visit = self._book()
        for amount in (0, -100):
            with self.subTest(amount), self.assertRaisesRegex(UserError, "more than"):
                self._pay(visit, amount=amount)

    def test_cash_given(self):
        visit = self._book()
        self.assertEqual(self._wizard(visit, cash_given=5000).cash_change, 3000.0)
        with self.assertRaisesRegex(ValidationError, "less than"):
            self._wizard(visit, cash_given=1500)

    def test_screen_fills_itself(self):
        visit = self._book()
        context = visit.action_take_payment()["context"]
        form = Form(self.env["clinic.payment.wizard"].with_context(**context))
        self.assertEqual(form.amount, 2000.0)
        form.cash_given = 2500
        self.assertEqual(form.cash_change, 500.0)
        message = form.save().action_pay()["params"]["message"]
        self.assertIn("paid in full", message)

    def test_only_an_accountant_enters_another_day(self):
        visit = self._book()
        yesterday = fields.Date.today() - timedelta(days=1)
        with self.assertRaises(AccessError):
            self._pay(visit, user=self._user("cashier"), date=yesterday)
        with self.assertRaisesRegex(UserError, "in the future"):
            self._pay(visit, date=fields.Date.today() + timedelta(days=3))
        self.assertEqual(self._pay(visit, date=yesterday).date, yesterday)

    def test_many_at_once(self):
        visits = [self._book(10), self._book(11)]
        wizards = self.env["clinic.payment.wizard"].concat(
            *(self._wizard(visit) for visit in visits)
        )
        payments = wizards._take()
        self.assertEqual(len(payments), 2)
        self.assertEqual(wizards._take(), payments)
        self.assertEqual({visit.payment_state for visit in visits}, {"paid"})

    def test_family_payer_pays_for_the_child(self):
        parent = self._create_patient(name="Test Parent", phone="+7 912 200-00-02")
        child = self._create_patient(name="Test Child", payer_id=parent.id)
        visit = self._book(patient_id=child.id)
        payment = self._pay(visit)
        self.assertEqual(payment.partner_id, parent)
        self.assertEqual(payment.clinic_patient_id, child)
        self.assertEqual(visit.payment_state, "paid")
