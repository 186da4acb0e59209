from urllib.parse import parse_qsl, urlsplit

from odoo import fields, http
from odoo.exceptions import UserError, ValidationError
from odoo.http import request

from ..models.res_partner import CONSENT_KINDS_REQUIRED
from ..models.res_users import ClinicAccountExists
from ..tools import forms
from .common import ClinicPages

GENDERS = ("female", "male")
# where the session keeps the token of the one-time code
CODE_KEY = "clinic_portal_code"
PERSON_FIELDS = ("name", "phone", "birthdate", "gender", "email", "password")


class ClinicPerson(ClinicPages):
    """Reading the fields of a person, with a sentence for each that is wrong."""

    def _read_person(self, post, ask_email=False, asked=()):
        """Return what was typed as values for the card, and errors by field name."""
        env = request.env
        errors = {}
        name = " ".join((post.get("name") or "").split())
        if len(name.split()) < 2 or any(char.isdigit() for char in name):
            errors["name"] = env._("Please write the last name and the first name.")
        person = {"name": name, "gender": post.get("gender")}
        try:
            phone = (post.get("phone") or "").strip()
            if not phone:
                raise ValidationError(env._("Please write a phone number."))
            person["phone"] = env["res.partner"]._clinic_phone_e164(phone)
        except ValidationError as error:
            errors["phone"] = error.args[0]
        person["birthdate_date"], code = forms.check_birthdate(
            post.get("birthdate"), fields.Date.context_today(env.user)
        )
        if code:
            errors["birthdate"] = self._birthdate_error(code)
        if person["gender"] not in GENDERS:
            errors["gender"] = env._("Please choose the sex.")
        if ask_email:
            person["email"] = (post.get("email") or "").strip()
            if not forms.looks_like_email(person["email"]):
                errors["email"] = env._(
                    "This is not an e-mail address. Write it like name@example.com."
                )
            if len(post.get("password") or "") < forms.SHORTEST_PASSWORD:
                errors["password"] = env._(
                    "The password is too short: at least %(count)s characters.",
                    count=forms.SHORTEST_PASSWORD,
                )
        errors.update(self._consent_errors(post, asked))
        return person, errors

    def _birthdate_error(self, code):
        env = request.env
        return {
            "missing": env._("Please write the birth date."),
            "unreadable": env._("We cannot read this date. Write it like 31.05.1990."),
            "future": env._("The birth date is in the future. Please check the year."),
            "too_old": env._("The birth date is too long ago. Please check the year."),
        }[code]

    def _consent_errors(self, post, asked):
        """Return an error for each required text that was not agreed to as shown."""
        errors = {}
        for consent in asked:
            box = f"consent_{consent['kind']}"
            ticked = forms.read_id(post.get(box))
            if ticked and ticked != consent["id"]:
                errors[box] = request.env._(
                    "The text has changed meanwhile. Please read it and agree again."
                )
            elif not ticked and consent["kind"] in CONSENT_KINDS_REQUIRED:
                errors[box] = request.env._(
                    "Without this consent we may not keep your data and cannot book "
                    "a visit."
                )
        return errors

    def _ticked(self, post, asked):
        return [
            consent["kind"]
            for consent in asked
            if forms.read_id(post.get(f"consent_{consent['kind']}")) == consent["id"]
        ]

    def _consents_to_ask(self, patient=None):
        # Anybody may read what they are asked to agree to.
        return request.env["res.partner"].sudo()._clinic_consents_to_ask(patient)


class ClinicRegistration(ClinicPerson, http.Controller):
    @http.route(
        "/clinic/register",
        type="http",
        auth="public",
        website=True,
        sitemap=False,
        methods=["GET"],
    )
    def register(self, redirect=None, **_params):
        redirect = forms.local_path(redirect, "/my/clinic")
        if self._signed_in():
            return request.redirect(redirect)
        return self._registration_page(redirect, {}, {})

    @http.route(
        "/clinic/register",
        type="http",
        auth="public",
        website=True,
        sitemap=False,
        methods=["POST"],
    )
    def register_post(self, redirect=None, **post):
        redirect = forms.local_path(redirect, "/my/clinic")
        if self._signed_in():
            return request.redirect(redirect)
        asked = self._consents_to_ask()
        proven = self._proven_sudo()
        if proven:
            post[proven.kind] = proven.contact  # not what the form sends
        person, errors = self._read_person(post, ask_email=True, asked=asked)
        if errors:
            return self._registration_page(redirect, post, errors)
        if not self._allow("register"):
            return self._registration_page(
                redirect, post, {}, [["warning", self._too_many()]]
            )
        # The visitor has no rights; the methods decide which card is his.
        users_sudo = request.env["res.users"].sudo()
        found = users_sudo._clinic_proven_card(person, proven)
        try:
            with request.env.cr.savepoint():
                user = users_sudo._clinic_register(
                    person, post["password"], self._ticked(post, asked), proven
                )
        except ClinicAccountExists as error:
            return self._registration_page(
                redirect, post, {}, [["warning", error.args[0]]]
            )
        except UserError as error:
            return self._registration_page(
                redirect, post, {}, [["danger", error.args[0]]]
            )
        credential = {
            "login": user.login,
            "password": post["password"],
            "type": "password",
        }
        request.session.authenticate(request.env, credential)
        request.session.pop(CODE_KEY, None)
        self._notify("success", request.env._("Welcome! You are registered."))
        if proven and not found:
            # Whoever expects earlier visits here must not wonder where they are.
            words = request.env._(
                "We found no card with this name and birth date for your contact, so "
                "this is a new one. If you have been here before, tell us at the desk: "
                "we will join the two."
            )
            self._notify("info", words)
        return request.redirect(redirect)

    def _too_many(self):
        return request.env._(
            "Too many registrations from your network within an hour. Please try again "
            "later or call us: we will register you by phone."
        )

    def _chosen_summary(self, redirect):
        """Return the chosen window the visitor came with, to be seen all along."""
        parts = urlsplit(redirect)
        if parts.path.endswith("/clinic/book/confirm"):
            chosen, problem = self._read_window(dict(parse_qsl(parts.query)))
            if not problem:
                price = chosen["service"]._clinic_web_price()
                return self._summary(**chosen, price=price)
        return None

    def _proven_sudo(self):
        """Return the code by which the visitor has proven a contact, or none."""
        # Nobody may read codes; the session's token finds the visitor's own.
        codes_sudo = request.env["clinic.portal.code"].sudo()
        return codes_sudo._proven(request.session.get(CODE_KEY))

    def _registration_page(self, redirect, post, errors, notices=()):
        proven = self._proven_sudo()
        if proven:
            post = {**post, proven.kind: proven.contact}
        values = {key: post.get(key) for key in PERSON_FIELDS if key != "password"}
        values.update({k: v for k, v in post.items() if k.startswith("consent_")})
        return self._render(
            "clinic_portal.register",
            {
                "page_title": request.env._("Registration"),
                "values": values,
                "errors": errors,
                "notices": list(notices),
                "redirect": redirect,
                "login_url": self._url("/web/login", redirect=redirect),
                "code_url": self._url("/clinic/register/code", redirect=redirect),
                "proven_kind": proven.kind,
                "consents": self._consents_to_ask(),
                "today": fields.Date.to_string(
                    fields.Date.context_today(request.env.user)
                ),
                "name_locked": False,
                "birthdate_locked": False,
                "summary": self._chosen_summary(redirect),
            },
            private=True,
        )
