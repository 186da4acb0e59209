from odoo import http
from odoo.http import request

ICONS = "/clinic_portal/static/src/img/icon_%s.png"
COLOUR = "#0b7285"


class ClinicInstallable(http.Controller):
    @http.route(
        "/clinic/manifest.webmanifest",
        type="http",
        auth="public",
        website=True,
        multilang=False,
        sitemap=False,
        methods=["GET"],
        readonly=True,
    )
    def manifest(self):
        """Let a phone keep the cabinet on its first screen, like an application."""
        name = request.website.name
        return request.make_json_response(
            {
                "name": name,
                "short_name": name[:24],
                "start_url": "/my/clinic",
                "scope": "/",
                "display": "standalone",
                "background_color": "#ffffff",
                "theme_color": COLOUR,
                "icons": [
                    {
                        "src": ICONS % size,
                        "sizes": f"{size}x{size}",
                        "type": "image/png",
                        "purpose": "any maskable",
                    }
                    for size in (192, 512)
                ],
            },
            {"Content-Type": "application/manifest+json"},
        )
