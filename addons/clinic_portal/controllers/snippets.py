from odoo import http
from odoo.http import request

from .directory import ClinicDirectory

CARDS_SHOWN = 6


class ClinicSnippets(ClinicDirectory, http.Controller):
    """What fills the clinic's building blocks on pages made in the website editor."""

    @http.route(
        "/clinic/block/<string:name>",
        type="http",
        auth="public",
        website=True,
        sitemap=False,
        methods=["GET"],
    )
    def block(self, name, **_params):
        values = self._blocks().get(name)
        if not values:
            raise request.not_found()
        return self._render(
            f"clinic_portal.block_{name}", {"page_path": self._page_path, **values()}
        )

    def _blocks(self):
        return {
            "specialists": self._block_specialists,
            "services": self._block_services,
            "problems": self._block_problems,
        }

    def _block_specialists(self):
        specialists = request.website._clinic_specialists()
        return {"cards": self._specialist_cards(specialists)[:CARDS_SHOWN]}

    def _block_services(self):
        services = self._web_services()[: 2 * CARDS_SHOWN]
        prices = services._clinic_web_prices()
        return {
            "rows": [
                {
                    "name": service.name,
                    "url": self._page_path(service),
                    "price": self._money(prices[service.id]),
                }
                for service in services
            ]
        }

    def _block_problems(self):
        return {"problems": request.website._clinic_problems()}
