from odoo import fields, http
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.http import request

from odoo.addons.clinic_base.tools.phone import phone_for_people
from odoo.addons.portal.controllers.portal import pager as portal_pager

from ..models.clinic_appointment import OPEN_STATES
from ..tools import forms
from .registration import ClinicPerson

PAST_SHOWN = 5
INVOICES_SHOWN = 10
PAYMENTS_SHOWN = 10
VISITS_A_PAGE = 20
REASON_LENGTH = 200

NO_WORDS = ("", "muted")
BADGES = {
    "hold": "warning",
    "booked": "info",
    "confirmed": "success",
    "arrived": "success",
    "in_progress": "success",
    "fulfilled": "success",
    "cancelled": "secondary",
    "noshow": "secondary",
}


class ClinicMyPages(ClinicPerson):
    """What the pages of a signed-in patient share.

    Whatever the address asks for is looked up among what belongs to the visitor and
    the wards; all else does not exist for these pages.
    """

    def _my_visits_domain(self):
        return request.env["clinic.appointment"]._clinic_family_domain(self._me_sudo())

    def _my_visit_sudo(self, appointment_id):
        """Return the visit, or 404 if it is not of the visitor or a ward."""
        # Sudo for the invoice and the service of the visit; the domain is the check.
        visit_sudo = (
            request.env["clinic.appointment"]
            .sudo()
            .search(
                self._my_visits_domain() & Domain("id", "=", appointment_id), limit=1
            )
        )
        if not visit_sudo:
            raise request.not_found()
        return visit_sudo

    def _my_page(self, template, values):
        values.setdefault("back_url", "/my/clinic")
        values.setdefault("back_label", request.env._("My visits"))
        return self._render(template, values, private=True)

    def _state_words(self, visit):
        env = request.env
        if visit.state == "hold" and not visit._clinic_is_held():
            return env._("not paid in time")
        return {
            "hold": env._("waits for payment"),
            "booked": env._("booked"),
            "confirmed": env._("confirmed"),
            "arrived": env._("you are at the clinic"),
            "in_progress": env._("in progress"),
            "fulfilled": env._("took place"),
            "cancelled": env._("cancelled"),
            "noshow": env._("did not take place"),
        }[visit.state]

    def _money_words(self, visit):
        """Return in words whether the visit is paid, and a colour."""
        env = request.env
        if visit.state in ("cancelled", "noshow") and not visit.amount_due:
            return NO_WORDS
        due = self._money(visit.amount_due)
        return {
            "none": NO_WORDS,
            "not_paid": (env._("not paid yet"), "warning-emphasis"),
            "partial": (
                env._("partly paid, %(due)s left", due=due),
                "warning-emphasis",
            ),
            "paid": (env._("paid"), "success"),
            "reversed": NO_WORDS,
        }[visit.payment_state]

    def _can_pay(self, visit):
        return visit.amount_due > 0 and (
            visit.state not in ("hold", "cancelled") or visit._clinic_is_held()
        )

    def _price(self, visit):
        return visit.amount_total or visit._get_price()

    def _visit_values(self, visit):
        """Return the values of ``clinic_portal.visit_card``."""
        branch = visit.branch_id
        money, colour = self._money_words(visit)
        return {
            "id": visit.id,
            "when": self._when(branch, visit.start),
            "zone": self._zone(branch, visit.start),
            "state": self._state_words(visit),
            "badge": BADGES[visit.state],
            "service": visit.service_id.name,
            "specialist": visit.specialist_id.name,
            "specialties": ", ".join(visit.specialist_id.specialty_ids.mapped("name")),
            "branch": branch.name,
            "address": self._address(branch),
            "phone": branch.phone,
            "patient": (
                visit.patient_id.name if visit.patient_id != self._me_sudo() else ""
            ),
            "price": self._money(self._price(visit)),
            "money": money,
            "money_colour": colour,
            "due": self._money(visit.amount_due),
            "pay_url": (
                f"/my/clinic/appointment/{visit.id}/pay" if self._can_pay(visit) else ""
            ),
            "can_confirm": visit._clinic_can_confirm(),
            "can_cancel": visit._clinic_can_cancel(),
        }

    def _visit_summary(self, visit):
        return self._summary(
            visit.service_id,
            visit.specialist_id,
            visit.branch_id,
            visit.start,
            self._price(visit),
            visit.patient_id,
        )


class ClinicCabinet(ClinicMyPages, http.Controller):
    @http.route("/my/clinic", type="http", auth="user", website=True, methods=["GET"])
    def my_clinic(self, **_params):
        me = self._me_sudo()
        family = self._family_sudo()
        upcoming, past, more_past = self._visits(me)
        invoices = self._invoices(family)
        return self._my_page(
            "clinic_portal.my_clinic",
            {
                "page_title": request.env._("My visits"),
                "back_url": None,
                "patient_number": me.patient_number,
                "upcoming": [self._visit_values(visit) for visit in upcoming],
                "past": [self._visit_values(visit) for visit in past],
                "more_past": more_past,
                "balances": self._balances(me, family),
                "invoices": [
                    self._invoice_values(i) for i in invoices[:INVOICES_SHOWN]
                ],
                "more_invoices": len(invoices) > INVOICES_SHOWN,
                "payments": self._payments(family),
                "wards": me.ward_ids,
            },
        )

    @http.route(
        ["/my/clinic/visits", "/my/clinic/visits/page/<int:page>"],
        type="http",
        auth="user",
        website=True,
        methods=["GET"],
    )
    def my_visits(self, page=1, **_params):
        visits_sudo = request.env["clinic.appointment"].sudo()
        domain = self._my_visits_domain()
        pager = portal_pager(
            "/my/clinic/visits",
            visits_sudo.search_count(domain),
            page=page,
            step=VISITS_A_PAGE,
        )
        visits = visits_sudo.search(
            domain, order="start desc", limit=VISITS_A_PAGE, offset=pager["offset"]
        )
        return self._my_page(
            "clinic_portal.my_visits",
            {
                "page_title": request.env._("All visits"),
                "visits": [self._visit_values(visit) for visit in visits],
                "pager": pager,
            },
        )

    @http.route(
        "/my/clinic/appointment/<int:appointment_id>",
        type="http",
        auth="user",
        website=True,
        methods=["GET"],
    )
    def my_visit(self, appointment_id, **_params):
        visit_sudo = self._my_visit_sudo(appointment_id)
        return self._my_page(
            "clinic_portal.my_visit",
            {
                "page_title": request.env._("Visit"),
                "visit": self._visit_values(visit_sudo),
            },
        )

    @http.route(
        "/my/clinic/appointment/<int:appointment_id>/confirm",
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
    )
    def my_visit_confirm(self, appointment_id, **_post):
        visit_sudo = self._my_visit_sudo(appointment_id)
        done = request.env._("Thank you! We are waiting for you.")
        return self._act(visit_sudo, visit_sudo._clinic_web_confirm, done)

    @http.route(
        "/my/clinic/appointment/<int:appointment_id>/cancel",
        type="http",
        auth="user",
        website=True,
        methods=["GET"],
    )
    def my_visit_cancel(self, appointment_id, **params):
        visit_sudo = self._my_visit_sudo(appointment_id)
        if not visit_sudo._clinic_can_cancel():
            return request.redirect(f"/my/clinic/appointment/{appointment_id}")
        paid_words = ""
        if visit_sudo.payment_state in ("paid", "partial"):
            paid_words = request.env._(
                "What you have paid stays on your personal account: it can pay for "
                "another visit, or be returned at the clinic."
            )
        fee = visit_sudo._cancel_fee()
        if fee:
            paid_words = request.env._(
                "It is late: by the rules of the clinic %(amount)s is kept for this "
                "cancellation. Anything paid beyond it stays on your account.",
                amount=visit_sudo.currency_id.format(fee),
            )
        return self._my_page(
            "clinic_portal.my_visit_cancel",
            {
                "page_title": request.env._("Cancel the visit"),
                "visit": self._visit_values(visit_sudo),
                "summary": self._visit_summary(visit_sudo),
                "paid_words": paid_words,
                "reason": params.get("reason"),
            },
        )

    @http.route(
        "/my/clinic/appointment/<int:appointment_id>/cancel",
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
    )
    def my_visit_cancel_post(self, appointment_id, reason=None, **_post):
        visit_sudo = self._my_visit_sudo(appointment_id)
        reason = (reason or "").strip()[:REASON_LENGTH]
        done = request.env._("The visit is cancelled.")
        return self._act(
            visit_sudo,
            lambda: visit_sudo._clinic_web_cancel(reason),
            done,
            "/my/clinic",
        )

    def _act(self, visit_sudo, action, done, target=None):
        """Do it and say so, or say why it cannot be done."""
        target = target or f"/my/clinic/appointment/{visit_sudo.id}"
        try:
            with request.env.cr.savepoint():
                action()
        except UserError as error:
            self._notify("warning", error.args[0])
            return request.redirect(f"/my/clinic/appointment/{visit_sudo.id}")
        self._notify("success", done)
        return request.redirect(target)

    # -- the parts of the first page

    def _visits(self, me):
        """Return the visits ahead, the latest past ones, and whether there are more."""
        visits_sudo = request.env["clinic.appointment"].sudo()
        mine = self._my_visits_domain()
        ahead = Domain("state", "in", OPEN_STATES) & Domain("stop", ">", self._now())
        upcoming = visits_sudo.search(mine & ahead, order="start")
        # A hold that has run out is only waiting to be cleared away.
        upcoming = upcoming.filtered(lambda v: v.state != "hold" or v._clinic_is_held())
        past = visits_sudo.search(
            mine & ~ahead, order="start desc", limit=PAST_SHOWN + 1
        )
        return upcoming, past[:PAST_SHOWN], len(past) > PAST_SHOWN

    def _balances(self, me, family):
        """Return in words what each account of the family stands at."""
        rows = []
        for person in family.filtered(lambda p: p == me or p._clinic_payer() == p):
            balance = person.clinic_balance
            compared = person.clinic_currency_id.compare_amounts(balance, 0)
            if person != me and not compared:
                continue
            if compared > 0:
                words = request.env._("We keep your money for future visits:")
            elif compared < 0 and self._is_overdue(person):
                words = request.env._("You owe the clinic:")
            elif compared < 0:
                words = request.env._("To pay for visits ahead:")
            else:
                words = request.env._("Nothing is owed: all is paid for.")
            rows.append(
                {
                    "name": person.name if person != me else "",
                    "words": words,
                    "amount": (
                        self._money(abs(balance), person.clinic_currency_id)
                        if compared
                        else ""
                    ),
                }
            )
        return rows

    def _is_overdue(self, person):
        """Tell whether something should have been paid already."""
        return bool(
            request.env["account.move"]
            .sudo()
            .search_count(
                [
                    ("partner_id", "=", person.id),
                    ("move_type", "=", "out_invoice"),
                    ("state", "=", "posted"),
                    ("payment_state", "in", ("not_paid", "partial")),
                    ("invoice_date_due", "<", fields.Date.today()),
                ],
                limit=1,
            )
        )

    def _invoices(self, family):
        # Sudo: the invoice of a ward paid by somebody else is shown to the guardian,
        # that of an adult paid by the employer to the patient.
        return (
            request.env["account.move"]
            .sudo()
            .search(
                Domain("state", "=", "posted")
                & Domain("move_type", "in", ("out_invoice", "out_refund"))
                & (
                    Domain("clinic_patient_id", "in", family.ids)
                    | Domain("partner_id", "in", family.ids)
                ),
                order="invoice_date desc, id desc",
                limit=INVOICES_SHOWN + 1,
            )
        )

    def _invoice_values(self, invoice):
        env = request.env
        visit = invoice.clinic_appointment_id
        due = self._money(invoice.amount_residual)
        states = {
            "paid": (env._("paid"), "success"),
            "in_payment": (env._("paid"), "success"),
            "reversed": (env._("cancelled by a credit note"), "muted"),
            "partial": (
                env._("%(due)s left to pay", due=due),
                "warning-emphasis",
            ),
        }
        state, colour = states.get(
            invoice.payment_state, (env._("not paid"), "warning-emphasis")
        )
        if invoice.move_type == "out_refund":
            state, colour = env._("credit note"), "muted"
        payable = invoice.move_type == "out_invoice" and invoice._has_to_be_paid()
        url = f"/my/clinic/invoice/{invoice.id}"
        pay_url = ""
        if payable:
            pay_url = (
                f"/my/clinic/appointment/{visit.id}/pay"
                if visit and self._can_pay(visit)
                else url
            )
        about = [fields.Date.to_date(invoice.invoice_date).strftime("%d.%m.%Y")]
        if invoice.clinic_patient_id and invoice.clinic_patient_id != self._me_sudo():
            about.append(invoice.clinic_patient_id.name)
        return {
            "name": invoice.name,
            "about": ", ".join(about),
            "total": self._money(invoice.amount_total, invoice.currency_id),
            "state": state,
            "colour": colour,
            "url": url,
            "pay_url": pay_url,
        }

    def _payments(self, family):
        payments = (
            request.env["account.payment"]
            .sudo()
            .search(
                [
                    ("partner_id", "in", family.ids),
                    ("partner_type", "=", "customer"),
                    ("state", "in", ("in_process", "paid")),
                ],
                order="date desc, id desc",
                limit=PAYMENTS_SHOWN,
            )
        )
        rows = []
        for payment in payments:
            returned = payment.payment_type == "outbound"
            amount = self._money(payment.amount, payment.currency_id)
            method = (
                request.env._("online")
                if payment.payment_transaction_id
                else payment.journal_id.name
            )
            rows.append(
                {
                    "date": payment.date.strftime("%d.%m.%Y"),
                    "method": request.env._("returned") if returned else method,
                    "amount": f"−{amount}" if returned else amount,
                }
            )
        return rows

    @http.route(
        "/my/clinic/invoice/<int:invoice_id>",
        type="http",
        auth="user",
        website=True,
        methods=["GET"],
    )
    def my_invoice(self, invoice_id, **_params):
        """Lead to Odoo's own page of the invoice, once it is known to be theirs."""
        family = self._family_sudo()
        invoice_sudo = (
            request.env["account.move"]
            .sudo()
            .search(
                Domain("id", "=", invoice_id)
                & Domain("state", "=", "posted")
                & Domain("move_type", "in", ("out_invoice", "out_refund"))
                & (
                    Domain("clinic_patient_id", "in", family.ids)
                    | Domain("partner_id", "in", family.ids)
                ),
                limit=1,
            )
        )
        if not invoice_sudo:
            raise request.not_found()
        return request.redirect(invoice_sudo.get_portal_url())

    # -- the profile

    @http.route(
        "/my/clinic/profile", type="http", auth="user", website=True, methods=["GET"]
    )
    def profile(self, redirect=None, **_params):
        me = self._me_sudo()
        values = {
            "name": me.name,
            "phone": phone_for_people(me.phone),
            "birthdate": fields.Date.to_string(me.birthdate_date) or "",
            "gender": me.gender,
        }
        return self._profile_page(me, values, {}, redirect)

    @http.route(
        "/my/clinic/profile", type="http", auth="user", website=True, methods=["POST"]
    )
    def profile_post(self, redirect=None, **post):
        me = self._me_sudo()
        asked = self._consents_to_ask(me)
        if me.is_patient:
            # What stands on the card is changed at the desk, by a document.
            post["name"] = me.name
            if me.birthdate_date:
                post["birthdate"] = fields.Date.to_string(me.birthdate_date)
        person, errors = self._read_person(post, asked=asked)
        if me.is_patient:
            errors.pop("name", None)
        if not errors:
            try:
                with request.env.cr.savepoint():
                    me.write({**person, "is_patient": True})
                    me._clinic_give_consents(self._ticked(post, asked))
            except UserError as error:
                return self._profile_page(
                    me, post, {}, redirect, [["danger", error.args[0]]]
                )
            self._notify("success", request.env._("Saved."))
            return request.redirect(forms.local_path(redirect, "/my/clinic"))
        return self._profile_page(me, post, errors, redirect)

    def _profile_page(self, me, values, errors, redirect, notices=()):
        given = me.clinic_consent_ids.filtered(lambda consent: consent.state == "given")
        return self._my_page(
            "clinic_portal.profile",
            {
                "page_title": request.env._("My details"),
                "values": values,
                "errors": errors,
                "notices": list(notices),
                "redirect": forms.local_path(redirect, "/my/clinic"),
                "consents": self._consents_to_ask(me),
                "given": [
                    {
                        "name": consent.template_id.display_name,
                        "date": consent.given_at.strftime("%d.%m.%Y"),
                    }
                    for consent in given
                ],
                "today": fields.Date.to_string(
                    fields.Date.context_today(request.env.user)
                ),
                "name_locked": me.is_patient,
                "birthdate_locked": bool(me.is_patient and me.birthdate_date),
            },
        )
