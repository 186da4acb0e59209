"""Fill an empty database: Odoo, the language, the company's country, our addons.

Runs with Odoo's interpreter. All in one process, since each start of Odoo costs
seconds. Arguments: the languages (comma; the first is everybody's), the addons
(comma), then options for Odoo.
"""

import os
import sys

from odoo import SUPERUSER_ID, api
from odoo.fields import Command
from odoo.modules.registry import Registry
from odoo.tools import config

COUNTRY = "base.ru"


def main(languages, addons, options):
    config.parse_config(options, setup_logging=True)
    [database] = config["db_name"]
    config["load_language"] = languages[0]
    Registry.new(database, update_module=True, new_db_demo=False)
    with Registry(database).cursor() as cr:
        set_company(api.Environment(cr, SUPERUSER_ID, {}), languages)
    if addons:
        Registry.new(database, update_module=True, install_modules=addons)
    with Registry(database).cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        check_installed(env, addons)
        set_website(env, languages)
        env["ir.config_parameter"].set_param("web.base.url", os.environ["CLINIC_URL"])


def set_company(env, languages):
    """Set country and currency, before the chart of accounts is made by them."""
    for language in languages:
        env["res.lang"]._activate_lang(language)
    country = env.ref(COUNTRY)
    country.currency_id.active = True
    env.ref("base.main_company").write(
        {"country_id": country.id, "currency_id": country.currency_id.id}
    )
    env["ir.module.module"].search([("state", "=", "installed")])._update_translations(
        languages, overwrite=True
    )
    env.ref("base.user_admin").write(
        {"password": os.environ["CLINIC_ADMIN_PASSWORD"], "lang": languages[0]}
    )


def set_website(env, languages):
    """Let the site speak the first language, and offer the others."""
    if "website" not in env:
        return
    langs = env["res.lang"].search([("code", "in", languages)])
    env["website"].search([]).write(
        {
            "language_ids": [Command.set(langs.ids)],
            "default_lang_id": langs.filtered(
                lambda lang: lang.code == languages[0]
            ).id,
        }
    )


def check_installed(env, addons):
    modules = env["ir.module.module"].search([("name", "in", addons)])
    missing = set(addons) - set(
        modules.filtered(lambda module: module.state == "installed").mapped("name")
    )
    if missing:
        sys.exit(f"Not installed: {', '.join(sorted(missing))}")


if __name__ == "__main__":
    _script, _languages, _addons, *_options = sys.argv
    main(_languages.split(","), [name for name in _addons.split(",") if name], _options)
