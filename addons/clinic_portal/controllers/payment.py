from odoo import fields, http
from odoo.exceptions import UserError
from odoo.http import request

from odoo.addons.account_payment.controllers.portal import PortalAccount

from .my_pages import ClinicMyPages


class ClinicPayment(ClinicMyPages, PortalAccount):
    """Paying for a visit with Odoo's own payment form, and what came of it."""

    @http.route(
        "/my/clinic/appointment/<int:appointment_id>/pay",
        type="http",
        auth="user",
        website=True,
        methods=["GET"],
    )
    def pay(self, appointment_id, **_params):
        visit_sudo = self._my_visit_sudo(appointment_id)
        payment = visit_sudo._portal_payment_values()
        if not payment or not self._can_pay(visit_sudo) or not payment["can_pay"]:
            return request.redirect(f"/my/clinic/appointment/{appointment_id}/paid")
        held = visit_sudo._clinic_is_held()
        base = f"/my/clinic/appointment/{appointment_id}"
        invoice_sudo = payment["invoice"]
        form_values = self._get_common_page_view_values(
            invoices_data={
                "partner": invoice_sudo.partner_id,
                "company": invoice_sudo.company_id,
                "total_amount": payment["amount"],
                "currency": payment["currency"],
                "amount_residual": payment["amount"],
                "landing_route": f"{base}/paid",
                "transaction_route": payment["transaction_route"],
            },
            access_token=payment["access_token"],
        )
        seconds = self._seconds_left(visit_sudo) if held else 0
        return self._my_page(
            "clinic_portal.pay",
            {
                **form_values,
                "page_title": request.env._("Payment"),
                "summary": self._visit_summary(visit_sudo),
                "amount": payment["amount"],
                "due_words": self._money(payment["amount"], payment["currency"]),
                "hold_seconds": seconds,
                "hold_words": request.env._(
                    "%(minutes)s min", minutes=-(-seconds // 60)
                ),
                "can_pay_online": bool(form_values["payment_methods_sudo"]),
                "covered_url": f"{base}/balance" if held and payment["covered"] else "",
                "later_url": (
                    f"{base}/later" if visit_sudo._clinic_can_pay_later() else ""
                ),
                "cancel_url": f"{base}/cancel" if held else "",
                "back_url": base,
                "back_label": request.env._("Visit"),
            },
        )

    @http.route(
        "/my/clinic/appointment/<int:appointment_id>/later",
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
    )
    def pay_later(self, appointment_id, **_post):
        visit_sudo = self._my_visit_sudo(appointment_id)
        return self._book_hold(visit_sudo, visit_sudo._clinic_web_pay_later)

    @http.route(
        "/my/clinic/appointment/<int:appointment_id>/balance",
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
    )
    def pay_from_balance(self, appointment_id, **_post):
        visit_sudo = self._my_visit_sudo(appointment_id)
        return self._book_hold(visit_sudo, visit_sudo._clinic_web_pay_from_balance)

    def _book_hold(self, visit_sudo, action):
        base = f"/my/clinic/appointment/{visit_sudo.id}"
        try:
            with request.env.cr.savepoint():
                action()
        except UserError as error:
            self._notify("warning", error.args[0])
            return request.redirect(f"{base}/paid")
        self._notify(
            "success", request.env._("You are booked. We are waiting for you!")
        )
        return request.redirect(base)

    @http.route(
        "/my/clinic/appointment/<int:appointment_id>/paid",
        type="http",
        auth="user",
        website=True,
        methods=["GET"],
    )
    def paid(self, appointment_id, **_params):
        """Say how the payment ended; the form of the provider leads here."""
        visit_sudo = self._my_visit_sudo(appointment_id)
        result = self._result(visit_sudo)
        title, words = self._result_words(visit_sudo, result)
        base = f"/my/clinic/appointment/{appointment_id}"
        again_url = ""
        if result == "failed":
            again_url = f"{base}/pay"
        elif result in ("expired", "kept"):
            again_url = self._url(
                "/clinic/book",
                service=visit_sudo.service_id.id,
                specialist=visit_sudo.specialist_id.id,
            )
        return self._my_page(
            "clinic_portal.paid",
            {
                "page_title": title,
                "words": words,
                "result": result,
                "summary": self._visit_summary(visit_sudo),
                "again_url": again_url,
                "again_label": (
                    request.env._("Try again")
                    if result == "failed"
                    else request.env._("Choose another time")
                ),
            },
        )

    # -- how it ended

    def _seconds_left(self, visit_sudo):
        left = (visit_sudo.hold_until - fields.Datetime.now()).total_seconds()
        return max(int(left), 1)

    def _result(self, visit_sudo):
        """Return a code: ``paid pending failed expired kept``."""
        txs = visit_sudo.invoice_ids.transaction_ids
        last = txs.sorted("id")[-1:]
        released = visit_sudo.state == "cancelled" or (
            visit_sudo.state == "hold" and not visit_sudo._clinic_is_held()
        )
        if last.state in ("pending", "authorized"):
            return "pending"
        if released:
            return "kept" if last.state == "done" else "expired"
        if last.state == "done" and not last.is_post_processed:
            return "pending"
        # A deposit books the visit, the rest is paid later.
        booked = last.state == "done" and visit_sudo.state != "hold"
        if visit_sudo.amount_due and not booked:
            return "failed"
        return "pending" if visit_sudo.state == "hold" else "paid"

    def _result_words(self, visit_sudo, result):
        env = request.env
        amount = self._money(visit_sudo.amount_total - visit_sudo.amount_due)
        return {
            "paid": (
                env._("Paid, you are booked"),
                env._(
                    "%(amount)s received. We are waiting for you; the visit and the "
                    "receipt are in your cabinet.",
                    amount=amount,
                ),
            ),
            "pending": (
                env._("The payment is being processed"),
                env._(
                    "The bank has not answered yet. This page may be closed: we will "
                    "book the visit as soon as the money arrives."
                ),
            ),
            "failed": (
                env._("Not paid"),
                env._("The payment did not go through. No money was taken."),
            ),
            "expired": (
                env._("The time is not held any more"),
                env._(
                    "The visit was not paid in time, or was cancelled, and the time is "
                    "free for others again. No money was taken."
                ),
            ),
            "kept": (
                env._("The money has arrived, the visit is not booked"),
                env._(
                    "The payment came after the time had been released. The money is "
                    "safe on your personal account: choose another time and pay with "
                    "it, or ask us to return it."
                ),
            ),
        }[result]
