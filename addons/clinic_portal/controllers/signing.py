from odoo import http
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.http import request

from .my_pages import ClinicMyPages


class ClinicSigning(ClinicMyPages, http.Controller):
    """Consents and contracts that wait for the patient's signature."""

    def _to_sign_sudo(self, document_id):
        """Return the document the visitor is to sign, or 404."""
        document_sudo = self._waiting_sudo(Domain("id", "=", document_id))
        if not document_sudo:
            raise request.not_found()
        return document_sudo

    @http.route(
        "/my/clinic/document/<int:document_id>/sign",
        type="http",
        auth="user",
        website=True,
        methods=["GET"],
    )
    def my_document_read(self, document_id, **_params):
        return self._sign_page(self._to_sign_sudo(document_id))

    def _sign_page(self, document, notices=()):
        return self._my_page(
            "clinic_portal.my_document_sign",
            {
                "page_title": document.title,
                "back_url": "/my/clinic/documents",
                "back_label": request.env._("Documents"),
                "document_id": document.id,
                "body": document.body,
                "patient": document.patient_id.name,
                "way": document.web_signing,
                "seen": document._web_digest(),
                "notices": list(notices),
            },
        )

    @http.route(
        "/my/clinic/document/<int:document_id>/agree",
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
    )
    def my_document_agree(
        self, document_id, seen=None, agree=None, signature=None, **_post
    ):
        """Sign with a tick, and with a drawing where the document asks for one."""
        document_sudo = self._to_sign_sudo(document_id)
        if not agree:
            words = request.env._("Tick that you have read it and agree.")
            return self._sign_page(document_sudo, [["warning", words]])
        try:
            with request.env.cr.savepoint():
                document_sudo._sign_on_web(self._me_sudo(), seen, signature)
        except UserError as error:
            return self._sign_page(document_sudo, [["warning", error.args[0]]])
        self._notify("success", request.env._("Signed. Here is your copy."))
        return request.redirect("/my/clinic/documents")
