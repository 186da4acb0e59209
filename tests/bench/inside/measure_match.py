"""What bench_match.py runs in an Odoo shell; nothing is committed."""

import json
import random
import sys
import time
from collections import Counter
from contextlib import contextmanager
from datetime import date, timedelta
from unittest.mock import patch

from books import Copies

from odoo.addons.clinic_finance.models.clinic_account import PORTION
from odoo.addons.clinic_finance.tools.allocation import allocate

PEOPLE = 300
EVENTS = 40
FIRST_DAY = date.today() - timedelta(days=700)


def say(text):
    print(text, file=sys.stderr, flush=True)


class Undone(Exception):
    pass


@contextmanager
def taken_back(env):
    """Run on a cold cache; whatever was done is undone."""
    env.invalidate_all()
    try:
        with env.cr.savepoint():
            yield
            env.cr.flush()
            raise Undone
    except Undone:
        env.invalidate_all()


@contextmanager
def stock(env):
    """Switch our own logging off: the rival is Odoo as it comes."""
    partials = env.registry["account.partial.reconcile"]
    log = env.registry["clinic.payment.match"]
    with (
        patch.object(partials, "_clinic_touch_accounts", lambda self: None),
        patch.object(partials, "_check_clinic_lock", lambda self: None),
        patch.object(log, "_log_partials", lambda self, partials: None),
    ):
        yield


class Clock:
    def __init__(self, env):
        self.cr = env.cr
        self.queries, self.seconds, self.cpu = (
            env.cr.sql_log_count,
            time.perf_counter(),
            time.process_time(),
        )

    def stop(self, matches):
        return {
            "seconds": time.perf_counter() - self.seconds,
            "cpu": time.process_time() - self.cpu,
            "queries": self.cr.sql_log_count - self.queries,
            "matches": matches,
        }


class Clinic:
    """Three hundred people with years of invoices and payments."""

    def __init__(self, env, seed=20261122):
        self.env = env(
            context={
                **env.context,
                "tracking_disable": True,
                "clinic_match_later": False,
            }
        )
        self.rng = random.Random(seed)
        self.company = env.company
        self.people = self.env["res.partner"].create(
            [{"name": f"Bench {n}", "is_patient": True} for n in range(PEOPLE)]
        )
        # The originals are a stranger's: they stay open, and so do their copies.
        model = self.env["res.partner"].create({"name": "Bench original"})
        self.copies = Copies(self.env, model)
        self.count = 0

    def make(self, count, day):
        """Make as many open invoices and payments."""
        rng = self.rng
        invoices, payments = [], []
        for number in range(count):
            kind = rng.choices(
                ("named", "equal", "part", "over"), weights=(40, 20, 25, 15)
            )[0]
            price = rng.choice((1500, 2000, 2500, 3200)) + 10 * rng.randrange(60)
            pays = {"part": price // 2, "over": price + 700}.get(kind, price)
            when = day + timedelta(days=rng.randrange(180))
            person = self.people[number % PEOPLE].id
            self.count += 1
            name = f"BENCH/{when.year}/{self.count:06}"
            memo = f"{name}, visit" if kind == "named" else "visit"
            invoices.append((person, name, name, price, when))
            payments.append((person, f"P{name}", memo, pays, when + timedelta(days=1)))
        self.copies.invoices(invoices)
        self.copies.payments(payments)

    def make_owing(self, people, invoices):
        """Make people who owe and have paid nothing: who comes to the desk."""
        owing = self.env["res.partner"].create(
            [{"name": f"Owing {n}", "is_patient": True} for n in range(people)]
        )
        day = date.today() - timedelta(days=30)
        self.copies.invoices(
            [
                (person, name, name, 1500 + 100 * number, day + timedelta(days=number))
                for person in owing.ids
                for number in range(invoices)
                for name in [f"OWING/{person}/{number:02}"]
            ]
        )
        return owing

    def open_lines(self, sign):
        return self.env["account.move.line"].search(
            [
                ("partner_id", "in", self.people.ids),
                ("account_type", "=", "asset_receivable"),
                ("parent_state", "=", "posted"),
                ("amount_residual", ">" if sign > 0 else "<", 0),
            ],
            order="date_maturity, date, id",
        )


def by_mass_run(clinic, people):
    clock = Clock(clinic.env)
    matches = clinic.env["clinic.payment.match"]
    for start in range(0, len(people), PORTION):
        matches |= people[start : start + PORTION]._clinic_allocate()
        clinic.env.cr.flush()
    return clock.stop(len(matches)), matches


def by_person(clinic, people):
    count = clinic.env["account.partial.reconcile"].search_count([])
    clock = Clock(clinic.env)
    lines = clinic.open_lines(1) | clinic.open_lines(-1)
    for mine in lines.grouped("partner_id").values():
        if len({line.amount_residual > 0 for line in mine}) == 2:
            mine.reconcile()
    clinic.env.cr.flush()
    done = clinic.env["account.partial.reconcile"].search_count([]) - count
    return clock.stop(done)


def one_by_one(clinic, people):
    count = clinic.env["account.partial.reconcile"].search_count([])
    clock = Clock(clinic.env)
    charges = clinic.open_lines(1).grouped("partner_id")
    money = clinic.open_lines(-1).filtered(lambda line: line.partner_id in people)
    for number, payment in enumerate(money):
        for charge in charges.get(payment.partner_id, ()):
            if payment.reconciled:
                break
            if not charge.reconciled:
                charge.move_id.js_assign_outstanding_line(payment.id)
        if number % 500 == 499:
            say(f"one by one: {number + 1} payments, {time.perf_counter():.0f}")
    clinic.env.cr.flush()
    done = clinic.env["account.partial.reconcile"].search_count([]) - count
    return clock.stop(done)


def plan_of_the_whole(clinic):
    """Return the plan by the pure core alone, and what it took."""
    clock = Clock(clinic.env)
    lines = clinic.people._clinic_open_lines()
    [(_company, charges, credits)] = lines._clinic_open_items()
    begun = time.perf_counter(), time.process_time()
    plan = allocate(charges, credits)
    core = clock.stop(len(plan))
    core["seconds"] = time.perf_counter() - begun[0]
    core["cpu"] = time.process_time() - begun[1]
    core["queries"] = 0
    return core, {
        (one.charge_id, one.credit_id): (one.amount, one.rule) for one in plan
    }


def open_items(env, person_id):
    return env["account.move.line"].search(
        [
            ("partner_id", "=", person_id),
            ("account_type", "=", "asset_receivable"),
            ("parent_state", "=", "posted"),
            ("reconciled", "=", False),
        ]
    )


def events(clinic, by_odoo=False):
    """Measure single payments of people who owe; the caches are cold for the first.

    Each pays two of ten open invoices, the second in part.
    """
    env = clinic.env
    seconds, queries = [], []
    owing = clinic.make_owing(EVENTS, 10)
    journal = clinic.company.clinic_cash_journal_id.id
    env.invalidate_all()
    for person_id in owing.ids:
        clock = Clock(env)
        payment = env["account.payment"].create(
            {
                "payment_type": "inbound",
                "partner_type": "customer",
                "partner_id": person_id,
                "amount": 2500,
                "journal_id": journal,
            }
        )
        payment.action_post()
        if by_odoo:
            matched = open_items(env, person_id)
            matched.reconcile()
        else:
            matched = payment.partner_id._clinic_allocate()
        env.cr.flush()
        took = clock.stop(len(matched))
        assert matched
        seconds.append(took["seconds"] * 1000)
        queries.append(took["queries"])
    cold, *queries = queries
    seconds = sorted(seconds[1:])
    return {
        "cold": cold,
        "median_ms": seconds[len(seconds) // 2],
        "p95_ms": seconds[int(len(seconds) * 0.95)],
        "queries": max(queries),
    }


def main(env, payments, sample):
    begun = time.perf_counter()
    clinic = Clinic(env)
    env = clinic.env
    clinic.make(payments, FIRST_DAY)
    history, _matches = by_mass_run(clinic, clinic.people)
    say(f"history: {history}")
    clinic.make(payments, FIRST_DAY + timedelta(days=400))
    env.cr.flush()
    env.cr.execute("ANALYZE account_partial_reconcile")
    say(f"data made in {time.perf_counter() - begun:.0f} s")
    numbers = {
        "payments": payments,
        "history": payments,
        "people": PEOPLE,
        "sample": sample,
    }
    env.invalidate_all()
    assert clinic.open_lines(1) and clinic.open_lines(-1)
    numbers["core"], plan = plan_of_the_whole(clinic)
    with taken_back(env):
        numbers["ours"], matches = by_mass_run(clinic, clinic.people)
        written = {
            (one.debit_line_id.id, one.credit_line_id.id): (
                round(one.partial_id.amount * 100),
                one.rule,
            )
            for one in matches
        }
        numbers["planned"] = len(plan)
        numbers["missing"] = sum(
            written.get(pair) != what for pair, what in plan.items()
        )
        numbers["extra"] = len(written.keys() - plan.keys())
        numbers["unexplained"] = sum(not one.reason for one in matches)
        numbers["rules"] = dict(Counter(rule for _amount, rule in written.values()))
        numbers["again"] = by_mass_run(clinic, clinic.people)[0]["matches"]
    say(f"ours: {numbers['ours']}")
    people = clinic.people[:sample] if sample else clinic.people
    numbers["ours_sample"] = numbers["ours"]
    if sample:
        with taken_back(env):
            numbers["ours_sample"], _matches = by_mass_run(clinic, people)
    with taken_back(env), stock(env):
        numbers["person"] = by_person(clinic, clinic.people)
    say(f"a person at a time: {numbers['person']}")
    with taken_back(env):
        numbers["event"] = events(clinic)
    say(f"event: {numbers['event']}")
    with taken_back(env), stock(env):
        numbers["odoo_event"] = events(clinic, by_odoo=True)
    with taken_back(env), stock(env):
        numbers["js"] = one_by_one(clinic, people)
    say(f"one by one: {numbers['js']}")
    print("RESULT " + json.dumps(numbers), flush=True)
    env.cr.rollback()
