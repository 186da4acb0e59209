from odoo import http
from odoo.http import request

from .my_pages import ClinicMyPages

MIMETYPE = "text/calendar; charset=utf-8"


class ClinicCalendar(ClinicMyPages, http.Controller):
    """One visit as a calendar file, and all of them as a subscription."""

    @http.route(
        "/my/clinic/appointment/<int:appointment_id>/visit.ics",
        type="http",
        auth="user",
        website=True,
        methods=["GET"],
    )
    def my_visit_file(self, appointment_id, **_params):
        visit_sudo = self._my_visit_sudo(appointment_id)
        return self._calendar_file(
            request.env["clinic.link.visit"].sudo()._calendar(visit_sudo), "visit.ics"
        )

    @http.route(
        "/my/clinic/calendar", type="http", auth="user", website=True, methods=["GET"]
    )
    def my_calendar(self, **_params):
        # sudo: the subscription of the visitor himself, whose token nobody else reads
        feed_sudo = request.env["clinic.calendar.feed"].sudo()._of(self._me_sudo())
        url = ""
        if feed_sudo:
            base = request.env["ir.config_parameter"].sudo().get_param("web.base.url")
            url = f"{base}/clinic/calendar/{feed_sudo.token}.ics"
        return self._my_page(
            "clinic_portal.my_calendar",
            {
                "page_title": request.env._("Visits in your calendar"),
                "url": url,
                "webcal_url": url and f"webcal://{url.partition('://')[2]}",
            },
        )

    @http.route(
        "/my/clinic/calendar", type="http", auth="user", website=True, methods=["POST"]
    )
    def my_calendar_post(self, switch=None, **_post):
        feeds_sudo = request.env["clinic.calendar.feed"].sudo()
        if switch == "off":
            feeds_sudo._of(self._me_sudo()).unlink()
            words = request.env._("The subscription is switched off.")
        else:
            feeds_sudo._renew(self._me_sudo())
            words = request.env._("This is your new address. An older one is dead now.")
        self._notify("success", words)
        return request.redirect("/my/clinic/calendar")

    @http.route(
        "/clinic/calendar/<string:token>.ics",
        type="http",
        auth="public",
        methods=["GET"],
        sitemap=False,
        save_session=False,
    )
    def calendar(self, token, **_params):
        """Give the visits to a calendar application: the token is the key."""
        feed_sudo = request.env["clinic.calendar.feed"].sudo()._find(token)
        if not feed_sudo:
            raise request.not_found()
        lang = feed_sudo.partner_id.lang
        return self._calendar_file(
            feed_sudo.with_context(lang=lang)._calendar(), "visits.ics"
        )

    def _calendar_file(self, content, filename):
        return request.make_response(
            content.encode(),
            [
                ("Content-Type", MIMETYPE),
                ("Content-Disposition", f'attachment; filename="{filename}"'),
                ("Cache-Control", "no-store"),
                ("X-Robots-Tag", "noindex"),
            ],
        )
