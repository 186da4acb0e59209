from datetime import date, timedelta
from urllib.parse import quote

from babel.dates import format_date

from odoo import fields, http
from odoo.exceptions import UserError
from odoo.http import request
from odoo.tools.translate import LazyTranslate

from ..tools import forms
from ..tools.grouping import by_day, by_person
from .common import ClinicPages

_lt = LazyTranslate(__name__)

DAYS_SHOWN = 14
DAYS_AHEAD = 84


class ClinicBooking(ClinicPages, http.Controller):
    @http.route(
        "/clinic/book",
        type="http",
        auth="public",
        website=True,
        sitemap=True,
        methods=["GET"],
        list_as_website_content=_lt("Book a visit"),
    )
    def book(self, **params):
        values = self._book_values(params)
        return self._render("clinic_portal.book", values)

    @http.route(
        "/clinic/book",
        type="http",
        auth="public",
        website=True,
        sitemap=False,
        methods=["POST"],
    )
    def book_post(self, **post):
        """Book the window; what is wrong is said on the page it came from."""
        if not self._signed_in():
            return request.redirect(self._confirm_url(post))
        chosen, problem = self._read_window(post)
        if problem:
            return self._choose_again(post, problem)
        patient = self._web_record(self._family_sudo(), post.get("patient"))
        if not patient:
            problem = request.env._("Please choose for whom you book.")
            return self._confirm_page(chosen, post, [["danger", problem]])
        if not patient._clinic_can_book():
            return self._complete_profile(chosen, patient, post)
        if not self._allow("book"):
            problem = request.env._(
                "Too many bookings within an hour. Please call us, we will help."
            )
            return self._confirm_page(chosen, post, [["warning", problem]])
        return self._do_book(chosen, patient, post)

    @http.route(
        "/clinic/book/confirm",
        type="http",
        auth="public",
        website=True,
        sitemap=False,
        methods=["GET"],
    )
    def confirm(self, **params):
        chosen, problem = self._read_window(params)
        if problem:
            return self._choose_again(params, problem)
        if self._signed_in() and not self._me_sudo()._clinic_can_book():
            return self._complete_profile(chosen, self._me_sudo(), params)
        return self._confirm_page(chosen, params)

    # -- the chosen window

    def _confirm_url(self, params):
        keys = ("service", "specialist", "branch", "start", "screening")
        return self._url(
            "/clinic/book/confirm", **{key: params.get(key) for key in keys}
        )

    def _choose_again(self, params, problem):
        """Show free times again, what was chosen kept, and say why."""
        start = forms.read_start(params.get("start"))
        params = {**params, "day": start and start.date().isoformat()}
        values = self._book_values(params)
        values["notices"] = [["warning", problem]]
        return self._render("clinic_portal.book", values)

    def _confirm_page(self, chosen, params, notices=()):
        service = chosen["service"]
        signed_in = self._signed_in()
        patients = self._family_sudo() if signed_in else request.env["res.partner"]
        patient = self._web_record(patients, params.get("patient")) or patients[:1]
        price = service._clinic_web_price(patient)
        here = self._confirm_url(params)
        if self._screening_sudo(params.get("screening")):
            self._count_step("chose")
        return self._render(
            "clinic_portal.confirm",
            {
                "page_title": request.env._("Your visit"),
                "notices": list(notices),
                "summary": self._summary(**chosen, price=price),
                "signed_in": signed_in,
                "patients": patients,
                "me": patients[:1],
                "prepaid": service.prepayment in ("full", "deposit"),
                "can_pay": bool(price),
                "deposit": self._money(service._clinic_deposit(price)),
                "is_deposit": service.prepayment == "deposit",
                "values": {
                    **self._window_params(**chosen, screening=params.get("screening")),
                    "patient": patient.id,
                    "pay": params.get("pay"),
                },
                "choose_url": self._url(
                    "/clinic/book",
                    service=service.id,
                    specialist=chosen["specialist"].id,
                    screening=params.get("screening"),
                ),
                "login_url": f"/web/login?redirect={quote(here, safe='')}",
                "register_url": f"/clinic/register?redirect={quote(here, safe='')}",
            },
            private=True,
        )

    def _complete_profile(self, chosen, patient, params):
        """Ask for what is missing on the card; the chosen window is kept."""
        if patient != self._me_sudo():
            problem = request.env._(
                "The card of %(name)s lacks the phone, the birth date, the sex or the "
                "consent. Please call us or ask at the desk, it takes a minute.",
                name=patient.name,
            )
            return self._confirm_page(chosen, params, [["warning", problem]])
        self._notify(
            "info",
            request.env._("A few details are missing. Your chosen time is kept."),
        )
        return request.redirect(
            self._url("/my/clinic/profile", redirect=self._confirm_url(params))
        )

    def _do_book(self, chosen, patient, post):
        service = chosen["service"]
        # Booking is the clinic's act: patients have no right to write appointments.
        appointments_sudo = request.env["clinic.appointment"].sudo()
        payable = bool(service._clinic_web_price(patient))
        prepaid = service.prepayment in ("full", "deposit")
        hold = payable and (prepaid or post.get("pay") == "now")
        try:
            with request.env.cr.savepoint():
                appointment_sudo = appointments_sudo._clinic_web_book(
                    patient, service, chosen["specialist"], chosen["start"], hold
                )
                if hold and not appointment_sudo._due_to_book():
                    # A programme pays for it: nobody asks the patient.
                    appointment_sudo.action_confirm()
                    hold = False
                self._link_screening(appointment_sudo, post.get("screening"))
        except UserError as error:
            return self._choose_again(post, error.args[0])
        # A patient who books only with prepayment gets a hold without asking for one.
        if appointment_sudo.state == "hold":
            return request.redirect(f"/my/clinic/appointment/{appointment_sudo.id}/pay")
        self._notify(
            "success", request.env._("You are booked. We are waiting for you!")
        )
        return request.redirect(f"/my/clinic/appointment/{appointment_sudo.id}")

    def _link_screening(self, appointment_sudo, token):
        """Remember from which screening the visit came, if it is a true token."""
        if not token:
            return
        screening_sudo = self._screening_sudo(token)
        if screening_sudo and not screening_sudo.appointment_id:
            self._count_step("booked")
            appointment_sudo.screening_id = screening_sudo
            screening_sudo.write(
                {
                    "appointment_id": appointment_sudo.id,
                    "partner_id": appointment_sudo.patient_id.id,
                }
            )

    # -- choosing

    def _book_values(self, params):
        services = self._web_services()
        service = self._web_record(services, params.get("service"))
        values = {
            "page_title": request.env._("Book a visit"),
            "website_meta_description": request.env._(
                "%(clinic)s: book a visit online. Choose the service, the doctor and a "
                "free time; prices are shown at once, day and night.",
                clinic=request.env.company.sudo().name,
            ),
            "service_groups": self._service_groups(services),
            "service": service,
            "specialist": None,
            "branch": None,
        }
        if not service:
            return values
        specialists = self._web_specialists(service)
        specialist = self._web_record(specialists, params.get("specialist"))
        places = self._web_branches()
        branch = self._web_record(places, params.get("branch"))
        allowed = specialists.branch_ids
        values.update(
            {
                "specialists": specialists,
                "specialist": specialist,
                "branches": places & allowed if allowed else places,
                "branch": branch,
                "price": self._money(service._clinic_web_price()),
            }
        )
        choice = {
            "service": service.id,
            "specialist": specialist.id,
            "branch": branch.id,
            "screening": params.get("screening"),
        }
        values.update(self._days_values(service, specialist, branch, choice, params))
        return values

    def _service_groups(self, services):
        """Return the services under the name of their first specialty."""
        prices = services._clinic_web_prices()
        return [
            {
                "name": name,
                "services": [
                    {
                        "id": service.id,
                        "name": service.name,
                        "duration": self._minutes(service.duration),
                        "price": self._money(prices[service.id]),
                    }
                    for service in group
                ],
            }
            for name, group in self._by_specialty(services)
        ]

    def _days_values(self, service, specialist, branch, choice, params):
        """Return the strip of days and the windows of the chosen one."""
        today = self._today()
        first = self._first_day(params, today)
        # A day of the branch begins and ends up to 14 hours off the UTC day.
        start = fields.Datetime.to_datetime(first) - timedelta(hours=14)
        stop = fields.Datetime.to_datetime(first) + timedelta(days=DAYS_SHOWN, hours=14)
        people = specialist or self._web_specialists(service)
        windows = self._web_offers(dict.fromkeys(people, service), start, stop, branch)
        shown = [first + timedelta(days=n) for n in range(DAYS_SHOWN)]
        days = {day: found for day, found in by_day(windows).items() if day in shown}
        wanted = forms.read_date(params.get("day"))
        day = wanted if wanted in shown else next(iter(days), first)
        values = {
            "waiting_url": self._url(
                "/my/clinic/waiting/new", service=service.id, specialist=specialist.id
            ),
            "days": [
                self._day_option(each, each == day, len(days.get(each, ())), choice)
                for each in shown
            ],
            "day_title": self._day_title(day),
            "people": self._people(days.get(day, ()), choice["screening"]),
            "earlier_url": None,
            "later_url": None,
            "first_day_url": None,
        }
        if first > today:
            earlier = max(first - timedelta(days=DAYS_SHOWN), today)
            values["earlier_url"] = self._url("/clinic/book", **choice, since=earlier)
        later = first + timedelta(days=DAYS_SHOWN)
        if later <= today + timedelta(days=DAYS_AHEAD):
            values["later_url"] = self._url("/clinic/book", **choice, since=later)
        nearest = next((each for each in days if each >= day), next(iter(days), None))
        if nearest:
            values["first_day_url"] = self._url(
                "/clinic/book", **choice, since=first, day=nearest
            )
            values["first_day_label"] = request.env._(
                "The nearest: %(day)s", day=self._day_title(nearest, inside=True)
            )
        return values

    def _today(self):
        """Return today in the westernmost branch, wherever the visitor is."""
        now = self._now()
        days = [branch._localize(now).date() for branch in self._web_branches()]
        return min(days, default=now.date())

    def _first_day(self, params, today) -> date:
        """Return the day the strip begins with: today unless a later one is asked."""
        wanted = forms.read_date(params.get("since"))
        day = forms.read_date(params.get("day"))
        last = today + timedelta(days=DAYS_AHEAD)
        if wanted and today <= wanted <= last:
            return wanted
        if day and today + timedelta(days=DAYS_SHOWN) <= day <= last:
            return day
        return today

    def _day_option(self, day, chosen, count, choice):
        locale = self._locale()
        return {
            "url": self._url("/clinic/book", **choice, day=day),
            "chosen": chosen,
            "count": count,
            "weekday": format_date(day, "EEE", locale),
            "day": format_date(day, "d", locale),
            "month": format_date(day, "MMM", locale).strip("."),
            "label": request.env._(
                "%(day)s, free times: %(count)s", day=self._day_title(day), count=count
            ),
        }

    def _people(self, windows, screening):
        """Return one row for each specialist and branch that are free that day."""
        specialists = {
            s.id: s
            for s in request.env["clinic.specialist"]
            .sudo()
            .browse({window.specialist_id for window in windows})
        }
        branches = {branch.id: branch for branch in self._web_branches()}
        rows = []
        for (specialist_id, branch_id), found in by_person(windows).items():
            specialist, branch = specialists[specialist_id], branches[branch_id]
            rows.append(
                {
                    "specialist": specialist,
                    "url": self._page_path(specialist),
                    "branch": branch,
                    "about": self._about(specialist),
                    "zone": self._zone(branch, found[0].start),
                    "windows": [
                        self._window(window, specialist, branch, screening)
                        for window in found
                    ],
                }
            )
        return rows
