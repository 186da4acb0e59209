from datetime import timedelta

from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .common import ScheduleCommon


@tagged("post_install", "-at_install")
class TestPatientHabit(ScheduleCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.habits = cls.env["clinic.patient.habit"]
        cls.colleague = cls._create_specialist("Test Colleague", cls.specialty)
        cls._create_shift(cls.colleague, room_id=cls.room2.id)

    def _come_weekly(self, hour, weeks=(1, 2, 3), **values):
        for number in weeks:
            day = self.day - timedelta(weeks=number)
            self._create_shift(self.specialist, day=day, hours=(8, 20))
            self._book(start=self._at(hour, day=day), allow_past=True, **values)

    def _best(self, **options):
        return self._slots(patient_id=self.patient.id, limit=1, **options)[0]

    def _set(self, **values):
        return self.habits.create(
            {
                "patient_id": self.patient.id,
                "usual_weekday": "2",
                "usual_time": 13.5,
                "specialist_id": self.specialist.id,
                "branch_id": self.branch.id,
                **values,
            }
        )

    def test_what_is_set_by_hand_is_offered_first(self):
        self._set()
        best = self._best()
        self.assertEqual(best["start"], str(self._at(13, 30)))
        self.assertEqual(best["specialist_id"], self.specialist.id)
        self.assertIn("usual_time", best["reasons"])

    def test_by_hand_goes_before_learned(self):
        self._come_weekly(9)
        self._set(specialist_id=self.colleague.id, usual_time=11.0)
        best = self._best()
        self.assertEqual(best["specialist_id"], self.colleague.id)
        self.assertEqual(best["start"], str(self._at(11)))

    def test_the_night_learns_and_keeps_what_is_by_hand(self):
        self._come_weekly(12)
        self.habits._cron_learn()
        learned = self.habits.search([("patient_id", "=", self.patient.id)])
        self.assertRecordValues(
            learned,
            [
                {
                    "usual_weekday": "2",
                    "usual_time": 12.0,
                    "specialist_id": self.specialist.id,
                    "branch_id": self.branch.id,
                    "source": "learned",
                    "is_regular": True,
                }
            ],
        )
        learned.usual_time = 10.0
        self.assertEqual(learned.source, "manual")
        self.habits._cron_learn()
        self.assertEqual(learned.usual_time, 10.0)
        learned.action_forget()
        learned = self.habits.search([("patient_id", "=", self.patient.id)])
        self.assertEqual((learned.source, learned.usual_time), ("learned", 12.0))

    def test_a_regulars_time_is_offered_to_others_last(self):
        self._set(usual_time=9.0)
        other = self._create_patient()
        options = {
            "patient_id": other.id,
            "specialist_ids": [self.specialist.id],
        }
        slots = self._slots(**options)
        reserved = [slot for slot in slots if "reserved" in slot["reasons"]]
        self.assertTrue(reserved)
        self.assertEqual(slots[-len(reserved) :], reserved)
        self.assertIn(str(self._at(9)), [slot["start"] for slot in reserved])
        # From three days before, nobody is kept away any more.
        self.env["ir.config_parameter"].set_param("clinic_schedule.reserve_days", "99")
        self.assertFalse(
            [slot for slot in self._slots(**options) if "reserved" in slot["reasons"]]
        )

    def test_nobodys_own_time_is_reserved_against_him(self):
        self._set(usual_time=9.0)
        slots = self._slots(patient_id=self.patient.id)
        self.assertFalse([slot for slot in slots if "reserved" in slot["reasons"]])

    def test_the_desk_writes_and_others_do_not(self):
        habit = self._set()
        habit.with_user(self._user("reception")).usual_time = 12.0
        self.env.invalidate_all()
        for role in ("cashier", "specialist", "lab"):
            with self.subTest(role=role), self.assertRaises(AccessError):
                habit.with_user(self._user(role)).write({"usual_time": 9.0})
        portal = new_test_user(self.env, "habit-portal", groups="base.group_portal")
        self.env.invalidate_all()
        with self.assertRaises(AccessError):
            habit.with_user(portal).read(["usual_time"])

    def test_a_specialist_sees_own_regulars_only(self):
        own = self._set()
        other = self._set(
            patient_id=self._create_patient().id, specialist_id=self.colleague.id
        )
        self.env.invalidate_all()
        seen = self.habits.with_user(self._user("specialist")).search([])
        self.assertIn(own, seen)
        self.assertNotIn(other, seen)

    def test_other_companies_are_not_seen(self):
        company = self.env["res.company"].create({"name": "Another clinic"})
        branch = self.env["clinic.branch"].create(
            {"name": "Elsewhere", "company_id": company.id}
        )
        habit = self._set(branch_id=branch.id)
        self.env.invalidate_all()
        seen = self.habits.with_user(self._user("reception")).search([])
        self.assertNotIn(habit, seen)
