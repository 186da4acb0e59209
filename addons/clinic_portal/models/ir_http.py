from urllib.parse import unquote

from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import HTTPException, MethodNotAllowed, abort

from odoo import models
from odoo.http import Response, request

HOMES = ("my", "clinic")
SPEAKING = ("auth_passkey", "auth_passkey_portal", "auth_totp_portal", "clinic_portal")


class IrHttp(models.AbstractModel):
    _inherit = "ir.http"

    @classmethod
    def _get_translation_frontend_modules_name(cls):
        """Let the scripts of the clinic's pages speak the visitor's language.

        And those of Odoo on the page of passkeys and the second factor, which Odoo
        leaves in English.
        """
        return [*super()._get_translation_frontend_modules_name(), *SPEAKING]

    @classmethod
    def _match(cls, path):
        """Lead from the address of a form, opened by itself, to the page it is on.

        So it is after a reload, or when signing in took longer than the form: without
        this the visitor reads a bare “Method Not Allowed”.
        """
        if cls._clinic_is_no_address(path):
            # said without a page: what draws one fails on such an address
            abort(Response("404", status=404, content_type="text/plain"))
        try:
            return super()._match(path)
        except MethodNotAllowed:
            page = cls._clinic_page_of_form(path)
            if page and request.httprequest.method in ("GET", "HEAD"):
                abort(request.redirect(page))
            raise

    @classmethod
    def _clinic_is_no_address(cls, path):
        """Tell whether no browser writes such an address; Odoo stumbles at it."""
        try:
            text = unquote(path, errors="strict")
        except UnicodeDecodeError:
            return True
        return "\0" in text or not {".", ".."}.isdisjoint(text.split("/"))

    @classmethod
    def _dispatch(cls, endpoint):
        """Let forms of the clinic's pages hold text only, which PostgreSQL can keep.

        Files are read by those that ask for them; one sent instead of a name is none.
        """
        routes = endpoint.routing["routes"]
        if routes[0].startswith(("/clinic/", "/my/clinic")):
            request.params = {
                key: value.replace("\0", "") if isinstance(value, str) else value
                for key, value in request.params.items()
                if not isinstance(value, FileStorage)
            }
        return super()._dispatch(endpoint)

    @classmethod
    def _clinic_page_of_form(cls, path):
        """Return the nearest page above the address, in our part of the site."""
        parts = path.strip("/").split("/")
        # the first may be the language
        home = next((n for n, part in enumerate(parts[:2]) if part in HOMES), None)
        if home is None or "clinic" not in parts[home : home + 2]:
            return None
        routes = request.env["ir.http"].routing_map().bind("")
        for end in range(len(parts) - 1, home, -1):
            try:
                routes.match("/" + "/".join(parts[home:end]), method="GET")
            except HTTPException:
                continue
            return "/" + "/".join(parts[:end])
        return "/"
