from odoo import fields, http
from odoo.exceptions import UserError
from odoo.http import request

from odoo.addons.clinic_base.tools.phone import phone_for_people

from ..tools import forms
from .my_pages import ClinicMyPages


class ClinicProfile(ClinicMyPages, http.Controller):
    @http.route(
        "/my/clinic/profile", type="http", auth="user", website=True, methods=["GET"]
    )
    def profile(self, redirect=None, **_params):
        me = self._me_sudo()
        values = {
            "name": me.name,
            "phone": phone_for_people(me.phone),
            "birthdate": fields.Date.to_string(me.birthdate_date) or "",
            "gender": me.gender,
        }
        return self._profile_page(me, values, {}, redirect)

    @http.route(
        "/my/clinic/profile", type="http", auth="user", website=True, methods=["POST"]
    )
    def profile_post(self, redirect=None, **post):
        me = self._me_sudo()
        asked = self._consents_to_ask(me)
        if me.is_patient:
            # What stands on the card is changed at the desk, by a document.
            post["name"] = me.name
            if me.birthdate_date:
                post["birthdate"] = fields.Date.to_string(me.birthdate_date)
        person, errors = self._read_person(post, asked=asked)
        if me.is_patient:
            errors.pop("name", None)
        if not errors:
            try:
                with request.env.cr.savepoint():
                    me.write({**person, "is_patient": True})
                    me._clinic_give_consents(self._ticked(post, asked))
            except UserError as error:
                return self._profile_page(
                    me, post, {}, redirect, [["danger", error.args[0]]]
                )
            self._notify("success", request.env._("Saved."))
            return request.redirect(forms.local_path(redirect, "/my/clinic"))
        return self._profile_page(me, post, errors, redirect)

    def _profile_page(self, me, values, errors, redirect, notices=()):
        given = me.clinic_consent_ids.filtered(lambda consent: consent.state == "given")
        return self._my_page(
            "clinic_portal.profile",
            {
                "page_title": request.env._("My details"),
                "values": values,
                "errors": errors,
                "notices": list(notices),
                "redirect": forms.local_path(redirect, "/my/clinic"),
                "consents": self._consents_to_ask(me),
                "given": [
                    {
                        "name": consent.template_id.display_name,
                        "date": self._local(consent.given_at).strftime("%d.%m.%Y"),
                    }
                    for consent in given
                ],
                "today": fields.Date.to_string(
                    fields.Date.context_today(request.env.user)
                ),
                "name_locked": me.is_patient,
                "birthdate_locked": bool(me.is_patient and me.birthdate_date),
            },
        )
