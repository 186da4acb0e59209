def post_init_hook(env):
    """Make the company of an untouched database Russian: Russia and roubles.

    Only where nobody has decided yet: one company, with the country and the currency
    every new database starts with, and no accounting entries. Whoever has set up the
    company keeps it. Odoo's generic chart of accounts brings dollars with it; the
    finance addon, which loads it, keeps the roubles.
    """
    company = env.ref("base.main_company", raise_if_not_found=False)
    if not company or env["res.company"].search_count([]) != 1:
        return
    russia, roubles = env.ref("base.ru"), env.ref("base.RUB")
    if company.country_id not in (env["res.country"], env.ref("base.us"), russia):
        return
    if company.currency_id not in (env.ref("base.USD"), roubles):
        return
    if "account.move" in env and env["account.move"].search_count([], limit=1):
        return
    roubles.active = True
    company.write({"country_id": russia.id, "currency_id": roubles.id})
