# what Odoo writes about each new home page
SAMPLE_DESCRIPTION = "This is the homepage of the website"
MENUS = (
    "clinic_portal.website_menu_screening",
    "clinic_portal.website_menu_book",
    "clinic_portal.website_menu_specialists",
    "clinic_portal.website_menu_services",
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
    _drop_sample_description(env)
    # The logo leads home; the clinic's own menus need the place.
    env["website.menu"].search([("url", "=", "/"), ("child_id", "=", False)]).filtered(
        "parent_id"
    ).unlink()
    # Odoo's search knows pages of the editor only; the home page has the clinic's.
    env.ref("website.header_search_box").active = False


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


def _drop_sample_description(env):
    """Let the home page say what it is about instead of Odoo's sample.

    The page then describes itself, in the visitor's language; see
    ``website._clinic_home_description``. What an editor wrote stays.
    """
    languages = [code for code, _name in env["res.lang"].get_installed()]
    views = env["ir.ui.view"].search([("key", "=", "website.homepage")])
    # the view all websites start from has the translations of Odoo
    common = views.filtered(lambda view: not view.website_id)
    samples = {SAMPLE_DESCRIPTION}
    for view in common.with_context(lang="en_US"):
        if view.website_meta_description == SAMPLE_DESCRIPTION:
            samples |= {
                view.with_context(lang=code).website_meta_description
                for code in languages
            }
    for view in views:
        given = {
            view.with_context(lang=code).website_meta_description for code in languages
        }
        if given <= samples:
            view.website_meta_description = False
