from odoo import http
from odoo.http import request
from odoo.tools import html2plaintext
from odoo.tools.translate import LazyTranslate

from ..tools import lookup
from .directory import ClinicDirectory

_lt = LazyTranslate(__name__)


def sitemap_services(env, rule, qs):
    # What is sold on the website is public.
    for service in env["product.product"].sudo()._clinic_web_services():
        yield {"loc": f"/clinic/service/{lookup.slug(service.name, service.id)}"}


def sitemap_problems(env, rule, qs):
    for problem in env["website"].get_current_website()._clinic_problems():
        yield {"loc": f"/clinic/problem/{lookup.slug(problem.name, problem.id)}"}


def sitemap_branches(env, rule, qs):
    for branch in env["website"].get_current_website()._clinic_branches():
        yield {"loc": f"/clinic/branch/{lookup.slug(branch.name, branch.id)}"}


class ClinicServices(ClinicDirectory, http.Controller):
    """Services with prices, problems and branches."""

    @http.route(
        "/clinic/services",
        type="http",
        auth="public",
        website=True,
        sitemap=True,
        methods=["GET"],
        list_as_website_content=_lt("Services and prices"),
    )
    def services(self, **_params):
        services = self._web_services()
        prices = services._clinic_web_prices()
        return self._public_page(
            "clinic_portal.services",
            {
                "groups": [
                    {
                        "name": name,
                        "services": [
                            {
                                "name": service.name,
                                "url": self._page_path(service),
                                "price": self._money(prices[service.id]),
                                "duration": self._minutes(service.duration),
                            }
                            for service in group
                        ],
                    }
                    for name, group in self._by_specialty(services)
                ]
            },
            request.env._("Services and prices"),
            request.env._(
                "Services of %(clinic)s with prices and duration. Choose a doctor and "
                "book a visit online.",
                clinic=request.env.company.sudo().name,
            ),
        )

    @http.route(
        "/clinic/service/<string:slug>",
        type="http",
        auth="public",
        website=True,
        sitemap=sitemap_services,
        methods=["GET"],
    )
    def service(self, slug, **_params):
        service = self._by_slug(self._web_services(), slug)
        moved = self._moved(service, slug)
        if moved:
            return moved
        price = service._clinic_web_price()
        description = service.description_sale or ""
        currency = request.env.company.sudo().currency_id
        return self._public_page(
            "clinic_portal.service",
            {
                "service": service,
                "description": description,
                "price": self._money(price),
                "duration": self._minutes(service.duration),
                "prepaid": service.prepayment in ("full", "deposit"),
                "cards": self._specialist_cards(
                    self._web_specialists(service), service
                ),
                "book_url": self._url("/clinic/book", service=service.id),
            },
            request.env._("%(service)s: price and booking", service=service.name),
            html2plaintext(description)
            or request.env._(
                "%(service)s, %(duration)s, %(price)s. Doctors and the nearest free "
                "times.",
                service=service.name,
                duration=self._minutes(service.duration),
                price=self._money(price),
            ),
            {
                "@type": "Service",
                "name": service.name,
                "provider": {
                    "@type": "MedicalOrganization",
                    "name": request.env.company.sudo().name,
                },
                "offers": {
                    "@type": "Offer",
                    "price": f"{price:.2f}",
                    "priceCurrency": currency.name,
                },
            },
        )

    @http.route(
        "/clinic/problems",
        type="http",
        auth="public",
        website=True,
        sitemap=True,
        methods=["GET"],
        list_as_website_content=_lt("What we help with"),
    )
    def problems(self, **_params):
        return self._public_page(
            "clinic_portal.problems",
            {"problems": request.website._clinic_problems()},
            request.env._("What we help with"),
            request.env._(
                "What bothers you and which doctor to see. Choose the problem and book "
                "a visit."
            ),
        )

    @http.route(
        "/clinic/problem/<string:slug>",
        type="http",
        auth="public",
        website=True,
        sitemap=sitemap_problems,
        methods=["GET"],
    )
    def problem(self, slug, **_params):
        problem = self._by_slug(request.website._clinic_problems(), slug)
        moved = self._moved(problem, slug)
        if moved:
            return moved
        specialists = request.website._clinic_specialists().filtered(
            lambda specialist: self._takes(specialist, problem)
        )
        specialties = problem.specialty_ids & specialists.specialty_ids
        names = ", ".join(specialties.mapped("name"))
        return self._public_page(
            "clinic_portal.problem",
            {
                "problem": problem,
                "specialties": specialties,
                "cards": self._specialist_cards(specialists),
            },
            request.env._("%(problem)s: whom to see", problem=problem.name),
            problem.description
            or request.env._(
                "%(problem)s. Whom to see: %(specialties)s. Prices and the nearest "
                "free times.",
                problem=problem.name,
                specialties=names,
            ),
        )

    @http.route(
        "/clinic/branches",
        type="http",
        auth="public",
        website=True,
        sitemap=True,
        methods=["GET"],
        list_as_website_content=_lt("Branches"),
    )
    def branches(self, **_params):
        branches = self._web_branches()
        return self._public_page(
            "clinic_portal.branches",
            {"branches": branches, "address": self._address},
            request.env._("Branches and contacts"),
            request.env._(
                "Addresses and phones of %(clinic)s.",
                clinic=request.env.company.sudo().name,
            ),
            {"@graph": [self._clinic_data(branch) for branch in branches]},
        )

    @http.route(
        "/clinic/branch/<string:slug>",
        type="http",
        auth="public",
        website=True,
        sitemap=sitemap_branches,
        methods=["GET"],
    )
    def branch(self, slug, **_params):
        branch = self._by_slug(self._web_branches(), slug)
        moved = self._moved(branch, slug)
        if moved:
            return moved
        specialists = request.website._clinic_specialists().filtered(
            lambda s: not s.branch_ids or branch in s.branch_ids
        )
        return self._public_page(
            "clinic_portal.branch",
            {
                "branch": branch,
                "address": self._address(branch),
                "cards": self._specialist_cards(specialists, branch=branch),
            },
            f"{branch.name}, {self._address(branch)}",
            request.env._(
                "%(branch)s: %(address)s. Doctors who receive here and their nearest "
                "free times.",
                branch=branch.name,
                address=self._address(branch),
            ),
            self._clinic_data(branch),
        )
