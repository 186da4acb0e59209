from datetime import timedelta

from odoo import fields, http
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command, Domain
from odoo.http import request

from ..tools import forms
from .my_pages import ClinicMyPages

WISH_DAYS = 30
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
CLOSED_SHOWN = 5
HOURS = range(7, 23)


class ClinicWaiting(ClinicMyPages, http.Controller):
    """The waiting list: a wish, the time offered for it, and leaving the list."""

    def _my_wishes_sudo(self):
        # sudo: patients have no rights on the list; the domain is the check
        return (
            request.env["clinic.waitlist"]
            .sudo()
            .search(
                Domain("patient_id", "in", self._family_sudo().ids),
                order="create_date desc, id desc",
                limit=50,
            )
        )

    def _my_wish_sudo(self, wish_id):
        wish_sudo = self._my_wishes_sudo().filtered(lambda wish: wish.id == wish_id)
        if not wish_sudo:
            raise request.not_found()
        return wish_sudo

    @http.route(
        "/my/clinic/waiting", type="http", auth="user", website=True, methods=["GET"]
    )
    def my_waiting(self, **_params):
        wishes = self._my_wishes_sudo()
        waiting = wishes.filtered(lambda wish: wish.state in ("open", "offered"))
        closed = (wishes - waiting)[:CLOSED_SHOWN]
        return self._my_page(
            "clinic_portal.my_waiting",
            {
                "page_title": request.env._("Waiting list"),
                "waiting": [self._wish_values(wish) for wish in waiting],
                "closed": [self._wish_values(wish) for wish in closed],
            },
        )

    # -- a new wish

    @http.route(
        "/my/clinic/waiting/new",
        type="http",
        auth="user",
        website=True,
        methods=["GET"],
    )
    def my_wish(self, **params):
        return self._wish_page(params, {})

    @http.route(
        "/my/clinic/waiting/new",
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
    )
    def my_wish_post(self, **post):
        vals, errors = self._read_wish(post)
        if errors:
            return self._wish_page(post, errors)
        try:
            with request.env.cr.savepoint():
                # sudo: a patient may wish for himself and the family, nothing else
                request.env["clinic.waitlist"].sudo()._clinic_web_wait(vals)
        except (UserError, ValidationError) as error:
            return self._wish_page(post, {}, [["warning", error.args[0]]])
        self._notify(
            "success",
            request.env._(
                "You are on the waiting list. As soon as such a time is free, we will "
                "hold it for you and let you know."
            ),
        )
        return request.redirect("/my/clinic/waiting")

    def _read_wish(self, post):
        env = request.env
        errors = {}
        patient = self._web_record(self._family_sudo(), post.get("patient"))
        if not (patient and patient._clinic_can_book()):
            errors["patient"] = env._(
                "The card lacks the phone, the birth date, the sex or the consent. "
                "Fill in “My details” first."
            )
        service = self._web_record(self._web_services(), post.get("service"))
        if not service:
            errors["service"] = env._("Please choose the service.")
        specialists = self._web_specialists(service) if service else service
        specialist = self._web_record(specialists, post.get("specialist"))
        if post.get("specialist") and service and not specialist:
            errors["specialist"] = env._(
                "This specialist does not do the chosen service. Choose another one."
            )
        branch = self._web_record(self._web_branches(), post.get("branch"))
        today = fields.Date.context_today(env.user)
        first = forms.read_date(post.get("date_from")) or today
        last = forms.read_date(post.get("date_to")) or first + timedelta(days=WISH_DAYS)
        if last < first or last < today:
            errors["date_to"] = env._("The last day is before the first one.")
        hours = [forms.read_id(post.get(name)) for name in ("hour_from", "hour_to")]
        begin, end = hours[0] or 0, hours[1] or 24
        if not 0 <= begin < end <= 24:
            errors["hour_to"] = env._("The hours end before they begin.")
        days = {day: bool(post.get(day)) for day in DAYS}
        if not any(days.values()):
            errors["days"] = env._("Choose at least one day of the week.")
        return {
            "patient_id": patient.id,
            "service_id": service.id,
            "specialist_ids": [Command.set(specialist.ids)],
            "branch_ids": [Command.set(branch.ids)],
            "company_id": request.website.company_id.id,
            "date_from": max(first, today),
            "date_to": last,
            "hour_from": begin,
            "hour_to": end,
            **days,
        }, errors

    def _wish_page(self, values, errors, notices=()):
        env = request.env
        family = self._family_sudo()
        services = self._web_services()
        service = self._web_record(services, values.get("service"))
        specialists = self._web_specialists(service) if service else []
        today = fields.Date.context_today(env.user)
        asked = any(values.get(day) for day in DAYS)
        return self._my_page(
            "clinic_portal.my_wish",
            {
                "page_title": env._("A wish for the waiting list"),
                "back_url": "/my/clinic/waiting",
                "back_label": env._("Waiting list"),
                "notices": list(notices),
                "errors": errors,
                "family": family,
                "services": services,
                "specialists": specialists,
                "branches": self._web_branches(),
                "hours": HOURS,
                "days": [
                    {
                        "name": day,
                        "label": label,
                        "checked": bool(values.get(day)) or not asked,
                    }
                    for day, label in zip(DAYS, self._day_labels(), strict=True)
                ],
                "values": {
                    "date_from": fields.Date.to_string(today),
                    "date_to": fields.Date.to_string(today + timedelta(days=WISH_DAYS)),
                    **{
                        key: value for key, value in values.items() if value is not None
                    },
                    "service": service.id,
                    "patient": self._web_record(family, values.get("patient")).id
                    or family[:1].id,
                    "specialist": forms.read_id(values.get("specialist")),
                    "branch": forms.read_id(values.get("branch")),
                    "hour_from": forms.read_id(values.get("hour_from")),
                    "hour_to": forms.read_id(values.get("hour_to")),
                },
            },
        )

    def _day_labels(self):
        names = self._locale().days["stand-alone"]["abbreviated"]
        return [names[number] for number in range(7)]

    # -- what comes of it

    @http.route(
        "/my/clinic/waiting/<int:wish_id>/leave",
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
    )
    def my_wish_leave(self, wish_id, **_post):
        wish_sudo = self._my_wish_sudo(wish_id)
        return self._answer(
            lambda: wish_sudo.action_leave(),
            request.env._("You are off the waiting list."),
            "/my/clinic/waiting",
        )

    @http.route(
        "/my/clinic/waiting/<int:wish_id>/accept",
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
    )
    def my_offer_accept(self, wish_id, offer=None, **_post):
        offer_sudo = self._my_offer_sudo(wish_id, offer)
        return self._answer(
            lambda: offer_sudo._accept("account"),
            request.env._("You are booked. We are waiting for you!"),
            "/my/clinic",
        )

    @http.route(
        "/my/clinic/waiting/<int:wish_id>/decline",
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
    )
    def my_offer_decline(self, wish_id, offer=None, **_post):
        offer_sudo = self._my_offer_sudo(wish_id, offer)
        return self._answer(
            lambda: offer_sudo._decline("account"),
            request.env._("Thank you. You are still on the waiting list."),
            "/my/clinic/waiting",
        )

    def _my_offer_sudo(self, wish_id, offer_id):
        """Return the offer the patient saw, of a wish of the family; else 404."""
        offer_sudo = self._web_record(self._my_wish_sudo(wish_id).offer_ids, offer_id)
        if not offer_sudo:
            raise request.not_found()
        return offer_sudo

    def _answer(self, action, done, target):
        try:
            with request.env.cr.savepoint():
                action()
        except UserError as error:
            self._notify("warning", error.args[0])
            return request.redirect("/my/clinic/waiting")
        self._notify("success", done)
        return request.redirect(target)
