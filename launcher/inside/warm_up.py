"""Make the files that browsers ask for first, before the first person waits for them.

Runs with Odoo's interpreter, at low priority, beside a running server. Arguments: the
address of the site, then options for Odoo.
"""

import os
import re
import sys
import urllib.parse
import urllib.request

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry
from odoo.tools import config

PAGES = ("/web/login", "/clinic/screening")
BACKEND = "web.assets_web"
ASSET = re.compile(r'(?:src|href)="(/web/assets/[^"]+)"')


def main(url, options):
    os.nice(10)
    for page in PAGES:
        for asset in dict.fromkeys(ASSET.findall(fetch(url, page))):
            fetch(url, asset)
    config.parse_config(options, setup_logging=True)
    [database] = config["db_name"]
    with Registry(database).cursor() as cr:
        qweb = api.Environment(cr, SUPERUSER_ID, {})["ir.qweb"]
        qweb._get_asset_bundle(BACKEND, css=False, js=True).js()
        qweb._get_asset_bundle(BACKEND, css=True, js=False).css()


def fetch(url, path):
    with urllib.request.urlopen(urllib.parse.urljoin(url, path), timeout=120) as answer:
        return answer.read().decode(errors="replace")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
