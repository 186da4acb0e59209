from babel.dates import format_date

from odoo import fields, http
from odoo.exceptions import UserError, ValidationError
from odoo.http import request

from odoo.addons.clinic_base.tools.age import age_on

from ..tools import forms
from .my_pages import ClinicMyPages
from .registration import GENDERS

FAMILY_PATH = "/my/clinic/family"
SCOPES = ("visits", "all")
ENDED_SHOWN = 20


class ClinicFamily(ClinicMyPages, http.Controller):
    """For whom the visitor acts, and who acts for the visitor."""

    @http.route(FAMILY_PATH, type="http", auth="user", website=True, methods=["GET"])
    def family(self, **_params):
        return self._family_page()

    @http.route(
        f"{FAMILY_PATH}/child", type="http", auth="user", website=True, methods=["GET"]
    )
    def child(self, **_params):
        return self._child_page({}, {})

    @http.route(
        f"{FAMILY_PATH}/child", type="http", auth="user", website=True, methods=["POST"]
    )
    def child_post(self, **post):
        me = self._me_sudo()
        asked = self._consents_to_ask()
        person, errors = self._read_child(post, asked)
        if errors:
            return self._child_page(post, errors)
        if not self._allow("family", f"user:{request.env.uid}"):
            return self._child_page(post, {}, [["warning", self._too_often()]])
        try:
            with request.env.cr.savepoint():
                # Portal users create no cards; the method decides what a guardian may.
                child_sudo = me._clinic_add_child(person, self._ticked(post, asked))
        except UserError as error:
            return self._child_page(post, {}, [["danger", error.args[0]]])
        self._notify(
            "success",
            request.env._(
                "%(name)s is added: you can book and see the visits.",
                name=child_sudo.name,
            ),
        )
        return request.redirect(FAMILY_PATH)

    @http.route(
        f"{FAMILY_PATH}/invite",
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
    )
    def invite(self, email=None, scope=None, until=None, **_post):
        env = request.env
        values = {"email": email, "scope": scope, "until": until}
        date_to = forms.read_date(until)
        errors = {}
        if not forms.looks_like_email(email):
            errors["email"] = env._(
                "This is not an e-mail address. Write it like name@example.com."
            )
        if (until or "").strip() and not date_to:
            errors["until"] = env._(
                "We cannot read this date. Write it like 31.05.1990."
            )
        if scope not in SCOPES:
            errors["scope"] = env._("Please choose what for.")
        if errors:
            return self._family_page(values, errors)
        if not self._allow("family", f"user:{env.uid}"):
            return self._family_page(values, {}, [["warning", self._too_often()]])
        try:
            with env.cr.savepoint():
                # Portal users write no leaves; the patient is always the visitor.
                env["clinic.proxy"].sudo()._invite(
                    self._me_sudo(), email, scope, date_to
                )
        except UserError as error:
            return self._family_page(values, {}, [["danger", error.args[0]]])
        # The same whether the clinic knows the address or not.
        self._notify(
            "success",
            env._(
                "We have written to %(email)s. The leave is in force once it is taken.",
                email=email.strip(),
            ),
        )
        return request.redirect(FAMILY_PATH)

    @http.route(
        f"{FAMILY_PATH}/<int:proxy_id>/end",
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
    )
    def end(self, proxy_id, **_post):
        """Take a leave back, or give up one that was given to the visitor."""
        me = self._me_sudo()
        # Portal users read no leaves; only those of the visitor are looked among.
        proxy_sudo = (
            request.env["clinic.proxy"]
            .sudo()
            .search(
                [
                    ("id", "=", proxy_id),
                    ("state", "!=", "ended"),
                    "|",
                    ("patient_id", "=", me.id),
                    ("proxy_id", "=", me.id),
                ]
            )
        )
        if not proxy_sudo:
            raise request.not_found()
        proxy_sudo._end()
        self._notify("success", request.env._("The leave has ended."))
        return request.redirect(FAMILY_PATH)

    @http.route(
        f"{FAMILY_PATH}/accept/<string:token>",
        type="http",
        auth="user",
        website=True,
        methods=["GET"],
    )
    def accept(self, token, **_params):
        proxy_sudo = self._invitation_sudo(token)
        if not proxy_sudo:
            return self._no_invitation()
        return self._render(
            "clinic_portal.family_accept",
            {
                **self._back(),
                "page_title": request.env._("Act for somebody"),
                "name": proxy_sudo.patient_id.name,
                "with_records": proxy_sudo.scope == "all",
                "until": self._day(proxy_sudo.date_to),
                "token": token,
            },
            private=True,
        )

    @http.route(
        f"{FAMILY_PATH}/accept/<string:token>",
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
    )
    def accept_post(self, token, **_post):
        proxy_sudo = self._invitation_sudo(token)
        if not proxy_sudo:
            return self._no_invitation()
        try:
            with request.env.cr.savepoint():
                proxy_sudo._accept(self._me_sudo())
        except UserError as error:
            self._notify("warning", error.args[0])
            return request.redirect(FAMILY_PATH)
        self._notify(
            "success",
            request.env._(
                "You may act for %(name)s now.", name=proxy_sudo.patient_id.name
            ),
        )
        return request.redirect(FAMILY_PATH)

    # -- helpers

    def _invitation_sudo(self, token):
        # Whoever has the letter may read what it offers, and nobody else.
        return request.env["clinic.proxy"].sudo()._of_token(token)

    def _no_invitation(self):
        self._notify(
            "warning",
            request.env._(
                "This invitation is not valid any more. Ask for a new one, please."
            ),
        )
        return request.redirect(FAMILY_PATH)

    def _too_often(self):
        return request.env._("Too many changes within an hour. Please try again later.")

    def _back(self):
        return {
            "back_url": FAMILY_PATH,
            "back_label": request.env._("My family"),
        }

    def _day(self, day):
        return format_date(day, "dd.MM.yyyy", self._locale()) if day else ""

    def _read_child(self, post, asked):
        """Return what was typed as values for the card, and errors by field name."""
        env = request.env
        errors = {}
        name = " ".join((post.get("name") or "").split())
        if len(name.split()) < 2 or any(char.isdigit() for char in name):
            errors["name"] = env._("Please write the last name and the first name.")
        today = fields.Date.context_today(env.user)
        born, code = forms.check_birthdate(post.get("birthdate"), today)
        if code:
            errors["birthdate"] = self._birthdate_error(code)
        elif age_on(born, today) >= (env["res.partner"]._clinic_age_of_consent()):
            errors["birthdate"] = env._(
                "From the age of %(age)s patients decide themselves: they register "
                "with an account of their own and give you leave to act.",
                age=env["res.partner"]._clinic_age_of_consent(),
            )
        person = {
            "name": name,
            "birthdate_date": born,
            "gender": post.get("gender"),
        }
        if person["gender"] not in GENDERS:
            errors["gender"] = env._("Please choose the sex.")
        phone = (post.get("phone") or "").strip()
        if phone:
            try:
                person["phone"] = env["res.partner"]._clinic_phone_e164(phone)
            except ValidationError as error:
                errors["phone"] = error.args[0]
        if not post.get("representative"):
            errors["representative"] = env._(
                "Only a parent or another legal representative may add a child."
            )
        errors.update(self._consent_errors(post, asked))
        return person, errors

    def _child_page(self, post, errors, notices=()):
        keys = ("name", "phone", "birthdate", "gender", "representative")
        values = {key: post.get(key) for key in keys}
        values.update({k: v for k, v in post.items() if k.startswith("consent_")})
        return self._render(
            "clinic_portal.family_child",
            {
                **self._back(),
                "page_title": request.env._("Add a child"),
                "values": values,
                "errors": errors,
                "notices": list(notices),
                "may_act": self._me_sudo()._clinic_may_act(),
                "consents": self._consents_to_ask(),
                "today": fields.Date.to_string(
                    fields.Date.context_today(request.env.user)
                ),
            },
            private=True,
        )

    def _family_page(self, values=None, errors=None, notices=()):
        env = request.env
        me = self._me_sudo()
        wards = me._clinic_wards()
        # Leaves are shown to the two they are between, by this domain.
        leaves_sudo = (
            env["clinic.proxy"]
            .sudo()
            .search(["|", ("patient_id", "=", me.id), ("proxy_id", "=", me.id)])
        )
        in_force = leaves_sudo.filtered_domain(
            leaves_sudo._in_force_domain(me | leaves_sudo.proxy_id)
        )
        given = leaves_sudo.filtered(lambda leave: leave.patient_id == me)
        invited = given.filtered(lambda leave: leave.state == "invited")
        past = leaves_sudo - in_force - invited
        age = env["res.partner"]._clinic_age_of_consent()
        return self._render(
            "clinic_portal.family",
            {
                "back_url": "/my/clinic",
                "back_label": env._("My visits"),
                "page_title": env._("My family"),
                "wards": [
                    {"name": ward.name, "born": self._age_words(ward)} for ward in wards
                ],
                "grown": (me.ward_ids - wards).mapped("name"),
                "age": age,
                "given": [self._leave(x, x.proxy_id) for x in given & in_force],
                "invited": [self._leave(x, x.proxy_id) for x in invited],
                "taken": [
                    self._leave(x, x.patient_id) for x in in_force if x.proxy_id == me
                ],
                "past": [
                    {
                        **self._leave(
                            x, x.proxy_id if x.patient_id == me else x.patient_id
                        ),
                        "mine": x.patient_id == me,
                    }
                    for x in past[:ENDED_SHOWN]
                ],
                "may_grant": me._clinic_decides_alone(),
                "values": values or {},
                "errors": errors or {},
                "notices": list(notices),
                "today": fields.Date.to_string(fields.Date.context_today(env.user)),
            },
            private=True,
        )

    def _leave(self, leave, other):
        def day(moment):
            return self._day(self._local(moment).date()) if moment else ""

        return {
            "id": leave.id,
            "name": other.name or leave.email,
            "with_records": leave.scope == "all",
            "since": day(leave.accepted_at or leave.invited_at),
            "until": self._day(leave.date_to),
            "ended": day(leave.ended_at) or self._day(leave.date_to),
        }
