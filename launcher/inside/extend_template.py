"""Install addons into a database and make a language everybody's.

Runs with Odoo's interpreter. Arguments: the language, the addons (comma), then
options for Odoo.
"""

import sys

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry
from odoo.tools import config

CHART = "ru_clinic"


def main(language, addons, options):
    config.parse_config(options, setup_logging=True)
    [database] = config["db_name"]
    with Registry(database).cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        speak(env, language)
        take_chart(env)
    Registry.new(database, update_module=True, install_modules=addons)
    with Registry(database).cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        wanted = [("name", "in", addons), ("state", "=", "installed")]
        installed = env["ir.module.module"].search(wanted).mapped("name")
        missing = set(addons) - set(installed)
        if missing:
            sys.exit(f"Not installed: {', '.join(missing)}")
        speak(env, language)
        env["ir.qweb"]._pregenerate_assets_bundles()


def take_chart(env):
    """Take the chart of accounts that a new database of the suite has from the start.

    The books were made before our addons were there, so they are of Odoo's general
    chart. The tests of the addons do with that one; a demo clinic is to be as users
    get it.
    """
    if "account.chart.template" not in env:
        return  # a benchmark of something else
    charts = env["account.chart.template"]
    if CHART in charts._get_chart_template_mapping():
        charts.try_loading(CHART, env.ref("base.main_company"), install_demo=False)


def speak(env, language):
    """Make ``language`` the one that a new database would have had from the start."""
    env["ir.default"].set("res.partner", "lang", language)
    env.ref("base.main_company").partner_id.lang = language
    env.ref("base.user_admin").lang = language
    if "website" in env:
        lang = env["res.lang"]._lang_get(language)
        env["website"].search([]).default_lang_id = lang


if __name__ == "__main__":
    _script, _language, _addons, *_options = sys.argv
    main(_language, _addons.split(","), _options)
