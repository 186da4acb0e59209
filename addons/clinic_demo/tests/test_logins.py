from odoo.tests import TransactionCase, tagged

from ..tools.catalog import SPECIALIST_LOGINS, STAFF

PORTAL = ("patient", "patient2", "parent")


@tagged("post_install", "-at_install")
class TestLogins(TransactionCase):
    def user(self, login):
        user = self.env["res.users"].search([("login", "=", login)])
        self.assertTrue(user, login)
        return user

    def test_the_password_is_the_login(self):
        logins = [one.login for one in STAFF]
        for login in (*logins, *SPECIALIST_LOGINS.values(), *PORTAL, "admin"):
            with self.subTest(login):
                credential = {"type": "password", "login": login, "password": login}
                user = self.user(login)
                answer = user.with_user(user)._check_credentials(
                    credential, {"interactive": True}
                )
                self.assertEqual(answer["uid"], user.id)
                self.assertEqual(user.lang, "ru_RU")
                self.assertTrue(user.tz)
                # else Odoo takes the browser's at the first sign-in
                self.assertTrue(user.login_date)

    def test_each_has_one_role(self):
        for one in STAFF:
            with self.subTest(one.login):
                role = self.env.ref(f"clinic_base.{one.group}")
                self.assertIn(role, self.user(one.login).group_ids)
                self.assertTrue(self.user(one.login)._is_internal())

    def test_administrator_sees_no_records(self):
        admin = self.user("admin")
        self.assertTrue(admin.has_group("clinic_base.group_admin"))
        self.assertFalse(admin.has_group("clinic_base.group_specialist"))

    def test_doctors_have_visits_of_their_own(self):
        for login in SPECIALIST_LOGINS.values():
            user = self.user(login)
            specialist = self.env["clinic.specialist"].search(
                [("user_id", "=", user.id)]
            )
            self.assertEqual(len(specialist), 1)
            visits = self.env["clinic.appointment"].with_user(user).search([])
            self.assertIn("arrived", visits.mapped("state"))
            self.assertTrue(self.env["clinic.encounter"].with_user(user).search([]))

    def test_the_nurse_helps_at_some_visits(self):
        encounters = self.env["clinic.encounter"]
        seen = encounters.with_user(self.user("nurse")).search([])
        self.assertTrue(seen)
        self.assertLess(len(seen), encounters.search_count([]))

    def test_patients_see_themselves_and_their_wards(self):
        for login in PORTAL:
            user = self.user(login)
            self.assertTrue(user._is_portal())
            patient = user.partner_id
            self.assertTrue(patient.is_patient)
            visits = self.env["clinic.appointment"].with_user(user).search([])
            self.assertTrue(visits)
            self.assertLessEqual(
                set(visits.sudo().patient_id.ids), set(patient._clinic_family().ids)
            )

    def test_the_parent_has_a_child(self):
        parent = self.user("parent").partner_id
        self.assertTrue(parent.ward_ids)
        for child in parent.ward_ids:
            self.assertLess(child.age, 18)
            self.assertEqual(child._clinic_payer(), parent)
