from datetime import datetime, timedelta

from odoo import Command
from odoo.tests import HttpCase, tagged

from odoo.addons.clinic_base.tests.common import ClinicCommon


@tagged("post_install", "-at_install")
class TestTours(ClinicCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Noon in the branch whenever the tests run: what is free is free today.
        cls.branch.tz = f"Etc/GMT{datetime.utcnow().hour - 12:+d}"
        cls.user = cls._user("reception")
        cls.callcenter = cls._user("callcenter")
        (cls.user | cls.callcenter).tz = cls.branch.tz
        cls.tour_patient = cls._create_patient(
            name="Tour Patient", phone="+7 912 200-77-01"
        )
        cls.tour_specialist = cls._create_specialist(
            "Tour Doctor",
            cls.specialty,
            branch_ids=[Command.link(cls.branch.id)],
        )
        cls.service.name = "Tour visit"
        now = datetime.utcnow().replace(minute=0, second=0, microsecond=0)
        cls.env["clinic.shift"].create(
            {
                "specialist_id": cls.tour_specialist.id,
                "branch_id": cls.branch.id,
                "room_id": cls.room.id,
                "start": now,
                "stop": now + timedelta(hours=6),
            }
        )

    def test_reception_finds_books_receives_and_undoes(self):
        self.start_tour(
            "/odoo/clinic-today", "clinic_reception_tour", login=self.user.login
        )
        visit = self.tour_patient.appointment_ids
        self.assertEqual(visit.state, "booked")
        self.assertEqual(visit.specialist_id, self.tour_specialist)
        self.assertEqual(
            visit.change_ids.sorted("id").mapped("kind"), ["book", "arrive", "undo"]
        )

    def test_patient_scans_the_card(self):
        self.tour_patient.patient_number = "TOUR0001"
        now = datetime.utcnow().replace(second=0, microsecond=0)
        visit = self.env["clinic.appointment"]._book(
            {
                "patient_id": self.tour_patient.id,
                "service_id": self.service.id,
                "specialist_id": self.tour_specialist.id,
                "start": now + timedelta(minutes=5),
            }
        )
        self.start_tour(
            "/odoo/clinic-today", "clinic_arrival_tour", login=self.user.login
        )
        self.assertEqual(visit.state, "arrived")

    def test_names_are_read_whole_beside_many_buttons(self):
        """On a usual screen: 1366 pixels are what Odoo's browser tests have."""
        self.tour_patient.name = "Константинопольская Александра Владиславовна"
        self.service.name = "Суточное мониторирование электрокардиограммы"
        now = datetime.utcnow().replace(second=0, microsecond=0)
        visit = self.env["clinic.appointment"]._book(
            {
                "patient_id": self.tour_patient.id,
                "service_id": self.service.id,
                "specialist_id": self.tour_specialist.id,
                "start": now + timedelta(minutes=5),
            }
        )
        visit.action_arrive()
        self.start_tour(
            "/odoo/clinic-today", "clinic_today_widths_tour", login=self.user.login
        )

    def test_somebody_comes_without_a_booking(self):
        self.start_tour(
            "/odoo/clinic-today", "clinic_walk_in_tour", login=self.user.login
        )
        self.assertEqual(self.tour_patient.appointment_ids.state, "arrived")

    def test_call_centre_books_and_undoes(self):
        self.start_tour(
            "/odoo/clinic-today",
            "clinic_callcenter_tour",
            login=self.callcenter.login,
        )
        visit = self.tour_patient.appointment_ids
        self.assertEqual((visit.state, visit.origin), ("cancelled", "callcenter"))
