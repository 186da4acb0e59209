"""What bench_replay.py runs in an Odoo shell: makes the data, forks, kills, counts."""

import json
import logging
import multiprocessing
import multiprocessing.connection
import os
import random
import shutil
import signal
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter

from odoo import SUPERUSER_ID, api, sql_db
from odoo.modules.registry import Registry
from odoo.service import model as service_model

NOTICES = 200
COPIES = 4
PROCESSES = 2
PATIENTS = 60
KILL_EACH = 60  # of so many steps one ends in kill -9
DATABASE = env.cr.dbname  # noqa: F821 - the shell gives it
fork = multiprocessing.get_context("fork")
now = time.monotonic


def make(env):
    """Make patients with debts, transactions and bank orders; return the payments."""
    company = env.company
    partners = env["res.partner"].create(
        [{"name": f"Replay {n}", "is_patient": True} for n in range(PATIENTS)]
    )
    product = env["product.product"].create({"name": "Replay", "type": "service"})
    invoices = env["account.move"].create(
        [
            {
                "move_type": "out_invoice",
                "partner_id": partner.id,
                "invoice_line_ids": [
                    (0, 0, {"product_id": product.id, "price_unit": 900 + 7 * n})
                ],
            }
            for n, partner in enumerate(partners)
            for _again in range(2)
        ]
    )
    invoices.action_post()
    journal = env["account.journal"].search(
        [("type", "=", "bank"), ("company_id", "=", company.id)], limit=1
    )
    provider = env["payment.provider"].search([("code", "=", "demo")], limit=1)
    provider.write({"state": "test", "company_id": company.id})
    if not provider.journal_id:
        provider.journal_id = journal
    method = env["payment.method"].search([], limit=1)
    payments = []
    for number in range(NOTICES // COPIES):
        partner = partners[number % PATIENTS]
        amount = 100 + number + number % 100 / 100
        if number % 3 == 2:
            vals = {
                "payment_type": "inbound",
                "partner_type": "customer",
                "partner_id": partner.id,
                "company_id": company.id,
                "amount": amount,
                "currency_id": company.currency_id.id,
                "journal_id": journal.id,
                "memo": f"replay {number}",
            }
            payments.append(("bank", f"replay-{number}", vals))
        else:
            payments.append(("online", f"replay-{number}", amount))
            env["payment.transaction"].create(
                {
                    "provider_id": provider.id,
                    "payment_method_id": method.id,
                    "reference": f"replay-{number}",
                    "provider_reference": f"prov-{number}",
                    "amount": amount,
                    "currency_id": company.currency_id.id,
                    "partner_id": partner.id,
                    "operation": "online_redirect",
                }
            )
    env.cr.commit()
    return payments


# The work ------------------------------------------------------------------------


class Worker:
    """Takes notices until there are none, or until it is killed."""

    def __init__(self, seed, payments, tasks, diary):
        self.random = random.Random(seed)
        self.payments, self.tasks, self.tries = payments, tasks, 0
        # Without a buffer: what was said before a kill -9 is in the file.
        self.diary = os.open(diary, os.O_WRONLY | os.O_CREAT)
        self.registry = Registry(DATABASE)

    def run(self):
        threading.current_thread().dbname = DATABASE
        self.lay_mines()
        for notice in self.tasks:
            begun, self.tries = now(), 0
            try:
                first = self.step(self.take, notice)
                self.perhaps_die("before the books follow")
                if first:
                    self.step(self.book, notice)
                self.perhaps_die("before the answer")
                self.say("done", notice, now() - begun, bool(first))
            except Exception as error:
                self.say("error", notice, repr(error)[:300], False)
        self.say("end", 0, 0, False)

    def step(self, function, notice):
        """Do it as a request does: a transaction, repeated after a clash."""
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})

            def attempt():
                self.tries += 1
                return function(env, notice)

            self.tries -= 1
            return service_model.retrying(attempt, env)

    def take(self, env, notice):
        kind, key, what = self.payments[notice]
        if kind == "bank":
            intents = env["clinic.payment.intent"]
            known = intents.search_count([("key", "=", key)])
            intents._take("bank", env.company, {key: what})
            return not known
        tx = env["payment.transaction"].search([("reference", "=", key)])
        first = tx.state != "done"
        tx._process("demo", {"reference": key, "simulated_state": "done"})
        return first

    def book(self, env, notice):
        kind, key, _what = self.payments[notice]
        if kind == "online":
            tx = env["payment.transaction"].search([("reference", "=", key)])
            if not tx.is_post_processed:
                tx._post_process()

    def lay_mines(self):
        """Die in the middle of a transaction too."""
        worker = self

        def mine(name, method, where):
            model = worker.registry[name]
            original = getattr(model, method)

            def mined(records, *args, **kwargs):
                result = original(records, *args, **kwargs)
                worker.perhaps_die(where)
                return result

            setattr(model, method, mined)

        mine("clinic.payment.intent", "_claim", "when the order is written")
        mine("account.payment", "action_post", "when the payment is posted")
        mine("res.partner", "_clinic_allocate", "when it is matched")

    def perhaps_die(self, where):
        if self.random.randrange(KILL_EACH) == 0:
            self.say("killed", 0, where, False)
            os.kill(os.getpid(), signal.SIGKILL)

    def say(self, *words):
        os.write(self.diary, (json.dumps((*words, self.tries)) + "\n").encode())


def play(payments):
    """Send the notices until each is answered; return what happened."""
    chaos = random.Random(4)
    waiting = [number % len(payments) for number in range(NOTICES)]
    chaos.shuffle(waiting)
    counts, killed_at, times = Counter(), Counter(), []
    workers, seed = {}, 0
    folder = tempfile.mkdtemp()
    while waiting or workers:
        while waiting and len(workers) < PROCESSES:
            share = waiting[: max(len(waiting) // (PROCESSES - len(workers)), 1)]
            del waiting[: len(share)]
            seed += 1
            diary = os.path.join(folder, str(seed))
            sql_db.close_all()
            child = fork.Process(target=start, args=(seed, payments, share, diary))
            child.start()
            workers[child.sentinel] = (child, diary, Counter(share))
        for sentinel in multiprocessing.connection.wait(list(workers)):
            child, diary, left = workers.pop(sentinel)
            child.join()
            collect(diary, left, counts, killed_at, times)
            counts["again"] += 1 if child.exitcode else 0
            waiting += left.elements()
            chaos.shuffle(waiting)
    shutil.rmtree(folder)
    return counts, killed_at, times


def start(seed, payments, share, diary):
    Worker(seed, payments, share, diary).run()
    os._exit(0)


def collect(diary, left, counts, killed_at, times):
    """Read what a worker wrote down before it ended or was killed."""
    with open(diary) as lines:
        for line in lines:
            kind, notice, said, first, tries = json.loads(line)
            counts["retries"] += tries if tries > 0 else 0
            if kind == "killed":
                counts["kills"] += 1
                killed_at[said] += 1
            elif kind == "error":
                counts["errors"] += 1
                left[notice] -= 1
                print(said, file=sys.stderr, flush=True)
            elif kind == "done":
                left[notice] -= 1
                if first:
                    times.append(said)
                else:
                    counts["repeats"] += 1


# Counting ------------------------------------------------------------------------


def sweep(env):
    """Book what was said by the provider and lost before the books followed."""
    env.cr.execute(
        "UPDATE payment_transaction SET last_state_change = now() at time zone 'utc' "
        "- interval '1 hour' WHERE reference LIKE 'replay-%' AND state = 'done'"
    )
    stuck = env["payment.transaction"].search(
        [
            ("reference", "=like", "replay-%"),
            ("state", "=", "done"),
            ("is_post_processed", "=", False),
        ]
    )
    env.cr.commit()
    while env["payment.transaction"].search_count(
        [("id", "in", stuck.ids), ("is_post_processed", "=", False)]
    ):
        env["payment.transaction"]._cron_book_stuck()
        env.cr.commit()
    return len(stuck)


def count(env, payments):
    env.cr.execute(
        """SELECT count(*), COALESCE(sum(n - 1), 0), COALESCE(sum(amount), 0)
             FROM (SELECT p.amount, count(*) AS n FROM account_payment p
                     JOIN account_move m ON m.id = p.move_id AND m.state = 'posted'
                    WHERE p.partner_id IN (SELECT id FROM res_partner
                                            WHERE name LIKE 'Replay %')
                    GROUP BY p.amount) AS once"""
    )
    kinds, doubled, _total = env.cr.fetchone()
    env.cr.execute(
        """SELECT COALESCE(sum(l.credit), 0) FROM account_move_line l
             JOIN account_account a ON a.id = l.account_id
                  AND a.account_type = 'asset_receivable'
            WHERE l.parent_state = 'posted' AND l.partner_id IN
                  (SELECT id FROM res_partner WHERE name LIKE 'Replay %')"""
    )
    kopecks = round(env.cr.fetchone()[0] * 100)
    env.cr.execute(
        "SELECT count(*) FROM clinic_payment_intent WHERE payment_id IS NULL "
        "AND key LIKE '%%replay-%%' OR key LIKE '%%prov-%%' AND payment_id IS NULL"
    )
    orders_open = env.cr.fetchone()[0]
    env.cr.execute(
        """SELECT count(*) FROM (
             SELECT l.id FROM account_move_line l
               JOIN account_partial_reconcile r
                 ON r.debit_move_id = l.id OR r.credit_move_id = l.id
              WHERE l.partner_id IN (SELECT id FROM res_partner
                                      WHERE name LIKE 'Replay %')
              GROUP BY l.id HAVING sum(r.amount) > abs(max(l.balance)) + 0.001
           ) AS over"""
    )
    overmatched = env.cr.fetchone()[0]
    wanted = sum(
        round((what["amount"] if kind == "bank" else what) * 100)
        for kind, _key, what in payments
    )
    return {
        "doubled": int(doubled),
        "lost": len(payments) - kinds,
        "kopecks_off": abs(kopecks - wanted),
        "orders_open": orders_open,
        "overmatched": overmatched,
    }


def main():
    logging.disable(logging.ERROR)
    payments = make(env)  # noqa: F821
    env.cr.rollback()  # noqa: F821
    begun = now()
    counts, killed_at, times = play(payments)
    # Forking has closed the shell's own connection.
    with Registry(DATABASE).cursor() as cr:
        later = api.Environment(cr, SUPERUSER_ID, {})
        swept = sweep(later)
        found = count(later, payments)
    times.sort()
    numbers = {
        "notices": NOTICES,
        "payments": len(payments),
        "seconds": now() - begun,
        "kills": counts["kills"],
        "again": counts["again"],
        "retries": counts["retries"],
        "repeats": counts["repeats"],
        "errors": counts["errors"],
        "swept": swept,
        "killed_at": dict(killed_at),
        "median_ms": statistics.median(times) * 1000,
        "p95_ms": times[int(len(times) * 0.95)] * 1000,
        **found,
    }
    print("RESULT " + json.dumps(numbers), flush=True)
    os._exit(0)


main()
