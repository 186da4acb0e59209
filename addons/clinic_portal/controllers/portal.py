from odoo import http
from odoo.exceptions import AccessError, MissingError
from odoo.fields import Domain
from odoo.http import request

from odoo.addons.account.controllers.portal import PortalAccount
from odoo.addons.auth_signup.controllers.main import AuthSignupHome
from odoo.addons.portal.controllers.portal import CustomerPortal

from ..models.clinic_appointment import OPEN_STATES
from ..tools import forms


class ClinicCustomerPortal(CustomerPortal):
    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if "clinic_visit_count" in counters:
            # Counted for the visitor and the wards only, by the domain.
            visits_sudo = request.env["clinic.appointment"].sudo()
            mine = visits_sudo._clinic_family_domain(request.env.user.partner_id.sudo())
            values["clinic_visit_count"] = visits_sudo.search_count(
                mine & Domain("state", "in", OPEN_STATES)
            )
        return values


class ClinicInvoicePortal(PortalAccount):
    def _get_account_searchbar_sortings(self):
        """Add what tells invoices of one day apart.

        Else the pages of a long list repeat some and leave out others.
        """
        sortings = super()._get_account_searchbar_sortings()
        for sorting in sortings.values():
            sorting["order"] += ", id desc"
        return sortings

    @http.route()
    def portal_my_invoice_detail(self, invoice_id, access_token=None, **kw):
        """Say plainly what is the matter with a payment link that is of no use."""
        if access_token:
            try:
                invoice_sudo = self._document_check_access(
                    "account.move", invoice_id, access_token
                )
            except (AccessError, MissingError):
                # Odoo would ask the visitor to sign in
                return request.render(
                    "clinic_portal.payment_link_broken", {}, status=404
                )
            over = invoice_sudo.payment_state == "reversed"
            if kw.get("payment") and (over or invoice_sudo.state == "cancel"):
                # Odoo would call it paid
                return request.render("clinic_portal.payment_link_over")
        return super().portal_my_invoice_detail(
            invoice_id, access_token=access_token, **kw
        )


class ClinicSignup(AuthSignupHome):
    def _login_redirect(self, uid, redirect=None):
        """Show patients their visits first."""
        user = request.env["res.users"].sudo().browse(uid)
        # "/my" is what Odoo itself falls back to, whichever override comes first
        if (
            redirect in (None, "", "/my")
            and user._is_portal()
            and user.partner_id.is_patient
        ):
            redirect = "/my/clinic"
        return super()._login_redirect(uid, redirect=redirect)

    @http.route()
    def web_auth_signup(self, *args, **kw):
        """Send who comes without an invitation to the clinic's own registration.

        Odoo's form asks neither for the birth date nor for the consents.
        """
        invited = kw.get("token") or request.session.get("auth_signup_token")
        if request.httprequest.method == "GET" and not invited:
            target = forms.local_path(kw.get("redirect"), "")
            return request.redirect_query(
                "/clinic/register", {"redirect": target} if target else {}
            )
        return super().web_auth_signup(*args, **kw)
