from datetime import date, datetime, time, timedelta

from odoo import Command

from odoo.addons.clinic_base.tests.common import ClinicCommon


class ScheduleCommon(ClinicCommon):
    """One working day of one specialist: ``cls.day`` 9:00-15:00 in Yekaterinburg.

    The second specialist receives in the second room at the same hours.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Here, for a user made in a test method is gone after it.
        cls._user("reception")
        cls._user("admin")
        today = date.today()
        # A Wednesday at least a week ahead: never today, never past.
        cls.day = today + timedelta(days=7 + (2 - today.weekday()) % 7)
        cls.shift = cls._create_shift(cls.specialist, room_id=cls.room.id)
        cls.shift2 = cls._create_shift(cls.specialist2, room_id=cls.room2.id)

    @classmethod
    def _at(cls, hour, minute=0, day=None, branch=None):
        """Return a wall time of the branch as naive UTC."""
        wall = datetime.combine(day or cls.day, time(hour, minute))
        return (branch or cls.branch)._to_utc(wall)

    @classmethod
    def _create_shift(cls, specialist, day=None, hours=(9, 15), branch=None, **values):
        branch = branch or cls.branch
        return cls.env["clinic.shift"].create(
            {
                "specialist_id": specialist.id,
                "branch_id": branch.id,
                "start": cls._at(hours[0], day=day, branch=branch),
                "stop": cls._at(hours[1], day=day, branch=branch),
                **values,
            }
        )

    @classmethod
    def _book(cls, hour=10, minute=0, **values):
        """Book ``cls.service`` at the wall time on ``cls.day``; return the visit."""
        vals = {
            "patient_id": cls.patient.id,
            "service_id": cls.service.id,
            "specialist_id": cls.specialist.id,
            "start": cls._at(hour, minute),
            **values,
        }
        allow_past = vals.pop("allow_past", False)
        return cls.env["clinic.appointment"]._book(vals, allow_past=allow_past)

    @classmethod
    def _slots(cls, service=None, start=None, stop=None, **options):
        """Return ``find_slots`` of the whole ``cls.day``."""
        return cls.env["clinic.appointment"].find_slots(
            (service or cls.service).id,
            start or cls._at(0),
            stop or cls._at(0) + timedelta(days=1),
            **options,
        )

    @classmethod
    def _publish_questions(cls, *questions, **values):
        """Publish a questionnaire of the given questions (values); return them."""
        questionnaire = cls.env["clinic.screening.questionnaire"].create(
            {
                "name": "Test questions",
                "question_ids": [Command.create(vals) for vals in questions],
                **values,
            }
        )
        questionnaire.action_publish()
        return questionnaire.question_ids
