from dateutil.relativedelta import relativedelta
from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .common import ScheduleCommon


@tagged("post_install", "-at_install")
class TestBookingLimits(ScheduleCommon):
    """Limits of a day, ages, booking into the past, and the patient's complaint."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for role in ("nurse", "chief_physician", "director", "cashier"):
            cls._user(role)

    def _book_new(self, hour, minute=0, **values):
        return self._book(hour, minute, patient_id=self._create_patient().id, **values)

    # Limits -----------------------------------------------------------------

    def test_visits_of_a_day(self):
        self.specialist.max_visits_per_day = 2
        first = self._book_new(9)
        self._book_new(10)
        with self.assertRaisesRegex(UserError, "as many visits on"):
            self._book_new(11)
        first.action_cancel()
        visit = self._book_new(11)
        visit.reschedule(self._at(12))
        numbers = self.env["clinic.claim"].search(
            [("specialist_id", "=", self.specialist.id), ("day", "=", self.day)]
        )
        self.assertEqual(sorted(numbers.mapped("day_number")), [1, 2])

    def test_first_visits_of_a_day(self):
        self.specialist.max_first_visits_per_day = 1
        self._book(9)
        with self.assertRaisesRegex(UserError, "as many first visits"):
            self._book_new(10)
        self._book(11)  # the same patient: not the first visit any more

    def test_a_limit_counts_what_is_booked_already(self):
        for hour in (9, 10, 11):
            self._book_new(hour)
        self.specialist.max_visits_per_day = 2
        with self.assertRaisesRegex(UserError, "as many visits"):
            self._book_new(12)
        self.specialist.max_visits_per_day = 4
        self._book_new(12)
        self.specialist.write({"max_visits_per_day": 0, "max_first_visits_per_day": 4})
        with self.assertRaisesRegex(UserError, "as many first visits"):
            self._book_new(13)

    def test_a_hold_counts_until_it_expires(self):
        self.specialist.max_visits_per_day = 1
        hold = self._book_new(9, hold_minutes=10)
        with self.assertRaisesRegex(UserError, "as many visits"):
            self._book_new(11)
        past = self._at(0).replace(year=2020)
        hold.sudo().hold_until = past
        hold.claim_ids.hold_until = past
        self._book_new(11)
        self.assertEqual(hold.state, "cancelled")

    # Patients ---------------------------------------------------------------

    def test_ages_on_the_day_of_the_visit(self):
        self.specialist.write({"age_min": 18, "age_max": 60})
        self.patient.birthdate_date = self.day - relativedelta(years=18)
        self._book(9)
        self.patient.birthdate_date = self.day - relativedelta(years=18, days=-1)
        with self.assertRaisesRegex(UserError, "is 17 years old.*aged 18 to 60"):
            self._book(10)
        self.patient.birthdate_date = self.day - relativedelta(years=61)
        with self.assertRaisesRegex(UserError, "is 61 years old"):
            self._book(10)
        self.patient.birthdate_date = False
        self._book(10)

    def test_sex(self):
        self.specialist.patient_gender = "female"
        self.patient.gender = "male"
        with self.assertRaisesRegex(UserError, "women only"):
            self._book(9)
        self.patient.gender = "female"
        self._book(9)

    # The past ---------------------------------------------------------------

    def _book_past(self, user, **values):
        return (
            self.env["clinic.appointment"]
            .with_user(user)
            .book(
                self.patient.id,
                self.service.id,
                self.specialist.id,
                str(self._at(10)),
                **values,
            )
        )

    def test_the_past_needs_a_right_and_a_reason(self):
        with freeze_time(self._at(12)):
            for values in ({}, {"past_reason": "Walked in"}):
                with self.subTest(values=values):
                    with self.assertRaisesRegex(UserError, "Choose a later time[.]"):
                        self._book_past(self._user("reception"), **values)
            with self.assertRaisesRegex(UserError, "say why"):
                self._book_past(self._user("admin"))
            visit_id = self._book_past(self._user("admin"), past_reason="Walked in")
        visit = self.env["clinic.appointment"].browse(visit_id)
        self.assertEqual(visit.past_reason, "Walked in")
        self.assertIn("Walked in", "".join(visit.message_ids.mapped("body")))
        with self.assertRaisesRegex(UserError, "by hand"):
            visit.with_user(self._user("admin")).past_reason = "Otherwise"

    def test_the_right_can_be_given_to_a_receptionist(self):
        user = new_test_user(
            self.env,
            login="clinic_past_desk",
            groups="clinic_base.group_reception,clinic_schedule.group_book_past",
            company_id=self.env.company.id,
            company_ids=[Command.set(self.env.company.ids)],
        )
        with freeze_time(self._at(12)):
            self.assertTrue(self._book_past(user, past_reason="The line was down"))

    def test_no_reason_is_kept_for_a_time_ahead(self):
        visit_id = self._book_past(self._user("admin"), past_reason="By mistake")
        visit = self.env["clinic.appointment"].browse(visit_id)
        self.assertFalse(visit.past_reason)

    # The complaint ----------------------------------------------------------

    def test_only_medical_staff_reads_the_complaint(self):
        words = "Sharp pain in the chest"
        visit_id = self._book_past(self._user("reception"), complaint=words)
        self.env.flush_all()
        visit = self.env["clinic.appointment"].browse(visit_id)
        for role in ("reception", "director", "cashier", "admin"):
            self.env.invalidate_all()
            own = visit.with_user(self._user(role))
            with self.subTest(role=role):
                with self.assertRaises(AccessError):
                    own.read(["complaint"])
                self.assertNotIn("complaint", own.fields_get())
                with self.assertRaises(AccessError):
                    own.search([("complaint", "ilike", "pain")])
        for role in ("specialist", "nurse", "chief_physician"):
            self.env.invalidate_all()
            with self.subTest(role=role):
                own = visit.with_user(self._user(role))
                self.assertEqual(own.complaint, words)
        told = "".join(visit.message_ids.mapped(lambda m: f"{m.body} {m.subject}"))
        self.assertNotIn("pain", told)
        self.assertFalse(visit._fields["complaint"].exportable)
        visit.with_user(self._user("specialist")).complaint = "Heartburn"
        with self.assertRaises(AccessError):
            visit.with_user(self._user("reception")).complaint = "x"

    def test_the_desk_gives_the_complaint_with_a_plain_create(self):
        visit = (
            self.env["clinic.appointment"]
            .with_user(self._user("reception"))
            .create(
                {
                    "patient_id": self.patient.id,
                    "service_id": self.service.id,
                    "specialist_id": self.specialist.id,
                    "start": self._at(10),
                    "complaint": "Headache",
                }
            )
        )
        self.assertEqual(visit.sudo().complaint, "Headache")
