from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .common import ROLES, ClinicCommon

DIRECTORIES = (
    "clinic.branch",
    "clinic.room",
    "clinic.specialty",
    "clinic.problem",
    "clinic.specialist",
    "clinic.consent.template",
)
REGISTERS_PATIENTS = {"reception", "callcenter", "admin"}
REGISTERS_CONSENTS = {"reception", "callcenter", "specialist", "nurse", "admin"}
EDITS_PRICES = {"finance", "admin"}


@tagged("post_install", "-at_install")
class TestAccess(ClinicCommon):
    """Who may do what: each role, each model, the allowed and the blocked."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for role in ROLES:
            cls._user(role)

    def _may(self, user, record, operation):
        self.env.invalidate_all()
        return record.with_user(user).has_access(operation)

    def test_directories_are_read_by_all_and_edited_by_the_administrator(self):
        records = {
            "clinic.branch": self.branch,
            "clinic.room": self.room,
            "clinic.specialty": self.specialty,
            "clinic.problem": self.problem,
            # A colleague: the own profile is another matter.
            "clinic.specialist": self.specialist2,
            "clinic.consent.template": self.env.ref(
                "clinic_base.consent_template_treatment"
            ),
        }
        for role in ROLES:
            user = self._user(role)
            for model in DIRECTORIES:
                with self.subTest(role=role, model=model):
                    record = records[model]
                    self.assertTrue(self._may(user, record, "read"))
                    for operation in ("write", "create", "unlink"):
                        self.assertEqual(
                            self._may(user, record, operation), role == "admin"
                        )

    def test_patients(self):
        for role in ROLES:
            user = self._user(role)
            with self.subTest(role):
                self.assertTrue(self._may(user, self.patient, "read"))
                for operation in ("write", "create"):
                    self.assertEqual(
                        self._may(user, self.patient, operation),
                        role in REGISTERS_PATIENTS,
                    )

    def test_consents_are_kept_for_ever(self):
        consent = self.env["clinic.consent"]._give(self.patient, "treatment")
        for role in ROLES:
            user = self._user(role)
            with self.subTest(role):
                self.assertTrue(self._may(user, consent, "read"))
                for operation in ("write", "create"):
                    self.assertEqual(
                        self._may(user, consent, operation), role in REGISTERS_CONSENTS
                    )
                self.assertFalse(self._may(user, consent, "unlink"))

    def test_prices(self):
        for role in ROLES:
            user = self._user(role)
            with self.subTest(role):
                self.assertTrue(self._may(user, self.service, "read"))
                self.assertEqual(
                    self._may(user, self.service, "write"), role in EDITS_PRICES
                )

    def test_administrator_makes_a_specialist(self):
        env = self.env(user=self._user("admin"))
        employee = env["hr.employee"].create({"name": "Test New Doctor"})
        specialist = env["clinic.specialist"].create(
            {"employee_id": employee.id, "specialty_ids": self.specialty.ids}
        )
        self.assertEqual(specialist.name, "Test New Doctor")

    @mute_logger("odoo.addons.base.models.ir_model")
    def test_others_do_not(self):
        for role in ROLES:
            if role == "admin":
                continue
            with self.subTest(role), self.assertRaises(AccessError):
                self.specialist2.with_user(self._user(role)).write({"age_min": 3})

    def test_portal_reads_directories_but_no_other_people(self):
        portal = new_test_user(self.env, "clinic_test_portal", "base.group_portal")
        for record in (self.branch, self.specialty, self.problem, self.specialist):
            with self.subTest(record._name):
                self.assertTrue(self._may(portal, record, "read"))
                self.assertFalse(self._may(portal, record, "write"))
        consent = self.env["clinic.consent"]._give(self.patient, "treatment")
        for record in (self.patient, consent, self.room):
            with self.subTest(record._name):
                self.assertFalse(self._may(portal, record, "read"))

    def test_employee_without_a_role_reads_no_consents(self):
        user = new_test_user(self.env, "clinic_test_plain", "base.group_user")
        consent = self.env["clinic.consent"]._give(self.patient, "treatment")
        self.assertFalse(self._may(user, consent, "read"))

    def test_other_companies_are_not_seen(self):
        company = self.env["res.company"].create({"name": "Test other clinic"})
        branch = self.env["clinic.branch"].create(
            {"name": "Far away", "company_id": company.id}
        )
        room = self.env["clinic.room"].create({"name": "R", "branch_id": branch.id})
        reception = self._user("reception")
        self.assertFalse(self._may(reception, branch, "read"))
        self.assertFalse(self._may(reception, room, "read"))

    def test_roles_are_chosen_one_by_one(self):
        """A person may have several roles: each has a privilege of its own."""
        privileges = [
            self.env.ref(f"clinic_base.group_{role}").privilege_id for role in ROLES
        ]
        self.assertEqual(len(set(privileges)), len(ROLES))
        self.assertTrue(all(privileges))
