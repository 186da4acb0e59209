def post_init_hook(env):
    """Make the company of an untouched database Russian: Russia and roubles.

    Only where nobody has decided yet: one company, with the country and the currency
    every new database starts with, and no accounting entries. Whoever has set up the
    company keeps it. Accounting, when it is installed afterwards or together, takes
    its chart by the country and its currency by the fiscal country.
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
    values = {"country_id": russia.id, "currency_id": roubles.id}
    if "account_fiscal_country_id" in company._fields and not company.chart_template:
        # Set once, by the country of that moment; the chart is loaded after all the
        # modules and would bring that country's currency back.
        values["account_fiscal_country_id"] = russia.id
    company.write(values)
