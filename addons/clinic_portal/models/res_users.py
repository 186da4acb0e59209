from odoo import api, models
from odoo.exceptions import UserError

from odoo.addons.auth_signup.models.res_partner import SignupError
from odoo.addons.clinic_base.tools.names import may_be_same_person


class ClinicAccountExists(UserError):
    """Somebody signs in with this e-mail already."""


class ResUsers(models.Model):
    _inherit = "res.users"

    @api.model
    def _clinic_register(self, person, password, consent_kinds=(), proven=None):
        """Return the new user of a patient who registered on the website.

        With a new card, unless a code has proven the phone or the e-mail of one that
        fits. What is only typed proves nothing: phone, birth date and name of a patient
        are known to any relative, and what stands on the card must not open to them.
        The desk sees the possible duplicate and merges, or gives the patient access to
        the old card by Odoo's portal wizard.

        :param dict person: ``name, phone, email, birthdate_date, gender``
        :param proven: the ``clinic.portal.code`` that was typed right; it is used up
        :raise ClinicAccountExists: the e-mail is somebody's login already, or the
            proven card has an account
        """
        email = person["email"].strip().lower()
        spellings = [email, person["email"].strip()]
        all_users = self.with_context(active_test=False)
        if all_users.search_count([("login", "in", spellings)], limit=1):
            raise ClinicAccountExists(self._clinic_account_exists_message())
        patient = self._clinic_proven_card(person, proven)
        if patient:
            if patient.with_context(active_test=False).user_ids:
                raise ClinicAccountExists(self._clinic_account_exists_message())
            # What the desk wrote by the papers stays; what is missing is filled in.
            new = {**person, "email": email}
            patient.write({k: v for k, v in new.items() if not patient[k]})
            patient._message_log(
                body=self.env._(
                    "Personal account opened on the website, confirmed by a code sent "
                    "to %(contact)s.",
                    contact=proven.contact,
                )
            )
        else:
            patient = self.env["res.partner"].create(
                {**person, "email": email, "is_patient": True}
            )
        if proven:
            proven.state = "used"
        values = {
            "login": email,
            "name": patient.name,
            "partner_id": patient.id,
            # else the sign-up would write the login over the e-mail of the card
            "email": patient.email,
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

    @api.model
    def _clinic_proven_card(self, person, proven):
        """Return the one card of the proven phone or e-mail that is this person's.

        Families share a phone, and numbers get new owners: the birth date must be the
        same and the name must not contradict. Of several cards none is opened.
        """
        cards = self.env["res.partner"]
        if not proven:
            return cards
        field = "phone_sanitized" if proven.kind == "phone" else "email_normalized"
        cards = cards.search(
            [
                ("is_patient", "=", True),
                (field, "=", proven.contact),
                ("birthdate_date", "=", person["birthdate_date"]),
            ]
        ).filtered(
            lambda card: (
                card._clinic_decides_alone()
                and may_be_same_person(card.name, person["name"])
            )
        )
        return cards if len(cards) == 1 else cards.browse()

    def _clinic_account_exists_message(self):
        return self.env._(
            "There is an account with this e-mail already. Sign in, or restore the "
            "password on the sign-in page."
        )
