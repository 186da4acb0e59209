from odoo import http
from odoo.fields import Domain
from odoo.http import request

from ..models.clinic_appointment import OPEN_STATES
from .my_pages import ClinicMyPages

PAST_SHOWN = 5
INVOICES_SHOWN = 10
PAYMENTS_SHOWN = 10


class ClinicCabinet(ClinicMyPages, http.Controller):
    @http.route("/my/clinic", type="http", auth="user", website=True, methods=["GET"])
    def my_clinic(self, **_params):
        me = self._me_sudo()
        family = self._family_sudo()
        upcoming, past, more_past = self._visits(me)
        invoices = self._invoices()
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
                "payments": self._payments(),
                "people": self._people_values(family - me, upcoming),
                "offers": self._offers(family),
                "to_sign": len(self._waiting_sudo()),
                "to_rate": [
                    self._visit_values(visit) for visit in past._clinic_can_rate()[:1]
                ],
            },
        )

    # -- the parts of the first page

    def _visits(self, me):
        """Return the visits ahead, the latest past ones, and if there are others."""
        visits_sudo = request.env["clinic.appointment"].sudo()
        mine = self._listed_visits_domain()
        now = self._now()
        ahead = Domain("state", "in", OPEN_STATES) & Domain("stop", ">", now)
        upcoming = visits_sudo.search(mine & ahead, order="start")
        # A hold that has run out is only waiting to be cleared away.
        upcoming = upcoming.filtered(lambda v: v.state != "hold" or v._clinic_is_held())
        # What was called off before its time never took place and never will: it is
        # among all visits only.
        called_off = Domain("state", "=", "cancelled") & Domain("start", ">", now)
        past = visits_sudo.search(
            mine & ~ahead & ~called_off, order="start desc", limit=PAST_SHOWN + 1
        )
        more = len(past) > PAST_SHOWN or bool(
            visits_sudo.search_count(mine & called_off, limit=1)
        )
        return upcoming, past[:PAST_SHOWN], more

    def _people_values(self, people, upcoming):
        """Return for whom the visitor acts, each with the next visit."""
        rows = []
        wards = self._me_sudo()._clinic_wards()
        for person in people:
            visit = upcoming.filtered(lambda v, who=person: v.patient_id == who)[:1]
            rows.append(
                {
                    "name": person.name,
                    "about": (
                        self._age_words(person)
                        if person in wards
                        else request.env._("lets you act")
                    ),
                    "visit_id": visit.id,
                    "next": visit and self._short_when(visit.branch_id, visit.start),
                }
            )
        return rows

    def _offers(self, family):
        """Return the wishes of the waiting list for which a time is held now."""
        # sudo: patients have no rights on the list; the domain is the check
        offered = (
            request.env["clinic.waitlist"]
            .sudo()
            .search([("patient_id", "in", family.ids), ("state", "=", "offered")])
        )
        return [self._wish_values(wish) for wish in offered if wish.pending_offer_id]

    def _invoices(self):
        # sudo: portal users read no invoice of a ward that somebody else pays
        return (
            request.env["account.move"]
            .sudo()
            .search(
                self._my_invoices_domain(),
                order="invoice_date desc, id desc",
                limit=INVOICES_SHOWN + 1,
            )
        )

    def _payments(self):
        payments = (
            request.env["account.payment"]
            .sudo()
            .search(
                self._my_payments_domain(),
                order="date desc, id desc",
                limit=PAYMENTS_SHOWN,
            )
        )
        return [self._payment_values(payment) for payment in payments]
