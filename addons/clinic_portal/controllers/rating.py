from odoo import http
from odoo.exceptions import UserError
from odoo.http import request

from ..tools import forms
from .my_pages import ClinicMyPages


class ClinicRating(ClinicMyPages, http.Controller):
    @http.route(
        "/my/clinic/appointment/<int:appointment_id>/rate",
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
    )
    def my_visit_rate(self, appointment_id, score=None, comment=None, **_post):
        """Keep what the patient thought of a visit."""
        visit_sudo = self._my_visit_sudo(appointment_id)
        try:
            with request.env.cr.savepoint():
                visit_sudo._clinic_rate(forms.read_id(score), comment)
        except UserError as error:
            self._notify("warning", error.args[0])
        else:
            self._notify("success", request.env._("Thank you for your word!"))
        return request.redirect(f"/my/clinic/appointment/{appointment_id}")
