"""What the public pages about the clinic share."""

import json
from datetime import timedelta

from markupsafe import Markup

from odoo.http import request

from ..tools import lookup
from ..tools.grouping import by_person
from .common import ClinicPages

DAYS_SEARCHED = 28
WINDOWS_SHOWN = 3


class ClinicDirectory(ClinicPages):
    """Specialists, services, problems and branches as visitors see them."""

    # -- addresses

    def _by_slug(self, records, text):
        """Return the record the address names, or 404 if it is not among them."""
        wanted = lookup.slug_id(text)
        record = records.filtered(lambda record: record.id == wanted)
        if not record:
            raise request.not_found()
        return record

    def _moved(self, record, text):
        """Return the redirect to the one address of the record, if this is another."""
        path = self._page_path(record)
        if path.rpartition("/")[2] == text:
            return None
        return request.redirect(path, code=301)

    # -- pages

    def _public_page(self, template, values, title, description="", data=None):
        """Render a page that search engines find.

        :param data: what the page is about, as a schema.org dictionary
        """
        graph = {"@context": "https://schema.org", **data} if data else None
        return self._render(
            template,
            {
                "page_title": title,
                "website_meta_description": " ".join((description or "").split())[:300],
                "json_ld": graph and self._json(graph),
                "page_path": self._page_path,
                "money": self._money,
                "minutes": self._minutes,
                **values,
            },
        )

    def _json(self, value):
        """Return JSON that cannot leave the script element it stands in."""
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        for char in "<>&\u2028\u2029":
            text = text.replace(char, f"\\u{ord(char):04x}")
        return Markup(text)

    # -- specialists

    def _takes(self, specialist, problem):
        """Tell whether a specialist deals with a problem."""
        if specialist.problem_ids:
            return problem in specialist.problem_ids
        return bool(specialist.specialty_ids & problem.specialty_ids)

    def _specialist_facts(self, specialists):
        """Return services and the lowest price of each specialist, by id."""
        services = self._web_services()
        prices = services._clinic_web_prices()
        by_id = {service.id: service for service in services}
        facts = {
            specialist.id: {"services": services.browse(), "price": None}
            for specialist in specialists
        }
        pairs = services._clinic_skill_pairs()
        # in the order of the services, whatever order the pairs are in
        for service_id in by_id:
            for fact_id, fact in facts.items():
                if (fact_id, service_id) not in pairs:
                    continue
                fact["services"] |= by_id[service_id]
                price = prices[service_id]
                # what costs nothing says nothing about prices
                if price and (fact["price"] is None or price < fact["price"]):
                    fact["price"] = price
        return facts, prices

    def _service_to_offer(self, services):
        """Return what a new patient would book: a first visit if there is one."""
        return services.filtered("is_first_visit")[:1] or services[:1]

    def _nearest_windows(self, chosen, branches=None, part=None, dated=True):
        """Return ``{specialist id: {branch id: windows}}``.

        :param chosen: the service to offer, by specialist
        :param part: only windows of this part of the day
        """
        now = self._now()
        windows = self._web_offers(
            chosen,
            now,
            now + timedelta(days=DAYS_SEARCHED),
            branches,
            per_day=None if part else 2,
        )
        if part:
            windows = [w for w in windows if lookup.day_part(w.local.hour) == part]
        places = {}
        for (specialist_id, branch_id), found in by_person(windows).items():
            places.setdefault(specialist_id, {})[branch_id] = found
        return places

    def _specialist_cards(self, specialists, service=None, branch=None, part=None):
        """Return the values of ``clinic_portal.specialist_card`` of each.

        Who is free first comes first; with a part of the day only who is free then.
        """
        facts, prices = self._specialist_facts(specialists)
        chosen = {}
        for specialist in specialists:
            offer = service or self._service_to_offer(facts[specialist.id]["services"])
            if offer:
                chosen[specialist] = offer
        places = self._nearest_windows(chosen, branch, part)
        branches = {b.id: b for b in self._web_branches()}
        cards = []
        for specialist in specialists:
            offer = chosen.get(specialist)
            found = places.get(specialist.id, {})
            if part and not found:
                continue
            price = facts[specialist.id]["price"]
            if service:
                price = prices.get(service.id)
            cards.append(
                {
                    "specialist": specialist,
                    "about": self._about(specialist),
                    "url": self._page_path(specialist),
                    "price": self._money(price) if price else "",
                    "exact_price": bool(service),
                    "offer": (
                        f"{offer.name}, {self._money(prices[offer.id])}"
                        if offer
                        else ""
                    ),
                    "places": [
                        {
                            "label": self._branch_label(branches[branch_id]),
                            "zone": self._zone(branches[branch_id], windows[0].start),
                            "windows": [
                                self._window(
                                    window, specialist, branches[branch_id], dated=True
                                )
                                for window in windows[:WINDOWS_SHOWN]
                            ],
                        }
                        for branch_id, windows in found.items()
                    ],
                    "first": min((w[0].start for w in found.values()), default=None),
                    "book_url": self._url(
                        "/clinic/book",
                        service=offer.id if offer else None,
                        specialist=specialist.id,
                        branch=branch.id if branch else None,
                    ),
                }
            )
        far = self._now() + timedelta(days=2 * DAYS_SEARCHED)
        cards.sort(key=lambda card: card["first"] or far)
        return cards

    # -- schema.org

    def _clinic_data(self, branch):
        company = request.env.company.sudo()
        data = {
            "@type": "MedicalClinic",
            "name": branch.name,
            "url": request.website.get_base_url() + self._page_path(branch),
            "parentOrganization": {
                "@type": "MedicalOrganization",
                "name": company.name,
            },
            "address": {
                "@type": "PostalAddress",
                "streetAddress": branch.street or "",
                "addressLocality": branch.city or "",
                "addressCountry": company.country_id.code or "RU",
            },
        }
        if branch.phone:
            data["telephone"] = branch.phone
        return data

    def _physician_data(self, specialist, branches, price):
        base = request.website.get_base_url()
        clinics = [self._clinic_data(branch) for branch in branches]
        data = {
            "@type": "Physician",
            "name": specialist.name,
            "url": base + self._page_path(specialist),
            "medicalSpecialty": specialist.specialty_ids.mapped("name"),
            # a physician is a business to search engines, and none is without one
            "address": [clinic["address"] for clinic in clinics],
            "hospitalAffiliation": clinics,
        }
        if specialist.image_128:
            data["image"] = (
                f"{base}/web/image/clinic.specialist/{specialist.id}/image_512"
            )
        if specialist.languages:
            data["knowsLanguage"] = [
                language.strip() for language in specialist.languages.split(",")
            ]
        if branches[:1].phone:
            data["telephone"] = branches[0].phone
        if price:
            data["priceRange"] = request.env._(
                "from %(price)s", price=self._money(price)
            )
        return data
