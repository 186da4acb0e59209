from odoo import Command
from odoo.tests import new_test_user

from odoo.addons.base.tests.common import BaseCommon

ROLES = (
    "reception",
    "callcenter",
    "cashier",
    "finance",
    "storekeeper",
    "director",
    "specialist",
    "nurse",
    "lab",
    "chief_physician",
    "admin",
)


class ClinicCommon(BaseCommon):
    """A small clinic: two branches in two time zones, two specialists, services."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.company.country_id = cls.env.ref("base.ru")

        cls.specialty = cls.env["clinic.specialty"].create({"name": "Test therapy"})
        cls.specialty2 = cls.env["clinic.specialty"].create({"name": "Test surgery"})
        cls.problem = cls.env["clinic.problem"].create(
            {
                "name": "Test headache",
                "specialty_ids": [Command.link(cls.specialty.id)],
            }
        )
        cls.branch, cls.branch_msk = cls.env["clinic.branch"].create(
            [
                {"name": "Test Yekaterinburg", "tz": "Asia/Yekaterinburg"},
                {"name": "Test Moscow", "tz": "Europe/Moscow"},
            ]
        )
        cls.room, cls.room2 = cls.env["clinic.room"].create(
            [
                {"name": "Room 1", "branch_id": cls.branch.id},
                {"name": "Room 2", "branch_id": cls.branch.id},
            ]
        )
        cls.specialist = cls._create_specialist(
            "Test Therapist",
            cls.specialty,
            problem_ids=[Command.link(cls.problem.id)],
            branch_ids=[Command.link(cls.branch.id)],
            user=cls._user("specialist"),
        )
        cls.specialist2 = cls._create_specialist(
            "Test Surgeon",
            cls.specialty2,
            branch_ids=[Command.set((cls.branch | cls.branch_msk).ids)],
        )
        cls.service = cls._create_service(name="Test visit", list_price=2000.0)
        cls.service_prepaid = cls._create_service(
            name="Test long visit",
            list_price=5000.0,
            duration=60,
            prepayment="full",
        )
        cls.patient = cls._create_patient(
            name="Test Patient", phone="+7 912 200-00-01", birthdate_date="1985-05-17"
        )

    @classmethod
    def setup_main_company(cls, currency_code="RUB"):
        return super().setup_main_company(currency_code)

    @classmethod
    def _create_patient(cls, **values):
        return cls.env["res.partner"].create(
            {"name": "Test Person", "is_patient": True, **values}
        )

    @classmethod
    def _create_specialist(cls, name, specialties, user=None, **values):
        """Create a specialist with an employee of that name."""
        employee = cls.env["hr.employee"].create(
            {
                "name": name,
                "user_id": user.id if user else False,
                "tz": "Asia/Yekaterinburg",
                "company_id": cls.env.company.id,
            }
        )
        return cls.env["clinic.specialist"].create(
            {
                "employee_id": employee.id,
                "specialty_ids": [Command.set(specialties.ids)],
                **values,
            }
        )

    @classmethod
    def _create_service(cls, **values):
        """Create a service (product variant): 30 minutes, of the first specialty."""
        return cls.env["product.product"].create(
            {
                "name": "Test service",
                "is_clinic_service": True,
                "duration": 30,
                "list_price": 1000.0,
                "specialty_ids": [Command.set(cls.specialty.ids)],
                **values,
            }
        )

    @classmethod
    def _user(cls, role):
        """Return the test user of a role, e.g. ``"reception"``."""
        login = f"clinic_test_{role}"
        # Looked up, not kept: one made within a test is gone with that test.
        user = cls.env["res.users"].search([("login", "=", login)])
        return user or new_test_user(
            cls.env,
            login=login,
            name=f"Test {role}",
            groups=f"clinic_base.group_{role}",
            company_id=cls.env.company.id,
            company_ids=[Command.set(cls.env.company.ids)],
            tz="Asia/Yekaterinburg",
        )
