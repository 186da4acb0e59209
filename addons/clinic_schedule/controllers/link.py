from markupsafe import Markup

from odoo import http
from odoo.exceptions import UserError, ValidationError
from odoo.http import request

from ..models.clinic_link import LinkError

HEADERS = {
    "X-Robots-Tag": "noindex, nofollow",
    # The code is the key: it must not travel in a Referer or stay in a cache.
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "X-Frame-Options": "DENY",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
}


class ClinicLinkController(http.Controller):
    """``/c/<code>``: one tap from a message, without a login. GET never acts."""

    @http.route(
        "/c/<string:code>", type="http", auth="public", methods=["GET"], sitemap=False
    )
    def link_page(self, code, **params):
        try:
            link_sudo = self._open(code)
        except LinkError as error:
            return self._sorry(error)
        return self._page(link_sudo, code, params)

    @http.route(
        "/c/<string:code>/<string:action>",
        type="http",
        auth="public",
        methods=["GET"],
        sitemap=False,
    )
    def link_look(self, code, action, **params):
        """A reloaded answer, or a file that belongs to the page (``visit.ics``)."""
        try:
            link_sudo = self._open(code)
        except LinkError as error:
            return self._sorry(error)
        handler = self._handler(link_sudo)
        get_file = getattr(handler, "_link_file", None)
        record_sudo = link_sudo._record().with_env(handler.env)
        found = get_file and get_file(record_sudo, action)
        if not found:
            return request.redirect(f"/c/{code}", code=303)
        content, mimetype = found
        headers = {**HEADERS, "Content-Type": mimetype}
        headers["Content-Disposition"] = f'attachment; filename="{action}"'
        return request.make_response(content, list(headers.items()))

    @http.route(
        "/c/<string:code>/<string:action>",
        type="http",
        auth="public",
        methods=["POST"],
        sitemap=False,
    )
    def link_post(self, code, action, **params):
        params.pop("csrf_token", None)
        try:
            link_sudo = self._open(code)
        except LinkError as error:
            return self._sorry(error)
        handler = self._handler(link_sudo)
        record_sudo = link_sudo._record().with_env(handler.env)
        try:
            with request.env.cr.savepoint():
                said = handler._link_post(record_sudo, action, params)
                link_sudo.used_at = request.env.cr.now()
        except (UserError, ValidationError) as error:
            said = {"problem": str(error.args[0])}
        said = said or {}
        if said.get("done"):
            return request.redirect(f"/c/{code}?done={said['done']}", code=303)
        return self._page(link_sudo, code, {**params, "said": said})

    # ----------------------------------------------------------------------

    def _open(self, code):
        """Return the link of a code; count wrong ones against the address."""
        links = request.env["clinic.link"]
        address = request.httprequest.remote_addr
        if links._is_guessing(address):
            raise LinkError("guessing")
        try:
            return links._resolve_link(code)
        except LinkError as error:
            if error.reason == "unknown":
                links._note_miss(address)
            raise

    def _handler(self, link_sudo):
        handler = link_sudo._handler()
        lang = handler._link_lang(link_sudo._record()) or request.env.lang
        return handler.with_context(lang=lang)

    def _page(self, link_sudo, code, params):
        handler = self._handler(link_sudo)
        record_sudo = link_sudo._record().with_env(handler.env)
        template, values = handler._link_page(record_sudo, params)
        return self._respond(template, {**values, "code": code}, handler.env)

    def _sorry(self, error):
        env = request.env
        link_sudo, branch = error.link, None
        if link_sudo:
            handler = self._handler(link_sudo)
            env = handler.env
            record_sudo = link_sudo._record()
            if "branch_id" in record_sudo._fields:
                branch = record_sudo.branch_id.with_env(env)
        # sudo: the phone of a clinic is no secret
        company_sudo = env["res.company"].sudo().search([], limit=1, order="id")
        values = {
            "reason": error.reason,
            "branch": branch,
            "phone": (branch and branch.phone) or company_sudo.phone,
            "clinic": company_sudo.name,
        }
        status = {"unknown": 404, "guessing": 429}.get(error.reason, 410)
        return self._respond("clinic_schedule.link_sorry", values, env, status)

    def _respond(self, template, values, env, status=200):
        lang = env["res.lang"]._get_data(code=env.lang or "en_US")
        values = {
            "said": {},
            **values,
            "csrf_token": request.csrf_token,
            "html_lang": (lang.iso_code or "en").split("_")[0],
        }
        # sudo: the page shows only what its handler chose
        html = env["ir.qweb"].sudo()._render(template, values)
        headers = {**HEADERS, "Content-Type": "text/html; charset=utf-8"}
        return request.make_response(
            Markup("<!DOCTYPE html>\n") + html, list(headers.items()), status=status
        )
