from odoo import fields, http
from odoo.fields import Domain
from odoo.http import request

from odoo.addons.portal.controllers.portal import pager as portal_pager

from .health_pages import ClinicHealthPages

VISITS_SHOWN = 3
VISITS_A_PAGE = 10
ORDERS_SHOWN = 20


class ClinicHealth(ClinicHealthPages, http.Controller):
    """What the record says to the patient: advice, prescriptions, orders, plan."""

    @http.route(
        "/my/clinic/health", type="http", auth="user", website=True, methods=["GET"]
    )
    def my_health(self, person=None, **_params):
        if person:
            self._chosen_record_sudo(person)
            return request.redirect("/my/clinic/health")
        record, records = self._chosen_record_sudo()
        visits = self._finished_sudo(record, limit=VISITS_SHOWN + 1)
        return self._health_page(
            "clinic_portal.my_health",
            {
                "page_title": request.env._("My health"),
                "has_record": bool(record),
                "plans": self._plans(record),
                "referrals": self._referrals(record),
                "prescriptions": self._prescriptions(record),
                "visits": [self._advice_values(v) for v in visits[:VISITS_SHOWN]],
                "more_visits": len(visits) > VISITS_SHOWN,
                "latest": self._latest(record),
            },
            record,
            records,
        )

    # -- visits

    def _finished_sudo(self, record, limit=None, offset=0):
        # sudo: patients have no rights on medical models; the record was checked
        encounters_sudo = request.env["clinic.encounter"].sudo()
        return encounters_sudo.search(
            self._finished_domain(record),
            order="start desc",
            limit=limit,
            offset=offset,
        )

    def _finished_domain(self, record):
        return Domain("record_id", "=", record.id) & Domain("state", "=", "finished")

    def _advice_values(self, encounter):
        return {
            "when": self._when(encounter.branch_id, encounter.start),
            "specialist": encounter.specialist_id.name,
            "service": encounter.service_id.name,
            "advice": encounter.recommendations or "",
            "url": f"/my/clinic/health/visit/{encounter.id}",
        }

    @http.route(
        ["/my/clinic/health/visits", "/my/clinic/health/visits/page/<int:page>"],
        type="http",
        auth="user",
        website=True,
        methods=["GET"],
    )
    def my_health_visits(self, page=1, **_params):
        record, records = self._chosen_record_sudo()
        encounters_sudo = request.env["clinic.encounter"].sudo()
        pager = portal_pager(
            "/my/clinic/health/visits",
            encounters_sudo.search_count(self._finished_domain(record)),
            page=page,
            step=VISITS_A_PAGE,
        )
        visits = self._finished_sudo(record, VISITS_A_PAGE, pager["offset"])
        return self._health_page(
            "clinic_portal.my_health_visits",
            {
                "page_title": request.env._("Recommendations after visits"),
                "back_url": "/my/clinic/health",
                "back_label": request.env._("My health"),
                "visits": [self._advice_values(visit) for visit in visits],
                "pager": pager,
            },
            record,
            records,
        )

    @http.route(
        "/my/clinic/health/visit/<int:encounter_id>",
        type="http",
        auth="user",
        website=True,
        methods=["GET"],
    )
    def my_summary(self, encounter_id, **_params):
        """Give the summary of a finished visit, as it is handed out at the clinic."""
        # sudo: patients have no rights on medical models; the domain is the check
        encounter_sudo = (
            request.env["clinic.encounter"]
            .sudo()
            .search(
                Domain("id", "=", encounter_id)
                & Domain("record_id", "in", self._my_records_sudo().ids)
                & Domain("state", "=", "finished"),
                limit=1,
            )
        )
        if not encounter_sudo:
            raise request.not_found()
        return self._pdf("clinic_emr.report_encounter", encounter_sudo)

    # -- orders

    def _standing(self, model, record, *domains):
        return (
            request.env[model]
            .sudo()
            .search(
                Domain.AND(
                    [
                        Domain("record_id", "=", record.id),
                        Domain("state", "=", "active"),
                        *domains,
                    ]
                ),
                limit=ORDERS_SHOWN,
            )
        )

    def _prescriptions(self, record):
        today = fields.Date.context_today(request.env.user)
        running = Domain("date_end", "=", False) | Domain("date_end", ">=", today)
        return [
            {
                "name": one.medication_id.display_name,
                "how": one.instruction,
                "until": one.date_end.strftime("%d.%m.%Y") if one.date_end else "",
                "by": one.specialist_id.name,
            }
            for one in self._standing("clinic.medication.request", record, running)
        ]

    def _referrals(self, record):
        """Return what the patient was referred to and what of it is to be booked."""
        offered = self._web_services()
        rows = []
        for one in self._standing("clinic.service.request", record):
            referral = one.referral_id
            to_book = (
                referral.state == "open"
                and one.service_id in offered
                and self._may_book_online(one)
            )
            rows.append(
                {
                    "service": one.service_id.name,
                    "whom": one.performer_id.name or "",
                    "by": one.specialist_id.name,
                    "urgent": one.urgency != "0_routine",
                    "progress": one.progress or "",
                    "book_url": (
                        self._url(
                            "/clinic/book",
                            service=one.service_id.id,
                            specialist=one.performer_id.id,
                        )
                        if to_book
                        else ""
                    ),
                }
            )
        return rows

    def _may_book_online(self, order):
        performer = order.performer_id
        return not performer or performer in self._web_specialists(order.service_id)

    def _plans(self, record):
        plans = []
        for plan in self._standing("clinic.care.plan", record):
            # what came to the plan later is next only once it has been agreed on
            left = plan.line_ids.filtered(
                lambda line: line.owed_count and not line.awaits_consent
            )
            stage = min(left.mapped("stage"), default=0)
            following = left.filtered(lambda line, stage=stage: line.stage == stage)
            currency = plan.currency_id
            plans.append(
                {
                    "title": plan.title,
                    "by": plan.specialist_id.name,
                    "progress": plan.progress,
                    "total": self._money(plan.amount_total, currency),
                    "owed": self._money(plan.amount_owed, currency),
                    "stage": stage,
                    "next": [
                        {
                            "service": line.service_id.name,
                            "count": line.owed_count,
                            "price": self._money(
                                line.unit_price * line.owed_count, currency
                            ),
                        }
                        for line in following
                    ],
                    "next_total": self._money(
                        sum(line.unit_price * line.owed_count for line in following),
                        currency,
                    ),
                }
            )
        return plans
