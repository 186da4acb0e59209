from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .common import FinanceCommon


@tagged("post_install", "-at_install")
class TestRearrange(FinanceCommon):
    """One invoice for several visits, another payer, parts with days of their own."""

    def _together(self, visits, user=None):
        visits = visits.with_user(user) if user else visits
        return self.env["account.move"].browse(visits.invoice_together())

    # Several visits on one invoice -------------------------------------------

    def test_visits_on_one_invoice(self):
        visits = self._book(10) | self._book(11)
        old = visits.invoice_id
        invoice = self._together(visits, self._user("reception"))
        self.assertEqual((invoice.amount_total, invoice.state), (4000.0, "posted"))
        self.assertEqual(invoice.clinic_appointment_ids, visits)
        self.assertEqual(set(old.mapped("payment_state")), {"reversed"})
        self.assertEqual(visits.mapped("amount_due"), [2000.0, 2000.0])
        self.assertEqual(self._balance(), -4000.0)
        self.assertConserved(visits)

    def test_part_of_the_money_pays_the_earlier_visit_first(self):
        visits = self._book(10) | self._book(11)
        self._together(visits)
        self._pay(visits[1], amount=2500)
        self.assertEqual(visits.mapped("amount_due"), [0.0, 1500.0])
        self.assertEqual(visits.mapped("payment_state"), ["paid", "partial"])

    def test_one_of_them_cancelled_is_released(self):
        visits = self._book(10) | self._book(11)
        invoice = self._together(visits)
        visits[0].action_cancel()
        self.assertEqual(visits.mapped("payment_state"), ["reversed", "not_paid"])
        self.assertEqual(visits.mapped("amount_due"), [0.0, 2000.0])
        self.assertEqual(invoice.amount_residual, 2000.0)
        self.assertEqual(invoice.reversal_move_ids.amount_total, 2000.0)
        self.assertConserved(visits)
        visits[0].action_undo()
        self.assertEqual(visits.mapped("amount_due"), [2000.0, 2000.0])
        self.assertEqual(self._balance(), -4000.0)
        self.assertConserved(visits)

    def test_paid_joint_invoice_one_cancelled_frees_its_money(self):
        visits = self._book(10) | self._book(11)
        self._together(visits)
        self._pay(visits[0], amount=4000)
        visits[0].action_cancel()
        self.assertEqual(visits.mapped("payment_state"), ["reversed", "paid"])
        self.assertEqual(self._balance(), 2000.0)
        self.assertConserved(visits)

    def test_together_is_refused_in_words(self):
        visits = self._book(10) | self._book(11)
        with self.assertRaisesRegex(UserError, "at least two"):
            visits[0].invoice_together()
        other = self._book(12, patient_id=self._create_patient(name="Other").id)
        with self.assertRaisesRegex(UserError, "one payer"):
            (visits | other).invoice_together()
        self._pay(visits[0])
        with self.assertRaisesRegex(UserError, "Nothing is to be paid"):
            visits.invoice_together()
        for role in ("specialist", "callcenter", "director"):
            with self.subTest(role=role), self.assertRaises(AccessError):
                visits.with_user(self._user(role)).invoice_together()

    def test_family_on_one_invoice(self):
        parent = self._create_patient(name="Test Parent", phone="+7 912 200-00-02")
        children = [
            self._create_patient(name=f"Test Child {number}", payer_id=parent.id)
            for number in (1, 2)
        ]
        visits = self._book(10, patient_id=children[0].id) | self._book(
            11, patient_id=children[1].id
        )
        invoice = self._together(visits)
        self.assertEqual(invoice.partner_id, parent)
        self.assertFalse(invoice.clinic_patient_id)
        self.assertIn("Test Child 1", invoice.invoice_line_ids[0].name)
        self.assertEqual(self._balance(parent), -4000.0)

    # Payer -------------------------------------------------------------------

    def test_another_payer_of_the_family(self):
        parent = self._create_patient(name="Test Parent", phone="+7 912 200-00-02")
        self.patient.guardian_ids = parent
        visit = self._book()
        self._pay(visit, amount=300)
        visit.with_user(self._user("reception")).change_payer(parent.id, "he asked")
        self.assertEqual(visit.invoice_id.partner_id, parent)
        self.assertEqual(visit.charge_ids.partner_id, parent)
        self.assertEqual((self._balance(), self._balance(parent)), (300.0, -2000.0))
        self.assertEqual(visit.amount_due, 2000.0)
        self.assertConserved(visit)

    def test_stranger_does_not_pay(self):
        stranger = self._create_patient(name="Stranger")
        visit = self._book()
        with self.assertRaisesRegex(UserError, "neither payer nor guardian"):
            visit.with_user(self._user("reception")).change_payer(stranger.id)
        with self.assertRaises(AccessError):
            visit.with_user(self._user("callcenter")).change_payer(stranger.id)

    # Instalments -------------------------------------------------------------

    def _instalments(self, invoice, user=None, **values):
        env = self.env(user=user) if user else self.env
        action = invoice.with_env(env).action_clinic_instalments()
        form = Form(env["clinic.instalment.wizard"].with_context(**action["context"]))
        for name, value in values.items():
            form[name] = value
        return form.save()

    def _parts(self, invoice):
        return sorted(
            (line.date_maturity, line.amount_residual)
            for line in invoice._clinic_receivable()
        )

    def test_instalments_are_due_on_their_days(self):
        invoice = self._book(service_id=self.service_prepaid.id).invoice_id
        name = invoice.name
        wizard = self._instalments(invoice, self._user("finance"), count=3)
        first = wizard.first_day
        wizard.action_apply()
        self.assertEqual(
            [amount for _day, amount in self._parts(invoice)], [1666.0, 1666.0, 1668.0]
        )
        self.assertEqual(self._parts(invoice)[0][0], first)
        self.assertEqual((invoice.name, invoice.state), (name, "posted"))
        self.assertEqual(invoice.amount_residual, 5000.0)
        # Whoever opens the invoice reads the days and the sums.
        words = invoice.clinic_due_words.splitlines()
        self.assertEqual(len(words), 3)
        self.assertIn(self.company.currency_id.format(1668.0), words[-1])

    def test_visits_of_one_price_are_no_duplicates(self):
        """The accountant is not told to delete the other visits' invoices."""
        first, second = (self._book(hour).invoice_id for hour in (10, 11))
        self.assertEqual(first.amount_total, second.amount_total)
        self.assertFalse((first | second).duplicated_ref_ids)
        copy = first.copy({"invoice_date": first.invoice_date})
        self.assertEqual(copy.duplicated_ref_ids, first | second)

    def test_instalments_of_what_is_left(self):
        visit = self._book(service_id=self.service_prepaid.id)
        self._pay(visit, amount=1000)
        later = fields.Date.context_today(visit) + timedelta(days=10)
        self._instalments(visit.invoice_id, count=2, first_day=later).action_apply()
        parts = self._parts(visit.invoice_id)
        self.assertEqual([amount for _day, amount in parts], [0.0, 2000.0, 2000.0])
        self.assertEqual((visit.payment_state, visit.amount_due), ("partial", 4000.0))
        self.assertEqual(self._balance(), -4000.0)

    def test_instalments_must_add_up(self):
        invoice = self._book().invoice_id
        wizard = self._instalments(invoice, count=2)
        wizard.line_ids[0].amount += 1
        with self.assertRaisesRegex(UserError, "differ"):
            wizard.action_apply()

    # Regular visits ----------------------------------------------------------

    def test_regular_visits_are_invoiced_by_turn(self):
        series = self.env["clinic.appointment.series"].create(
            {
                "patient_id": self.patient.id,
                "service_id": self.service.id,
                "specialist_id": self.specialist.id,
                "branch_id": self.branch.id,
                "date_from": self.day,
                "hour": 10,
                "count": 2,
                "wed": True,
                "invoice_ahead": 2,
            }
        )
        visits = self._book(10, series_id=series.id)
        for hour in (11, 12, 13):
            visits |= self._book(hour, series_id=series.id)
        self.assertEqual(
            [bool(visit.invoice_id) for visit in visits], [True, True, False, False]
        )
        self.assertEqual(self._balance(), -4000.0)
        visits[0].action_cancel()
        self.assertEqual(
            [bool(visit.invoice_id) for visit in visits], [True, True, True, False]
        )
        self._fulfil(visits[1])
        self.assertTrue(visits[3].invoice_id)
        self.assertConserved(visits)
