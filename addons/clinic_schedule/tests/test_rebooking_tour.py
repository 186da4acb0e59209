from datetime import date, timedelta

from odoo import Command
from odoo.tests import HttpCase, tagged

from .common import ScheduleCommon


@tagged("post_install", "-at_install")
class TestRebookingTour(ScheduleCommon, HttpCase):
    """The screen “Visits to Move” as the reception uses it."""

    def test_reception_moves_the_visits_of_an_absent_doctor(self):
        self.specialist.employee_id.user_id = False
        colleague = self._create_specialist(
            "Tour Colleague",
            self.specialty,
            branch_ids=[Command.link(self.branch.id)],
        )
        self._create_shift(colleague, room_id=self.room2.id, hours=(9, 11))
        tomorrow = self.day + timedelta(days=1)
        self._create_shift(
            self.specialist, day=tomorrow, hours=(9, 10), room_id=self.room.id
        )
        long_service = self._create_service(name="Tour long", duration=120)
        visits = self.env["clinic.appointment"]
        for name, hour, service in (
            ("Tour First", 9, self.service),
            ("Tour Second", 10, self.service),
            ("Tour Third", 12, long_service),
        ):
            patient = self._create_patient(name=name, phone="+7 912 200-77-11")
            visits |= self._book(hour, patient_id=patient.id, service_id=service.id)
        kind = self.env["hr.leave.type"].create(
            {
                "name": "Test absence",
                "requires_allocation": False,
                "leave_validation_type": "hr",
            }
        )
        leave = self.env["hr.leave"].create(
            {
                "employee_id": self.specialist.employee_id.id,
                "holiday_status_id": kind.id,
                "request_date_from": self.day,
                "request_date_to": self.day,
            }
        )
        leave.action_approve()
        self.assertGreater(self.day, date.today())
        # Nobody can take the long one: it is for the phone.
        self.env["clinic.shift"].search(
            [
                ("specialist_id", "not in", (self.specialist | colleague).ids),
                ("start", ">", self._at(0)),
            ]
        ).active = False
        # Others' to-dos, also those the shifts above leave behind, would be counted.
        self.env["clinic.rebooking"].search(
            [("appointment_id", "not in", visits.ids)]
        )._close("needless")
        self.start_tour(
            "/odoo/clinic-shifts",
            "clinic_rebooking_tour",
            login=self._user("reception").login,
        )
        first, second, third = visits
        self.assertEqual(
            (first.specialist_id, first.local_hours[:5]), (colleague, "09:00")
        )
        self.assertEqual(second.specialist_id, colleague)
        self.assertEqual((third.state, third.start), ("booked", self._at(12)))
        todos = self.env["clinic.rebooking"].search(
            [("appointment_id", "in", visits.ids)]
        )
        self.assertEqual(sorted(todos.mapped("outcome")), ["handed", "handed", "kept"])
