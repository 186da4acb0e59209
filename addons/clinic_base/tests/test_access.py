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
# whose task is not with patients, as long as no addon gives them one
NO_PATIENTS = {"storekeeper", "lab"}
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
                self.assertEqual(
                    self._may(user, self.patient, "read"), role not in NO_PATIENTS
                )
                for operation in ("write", "create"):
                    self.assertEqual(
                        self._may(user, self.patient, operation),
                        role in REGISTERS_PATIENTS,
                    )

    def test_who_has_nothing_to_do_with_patients_finds_none(self):
        """Not by any question: nor a log-in of theirs, nor who their guardian is."""
        login = new_test_user(self.env, "clinic_test_cabinet", "base.group_portal")
        login.partner_id.write({"is_patient": True, "snils": "112-233-445 95"})
        self.patient.guardian_ids = login.partner_id
        plain = new_test_user(self.env, "clinic_test_nobody", "base.group_user")
        for user in (*map(self._user, NO_PATIENTS), plain):
            self.env.invalidate_all()
            Partner = self.env["res.partner"].with_user(user)
            User = self.env["res.users"].with_user(user)
            with self.subTest(user=user.login):
                people = self.patient | login.partner_id
                self.assertFalse(Partner.search([("id", "in", people.ids)]))
                self.assertFalse(Partner.search([("snils", "=", "112-233-445 95")]))
                self.assertFalse(Partner.name_search(self.patient.name))
                self.assertFalse(Partner.name_search(self.patient.patient_number))
                self.assertFalse(
                    Partner.search([("guardian_ids", "in", login.partner_id.ids)])
                )
                self.assertFalse(User.search([("id", "=", login.id)]))
                self.assertFalse(User.search([("snils", "=", "112-233-445 95")]))
                for names in (["snils"], ["street"], ["guardian_ids"], ["name"]):
                    with self.assertRaises(AccessError):
                        self._as(user, self.patient).read(names)
                    with self.assertRaises(AccessError):
                        self._as(user, login).read(names)
                # colleagues and suppliers stay
                self.assertTrue(self._may(user, self.env.user.partner_id, "read"))
                self.assertTrue(self._may(user, self.env.company.partner_id, "read"))

    def _as(self, user, record):
        self.env.invalidate_all()
        return record.with_user(user)

    def test_consents_are_kept_for_ever(self):
        consent = self.env["clinic.consent"]._give(self.patient, "treatment")
        for role in ROLES:
            user = self._user(role)
            with self.subTest(role):
                self.assertEqual(
                    self._may(user, consent, "read"), role not in NO_PATIENTS
                )
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
