from odoo import http
from odoo.http import request
from odoo.tools import html2plaintext
from odoo.tools.translate import LazyTranslate

from ..tools import forms, lookup
from .directory import ClinicDirectory

_lt = LazyTranslate(__name__)

CARDS_A_PAGE = 20


def sitemap_specialists(env, rule, qs):
    website = env["website"].get_current_website()
    for specialist in website._clinic_specialists():
        yield {
            "loc": f"/clinic/specialist/{lookup.slug(specialist.name, specialist.id)}",
            "lastmod": specialist.write_date.date(),
        }


class ClinicSpecialists(ClinicDirectory, http.Controller):
    @http.route(
        "/clinic/specialists",
        type="http",
        auth="public",
        website=True,
        sitemap=True,
        methods=["GET"],
        list_as_website_content=_lt("Our specialists"),
    )
    def specialists(self, **params):
        """Search by problem, service, specialist, specialty, branch and day part."""
        if not self._allow_search(params):
            params, notices = {}, [["warning", self._too_many_searches()]]
        else:
            notices = []
        asked, choices = self._read_search(params)
        found = self._search(asked)
        page = forms.read_id(params.get("page")) or 1
        shown = found[(page - 1) * CARDS_A_PAGE : page * CARDS_A_PAGE]
        cards = self._specialist_cards(
            shown, asked["service"], asked["branch"], asked["part"]
        )
        given = {
            "q": asked["q"],
            "part": asked["part"],
            **{
                key: asked[key].id
                for key in ("specialty", "problem", "service", "branch")
            },
        }
        more_url = None
        if len(found) > page * CARDS_A_PAGE:
            more_url = self._url("/clinic/specialists", **given, page=page + 1)
        return self._public_page(
            "clinic_portal.specialists",
            {
                **choices,
                "asked": asked,
                "filtered": any(given.values()),
                "narrowed": any(given[key] for key in given if key != "q"),
                "cards": cards,
                "more_url": more_url,
                "notices": notices,
            },
            self._search_title(asked),
            request.env._(
                "Doctors of %(clinic)s: specialties, experience, prices and the "
                "nearest free times. Book online without a call.",
                clinic=request.env.company.sudo().name,
            ),
        )

    @http.route(
        "/clinic/specialist/<string:slug>",
        type="http",
        auth="public",
        website=True,
        sitemap=sitemap_specialists,
        methods=["GET"],
    )
    def specialist(self, slug, **_params):
        specialist = self._by_slug(request.website._clinic_specialists(), slug)
        moved = self._moved(specialist, slug)
        if moved:
            return moved
        facts, prices = self._specialist_facts(specialist)
        services = facts[specialist.id]["services"]
        card = self._specialist_cards(specialist)[0]
        branches = self._web_branches()
        if specialist.branch_ids:
            branches &= specialist.branch_ids
        specialties = ", ".join(specialist.specialty_ids.mapped("name"))
        title = f"{specialist.name}, {specialties}" if specialties else specialist.name
        about = html2plaintext(specialist.about or "")
        return self._public_page(
            "clinic_portal.specialist",
            {
                "specialist": specialist,
                "card": card,
                "branches": branches,
                "problems": specialist.problem_ids
                or request.website._clinic_problems().filtered(
                    lambda problem: problem.specialty_ids & specialist.specialty_ids
                ),
                "whom": self._whom(specialist),
                "services": [
                    {
                        "service": service,
                        "price": self._money(prices[service.id]),
                        "duration": self._minutes(service.duration),
                        "url": self._page_path(service),
                        "book_url": self._url(
                            "/clinic/book", service=service.id, specialist=specialist.id
                        ),
                    }
                    for service in services
                ],
            },
            title,
            about or title,
            self._physician_data(specialist, branches, facts[specialist.id]["price"]),
        )

    # -- searching

    def _allow_search(self, params):
        """Count only what is really searched: to look at the list is free."""
        return not params.get("q") or self._allow("search")

    def _too_many_searches(self):
        return request.env._(
            "Too many searches from your network within an hour. Please try again "
            "later."
        )

    def _read_search(self, params):
        """Return what is asked for, and what there is to choose from."""
        website = request.website
        choices = {
            "specialties": website._clinic_specialties(),
            "problems": website._clinic_problems(),
            "services": self._web_services(),
            "branches": self._web_branches(),
            "parts": [
                ("morning", request.env._("Morning, before 12:00")),
                ("day", request.env._("Day, 12:00 to 17:00")),
                ("evening", request.env._("Evening, after 17:00")),
            ],
        }
        part = params.get("part")
        asked = {
            "q": " ".join((params.get("q") or "").split())[:80],
            "specialty": self._web_record(
                choices["specialties"], params.get("specialty")
            ),
            "problem": self._web_record(choices["problems"], params.get("problem")),
            "service": self._web_record(choices["services"], params.get("service")),
            "branch": self._web_record(choices["branches"], params.get("branch")),
            "part": part if part in lookup.DAY_PARTS else "",
        }
        return asked, choices

    def _search(self, asked):
        """Return the specialists who fit all that is asked for."""
        found = request.website._clinic_specialists()
        if asked["specialty"]:
            found = found.filtered(lambda s: asked["specialty"] in s.specialty_ids)
        if asked["problem"]:
            found = found.filtered(lambda s: self._takes(s, asked["problem"]))
        if asked["branch"]:
            found = found.filtered(
                lambda s: not s.branch_ids or asked["branch"] in s.branch_ids
            )
        services = self._web_services()
        if asked["service"]:
            found &= self._web_specialists(asked["service"])
        if asked["q"]:
            names = {service.id: service.name for service in services}
            does = {}
            for specialist_id, service_id in services._clinic_skill_pairs():
                does.setdefault(specialist_id, []).append(names[service_id])
            problems = request.website._clinic_problems()
            found = found.filtered(
                lambda s: lookup.found(
                    asked["q"],
                    [
                        s.name,
                        *s.specialty_ids.mapped("name"),
                        *s.branch_ids.mapped("name"),
                        *problems.filtered(lambda p: self._takes(s, p)).mapped("name"),
                        *does.get(s.id, ()),
                    ],
                )
            )
        return found

    def _search_title(self, asked):
        if asked["specialty"] and not asked["q"]:
            return request.env._(
                "%(specialty)s: our specialists", specialty=asked["specialty"].name
            )
        return request.env._("Our specialists")

    def _whom(self, specialist):
        """Return in words whom the specialist takes, if not everybody."""
        env = request.env
        words = []
        if specialist.age_min and specialist.age_max:
            words.append(
                env._(
                    "patients from %(low)s to %(high)s years",
                    low=specialist.age_min,
                    high=specialist.age_max,
                )
            )
        elif specialist.age_min:
            words.append(env._("patients from %(low)s years", low=specialist.age_min))
        elif specialist.age_max:
            words.append(
                env._("patients up to %(high)s years", high=specialist.age_max)
            )
        if specialist.patient_gender == "female":
            words.append(env._("women"))
        elif specialist.patient_gender == "male":
            words.append(env._("men"))
        return ", ".join(words)
