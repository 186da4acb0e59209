from datetime import date

from dateutil.relativedelta import relativedelta

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .common import ScheduleCommon

DESK = ("reception", "callcenter", "admin")
READERS = ("cashier", "finance", "director", "nurse", "chief_physician")


@tagged("post_install", "-at_install")
class TestRights(ScheduleCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for role in (*DESK, *READERS, "specialist", "storekeeper", "lab"):
            cls._user(role)
        cls.visit = cls._book(10)
        cls.service2 = cls._create_service(
            specialty_ids=[Command.set(cls.specialty2.ids)]
        )
        cls.foreign = cls._book(
            10,
            specialist_id=cls.specialist2.id,
            service_id=cls.service2.id,
            patient_id=cls._create_patient(name="Foreign").id,
        )

    def _as(self, role, record=None):
        self.env.invalidate_all()
        user = self._user(role) if isinstance(role, str) else role
        return (self.visit if record is None else record).with_user(user)

    def _book_as(self, role, hour=12, **values):
        return self._as(role, self.env["clinic.appointment"]).book(
            values.pop("patient_id", self.patient.id),
            values.pop("service_id", self.service.id),
            values.pop("specialist_id", self.specialist.id),
            self._at(hour),
            **values,
        )

    def test_the_desk_books_and_receives(self):
        for role in DESK:
            with self.subTest(role=role):
                visit = self._as(role).browse(self._book_as(role))
                visit.action_confirm()
                visit.reschedule(self._at(13))
                visit.note = "By the window"
                visit.action_cancel("Asked")
                self.assertEqual(visit.state, "cancelled")

    def test_readers_read_and_no_more(self):
        for role in READERS:
            with self.subTest(role=role):
                self.assertEqual(self._as(role).state, "booked")
                self.assertTrue(self._as(role).patient_id.name)
                with self.assertRaises(AccessError):
                    self._book_as(role)
                for method in ("action_confirm", "action_cancel"):
                    with self.assertRaises(AccessError):
                        getattr(self._as(role), method)()
                with self.assertRaises(AccessError):
                    self._as(role).reschedule(self._at(12))

    def test_readers_may_look_for_windows(self):
        Appointment = self._as("nurse", self.env["clinic.appointment"])
        self.assertTrue(
            Appointment.find_slots(self.service.id, self._at(9), self._at(15))
        )

    def test_storekeeper_and_laboratory_see_no_appointment(self):
        for role in ("storekeeper", "lab"):
            for model in (
                "clinic.appointment",
                "clinic.appointment.series",
                "clinic.appointment.series.line",
            ):
                with self.subTest(role=role, model=model):
                    with self.assertRaises(AccessError):
                        self._as(role, self.env[model]).search([])
            with self.subTest(role=role), self.assertRaises(AccessError):
                _state = self._as(role).state

    def test_nurse_does_not_see_who_came_when(self):
        past = self._book(11)
        self.env.flush_all()
        # the clock of the record rule is the real one
        self.env.cr.execute(
            """UPDATE clinic_appointment
                  SET start = start - interval '20 years',
                      stop = stop - interval '20 years'
                WHERE id = %s""",
            [past.id],
        )
        Appointment = self._as("nurse", self.env["clinic.appointment"])
        seen = Appointment.search([("id", "in", (past | self.visit).ids)])
        self.assertEqual(seen, self.visit)
        with self.assertRaises(AccessError):
            _note = self._as("nurse", past).note
        self.assertEqual(self._as("cashier", past).state, "booked")

    def test_specialist_sees_and_books_own_only(self):
        self.assertEqual(self._as("specialist").state, "booked")
        with self.assertRaises(AccessError):
            _state = self._as("specialist", self.foreign).state
        own = self._book_as("specialist")
        self._as("specialist").browse(own).action_cancel()
        with self.assertRaisesRegex(AccessError, "yourself only"):
            self._book_as(
                "specialist",
                specialist_id=self.specialist2.id,
                service_id=self.service2.id,
            )
        with self.assertRaises(AccessError):
            self._as("specialist", self.foreign).action_cancel()

    def test_specialist_sees_the_shifts_of_all(self):
        shifts = self._as("specialist", self.shift2)
        self.assertTrue(shifts.local_time)

    def test_specialist_does_not_hand_a_visit_to_a_colleague(self):
        colleague = self._create_specialist("Test Colleague", self.specialty)
        self._create_shift(colleague, room_id=self.room2.id, hours=(16, 18))
        with self.assertRaisesRegex(AccessError, "yourself only"):
            self._as("specialist").reschedule(self._at(16), specialist_id=colleague.id)

    def test_state_and_price_of_a_visit_are_not_written_by_hand(self):
        for vals in (
            {"state": "fulfilled"},
            {"patient_id": self.foreign.patient_id.id},
            {"service_id": self.service2.id},
        ):
            with self.subTest(vals=vals), self.assertRaisesRegex(UserError, "by hand"):
                self._as("reception").write(vals)

    def test_dragging_in_the_calendar_obeys_the_rules(self):
        self._as("reception").write({"start": self._at(12), "stop": self._at(12, 30)})
        self.assertEqual(self.visit.claim_ids.mapped("start"), [self._at(12)] * 3)
        with self.assertRaisesRegex(UserError, "does not receive"):
            self._as("reception").write({"start": self._at(18)})

    def test_plain_create_books_by_the_rules(self):
        vals = {
            "patient_id": self.patient.id,
            "service_id": self.service.id,
            "specialist_id": self.specialist.id,
            "start": self._at(13),
            "state": "fulfilled",
        }
        Appointment = self._as("reception", self.env["clinic.appointment"])
        visit = Appointment.create(vals)
        self.assertEqual(visit.state, "booked")
        self.assertEqual(len(visit.sudo().claim_ids), 3)
        with self.assertRaisesRegex(UserError, "already"):
            Appointment.create(vals)

    def test_operator_is_known_as_such(self):
        visit = self._as("callcenter").browse(self._book_as("callcenter"))
        self.assertEqual(visit.origin, "callcenter")

    def _portal_user(self, login, partner):
        return new_test_user(
            self.env, login=login, groups="base.group_portal", partner_id=partner.id
        )

    def test_portal_sees_own_and_wards_visits_only(self):
        parent = self._create_patient(name="Parent")
        parent_user = self._portal_user("clinic_parent", parent)
        patient_user = self._portal_user("clinic_patient", self.patient)
        Appointment = self.env["clinic.appointment"]
        mine = self._as(patient_user, Appointment).search([])
        self.assertEqual(mine, self.visit)
        self.assertFalse(self._as(parent_user, Appointment).search([]))
        self.patient.guardian_ids = parent
        # a grown-up's visits are their own
        self.assertFalse(self._as(parent_user, Appointment).search([]))
        self.patient.birthdate_date = date.today() - relativedelta(years=14)
        self.assertEqual(self._as(parent_user, Appointment).search([]), self.visit)
        with self.assertRaises(AccessError):
            _state = self._as(parent_user, self.foreign).state

    def test_portal_calls_nothing_directly(self):
        user = self._portal_user("clinic_patient2", self.patient)
        Appointment = self._as(user, self.env["clinic.appointment"])
        with self.assertRaises(AccessError):
            Appointment.find_slots(self.service.id, self._at(9), self._at(15))
        with self.assertRaises(AccessError):
            self._as(user, self.env["clinic.screening"]).match_specialists({})
        with self.assertRaises(AccessError):
            self._book_as(user)
        for method in ("action_cancel", "action_confirm", "action_arrive"):
            with self.assertRaises(AccessError):
                getattr(self._as(user), method)()
        with self.assertRaises(AccessError):
            self._as(user).reschedule(self._at(12))
        with self.assertRaises(AccessError):
            self._as(user).note = "x"

    def test_screenings_are_closed_to_all_but_those_who_treat(self):
        screening = self.env["clinic.screening"].create(
            {"appointment_id": self.visit.id, "problem_ids": self.problem.ids}
        )
        self.visit.screening_id = screening
        for role in ("reception", "callcenter", "cashier", "director", "admin"):
            with self.subTest(role=role):
                with self.assertRaises(AccessError):
                    self._as(role, screening).read(["problem_ids"])
                with self.assertRaises(AccessError):
                    self._as(role).read(["screening_id"])
        self.assertTrue(self._as("specialist", screening).problem_ids)
        screening.appointment_id = self.foreign
        with self.assertRaises(AccessError):
            self._as("specialist", screening).read(["problem_ids"])

    def test_ledger_is_closed_to_users(self):
        for role in ("reception", "specialist", "director"):
            with self.subTest(role=role), self.assertRaises(AccessError):
                self._as(role, self.env["clinic.claim"]).search([])

    def test_weekly_templates_are_for_settings(self):
        template = {
            "specialist_id": self.specialist.id,
            "branch_id": self.branch.id,
            "weekday": "1",
            "hour_from": 9,
            "hour_to": 12,
        }
        Template = self.env["clinic.shift.template"]
        self.assertTrue(
            self._as("admin", Template).create(template)._generate(self.day, self.day)
            is not None
        )
        with self.assertRaises(AccessError):
            self._as("reception", Template).create(template)

    def test_companies_are_apart(self):
        other = self.env["res.company"].create({"name": "Other clinic"})
        user = new_test_user(
            self.env,
            login="clinic_other_desk",
            groups="clinic_base.group_reception",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        with self.assertRaises(AccessError):
            _state = self._as(user).state
