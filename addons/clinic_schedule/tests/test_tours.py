from datetime import datetime, timedelta

from odoo import Command
from odoo.tests import HttpCase, tagged

from odoo.addons.clinic_base.tests.common import ClinicCommon


@tagged("post_install", "-at_install")
class TestTours(ClinicCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user = cls._user("reception")
        cls.tour_patient = cls._create_patient(
            name="Tour Patient", phone="+7 912 200-77-01"
        )
        cls.tour_specialist = cls._create_specialist(
            "Tour Doctor",
            cls.specialty,
            branch_ids=[Command.link(cls.branch.id)],
        )
        cls.service.name = "Tour visit"
        # Around the clock, so that there are windows whenever the test runs.
        now = datetime.utcnow().replace(minute=0, second=0, microsecond=0)
        local = cls.branch._localize(now)
        day_end = cls.branch._to_utc(
            datetime.combine(local.date() + timedelta(days=1), datetime.min.time())
        )
        cls.env["clinic.shift"].create(
            {
                "specialist_id": cls.tour_specialist.id,
                "branch_id": cls.branch.id,
                "room_id": cls.room.id,
                "start": now,
                "stop": max(day_end, now + timedelta(hours=2)),
            }
        )

    def test_reception_finds_books_and_receives(self):
        now = self.branch._localize(datetime.utcnow())
        if now.hour == 23 and now.minute >= 50:
            self.skipTest("The first free window would be tomorrow.")
        self.start_tour(
            "/odoo/clinic-today", "clinic_reception_tour", login=self.user.login
        )
        visit = self.tour_patient.appointment_ids
        self.assertEqual(visit.state, "arrived")
        self.assertEqual(visit.specialist_id, self.tour_specialist)
