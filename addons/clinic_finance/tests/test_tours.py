from datetime import datetime, timedelta

from odoo import Command, fields
from odoo.tests import HttpCase, tagged

from .common import FinanceCommon


@tagged("post_install", "-at_install")
class TestTours(FinanceCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user = cls._user("reception")
        cls.payer = cls._create_patient(name="Tour Payer", phone="+7 912 200-77-02")
        cls.service.name = "Tour paid visit"
        doctor = cls._create_specialist(
            "Tour Cash Doctor", cls.specialty, branch_ids=[Command.link(cls.branch.id)]
        )
        # To the end of the branch's day, so that there are windows whenever it runs.
        now = fields.Datetime.now().replace(minute=0, second=0)
        tomorrow = cls.branch._localize(now).date() + timedelta(days=1)
        day_end = cls.branch._to_utc(datetime.combine(tomorrow, datetime.min.time()))
        cls.env["clinic.shift"].create(
            {
                "specialist_id": doctor.id,
                "branch_id": cls.branch.id,
                "room_id": cls.room.id,
                "start": now,
                "stop": max(day_end, now + timedelta(hours=2)),
            }
        )

    def test_reception_books_receives_and_takes_cash(self):
        self.start_tour(
            "/odoo/clinic-today", "clinic_cash_desk_tour", login=self.user.login
        )
        visit = self.payer.appointment_ids
        self.assertEqual(visit.state, "arrived")
        self.assertEqual(visit.payment_state, "paid")
        payment = self.payer.clinic_payment_ids
        self.assertEqual(payment.amount, 2000.0)
        self.assertEqual(payment.journal_id, self.branch.cash_journal_id)
        self.assertEqual(payment.create_uid, self.user)

    def test_reception_adds_and_drops_a_service(self):
        self._create_service(name="Tour extra", list_price=700.0)
        visit = self._book()
        self.start_tour(
            f"/odoo/clinic-unpaid/{visit.id}",
            "clinic_charge_tour",
            login=self.user.login,
        )
        extra = visit.charge_ids[-1:]
        self.assertRecordValues(
            extra,
            [
                {
                    "state": "dropped",
                    "drop_reason": "Not needed",
                    "user_id": self.user.id,
                    "dropped_by_id": self.user.id,
                }
            ],
        )
        self.assertEqual(visit.amount_due, 2000.0)
        self.assertConserved(visit)

    def test_cashier_returns_a_part_of_a_payment(self):
        visit = self._book()
        cashier = self._user("cashier")
        payment = self._pay(visit, user=cashier)
        self.start_tour(
            f"/odoo/clinic-payments/{payment.id}",
            "clinic_refund_tour",
            login=cashier.login,
        )
        [refund] = payment.clinic_refund_ids
        self.assertEqual(refund.amount, 500.0)
        self.assertEqual(refund.clinic_refund_reason, "Tour reason")
        self.assertEqual((visit.payment_state, visit.amount_due), ("partial", 500.0))

    def test_cashier_reads_the_statement_and_takes_a_match_apart(self):
        visit = self._book()
        cashier = self._user("cashier")
        self._pay(visit, user=cashier)
        self.start_tour(
            f"/odoo/clinic-accounts/{self.patient.id}",
            "clinic_statement_tour",
            login=cashier.login,
        )
        match = self.patient.clinic_match_ids
        self.assertEqual(match.undone_by_id, cashier)
        self.assertEqual(match.undo_reason, "Tour reason")
        self.assertEqual(visit.payment_state, "not_paid")
        self.assertEqual(self._balance(), 0.0)
