from odoo import api, models
from odoo.exceptions import UserError

from odoo.addons.auth_signup.models.res_partner import SignupError


class ClinicAccountExists(UserError):
    """Somebody signs in with this e-mail already."""


class ResUsers(models.Model):
    _inherit = "res.users"

    @api.model
    def _clinic_register(self, person, password, consent_kinds=()):
        """Return the new user of a patient who registered on the website.

        Always with a new card. What is typed here proves nothing: phone, birth date
        and name of a patient are known to any relative, and what stands on the card
        must not open to them. The desk sees the possible duplicate and merges, or gives
        the patient access to the old card by Odoo's portal wizard.

        :param dict person: ``name, phone, email, birthdate_date, gender``
        :raise ClinicAccountExists: the e-mail is somebody's login already
        """
        email = person["email"].strip().lower()
        spellings = [email, person["email"].strip()]
        all_users = self.with_context(active_test=False)
        if all_users.search_count([("login", "in", spellings)], limit=1):
            raise ClinicAccountExists(self._clinic_account_exists_message())
        patient = self.env["res.partner"].create(
            {**person, "email": email, "is_patient": True}
        )
        values = {
            "login": email,
            "name": patient.name,
            "partner_id": patient.id,
            "password": password,
            "lang": self.env.lang,
        }
        try:
            login, _password = self.signup(values)
        except SignupError as error:
            # Somebody registered the very same e-mail a moment ago.
            raise ClinicAccountExists(self._clinic_account_exists_message()) from error
        user = self.search([("login", "=", login)], limit=1)
        # Registered by the new user, not by the anonymous visitor.
        patient.with_user(user).sudo()._clinic_give_consents(consent_kinds)
        return user

    def _clinic_account_exists_message(self):
        return self.env._(
            "There is an account with this e-mail already. Sign in, or restore the "
            "password on the sign-in page."
        )
