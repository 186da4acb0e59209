from werkzeug.exceptions import HTTPException, MethodNotAllowed, abort

from odoo import models
from odoo.http import request

HOMES = ("my", "clinic")


class IrHttp(models.AbstractModel):
    _inherit = "ir.http"

    @classmethod
    def _get_translation_frontend_modules_name(cls):
        """Let the scripts of the clinic's pages speak the visitor's language."""
        return [*super()._get_translation_frontend_modules_name(), "clinic_portal"]

    @classmethod
    def _match(cls, path):
        """Lead from the address of a form, opened by itself, to the page it is on.

        So it is after a reload, or when signing in took longer than the form: without
        this the visitor reads a bare “Method Not Allowed”.
        """
        try:
            return super()._match(path)
        except MethodNotAllowed:
            page = cls._clinic_page_of_form(path)
            if page and request.httprequest.method in ("GET", "HEAD"):
                abort(request.redirect(page))
            raise

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
