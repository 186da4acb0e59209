from passlib.hash import pbkdf2_sha512

from odoo.fields import Command

from ..tools.catalog import SPECIALIST_LOGINS, STAFF

# The passwords are no secret, so nothing is gained by hashing them for seconds; the
# first log-in makes a hash of the usual strength.
HASH = pbkdf2_sha512.using(rounds=1000)
PORTAL_LOGINS = ("patient", "patient2", "parent")


class Accounts:
    """The log-ins: the password is the log-in, for an installation to look at only."""

    def __init__(self, env, network, patients):
        self.env = env
        self.network = network
        self.patients = patients

    def make(self):
        admin = self.env.ref("base.user_admin")
        admin.write({"lang": "ru_RU", "tz": "Asia/Yekaterinburg"})
        self._set_password(admin)
        self._keep_tz(admin)
        if self.env.ref("clinic_base.group_admin") not in admin.all_group_ids:
            admin.group_ids |= self.env.ref("clinic_base.group_admin")
        self._make_staff()
        self._make_specialists()
        self._make_patients()

    def _make_staff(self):
        users = self._create_users(
            {
                "name": one.name,
                "login": one.login,
                "tz": self.network.branches[one.branch].tz,
                "group_ids": self._groups(f"clinic_base.{one.group}"),
            }
            for one in STAFF
        )
        self.env["hr.employee"].create(
            [
                {
                    "name": one.name,
                    "job_title": one.job,
                    "user_id": user.id,
                    "tz": user.tz,
                    "work_email": user.email,
                }
                for one, user in zip(STAFF, users, strict=True)
            ]
        )

    def _make_specialists(self):
        for key, login in SPECIALIST_LOGINS.items():
            specialist = self.network.specialists[key]
            specialist.employee_id.user_id = self._create_users(
                [
                    {
                        "name": specialist.name,
                        "login": login,
                        "tz": specialist.branch_ids[:1].tz,
                        "image_1920": specialist.image_1920,
                        "group_ids": self._groups("clinic_base.group_specialist"),
                    }
                ]
            )

    def _make_patients(self):
        for login in PORTAL_LOGINS:
            patient = self.patients.records[login]
            self._create_users(
                [
                    {
                        "name": patient.name,
                        "login": login,
                        "partner_id": patient.id,
                        "email": patient.email,
                        "tz": self._tz_of(patient),
                        "group_ids": self._groups("base.group_portal"),
                    }
                ]
            )

    def _create_users(self, vals_list):
        users = self.env["res.users"].create(
            [
                {
                    "email": f"{vals['login']}@istok.example.com",
                    "lang": "ru_RU",
                    **vals,
                }
                for vals in vals_list
            ]
        )
        for user in users:
            self._set_password(user)
            self._keep_tz(user)
        return users

    @staticmethod
    def _keep_tz(user):
        """Let the clinic's zone stand: the first sign-in of all takes the browser's."""
        user.with_user(user)._update_last_login()

    @staticmethod
    def _set_password(user):
        user._set_encrypted_password(user.id, HASH.hash(user.login))

    def _groups(self, xmlid):
        return [Command.set([self.env.ref(xmlid).id])]

    def _tz_of(self, patient):
        return next(
            branch.tz
            for branch in self.network.branches.values()
            if branch.city == patient.city
        )
