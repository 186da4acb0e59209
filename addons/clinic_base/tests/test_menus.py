from odoo.tests import new_test_user, tagged

from .common import ROLES, ClinicCommon


@tagged("post_install", "-at_install")
class TestMenus(ClinicCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for role in ROLES:
            cls._user(role)

    def _visible(self, user):
        menus = self.env["ir.ui.menu"].with_user(user)
        return menus.browse(menus._visible_menu_ids())

    def test_clinic_comes_first(self):
        roots = self._visible(self._user("reception")).filtered(
            lambda menu: not menu.parent_id
        )
        first = roots.sorted(lambda menu: (menu.sequence, menu.id))[0]
        self.assertEqual(first, self.env.ref("clinic_base.menu_clinic_root"))

    def test_roles_see_what_they_work_with(self):
        patients = self.env.ref("clinic_base.menu_clinic_patients")
        configuration = self.env.ref("clinic_base.menu_clinic_configuration")
        for role in ROLES:
            with self.subTest(role):
                visible = self._visible(self._user(role))
                self.assertEqual(
                    patients in visible, role not in ("storekeeper", "lab")
                )
                self.assertEqual(configuration in visible, role == "admin")

    def test_applications_nobody_needs_are_hidden(self):
        contacts = self.env.ref("contacts.menu_contacts")
        employees = self.env.ref("hr.menu_hr_root")
        apps = self.env.ref("base.menu_management")
        for role in ROLES:
            with self.subTest(role):
                visible = self._visible(self._user(role))
                self.assertNotIn(contacts, visible)
                self.assertNotIn(apps, visible)
                self.assertEqual(employees in visible, role == "admin")

    def test_others_keep_their_applications(self):
        contacts = self.env.ref("contacts.menu_contacts")
        plain = new_test_user(self.env, "clinic_test_plain", "base.group_user")
        self.assertIn(contacts, self._visible(plain))
        system = new_test_user(
            self.env,
            "clinic_test_system",
            "base.group_system,clinic_base.group_admin",
        )
        self.assertIn(contacts, self._visible(system))
