from odoo import http
from odoo.exceptions import UserError
from odoo.http import request

from odoo.addons.portal.controllers.portal import pager as portal_pager

from ..tools import forms
from .my_pages import ClinicMyPages

VISITS_A_PAGE = 20
REASON_LENGTH = 200


class ClinicVisits(ClinicMyPages, http.Controller):
    """The visits of the family: all of them, one, and what is done with one."""

    @http.route(
        ["/my/clinic/visits", "/my/clinic/visits/page/<int:page>"],
        type="http",
        auth="user",
        website=True,
        methods=["GET"],
    )
    def my_visits(self, page=1, **_params):
        visits_sudo = request.env["clinic.appointment"].sudo()
        domain = self._listed_visits_domain()
        pager = portal_pager(
            "/my/clinic/visits",
            visits_sudo.search_count(domain),
            page=page,
            step=VISITS_A_PAGE,
        )
        visits = visits_sudo.search(
            domain, order="start desc", limit=VISITS_A_PAGE, offset=pager["offset"]
        )
        return self._my_page(
            "clinic_portal.my_visits",
            {
                "page_title": request.env._("All visits"),
                "visits": [self._visit_values(visit) for visit in visits],
                "pager": pager,
            },
        )

    @http.route(
        "/my/clinic/appointment/<int:appointment_id>",
        type="http",
        auth="user",
        website=True,
        methods=["GET"],
    )
    def my_visit(self, appointment_id, **_params):
        visit_sudo = self._my_visit_sudo(appointment_id)
        return self._my_page(
            "clinic_portal.my_visit",
            {
                "page_title": request.env._("Visit"),
                "visit": self._visit_values(visit_sudo),
                "can_rate": bool(visit_sudo._clinic_can_rate()),
            },
        )

    @http.route(
        "/my/clinic/appointment/<int:appointment_id>/confirm",
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
    )
    def my_visit_confirm(self, appointment_id, **_post):
        visit_sudo = self._my_visit_sudo(appointment_id)
        done = request.env._("Thank you! We are waiting for you.")
        return self._act(visit_sudo, visit_sudo._clinic_web_confirm, done)

    # -- moving

    @http.route(
        "/my/clinic/appointment/<int:appointment_id>/move",
        type="http",
        auth="user",
        website=True,
        methods=["GET"],
    )
    def my_visit_move(self, appointment_id, **_params):
        visit_sudo = self._my_visit_sudo(appointment_id)
        base = f"/my/clinic/appointment/{appointment_id}"
        if not visit_sudo._clinic_can_move():
            self._notify("warning", self._cannot_move_words(visit_sudo))
            return request.redirect(base)
        branch = visit_sudo.branch_id
        days = {}
        for start in visit_sudo._clinic_web_moves():
            local = branch._localize(start)
            days.setdefault(self._day_title(local.date()), []).append(
                {"start": forms.write_start(start), "time": self._time(local)}
            )
        return self._my_page(
            "clinic_portal.my_visit_move",
            {
                "page_title": request.env._("Move the visit"),
                "back_url": base,
                "back_label": request.env._("Visit"),
                "visit": self._visit_values(visit_sudo),
                "summary": self._visit_summary(visit_sudo),
                "seen": forms.write_start(visit_sudo.start),
                "zone": self._zone(branch, visit_sudo.start),
                "days": days,
                "wish_url": self._url(
                    "/my/clinic/waiting/new",
                    service=visit_sudo.service_id.id,
                    specialist=visit_sudo.specialist_id.id,
                ),
            },
        )

    @http.route(
        "/my/clinic/appointment/<int:appointment_id>/move",
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
    )
    def my_visit_move_post(self, appointment_id, start=None, seen=None, **_post):
        visit_sudo = self._my_visit_sudo(appointment_id)
        start, seen = forms.read_start(start), forms.read_start(seen)
        return self._act(
            visit_sudo,
            lambda: visit_sudo._clinic_web_move(start, seen),
            request.env._("The visit is moved. We are waiting for you!"),
        )

    def _cannot_move_words(self, visit):
        fee = visit._cancel_fee() if visit.state in ("booked", "confirmed") else 0
        if fee:
            return request.env._(
                "It is too late to move this visit on the website: by the rules of the "
                "clinic %(amount)s would be kept. Please call the branch.",
                amount=self._money(fee, visit.currency_id),
            )
        return request.env._("This visit cannot be moved any more.")

    # -- cancelling

    @http.route(
        "/my/clinic/appointment/<int:appointment_id>/cancel",
        type="http",
        auth="user",
        website=True,
        methods=["GET"],
    )
    def my_visit_cancel(self, appointment_id, **params):
        visit_sudo = self._my_visit_sudo(appointment_id)
        if not visit_sudo._clinic_can_cancel():
            return request.redirect(f"/my/clinic/appointment/{appointment_id}")
        paid_words = ""
        if visit_sudo.payment_state in ("paid", "partial"):
            paid_words = request.env._(
                "What you have paid stays on your personal account: it can pay for "
                "another visit, or be returned at the clinic."
            )
        fee = visit_sudo._cancel_fee()
        if fee:
            paid_words = request.env._(
                "It is late: by the rules of the clinic %(amount)s is kept for this "
                "cancellation. Anything paid beyond it stays on your account.",
                amount=self._money(fee, visit_sudo.currency_id),
            )
        return self._my_page(
            "clinic_portal.my_visit_cancel",
            {
                "page_title": request.env._("Cancel the visit"),
                "visit": self._visit_values(visit_sudo),
                "summary": self._visit_summary(visit_sudo),
                "paid_words": paid_words,
                "reason": params.get("reason"),
            },
        )

    @http.route(
        "/my/clinic/appointment/<int:appointment_id>/cancel",
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
    )
    def my_visit_cancel_post(self, appointment_id, reason=None, **_post):
        visit_sudo = self._my_visit_sudo(appointment_id)
        reason = (reason or "").strip()[:REASON_LENGTH]
        done = request.env._("The visit is cancelled.")
        return self._act(
            visit_sudo,
            lambda: visit_sudo._clinic_web_cancel(reason),
            done,
            "/my/clinic",
        )

    def _act(self, visit_sudo, action, done, target=None):
        """Do it and say so, or say why it cannot be done."""
        target = target or f"/my/clinic/appointment/{visit_sudo.id}"
        try:
            with request.env.cr.savepoint():
                action()
        except UserError as error:
            self._notify("warning", error.args[0])
            return request.redirect(f"/my/clinic/appointment/{visit_sudo.id}")
        self._notify("success", done)
        return request.redirect(target)
