from datetime import date, datetime, time, timedelta

from .common import SECRET, EmrCommon


class OrderCommon(EmrCommon):
    """A visit at the therapist, who may refer to the surgeon of the second shift."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        today = date.today()
        cls.day = today + timedelta(days=7 + (2 - today.weekday()) % 7)
        cls.env["clinic.shift"].create(
            {
                "specialist_id": cls.specialist2.id,
                "branch_id": cls.branch.id,
                "room_id": cls.room2.id,
                "start": cls._at(9),
                "stop": cls._at(15),
            }
        )
        cls.encounter = cls._create_encounter().with_user(cls.doctor)
        cls.record = cls.encounter.record_id

    @classmethod
    def _at(cls, hour):
        return cls.branch._to_utc(datetime.combine(cls.day, time(hour)))

    @classmethod
    def _create_request(cls, user=None, **values):
        return (
            cls.env["clinic.service.request"]
            .with_user(user or cls.doctor)
            .create(
                {
                    "encounter_id": cls.encounter.id,
                    "service_id": cls.service2.id,
                    "reason": f"{SECRET} reason",
                    **values,
                }
            )
        )

    @classmethod
    def _create_prescription(cls, medication=None, **values):
        return (
            cls.env["clinic.medication.request"]
            .with_user(cls.doctor)
            .create(
                {
                    "encounter_id": cls.encounter.id,
                    "medication_id": (medication or cls._create_medication()).id,
                    **values,
                }
            )
        )

    @classmethod
    def _create_medication(cls, substance="Testocillin", name="Testomox", group=None):
        Substance = cls.env["clinic.substance"]
        known = Substance.search([("name", "=", substance)])
        if not known:
            parent = group and (
                Substance.search([("name", "=", group)])
                or Substance.create({"name": group})
            )
            known = Substance.create(
                {"name": substance, "parent_id": parent.id if parent else False}
            )
        Medication = cls.env["clinic.medication"]
        return Medication.search([("name", "=", name)]) or Medication.create(
            {"name": name, "substance_ids": [(6, 0, known.ids)]}
        )
