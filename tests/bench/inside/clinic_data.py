"""A seeded clinic for benchmarks: the same working hours and bookings for us and OCA.

Runs inside Odoo. Rows in bulk are written by SQL: it is the reading that is measured.
"""

import random
from datetime import datetime, time, timedelta

import pytz

from odoo import Command

ZONE = "Europe/Moscow"
# (hours, break at noon): six working calendars, as in the notes on resource.
WEEKS = [(8, 16, False), (9, 17, False), (10, 18, False), (12, 20, False)]
WEEKS += [(8, 17, True), (9, 18, True)]
DURATIONS = (15, 30, 30, 30, 45, 60, 90)
ROOMS_A_BRANCH = 30
DEVICES_A_BRANCH = 12
# Far from the numbers of anything booked otherwise.
PARTIES = 1_000_000_000


class Clinic:
    """Specialists with shifts, rooms, devices, services, patients, bookings."""

    def __init__(self, env, *, specialists=200, rooms=150, bookings=10_000, days=28):
        self.env = env(
            context={
                **env.context,
                "tracking_disable": True,
                "no_reset_password": True,
                "mail_create_nolog": True,
                "mail_notrack": True,
                "tz": ZONE,
            }
        )
        self.random = random.Random(19)
        self.zone = pytz.timezone(ZONE)
        today = datetime.now().date()
        # A Monday ahead: no day of the search is in the past.
        self.first_day = today + timedelta(days=7 - today.weekday())
        self.days = [self.first_day + timedelta(days=n) for n in range(days)]
        self.start = self.utc(self.first_day, 0)
        self.stop = self.utc(self.first_day + timedelta(days=days), 0)
        self._make_places(rooms)
        self._make_services()
        self._make_people(specialists)
        self._make_shifts()
        self._make_bookings(bookings)
        self._make_rivals_data()
        env.cr.execute("ANALYZE")

    def utc(self, day, hour, minute=0):
        wall = self.zone.localize(datetime.combine(day, time(hour, minute)))
        return wall.astimezone(pytz.utc).replace(tzinfo=None)

    def _make_places(self, rooms):
        env = self.env
        self.specialty = env["clinic.specialty"].create({"name": "Bench"})
        count = max(rooms // ROOMS_A_BRANCH, 1)
        self.branches = env["clinic.branch"].create(
            [{"name": f"Bench {n}", "tz": ZONE} for n in range(count)]
        )
        self.rooms = env["clinic.room"].create(
            [
                {"name": f"Room {n}", "branch_id": self.branches[n % count].id}
                for n in range(rooms)
            ]
        )
        self.kind = env["clinic.device.kind"].create({"name": "Bench device"})
        self.devices = env["clinic.device"].create(
            [
                {
                    "name": f"Device {n}",
                    "branch_id": branch.id,
                    "kind_id": self.kind.id,
                }
                for branch in self.branches
                for n in range(DEVICES_A_BRANCH)
            ]
        )

    def _make_services(self):
        values = {
            "is_clinic_service": True,
            "type": "service",
            "specialty_ids": [Command.set(self.specialty.ids)],
        }
        self.service, self.joint, self.short = self.env["product.product"].create(
            [
                {**values, "name": "Plain", "duration": 30},
                {
                    **values,
                    "name": "Joint",
                    "duration": 30,
                    "room_buffer_before": 5,
                    "room_buffer_after": 5,
                    "device_kind_ids": [Command.set(self.kind.ids)],
                },
                {**values, "name": "Short", "duration": 15},
            ]
        )

    def _make_people(self, count):
        env = self.env
        calendars = env["resource.calendar"].create(
            [self._calendar_vals(*week) for week in WEEKS]
        )
        users = env["res.users"].create(
            [
                {"name": f"Doctor {n}", "login": f"bench{n}", "tz": ZONE}
                for n in range(count)
            ]
        )
        employees = env["hr.employee"].create(
            [
                {
                    "name": user.name,
                    "user_id": user.id,
                    "tz": ZONE,
                    "resource_calendar_id": calendars[n % len(calendars)].id,
                }
                for n, user in enumerate(users)
            ]
        )
        self.specialists = env["clinic.specialist"].create(
            [
                {
                    "employee_id": employee.id,
                    "specialty_ids": [Command.set(self.specialty.ids)],
                    "branch_ids": [Command.set(self.branches.ids)],
                }
                for employee in employees
            ]
        )
        self.resources = self.specialists.resource_id
        self.patients = env["res.partner"].create(
            [{"name": f"Patient {n}", "is_patient": True} for n in range(2000)]
        )
        env.flush_all()

    def _calendar_vals(self, first, last, has_break):
        parts = [(first, 12), (13, last)] if has_break else [(first, last)]
        return {
            "name": f"{first}-{last}",
            "tz": ZONE,
            "attendance_ids": [Command.clear()]
            + [
                Command.create(
                    {
                        "name": f"{day} {start}",
                        "dayofweek": str(day),
                        "hour_from": start,
                        "hour_to": stop,
                        "day_period": "morning" if stop <= 12 else "afternoon",
                    }
                )
                for day in range(5)
                for start, stop in parts
            ],
        }

    def _make_shifts(self):
        rows, self.hours = [], {}
        for n, specialist in enumerate(self.specialists):
            first, last, has_break = WEEKS[n % len(WEEKS)]
            parts = [(first, 12), (13, last)] if has_break else [(first, last)]
            branch = self.branches[n % len(self.branches)]
            for day in self.days:
                if day.weekday() > 4:
                    continue
                for start, stop in parts:
                    span = (self.utc(day, start), self.utc(day, stop))
                    self.hours.setdefault(specialist.id, []).append(span)
                    rows.append((specialist.id, branch.id, *span))
        self._insert(
            "clinic_shift",
            ("specialist_id", "branch_id", "start", "stop", "active", "company_id"),
            [(*row, True, self.env.company.id) for row in rows],
        )

    def _make_bookings(self, wanted):
        """Book at random until so many fit; nobody and nothing is taken twice."""
        taken = {}
        rooms_of = {
            branch.id: [room.id for room in self.rooms if room.branch_id == branch]
            for branch in self.branches
        }
        devices_of = {
            branch.id: [one.id for one in self.devices if one.branch_id == branch]
            for branch in self.branches
        }
        self.bookings, self.claims = [], []
        choose = self.random.choice
        for _attempt in range(wanted * 20):
            if len(self.bookings) == wanted:
                break
            number = self.random.randrange(len(self.specialists))
            specialist = self.specialists[number]
            branch = self.branches[number % len(self.branches)]
            start, stop = choose(self.hours[specialist.id])
            minutes = choose(DURATIONS)
            room_left = int((stop - start).total_seconds()) // 60 - minutes
            begin = start + timedelta(
                minutes=self.random.randint(0, room_left // 5) * 5
            )
            patient = choose(self.patients)
            needs = [
                ("specialist_id", specialist.id, 0, 0),
                ("patient_id", patient.id, 0, 0),
                ("room_id", choose(rooms_of[branch.id]), 5, 5),
            ]
            if self.random.random() < 0.4:
                needs.append(("device_id", choose(devices_of[branch.id]), 0, 0))
            claims = [
                (
                    column,
                    res_id,
                    begin - timedelta(minutes=before),
                    begin + timedelta(minutes=minutes + after),
                )
                for column, res_id, before, after in needs
            ]
            if all(self._is_free(taken, claim) for claim in claims):
                for column, res_id, first, last in claims:
                    taken.setdefault((column, res_id), []).append((first, last))
                self.claims.append(claims)
                self.bookings.append((specialist, patient, begin, minutes))
        self._insert_claims()

    @staticmethod
    def _is_free(taken, claim):
        column, res_id, first, last = claim
        return all(
            stop <= first or last <= start
            for start, stop in taken.get((column, res_id), ())
        )

    def _insert_claims(self):
        things = ("specialist_id", "room_id", "device_id", "patient_id")
        rows = []
        for party, claims in enumerate(self.claims, PARTIES):
            for column, res_id, start, stop in claims:
                owners = [res_id if name == column else None for name in things]
                rows.append((*owners, 0, party, start, stop, "booked"))
        columns = (*things, "seat", "party", "start", "stop", "kind")
        self._insert("clinic_claim", columns, rows)

    # What resource_booking knows of the same ---------------------------------------

    def _make_rivals_data(self):
        env = self.env
        if "resource.booking.type" not in env:
            return
        self.combinations = env["resource.booking.combination"].create(
            [
                {"resource_ids": [Command.set(resource.ids)]}
                for resource in self.resources
            ]
        )
        whole_week = env["resource.calendar"].create(
            {
                "name": "Always",
                "tz": ZONE,
                "attendance_ids": [Command.clear()]
                + [
                    Command.create(
                        {
                            "name": str(day),
                            "dayofweek": str(day),
                            "hour_from": 0,
                            "hour_to": 24,
                            "day_period": "morning",
                        }
                    )
                    for day in range(7)
                ],
            }
        )
        self.type = env["resource.booking.type"].create(
            {
                "name": "Bench",
                "duration": 0.5,
                "slot_duration": 0.5,
                "modifications_deadline": 0,
                "resource_calendar_id": whole_week.id,
                "combination_rel_ids": [
                    Command.create({"sequence": n, "combination_id": one.id})
                    for n, one in enumerate(self.combinations)
                ],
            }
        )
        env.flush_all()
        self._insert_meetings()

    def _insert_meetings(self):
        env = self.env
        combination = dict(
            zip(self.specialists.ids, self.combinations.ids, strict=True)
        )
        rows = [
            (
                "Visit",
                begin,
                begin + timedelta(minutes=minutes),
                minutes / 60,
                specialist.user_id.id,
                "busy",
                "public",
                True,
                False,
            )
            for specialist, _patient, begin, minutes in self.bookings
        ]
        columns = ("name", "start", "stop", "duration", "user_id", "show_as")
        columns += ("privacy", "active", "allday")
        ids = self._insert("calendar_event", columns, rows, returning=True)
        people, attendees, bookings = [], [], []
        for event_id, booking in zip(ids, self.bookings, strict=True):
            specialist, patient, begin, minutes = booking
            for partner in (specialist.user_id.partner_id, patient):
                people.append((event_id, partner.id))
                attendees.append((event_id, partner.id, "accepted"))
            bookings.append(
                (
                    event_id,
                    combination[specialist.id],
                    self.type.id,
                    begin,
                    begin + timedelta(minutes=minutes),
                    minutes / 60,
                    "confirmed",
                    True,
                    False,
                    env.uid,
                )
            )
        self._insert(
            "calendar_event_res_partner_rel",
            ("calendar_event_id", "res_partner_id"),
            people,
        )
        self._insert(
            "calendar_attendee", ("event_id", "partner_id", "state"), attendees
        )
        columns = ("meeting_id", "combination_id", "type_id", "start", "stop")
        columns += ("duration", "state", "active", "combination_auto_assign", "user_id")
        self._insert("resource_booking", columns, bookings)
        env.invalidate_all()

    def _insert(self, table, columns, rows, returning=False):
        from psycopg2.extras import execute_values

        query = f"INSERT INTO {table} ({', '.join(columns)}) VALUES %s"
        found = execute_values(
            self.env.cr._obj,
            query + (" RETURNING id" if returning else ""),
            rows,
            page_size=2000,
            fetch=returning,
        )
        return [row[0] for row in found] if returning else None
