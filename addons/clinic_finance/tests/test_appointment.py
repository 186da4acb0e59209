from datetime import timedelta

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged

from .common import FinanceCommon


@tagged("post_install", "-at_install")
class TestAppointmentInvoice(FinanceCommon):
    def test_booking_makes_a_posted_invoice(self):
        visit = self._book()
        invoice = visit.invoice_id
        self.assertRecordValues(
            invoice,
            [
                {
                    "move_type": "out_invoice",
                    "state": "posted",
                    "amount_total": 2000.0,
                    "amount_tax": 0.0,
                    "amount_residual": 2000.0,
                    "partner_id": self.patient.id,
                    "clinic_patient_id": self.patient.id,
                    "clinic_appointment_id": visit.id,
                    "invoice_date_due": self.day,
                    "invoice_user_id": False,
                }
            ],
        )
        self.assertEqual(invoice.currency_id.name, "RUB")
        self.assertEqual(invoice.invoice_line_ids.product_id, self.service)
        self.assertRecordValues(
            visit,
            [{"payment_state": "not_paid", "amount_due": 2000.0, "amount_total": 2000}],
        )
        self.assertEqual(self._balance(), -2000.0)

    def test_hold_makes_a_draft(self):
        visit = self._hold()
        self.assertEqual(visit.invoice_id.state, "draft")
        self.assertEqual(visit.amount_due, 5000.0)
        self.assertEqual(visit.payment_state, "not_paid")
        self.assertEqual(self._balance(), 0.0)
        visit.action_confirm()
        self.assertEqual(visit.invoice_id.state, "posted")
        self.assertEqual(self._balance(), -5000.0)

    def test_released_hold_leaves_nothing_behind(self):
        visit = self._hold()
        self._expire(visit)
        self.assertEqual(visit.state, "cancelled")
        self.assertTrue(visit.hold_expired)
        self.assertEqual(visit.invoice_id.state, "cancel")
        self.assertFalse(visit.amount_due)
        self.assertEqual(self._balance(), 0.0)

    def test_receptionist_books_without_accounting_rights(self):
        user = self._user("reception")
        visit_id = (
            self.env["clinic.appointment"]
            .with_user(user)
            .book(
                self.patient.id,
                self.service.id,
                self.specialist.id,
                fields.Datetime.to_string(self._at(11)),
            )
        )
        visit = self.env["clinic.appointment"].browse(visit_id)
        self.assertEqual(visit.invoice_id.state, "posted")

    def test_payer_gets_the_invoice(self):
        parent = self._create_patient(name="Test Parent", phone="+7 912 200-00-02")
        child = self._create_patient(name="Test Child", payer_id=parent.id)
        visit = self._book(patient_id=child.id)
        self.assertEqual(visit.invoice_id.partner_id, parent)
        self.assertEqual(visit.invoice_id.clinic_patient_id, child)
        self.assertEqual(self._balance(parent), -2000.0)
        self.assertEqual(self._balance(child), 0.0)

    def test_payer_that_is_a_company_contact_pays_as_the_company(self):
        firm = self.env["res.partner"].create({"name": "Test Firm", "is_company": True})
        clerk = self.env["res.partner"].create({"name": "Clerk", "parent_id": firm.id})
        self.patient.payer_id = clerk
        self.assertEqual(self._book().invoice_id.partner_id, firm)
        self.assertEqual(self._balance(firm), -2000.0)

    def test_price_list_of_the_patient_decides(self):
        self.patient.specific_property_product_pricelist = self.env[
            "product.pricelist"
        ].create(
            {
                "name": "Test staff prices",
                "currency_id": self.company.currency_id.id,
                "item_ids": [
                    fields.Command.create(
                        {
                            "compute_price": "percentage",
                            "percent_price": 10,
                            "applied_on": "3_global",
                        }
                    )
                ],
            }
        )
        self.assertEqual(self._book().amount_total, 1800.0)

    def test_free_service_has_no_invoice(self):
        free = self._create_service(name="Free visit", list_price=0.0)
        visit = self._book(service_id=free.id)
        self.assertFalse(visit.invoice_id)
        self.assertEqual(visit.payment_state, "none")
        visit.action_cancel()

    def test_past_visit_is_invoiced_on_its_day(self):
        day = fields.Date.today() - timedelta(days=20)
        self._create_shift(self.specialist, day=day, room_id=self.room.id)
        visit = self._book(start=self._at(10, day=day), allow_past=True)
        self.assertEqual(visit.invoice_id.invoice_date, day)
        self.assertEqual(visit.invoice_id.date, day)

    def test_new_day_of_a_hold_moves_the_draft(self):
        visit = self._hold(service_id=self.service.id)
        visit.reschedule(self._at(12))
        self.assertEqual(visit.invoice_id.invoice_date_due, self.day)
        self.assertEqual(visit.invoice_id.amount_total, 2000.0)

    # Cancellation and no-show ------------------------------------------------

    def test_unpaid_visit_cancelled_is_credited(self):
        visit = self._book()
        invoice = visit.invoice_id
        visit.action_cancel("test")
        self.assertEqual(invoice.payment_state, "reversed")
        note = invoice.reversal_move_ids
        self.assertEqual(note.state, "posted")
        self.assertEqual(note.clinic_appointment_id, visit)
        self.assertEqual(visit.payment_state, "reversed")
        self.assertFalse(visit.amount_due)
        self.assertEqual(self._balance(), 0.0)

    def test_money_of_a_cancelled_visit_stays_and_pays_the_next(self):
        visit = self._book()
        self._pay(visit)
        self.assertEqual(visit.payment_state, "paid")
        visit.action_cancel()
        self.assertEqual(self._balance(), 2000.0)
        self.assertEqual(visit.payment_state, "reversed")
        self.assertFalse(visit.amount_due)
        following = self._book(12)
        self.assertEqual(following.payment_state, "paid")
        self.assertEqual(self._balance(), 0.0)

    def test_partly_paid_visit_cancelled_keeps_what_was_paid(self):
        visit = self._book()
        self._pay(visit, amount=700)
        self.assertEqual(visit.payment_state, "partial")
        self.assertEqual(visit.amount_due, 1300.0)
        visit.action_cancel()
        self.assertEqual(self._balance(), 700.0)

    def test_cancellation_taken_back_has_its_invoice_again(self):
        visit = self._book()
        credited = visit.invoice_id
        self._pay(visit)
        visit.action_cancel()
        visit.action_undo()
        self.assertEqual(visit.state, "booked")
        self.assertNotEqual(visit.invoice_id, credited)
        self.assertEqual(visit.payment_state, "paid")  # by the money that stayed
        self.assertEqual(visit.amount_total, 2000.0)
        self.assertEqual(self._balance(), 0.0)

    def test_unpaid_cancellation_taken_back_is_owed_again(self):
        visit = self._book()
        visit.action_cancel()
        visit.action_undo()
        self.assertEqual(visit.payment_state, "not_paid")
        self.assertEqual(visit.amount_due, 2000.0)
        self.assertEqual(self._balance(), -2000.0)

    def test_booking_taken_back_owes_nothing(self):
        visit = self._book()
        visit.action_undo()
        self.assertEqual(visit.payment_state, "reversed")
        self.assertEqual(self._balance(), 0.0)

    def test_hold_cancelled_and_taken_back_keeps_its_draft(self):
        visit = self._hold(service_id=self.service.id)
        invoice = visit.invoice_id
        visit.action_cancel()
        self.assertEqual(invoice.state, "cancel")
        visit.action_undo()
        self.assertEqual(visit.state, "hold")
        self.assertEqual((visit.invoice_id, invoice.state), (invoice, "draft"))

    def test_noshow_taken_back_is_owed_again(self):
        self.company.clinic_noshow_policy = "never"
        visit = self._book()
        with freeze_time(visit.start + timedelta(minutes=20)):
            visit.action_noshow()
            self.assertEqual(visit.payment_state, "reversed")
            visit.action_undo()
        self.assertEqual(visit.payment_state, "not_paid")

    def test_noshow_policy(self):
        cases = [
            ("prepaid", self.service, "reversed"),
            ("prepaid", self.service_prepaid, "not_paid"),
            ("always", self.service, "not_paid"),
            ("never", self.service_prepaid, "reversed"),
        ]
        for hour, (policy, service, expected) in enumerate(cases, start=10):
            with self.subTest(policy=policy, service=service.name):
                self.company.clinic_noshow_policy = policy
                visit = self._book(hour, service_id=service.id)
                with freeze_time(visit.start + timedelta(minutes=20)):
                    visit.action_noshow()
                self.assertEqual(visit.payment_state, expected)

    def test_cancelled_in_a_locked_period_is_credited_today(self):
        day = fields.Date.today() - timedelta(days=40)
        self._create_shift(self.specialist, day=day, room_id=self.room.id)
        visit = self._book(start=self._at(10, day=day), allow_past=True)
        self.company.fiscalyear_lock_date = fields.Date.today() - timedelta(days=10)
        visit.action_cancel()
        note = visit.invoice_id.reversal_move_ids
        self.assertEqual(note.state, "posted")
        self.assertGreater(note.date, self.company.fiscalyear_lock_date)

    def test_company_without_chart_says_so(self):
        visit = self._book()
        self.company.chart_template = False
        with self.assertRaisesRegex(UserError, "chart of accounts"):
            visit._create_invoices()
