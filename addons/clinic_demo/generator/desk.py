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
# Whose patient comes every week, how many weeks, and after how many days from now:
# later than the other visits of the demo are planned.
SERIES_OF, SERIES_WEEKS, SERIES_AFTER = "frolova", 6, 22
NOTICES = 60
FAILED_NOTICE = 7


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
        self._make_series()
        self._make_notices()
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
        adults = list(self._patients_without_visits())
        for key, days, hour_from, hour_to, priority, note in WISHES:
            if key not in self.network.services:
                continue
            able = self.network.services[key]._clinic_specialists()
            patient = next(
                one for one in adults if not able._why_none_receives(one, self.today)
            )
            adults.remove(patient)
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

    def _patients_without_visits(self):
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
        )

    def _make_series(self):
        """Let a patient come every week, to the usual person at the usual hour."""
        specialist = self.network.specialists[SERIES_OF]
        last = self.env["clinic.appointment"].search(
            [("specialist_id", "=", specialist.id), ("state", "=", "fulfilled")],
            order="start desc, id",
            limit=1,
        )
        if not last:
            return
        local = last.branch_id._localize(last.start)
        day = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")[local.weekday()]
        series = self.env["clinic.appointment.series"].create(
            {
                "patient_id": last.patient_id.id,
                "service_id": last.service_id.id,
                "specialist_id": specialist.id,
                "branch_id": last.branch_id.id,
                day: True,
                "hour": local.hour + local.minute / 60,
                "date_from": self.today + timedelta(days=SERIES_AFTER),
                "count": SERIES_WEEKS,
            }
        )
        series.action_book()

    def _make_notices(self):
        """Write down what the patients of the coming days have been told by SMS.

        Nothing is sent: while addons are installed nobody is told of anything.
        """
        visits = self.env["clinic.appointment"].search(
            [
                ("start", ">", self.now),
                ("start", "<", self.now + timedelta(days=7)),
                ("state", "in", ("booked", "confirmed")),
                ("notice_ids", "=", False),
            ],
            order="start, id",
            limit=NOTICES,
        )
        day = timedelta(days=1)
        vals_list = []
        for number, visit in enumerate(visits):
            booked_at = self.now - day * (1 + number % 5) - timedelta(minutes=number)
            vals_list.append(self._notice_vals(visit, "booked", booked_at))
            if number == FAILED_NOTICE:
                vals_list[-1].update(state="failed", reason="gateway_refused")
            if visit.start < self.now + day:
                reminded_at = min(visit.start - day, self.now)
                vals_list.append(self._notice_vals(visit, "reminder", reminded_at))
        self.env["clinic.notice"].create(vals_list)

    def _notice_vals(self, visit, kind, moment):
        notices = self.env["clinic.notice"]
        rule = self.env["clinic.notice.rule"].search([("kind", "=", kind)], limit=1)
        recipient = visit.patient_id._notice_recipient("sms")
        occurrence = str(visit.notice_serial)
        if kind == "reminder":
            # As the job would write it, so that nobody is reminded twice.
            occurrence = f"{visit.start} {rule.lead_hours:g}"
        return {
            **notices._outbox_vals(visit),
            "kind": kind,
            "channel": "sms",
            "rule_id": rule.id,
            "occurrence": occurrence,
            "partner_id": recipient.id,
            "address": recipient._notice_address("sms"),
            "send_after": moment,
            "sent_at": moment,
            "state": "delivered",
        }

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
        """Let a doctor with a few visits fall ill some days ahead: visits to move.

        On some weekdays nobody has a few: then whoever has any, as early as can be.
        """
        ahead = self.env["clinic.appointment"].search(
            [
                ("start", ">", self.now + timedelta(days=4)),
                ("start", "<", self.now + timedelta(days=9)),
                ("state", "in", ("booked", "confirmed")),
            ],
            order="id",
        )
        days = Counter((visit.specialist_id, visit.day) for visit in ahead)
        specialist, day = min(
            days, key=lambda pair: (not 2 <= days[pair] <= 4, pair[1], pair[0].id)
        )
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
