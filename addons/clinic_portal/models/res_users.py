from odoo import api, models
from odoo.exceptions import UserError

from odoo.addons.auth_signup.models.res_partner import SignupError


class ClinicAccountExists(UserError):
    """Somebody with this e-mail, or with this patient card, can sign in already."""


class ResUsers(models.Model):
    _inherit = "res.users"

    @api.model
    def _clinic_register(self, person, password, consent_kinds=()):
        """Return the new user of a patient who registered on the website.

        An existing card is taken only when phone and birth date are the same, the
        name does not contradict and the card has no other e-mail: what is on the card
        must not open to whoever knows a neighbour's birthday. In doubt the patient gets
        a new card and the desk merges the two.

        :param dict person: ``name, phone, email, birthdate_date, gender``
        :raise ClinicAccountExists: there is an account already
        """
        email = person["email"].strip().lower()
        all_users = self.with_context(active_test=False)
        spellings = [email, person["email"].strip()]
        if all_users.search_count([("login", "in", spellings)], limit=1):
            raise ClinicAccountExists(self._clinic_account_exists_message())
        patient = self._clinic_patient_of(person, email)
        values = {
            "login": email,
            "name": patient.name,
            "partner_id": patient.id,
            "password": password,
            "lang": self.env.lang,
        }
        if not patient.gender:
            patient.gender = person["gender"]
        try:
            login, _password = self.signup(values)
        except SignupError as error:
            # Somebody registered the very same e-mail a moment ago.
            raise ClinicAccountExists(self._clinic_account_exists_message()) from error
        user = self.search([("login", "=", login)], limit=1)
        # Registered by the new user, not by the anonymous visitor.
        patient.with_user(user).sudo()._clinic_give_consents(consent_kinds)
        return user

    def _clinic_patient_of(self, person, email):
        """Return the card of the person, an existing one only if it is safe."""
        Partner = self.env["res.partner"]
        patient = Partner._clinic_find_or_create_patient(person)
        if patient.with_context(active_test=False).user_ids:
            raise ClinicAccountExists(self._clinic_account_exists_message())
        if patient.email and patient.email.strip().lower() != email:
            return Partner.create({**person, "is_patient": True})
        return patient

    def _clinic_account_exists_message(self):
        return self.env._(
            "There is an account with this e-mail or phone already. Sign in, or "
            "restore the password on the sign-in page."
        )
