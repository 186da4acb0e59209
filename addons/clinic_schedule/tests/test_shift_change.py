from datetime import date, datetime, timedelta

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, freeze_time, tagged

from .common import ScheduleCommon


@tagged("post_install", "-at_install")
class TestShiftChange(ScheduleCommon):
    """A change of the week shows what it strands, and goes on to the shifts."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Wednesdays nine to three, made for four weeks.
        (cls.shift | cls.shift2).unlink()
        cls.template = cls.env["clinic.shift.template"].create(
            {
                "specialist_id": cls.specialist.id,
                "branch_id": cls.branch.id,
                "room_id": cls.room.id,
                "weekday": "2",
                "hour_from": 9,
                "hour_to": 15,
            }
        )
        cls.template._generate(cls.day, cls.day + timedelta(weeks=3))
        cls.shifts = cls.template.shift_ids.sorted("start")
        cls.visit = cls._book(14)

    def _wizard(self, user="admin", **values):
        self.env.invalidate_all()
        form = Form(
            self.env["clinic.shift.template.change"]
            .with_user(self._user(user))
            .with_context(default_template_id=self.template.id)
        )
        for name, value in values.items():
            setattr(form, name, value)
        return form.save()

    def test_shorter_hours(self):
        wizard = self._wizard(hour_to=14)
        self.assertEqual(wizard.visit_count, 1)
        self.assertIn(self.visit.name, wizard.preview)
        self.assertIn("4", wizard.summary)
        self.assertEqual(self.shifts[0].stop, self._at(15), "nothing is written yet")
        self.assertFalse(self.visit.must_move)
        action = wizard.action_apply()
        self.assertEqual(action["res_model"], "clinic.rebooking")
        self.assertEqual(self.shifts[0].stop, self._at(14))
        self.assertTrue(self.visit.must_move)
        self.assertEqual(
            self.env["clinic.rebooking"]
            .search([("appointment_id", "=", self.visit.id)])
            .reason_kind,
            "shift",
        )

    def test_longer_hours_strand_nobody(self):
        wizard = self._wizard(hour_to=18)
        self.assertFalse(wizard.visit_count)
        wizard.action_apply()
        self.assertEqual(self.shifts[0].stop, self._at(18))
        self.assertFalse(self.visit.must_move)

    def test_end(self):
        wizard = self._wizard(action="end", day=self.day + timedelta(days=1))
        self.assertFalse(wizard.visit_count)
        wizard.action_apply()
        self.assertEqual(self.template.shift_ids, self.shifts[0])
        self.assertEqual(self.template.date_to, self.day)
        wizard = self._wizard(action="end", day=self.day)
        self.assertEqual(wizard.visit_count, 1)
        wizard.action_apply()
        self.assertFalse(self.template.shift_ids)
        self.assertTrue(self.visit.must_move)

    def test_change_from_a_later_day_makes_two_templates(self):
        later = self.day + timedelta(days=1)
        wizard = self._wizard(day=later, hour_to=12)
        self.assertFalse(wizard.visit_count)
        wizard.action_apply()
        self.assertEqual(self.template.date_to, self.day)
        successor = self.specialist.shift_template_ids - self.template
        self.assertRecordValues(
            successor, [{"date_from": later, "hour_to": 12.0, "date_to": False}]
        )
        self.assertEqual(self.template.shift_ids, self.shifts[0])
        self.assertEqual(
            successor.shift_ids.sorted("start")[0].stop,
            self._at(12, day=self.day + timedelta(weeks=1)),
        )

    def test_another_day_of_the_week(self):
        wizard = self._wizard(weekday="3")
        self.assertEqual(wizard.visit_count, 1)
        wizard.action_apply()
        days = set(self.template.shift_ids.mapped(lambda s: s.day.weekday()))
        self.assertEqual(days, {3})
        self.assertTrue(self.visit.must_move)

    def test_hand_made_and_called_off_shifts_stay(self):
        self.shifts[1].hour_to = 12
        self.shifts[2].active = False
        self.template.hour_from = 8
        self.assertEqual(
            self.shifts.mapped("hour_from"), [8.0, 9.0, 9.0, 8.0], "edited ones stay"
        )
        self.assertFalse(self.shifts[2].active)

    def test_archived_template_takes_its_shifts_along(self):
        self.template.active = False
        self.assertFalse(self.shifts.exists())
        self.assertTrue(self.visit.must_move)

    def test_past_shifts_are_history(self):
        with freeze_time(self._at(12, day=self.day + timedelta(days=8))):
            self.template.hour_to = 12
        self.assertEqual(self.shifts.mapped("hour_to"), [15.0, 15.0, 12.0, 12.0])

    def test_new_room_takes_the_visits_along(self):
        other = self._create_patient()
        second = self._book(9, patient_id=other.id)
        self.env["clinic.block"].create(
            {
                "name": "Cleaning",
                "room_id": self.room2.id,
                "day": self.day,
                "hour_from": 9,
                "hour_to": 10,
            }
        )
        self.template.room_id = self.room2
        self.assertEqual(self.visit.room_id, self.room2)
        self.assertEqual(second.room_id, self.room, "taken then: it stays")
        self.assertFalse((self.visit | second).filtered("must_move"))

    def test_another_shift_in_the_way_is_respected(self):
        block = self._create_shift(self.specialist, hours=(15, 18))
        self.template.hour_to = 16
        self.assertEqual(self.shifts.mapped("hour_to"), [15.0, 16.0, 16.0, 16.0])
        self.assertTrue(block.exists())

    def test_another_branch(self):
        self.template.write({"branch_id": self.branch_msk.id, "room_id": False})
        self.assertEqual(
            self.shifts[0].start, self._at(9, branch=self.branch_msk), "wall time"
        )
        self.assertTrue(self.visit.must_move)

    def test_bad_hours_are_refused(self):
        wizard = self._wizard(hour_to=8)
        with self.assertRaisesRegex(UserError, "end after they begin"):
            wizard.action_apply()

    # One shift --------------------------------------------------------------

    def test_form_of_a_shift_warns_before_saving(self):
        form = Form(self.shifts[0].with_user(self._user("reception")))
        self.assertFalse(form.strands)
        form.hour_to = 14
        self.assertIn(self.visit.name, form.strands)
        self.assertEqual(self.shifts[0].stop, self._at(15))
        form.save()
        self.assertEqual(self.shifts[0].stop, self._at(14))
        self.assertTrue(self.visit.must_move)

    def test_calling_off(self):
        shifts = self.shifts[:2].with_user(self._user("reception"))
        action = shifts.action_open_call_off()
        wizard = (
            self.env["clinic.shift.call.off"]
            .with_user(self._user("reception"))
            .with_context(**action["context"])
            .create({})
        )
        self.assertEqual(wizard.visit_count, 1)
        self.assertIn(self.patient.name, wizard.preview)
        action = wizard.action_call_off()
        self.assertEqual(action["res_model"], "clinic.rebooking")
        self.assertFalse(self.shifts[0].active)
        self.assertTrue(self.visit.must_move)

    # Several days at once -----------------------------------------------------

    def _week(self, user="admin", **values):
        Week = self.env["clinic.shift.week"].with_user(self._user(user))
        return Week.create(
            {
                "specialist_ids": self.specialist2.ids,
                "branch_id": self.branch_msk.id,
                "date_from": self.day,
                **values,
            }
        )

    def test_a_week_in_one_go(self):
        self._week().action_apply()
        templates = self.specialist2.shift_template_ids
        self.assertEqual(sorted(templates.mapped("weekday")), ["0", "1", "2", "3", "4"])
        shift = self.specialist2.shift_ids.filtered(lambda s: s.day == self.day)
        self.assertEqual(shift.start, self._at(9, branch=self.branch_msk))
        self.assertEqual((shift.hour_from, shift.hour_to), (9.0, 15.0))

    def test_a_week_needs_days(self):
        with self.assertRaisesRegex(UserError, "at least one day"):
            self._week(**{f"on_{day}": False for day in range(7)}).action_apply()

    def test_who_may_change_the_week(self):
        for role in ("reception", "cashier", "specialist"):
            with self.subTest(role=role):
                with self.assertRaises(AccessError):
                    self._week(user=role)
                with self.assertRaises(AccessError):
                    self._wizard(user=role)
        with self.assertRaises(AccessError):
            self.env["clinic.shift.call.off"].with_user(self._user("cashier")).create(
                {"shift_ids": self.shifts.ids}
            ).action_call_off()

    # Notes --------------------------------------------------------------------

    def test_notes_of_a_day(self):
        Note = self.env["clinic.schedule.note"]
        Note.create(
            [
                {"name": "Lift", "branch_id": self.branch.id, "date_from": self.day},
                {
                    "name": "Repeat visits only",
                    "specialist_id": self.specialist.id,
                    "date_from": self.day - timedelta(days=3),
                    "date_to": self.day + timedelta(days=3),
                },
                {
                    "name": "Other",
                    "branch_id": self.branch_msk.id,
                    "date_from": self.day,
                },
                {"name": "Over", "date_from": self.day - timedelta(days=1)},
            ]
        )
        found = Note._for_day(self.branch.id, self.day)
        self.assertEqual(
            [note["text"] for note in found], ["Repeat visits only", "Lift"]
        )
        for role in ("cashier", "nurse"):
            notes = Note.with_user(self._user(role))
            self.assertEqual(len(notes._for_day(self.branch.id, self.day)), 2)
            with self.assertRaises(AccessError):
                notes.create({"name": "x", "date_from": self.day})
        own = Note.with_user(self._user("specialist"))
        own.create(
            {
                "name": "Mine",
                "specialist_id": self.specialist.id,
                "date_from": self.day,
            }
        )
        with self.assertRaises(AccessError):
            own.create(
                {
                    "name": "Not mine",
                    "specialist_id": self.specialist2.id,
                    "date_from": self.day,
                }
            )


@tagged("post_install", "-at_install")
class TestWallHours(ScheduleCommon):
    """Shifts and blocks are entered by the clock of the branch."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.far = cls._user("admin")
        cls.far.tz = "Asia/Vladivostok"
        cls.berlin = cls.env["clinic.branch"].create(
            {"name": "Test Berlin", "tz": "Europe/Berlin"}
        )

    def _shift(self, hours, day=None, branch=None):
        return (
            self.env["clinic.shift"]
            .with_user(self.far)
            .with_context(tz="Asia/Vladivostok")
            .create(
                {
                    "specialist_id": self.specialist2.id,
                    "branch_id": (branch or self.branch_msk).id,
                    "day": day or self.day + timedelta(days=1),
                    "hour_from": hours[0],
                    "hour_to": hours[1],
                }
            )
        )

    def test_entered_in_vladivostok_for_moscow(self):
        shift = self._shift((9.5, 15))
        day = self.day + timedelta(days=1)
        self.assertEqual(shift.start, self._at(9, 30, day=day, branch=self.branch_msk))
        self.assertRecordValues(
            shift, [{"day": day, "day_to": day, "hour_from": 9.5, "hour_to": 15.0}]
        )
        self.assertIn("09:30–15:00", shift.local_time)
        shift.hour_to = 16
        self.assertEqual(shift.stop, self._at(16, day=day, branch=self.branch_msk))
        shift.day = day + timedelta(days=1)
        self.assertEqual((shift.hour_from, shift.hour_to), (9.5, 16.0))

    def test_form(self):
        form = Form(
            self.env["clinic.shift"].with_user(self.far),
            "clinic_schedule.view_clinic_shift_form",
        )
        form.specialist_id = self.specialist2
        form.branch_id = self.branch_msk
        form.day = self.day + timedelta(days=1)
        form.hour_from = 10
        form.hour_to = 14
        shift = form.save()
        self.assertEqual(
            shift.start,
            self._at(10, day=self.day + timedelta(days=1), branch=self.branch_msk),
        )

    def test_midnight_and_the_night(self):
        evening = self._shift((18, 24))
        self.assertRecordValues(
            evening, [{"day_to": evening.day, "hour_to": 24.0, "hours": 6.0}]
        )
        night = self._shift((20, 8), day=self.day + timedelta(days=3))
        self.assertRecordValues(
            night,
            [
                {
                    "day_to": night.day + timedelta(days=1),
                    "hour_to": 8.0,
                    "hours": 12.0,
                }
            ],
        )

    def test_days_when_clocks_change(self):
        spring = self._shift((0, 6), day=date(2027, 3, 28), branch=self.berlin)
        self.assertEqual((spring.hours, spring.hour_to), (5.0, 6.0))
        autumn = self._shift((0, 6), day=date(2027, 10, 31), branch=self.berlin)
        self.assertEqual((autumn.hours, autumn.hour_to), (7.0, 6.0))
        autumn.day = date(2027, 11, 1)
        self.assertEqual((autumn.hours, autumn.hour_from), (6.0, 0.0))

    def test_another_branch_keeps_the_hours(self):
        shift = self._shift((9, 15))
        shift.write({"branch_id": self.branch.id, "room_id": False})
        self.assertEqual((shift.hour_from, shift.hour_to), (9.0, 15.0))

    def test_moments_are_taken_too(self):
        shift = self._shift((9, 15))
        start = datetime.combine(self.day + timedelta(days=1), datetime.min.time())
        shift.write({"start": start, "stop": start + timedelta(hours=3)})
        self.assertEqual((shift.hour_from, shift.hour_to), (3.0, 6.0))

    def test_nonsense_is_refused(self):
        for hours in ((25, 26), (-1, 5), (24, 24)):
            with self.subTest(hours=hours), self.assertRaises(ValidationError):
                self._shift(hours)
        with self.assertRaisesRegex(ValidationError, "Choose the day"):
            self.env["clinic.shift"].create(
                {
                    "specialist_id": self.specialist2.id,
                    "branch_id": self.branch.id,
                    "hour_from": 9,
                    "hour_to": 15,
                }
            )

    def test_block_of_a_specialist_in_two_zones(self):
        """It means the clock of the branch where the shift of that day is."""
        day = self.day + timedelta(days=1)
        self._shift((9, 15), day=day, branch=self.branch_msk)
        block = (
            self.env["clinic.block"]
            .with_user(self.far)
            .create(
                {
                    "name": "Meeting",
                    "specialist_id": self.specialist2.id,
                    "day": day,
                    "hour_from": 10,
                    "hour_to": 11,
                }
            )
        )
        self.assertEqual(block.branch_id, self.branch_msk)
        self.assertEqual(block.start, self._at(10, day=day, branch=self.branch_msk))
        self.assertIn("10:00–11:00", block.local_time)

    def test_block_of_several_days(self):
        block = self.env["clinic.block"].create(
            {
                "name": "Repairs",
                "room_id": self.room.id,
                "day": self.day,
                "day_to": self.day + timedelta(days=2),
                "hour_from": 12,
                "hour_to": 10,
            }
        )
        self.assertEqual(block.start, self._at(12))
        self.assertEqual(block.stop, self._at(10, day=self.day + timedelta(days=2)))
        self.assertEqual(self._slots()[-1]["stop"], str(self._at(12)))

    def test_block_form_warns_of_visits(self):
        visit = self._book(10)
        form = Form(self.env["clinic.block"].with_user(self._user("reception")))
        form.name = "Meeting"
        form.specialist_id = self.specialist
        form.day = self.day
        form.hour_from = 9
        form.hour_to = 12
        self.assertIn(visit.name, form.in_the_way)
        form.forced = True
        form.save()
        self.assertTrue(visit.must_move)
        self.assertFalse(Form(self.env["clinic.block"]).in_the_way)
