def post_init_hook(env):
    """Make the website ready to receive patients."""
    # Patients register themselves, and pay online what they owe.
    params = env["ir.config_parameter"].sudo()
    params.set_param("auth_signup.invitation_scope", "b2c")
    params.set_param("account_payment.enable_portal_payment", "True")
    _hide_sample_contact_page(env)


def _hide_sample_contact_page(env):
    """Take the page with the invented address away, unless it was edited."""
    view = env.ref("website.contactus", raise_if_not_found=False)
    edited = env["ir.ui.view"].search_count(
        [("key", "=", "website.contactus"), ("website_id", "!=", False)]
    )
    if view and not edited:
        env["website.menu"].search([("url", "=", "/contactus")]).unlink()
        env["website.page"].search([("url", "=", "/contactus")]).is_published = False
