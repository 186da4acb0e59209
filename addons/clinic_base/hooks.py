def post_init_hook(env):
    """Make the company of an untouched database Russian: roubles and Russia.

    Only where nobody has decided yet: one company, still with the country and the
    currency every new database starts with, and no accounting entries. Whoever has
    set up the company keeps it.
    """
    company = env.ref("base.main_company", raise_if_not_found=False)
    if not company or env["res.company"].search_count([]) != 1:
        return
    if company.country_id not in (env["res.country"], env.ref("base.us")):
        return
    if company.currency_id != env.ref("base.USD"):
        return
    if "account.move" in env and env["account.move"].search_count([], limit=1):
        return
    roubles = env.ref("base.RUB")
    roubles.active = True
    company.write({"country_id": env.ref("base.ru").id, "currency_id": roubles.id})
