from odoo import http
from odoo.exceptions import ValidationError
from odoo.http import request
from odoo.tools.mail import email_normalize

from ..tools import forms
from ..tools.codes import mask
from .registration import CODE_KEY, ClinicPerson

CHECK_PATH = "/clinic/register/code/check"


class ClinicCode(ClinicPerson, http.Controller):
    """Proving a phone or an e-mail by a one-time code before the registration.

    The pages are the same whether the clinic knows the contact or not: a code is sent
    to any, and nothing is looked up before it was typed right.
    """

    @http.route(
        "/clinic/register/code",
        type="http",
        auth="public",
        website=True,
        sitemap=False,
        methods=["GET"],
    )
    def code(self, redirect=None, **_params):
        redirect = forms.local_path(redirect, "/my/clinic")
        if self._signed_in():
            return request.redirect(redirect)
        return self._contact_page(redirect)

    @http.route(
        "/clinic/register/code",
        type="http",
        auth="public",
        website=True,
        sitemap=False,
        methods=["POST"],
    )
    def code_post(self, redirect=None, contact=None, **_post):
        redirect = forms.local_path(redirect, "/my/clinic")
        if self._signed_in():
            return request.redirect(redirect)
        kind, value, problem = self._read_contact(contact)
        if problem:
            return self._contact_page(redirect, contact, {"contact": problem})
        if not self._allow("code"):
            problem = request.env._(
                "Too many codes were asked for from your network within an hour. "
                "Please try again later or call us."
            )
        elif not self._allow("code_contact", f"{kind}:{value}"):
            problem = request.env._(
                "Too many codes were sent there within an hour. Please try again later."
            )
        if problem:
            return self._contact_page(redirect, contact, {}, [["warning", problem]])
        request.session[CODE_KEY] = request.env["clinic.portal.code"]._issue(
            kind, value
        )
        return request.redirect(self._url(CHECK_PATH, redirect=redirect))

    @http.route(
        CHECK_PATH,
        type="http",
        auth="public",
        website=True,
        sitemap=False,
        methods=["GET"],
    )
    def check(self, redirect=None, **_params):
        redirect = forms.local_path(redirect, "/my/clinic")
        code_sudo = self._pending_sudo()
        if not code_sudo:
            return request.redirect(
                self._url("/clinic/register/code", redirect=redirect)
            )
        return self._check_page(code_sudo, redirect)

    @http.route(
        CHECK_PATH,
        type="http",
        auth="public",
        website=True,
        sitemap=False,
        methods=["POST"],
    )
    def check_post(self, redirect=None, code=None, **_post):
        redirect = forms.local_path(redirect, "/my/clinic")
        code_sudo = self._pending_sudo()
        allowed = self._allow("code_check")
        if code_sudo and allowed:
            if code_sudo._prove(request.session.get(CODE_KEY), code):
                self._notify(
                    "success",
                    request.env._("Confirmed. One more step: a few words about you."),
                )
                return request.redirect(
                    self._url("/clinic/register", redirect=redirect)
                )
            if code_sudo._tries_left():
                wrong = request.env._(
                    "This is not the code. Tries left: %(count)s.",
                    count=code_sudo._tries_left(),
                )
                return self._check_page(code_sudo, redirect, {"code": wrong})
        request.session.pop(CODE_KEY, None)
        self._notify(
            "warning",
            request.env._("The code is not valid any more. Please ask for a new one."),
        )
        return request.redirect(self._url("/clinic/register/code", redirect=redirect))

    # -- helpers

    def _pending_sudo(self):
        # Nobody may read codes; the session's token finds the visitor's own.
        codes_sudo = request.env["clinic.portal.code"].sudo()
        return codes_sudo._pending(request.session.get(CODE_KEY))

    def _read_contact(self, text):
        """Return kind, normalised contact and None; or a sentence what is wrong."""
        env = request.env
        text = (text or "").strip()
        kinds = env["clinic.portal.code"]._kinds()
        if "@" in text:
            address = email_normalize(text)
            if address and forms.looks_like_email(address):
                return "email", address, None
        elif "phone" in kinds and text:
            try:
                return "phone", env["res.partner"]._clinic_phone_e164(text), None
            except ValidationError as error:
                return None, None, error.args[0]
        if "phone" in kinds:
            problem = env._("Please write your mobile phone or your e-mail.")
        else:
            problem = env._(
                "This is not an e-mail address. Write it like name@example.com."
            )
        return None, None, problem

    def _contact_page(self, redirect, contact="", errors=None, notices=()):
        return self._render(
            "clinic_portal.code_contact",
            {
                "page_title": request.env._("Open your card"),
                "by_phone": "phone" in request.env["clinic.portal.code"]._kinds(),
                "contact": contact,
                "errors": errors or {},
                "notices": list(notices),
                "redirect": redirect,
                "register_url": self._url("/clinic/register", redirect=redirect),
                "login_url": self._url("/web/login", redirect=redirect),
            },
            private=True,
        )

    def _check_page(self, code_sudo, redirect, errors=None):
        return self._render(
            "clinic_portal.code_check",
            {
                "page_title": request.env._("Enter the code"),
                "by_phone": code_sudo.kind == "phone",
                "contact": mask(code_sudo.contact),
                "errors": errors or {},
                "redirect": redirect,
                "again_url": self._url("/clinic/register/code", redirect=redirect),
            },
            private=True,
        )
