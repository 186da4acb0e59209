from odoo import http
from odoo.http import request

from .my_pages import ClinicMyPages


class ClinicRecordLooks(ClinicMyPages, http.Controller):
    """Who opened the medical record: the patient's right to know, read only."""

    @http.route(
        "/my/clinic/record-looks",
        type="http",
        auth="user",
        website=True,
        methods=["GET"],
    )
    def my_record_looks(self, **_params):
        # sudo: the family is what the page may show; the log says who and why, and
        # nothing of what is in the record
        records_sudo = (
            request.env["clinic.medical.record"]
            .sudo()
            .with_context(tz=self._home_branch().tz or "UTC")
            .search([("patient_id", "in", self._record_family_sudo().ids)])
        )
        return self._my_page(
            "clinic_portal.my_record_looks",
            {
                "page_title": request.env._("Who opened the medical record"),
                "persons": [
                    {
                        "name": record.patient_id.name,
                        "looks": [
                            {**look, "when": self._moment(look["date"])}
                            for look in record._access_log_for_patient()
                        ],
                    }
                    for record in records_sudo
                ],
            },
        )
