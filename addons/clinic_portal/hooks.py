MENUS = (
    "clinic_portal.website_menu_screening",
    "clinic_portal.website_menu_book",
)


def post_init_hook(env):
    """Make the website ready to receive patients."""
    # Patients register themselves, and pay online what they owe.
    params = env["ir.config_parameter"].sudo()
    params.set_param("auth_signup.invitation_scope", "b2c")
    params.set_param("account_payment.enable_portal_payment", "True")
    env["website"].search([]).auth_signup_uninvited = "b2c"
    _translate_menus(env)
    _hide_sample_contact_page(env)


def _translate_menus(env):
    """Give the menus of each website the translations of the menu they copy.

    Odoo makes those copies while data are loaded, before the translations are.
    """
    languages = [code for code, _name in env["res.lang"].get_installed()]
    for xmlid in MENUS:
        menu = env.ref(xmlid)
        copies = env["website.menu"].search(
            [("url", "=", menu.url), ("website_id", "!=", False)]
        )
        translations = {code: menu.with_context(lang=code).name for code in languages}
        for copy in copies:
            copy.update_field_translations("name", translations)


def _hide_sample_contact_page(env):
    """Take the page with the invented address away, unless it was edited."""
    view = env.ref("website.contactus", raise_if_not_found=False)
    edited = env["ir.ui.view"].search_count(
        [("key", "=", "website.contactus"), ("website_id", "!=", False)]
    )
    if view and not edited:
        env["website.menu"].search([("url", "=", "/contactus")]).unlink()
        env["website.page"].search([("url", "=", "/contactus")]).is_published = False
