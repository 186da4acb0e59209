from odoo import http
from odoo.fields import Domain
from odoo.http import request

from .my_pages import ClinicMyPages

SHOWN = 10


class ClinicDocuments(ClinicMyPages, http.Controller):
    """The family's papers: what the clinic issued, acts, invoices and receipts."""

    @http.route(
        "/my/clinic/documents", type="http", auth="user", website=True, methods=["GET"]
    )
    def my_documents(self, **_params):
        visits_sudo = request.env["clinic.appointment"].sudo()
        acts = visits_sudo.search(
            self._my_visits_domain()
            & Domain("state", "=", "fulfilled")
            & Domain("amount_total", ">", 0),
            order="start desc",
            limit=SHOWN,
        )
        invoices = (
            request.env["account.move"]
            .sudo()
            .search(
                self._my_invoices_domain(), order="invoice_date desc", limit=SHOWN + 1
            )
        )
        payments = (
            request.env["account.payment"]
            .sudo()
            .search(self._my_payments_domain(), order="date desc, id desc", limit=SHOWN)
        )
        documents = self._issued_sudo(limit=3 * SHOWN)
        return self._my_page(
            "clinic_portal.my_documents",
            {
                "page_title": request.env._("Documents"),
                "to_sign": [
                    {
                        "title": one.title,
                        "patient": one.patient_id.name,
                        "url": f"/my/clinic/document/{one.id}/sign",
                    }
                    for one in self._waiting_sudo()
                ],
                "documents": [self._document_values(one) for one in documents],
                "acts": [self._visit_line(visit) for visit in acts],
                "invoices": [self._invoice_values(one) for one in invoices[:SHOWN]],
                "more_invoices": len(invoices) > SHOWN,
                "payments": [self._payment_values(one) for one in payments],
            },
        )

    def _issued_sudo(self, ids=None, limit=None):
        """Return the issued documents of the family, as far as each may be seen."""
        domain = Domain("state", "=", "issued") & (
            Domain("record_id", "in", self._my_records_sudo().ids)
            | Domain("patient_id", "in", self._family_sudo().ids)
            & Domain("is_medical", "=", False)
        )
        if ids is not None:
            domain &= Domain("id", "in", ids)
        # sudo: patients have no rights on medical models; the domain is the check
        return (
            request.env["clinic.document"]
            .sudo()
            .search(domain, order="issued_at desc, id desc", limit=limit)
        )

    def _document_values(self, document):
        issued = self._local(document.issued_at, document.encounter_id.branch_id)
        about = [document.name, issued.strftime("%d.%m.%Y")]
        if document.patient_id != self._me_sudo():
            about.append(document.patient_id.name)
        return {
            "title": document.title,
            "about": ", ".join(filter(None, about)),
            "valid_until": (
                document.valid_until.strftime("%d.%m.%Y")
                if document.valid_until
                else ""
            ),
            "url": f"/my/clinic/document/{document.id}" if document.pdf_name else "",
        }

    def _visit_line(self, visit):
        about = [visit.service_id.name]
        if visit.patient_id != self._me_sudo():
            about.append(visit.patient_id.name)
        return {
            "title": self._when(visit.branch_id, visit.start),
            "about": ", ".join(about),
            "url": f"/my/clinic/appointment/{visit.id}/act",
        }

    @http.route(
        "/my/clinic/document/<int:document_id>",
        type="http",
        auth="user",
        website=True,
        methods=["GET"],
    )
    def my_document(self, document_id, **_params):
        document_sudo = self._issued_sudo([document_id])
        if not document_sudo or not document_sudo.pdf_name:
            raise request.not_found()
        stream = request.env["ir.binary"].sudo()._get_stream_from(document_sudo, "pdf")
        # the number is the name: a file called by what it is tells it to any neighbour
        stream.download_name = document_sudo.pdf_name
        response = stream.get_response(as_attachment=False, immutable=False)
        response.headers["Cache-Control"] = "no-store"
        response.headers["X-Robots-Tag"] = "noindex"
        return response

    @http.route(
        "/my/clinic/appointment/<int:appointment_id>/act",
        type="http",
        auth="user",
        website=True,
        methods=["GET"],
    )
    def my_act(self, appointment_id, **_params):
        visit_sudo = self._my_visit_sudo(appointment_id)
        if visit_sudo.state != "fulfilled":
            raise request.not_found()
        return self._pdf("clinic_finance.report_clinic_act", visit_sudo)
