from datetime import timedelta

from odoo import fields

from odoo.addons.clinic_base.tests.common import ROLES, ClinicCommon

# words that must never turn up where they do not belong
SECRET = "SECRETOTITIS"
NOT_MEDICAL = (
    "reception",
    "callcenter",
    "cashier",
    "finance",
    "storekeeper",
    "director",
    "lab",
    "admin",
)


class EmrCommon(ClinicCommon):
    """Two patients: ``patient`` comes to ``specialist``, ``patient2`` to another."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # all of them now: the cache of users outlives what a single test creates
        for role in ROLES:
            cls._user(role)
        cls.doctor = cls._user("specialist")
        cls.other_doctor = cls._create_doctor("clinic_test_other_doctor")
        cls.specialist2.employee_id.user_id = cls.other_doctor
        cls.service2 = cls._create_service(
            name="Test surgeon visit", specialty_ids=cls.specialty2.ids
        )
        cls.patient2 = cls._create_patient(name="Other Patient", phone="+79122000002")
        cls.icd_otitis = cls.env.ref("clinic_emr.icd10_h66_0")
        cls.icd_cold = cls.env.ref("clinic_emr.icd10_j06_9")

    @classmethod
    def _create_doctor(cls, login):
        return cls._user("specialist").copy({"login": login, "name": login})

    @classmethod
    def _create_appointment(cls, **values):
        """Create an appointment of today past the booking rules, in any state."""
        specialist = values.pop("specialist", cls.specialist)
        service = cls.service if specialist == cls.specialist else cls.service2
        # the start of this hour: today in the branch, whenever the tests run
        start = fields.Datetime.now().replace(minute=0, second=0, microsecond=0)
        state = values.pop("state", "arrived")
        minutes = 30 * cls.env["clinic.appointment"].search_count(
            [("branch_id", "=", cls.branch.id)]
        )
        start = values.pop("start", start + timedelta(minutes=minutes))
        return cls.env["clinic.appointment"].create(
            {
                "patient_id": cls.patient.id,
                "specialist_id": specialist.id,
                "service_id": service.id,
                "branch_id": cls.branch.id,
                "start": start,
                "stop": start + timedelta(minutes=30),
                "duration": 30,
                "state": state,
                "hold_until": start if state == "hold" else False,
                **values,
            }
        )

    @classmethod
    def _create_encounter(cls, finished=False, **values):
        """Create a visit with secret words in every text and one diagnosis."""
        appointment = cls._create_appointment(**values)
        encounter = appointment._start_encounters()
        encounter.write(
            {
                "complaint": f"{SECRET} complaint",
                "anamnesis": f"{SECRET} anamnesis",
                "examination": f"{SECRET} examination",
                "recommendations": f"{SECRET} recommendations",
            }
        )
        cls.env["clinic.diagnosis"].create(
            {
                "encounter_id": encounter.id,
                "icd10_id": cls.icd_otitis.id,
                "note": f"{SECRET} note",
            }
        )
        encounter.record_id.write(
            {
                "allergy_note": f"{SECRET} allergy",
                "chronic_note": f"{SECRET} chronic",
            }
        )
        if finished:
            encounter.action_finish()
        return encounter
