"""What bench_ledger.py runs in an Odoo shell; nothing is committed."""

import json
import random
import statistics
import time
from datetime import date, timedelta

from books import Copies
from lxml import etree

PEOPLE = 10_000
# One of them has been coming for many years.
REGULAR = 1000
ROUNDS = 5
FIRST_DAY = date.today() - timedelta(days=1500)
LIST = "clinic_finance.view_clinic_account_item_list"


def timed(env, call, rounds=ROUNDS):
    """Return the result, the median milliseconds and the queries, caches cold."""
    seconds = []
    for _round in range(rounds):
        env.invalidate_all()
        before, begun = env.cr.sql_log_count, time.perf_counter()
        result = call()
        seconds.append(time.perf_counter() - begun)
        queries = env.cr.sql_log_count - before
    return result, statistics.median(seconds) * 1000, queries


def make(env, people, items):
    """Give everybody invoices and payments; half of the pairs are settled."""
    rng = random.Random(20261122)
    model = env["res.partner"].create({"name": "Bench original"})
    copies = Copies(env, model)
    invoices, payments = [], []
    owners = [people[0].id] * REGULAR
    owners += [people[n % len(people)].id for n in range(items // 2 - REGULAR)]
    for number, owner in enumerate(owners):
        day = FIRST_DAY + timedelta(days=rng.randrange(1400))
        name = f"BENCH/{number:07}"
        price = rng.randrange(500, 9000)
        invoices.append((owner, name, name, price, day))
        payments.append((owner, f"P{name}", name, rng.choice((price, 100)), day))
    copies.invoices(invoices)
    copies.payments(payments)
    # Settled ones carry no rest: as most of a clinic's books.
    env.cr.execute(
        """UPDATE account_move_line
              SET reconciled = true, amount_residual = 0, amount_residual_currency = 0
            WHERE partner_id = ANY(%s) AND id %% 2 = 0 AND partner_id <> %s""",
        [people.ids, people[0].id],
    )
    env.cr.execute("ANALYZE account_move_line")
    env.invalidate_all()


def asked_by_screen(env):
    """Return what the list of a statement asks for, by its fields."""
    item = env["clinic.account.item"]
    arch = item.get_view(env.ref(LIST).id, "list")["arch"]
    names = [field.get("name") for field in etree.fromstring(arch).iter("field")]
    return {
        name: {"fields": {"display_name": {}}}
        if item._fields[name].type == "many2one"
        else {}
        for name in names
    }


def main(env, items):
    env = env(context={**env.context, "tracking_disable": True})
    people = env["res.partner"].create(
        [{"name": f"Bench {n}", "is_patient": True} for n in range(PEOPLE)]
    )
    make(env, people, items)
    company = env.company
    numbers = {"items": items, "people": len(people)}

    def note(name, call, rounds=ROUNDS):
        result, numbers[f"{name}_ms"], numbers[f"{name}_queries"] = timed(
            env, call, rounds
        )
        return result

    def plain():
        env.cr.execute(
            """SELECT l.partner_id, -sum(l.amount_residual)
                 FROM account_move_line l
                 JOIN account_account a ON a.id = l.account_id
                WHERE a.account_type = 'asset_receivable' AND NOT l.reconciled
                  AND l.parent_state = 'posted' AND l.company_id = %s
                  AND l.partner_id = ANY(%s)
                GROUP BY 1""",
            [company.id, people.ids],
        )
        return dict(env.cr.fetchall())

    ours = note("ours", lambda: people._clinic_balances(company))
    expected = note("sql", plain)
    numbers["wrong"] = sum(
        abs(ours.get(person, 0) - float(expected.get(person, 0))) > 0.005
        for person in people.ids
    )
    note("odoo", lambda: sum(people.mapped("credit")), 1)
    regular = people[0]
    domain = [("partner_id", "=", regular.id), ("company_id", "=", company.id)]
    item = env["clinic.account.item"]
    wanted = asked_by_screen(env)

    def read(limit):
        return item.web_search_read(domain, wanted, limit=limit, count_limit=10001)

    rows = note("statement", lambda: read(10000))["records"]
    numbers["rows"] = len(rows)
    note("screen", lambda: read(80))
    numbers["agrees"] = (
        abs(rows[0]["balance"] - ours.get(regular.id, 0)) < 0.005 if rows else False
    )
    print("RESULT " + json.dumps(numbers), flush=True)
    env.cr.rollback()
