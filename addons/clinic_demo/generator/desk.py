from collections import Counter
from datetime import timedelta

from odoo.fields import Command

# key, name, name in English, services that need one
DEVICES = (
    ("ultrasound", "Аппарат УЗИ", "Ultrasound scanner", ("gyn_ultrasound",)),
    ("ecg", "Электрокардиограф", "Electrocardiograph", ("card_ecg",)),
)
# service, weekdays wished, hours from and to, priority, note
WISHES = (
    ("ther_first", ("mon", "tue"), 9, 12, "1", "Просит до обеда"),
    ("ther_repeat", ("wed", "thu", "fri"), 16, 20, "0", ""),
    ("card_first", ("mon", "wed", "fri"), 0, 24, "2", "Может приехать за час"),
    ("neur_first", ("tue", "thu"), 10, 15, "0", ""),
    ("gyn_first", ("mon", "tue", "wed", "thu", "fri"), 17, 20, "1", ""),
    ("derm_first", ("sat",), 0, 24, "0", "Только суббота"),
)
WISH_DAYS = 21


class Desk:
    """What a desk has to do: devices, wishes, notes, a doctor who fell ill."""

    def __init__(self, env, now, network, bookings):
        self.env = env
        self.now = now
        self.today = now.date()
        self.network = network
        self.bookings = bookings

    def make(self):
        self._make_devices()
        self._make_wishes()
        self._make_notes()
        self._make_sudden_absence()

    def _make_devices(self):
        branches = self.env["clinic.branch"].search([])
        for _key, name, name_en, services in DEVICES:
            kind = self.env["clinic.device.kind"].create({"name": name})
            kind.with_context(lang="en_US").name = name_en
            self.env["clinic.device"].create(
                [
                    {
                        "name": f"{name}, {branch.name}",
                        "kind_id": kind.id,
                        "branch_id": branch.id,
                    }
                    for branch in branches
                ]
            )
            for key in services:
                template = self.network.services[key].product_tmpl_id
                template.device_kind_ids = [Command.link(kind.id)]

    def _make_wishes(self):
        adults = self._patients_without_visits(len(WISHES))
        wishes = [wish for wish in WISHES if wish[0] in self.network.services]
        for patient, wish in zip(adults, wishes, strict=False):
            key, days, hour_from, hour_to, priority, note = wish
            weekdays = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
            self.env["clinic.waitlist"].create(
                {
                    "patient_id": patient.id,
                    "service_id": self.network.services[key].id,
                    **{day: day in days for day in weekdays},
                    "hour_from": hour_from,
                    "hour_to": hour_to,
                    "date_from": self.today,
                    "date_to": self.today + timedelta(days=WISH_DAYS),
                    "priority": priority,
                    "note": note,
                }
            )

    def _patients_without_visits(self, count):
        """Return adults with a phone who have nothing ahead."""
        busy = self.env["clinic.appointment"].search(
            [("start", ">", self.now), ("state", "!=", "cancelled")]
        )
        return self.env["res.partner"].search(
            [
                ("is_patient", "=", True),
                ("phone", "!=", False),
                ("birthdate_date", "<", self.today - timedelta(days=20 * 365)),
                ("id", "not in", busy.patient_id.ids),
            ],
            order="id",
            limit=count,
        )

    def _make_notes(self):
        branch = self.env["clinic.branch"].search([], limit=1)
        specialist = self.env["clinic.specialist"].search(
            [("branch_ids", "in", branch.ids)], limit=1
        )
        self.env["clinic.schedule.note"].create(
            [
                {
                    "name": "Днём обход пожарной охраны, кабинеты не закрывать",
                    "branch_id": branch.id,
                    "date_from": self.today,
                },
                {
                    "name": "Первичных — не больше четырёх в день",
                    "specialist_id": specialist.id,
                    "date_from": self.today,
                    "date_to": self.today + timedelta(days=WISH_DAYS),
                },
            ]
        )

    def _make_sudden_absence(self):
        """Let a doctor with a few visits fall ill some days ahead: visits to move."""
        ahead = self.env["clinic.appointment"].search(
            [
                ("start", ">", self.now + timedelta(days=4)),
                ("start", "<", self.now + timedelta(days=9)),
                ("state", "in", ("booked", "confirmed")),
            ],
            order="id",
        )
        days = Counter((visit.specialist_id, visit.day) for visit in ahead)
        few = [pair for pair, count in days.items() if 2 <= count <= 4]
        if not few:
            return
        specialist, day = min(few, key=lambda pair: (pair[1], pair[0].id))
        leave = self.env["hr.leave"].create(
            {
                "employee_id": specialist.employee_id.id,
                "holiday_status_id": self.env.ref(
                    "hr_holidays.leave_type_sick_time_off"
                ).id,
                "request_date_from": day,
                "request_date_to": day,
            }
        )
        leave.action_approve()
