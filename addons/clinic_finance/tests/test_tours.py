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
