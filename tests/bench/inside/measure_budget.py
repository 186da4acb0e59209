"""A year's budget of 200 items over a million journal items, read in five ways.

Two kinds of books: those in which each item has an account of its own, and those of a
real clinic, where 20 accounts are told apart by ten analytic accounts or partners each.

Runs inside Odoo, in a database made for it. The books are written by SQL: it is the
reading that is measured. They are committed and vacuumed first, as a clinic's books
are: rows of an open transaction have to be looked up one by one.
"""

import gc
import json
import statistics
import time
from datetime import date

from odoo import Command
from odoo.tools import SQL

YEAR = 2031
OTHERS = 100
RUNS = 5
# A read by item and month is measured on some of them and counted up: all would take
# as long as everything else together.
SAMPLE_ITEMS = 20
# In books of few accounts: items of each, and partners that no item names.
RULES = 10
STRANGERS = 500


class Books:
    """``count`` posted items of one company; three quarters on budget accounts."""

    year = YEAR
    code = "B"

    def __init__(self, env, count, items):
        self.env = env(context={**env.context, "tracking_disable": True})
        self.company = env.company
        self.journal = env["account.journal"].search(
            [("type", "=", "general"), ("company_id", "=", self.company.id)], limit=1
        )
        self.accounts = self._create_accounts(self._account_count(items))
        self.others = env["account.account"].create(
            [
                {
                    "code": f"{self.code}O{number:04}",
                    "name": f"Bench other {number}",
                    "account_type": "asset_current",
                }
                for number in range(OTHERS)
            ]
        )
        self.items = env["clinic.budget.item"].create(self._item_vals())
        self.budget = env["clinic.budget"].create(
            {
                "name": "Bench",
                "date_from": date(self.year, 1, 1),
                "date_to": date(self.year, 12, 31),
                "line_ids": [
                    Command.create(
                        {
                            "item_id": item.id,
                            "month": date(self.year, month, 1),
                            "planned": 1000,
                        }
                    )
                    for item in self.items
                    for month in range(1, 13)
                ],
            }
        )
        env.flush_all()
        indexes = self._undress()
        self._write(count)
        for definition in indexes:
            env.cr.execute(definition)
        env.cr.commit()
        with env.registry.cursor() as cr:
            cr._cnx.autocommit = True
            cr.execute("VACUUM ANALYZE account_move_line")
            cr.execute("VACUUM ANALYZE account_move")
        env.invalidate_all()

    def _account_count(self, items):
        return items

    def _create_accounts(self, count):
        return self.env["account.account"].create(
            [
                {
                    "code": f"{self.code}B{number:04}",
                    "name": f"Bench {number}",
                    "account_type": "income" if number % 5 == 0 else "expense",
                }
                for number in range(count)
            ]
        )

    def _item_vals(self):
        return [
            {
                "name": account.name,
                "kind": account.account_type,
                "account_ids": [Command.set(account.ids)],
            }
            for account in self.accounts
        ]

    def _undress(self):
        """Take off what makes a million rows slow to write; return the indexes."""
        cr = self.env.cr
        cr.execute(
            """SELECT conname FROM pg_constraint
               WHERE conrelid = 'account_move_line'::regclass AND contype = 'f'"""
        )
        for (name,) in cr.fetchall():
            drop = SQL(
                "ALTER TABLE account_move_line DROP CONSTRAINT %s", SQL.identifier(name)
            )
            cr.execute(drop)
        cr.execute(
            """SELECT indexname, indexdef FROM pg_indexes
               WHERE tablename = 'account_move_line'
               AND indexname <> 'account_move_line_pkey'"""
        )
        found = cr.fetchall()
        for name, _definition in found:
            cr.execute(SQL("DROP INDEX %s", SQL.identifier(name)))
        return [definition for _name, definition in found]

    def _write(self, count):
        """Insert moves of a hundred items each, over a year and half of another."""
        cr, moves = self.env.cr, count // 100
        cr.execute(
            """INSERT INTO account_move (name, date, journal_id, company_id, state,
                   move_type, currency_id, auto_post, sequence_prefix, sequence_number)
               SELECT 'BENCH/' || %s || '/' || n, %s::date + n %% 547, %s, %s,
                      'posted', 'entry', %s, 'no', 'BENCH/', n
               FROM generate_series(1, %s) AS n RETURNING id""",
            (
                self.year,
                date(self.year, 1, 1),
                self.journal.id,
                self.company.id,
                self.company.currency_id.id,
                moves,
            ),
        )
        first = min(row[0] for row in cr.fetchall())
        cr.execute(
            """INSERT INTO account_move_line (move_id, journal_id, company_id,
                   company_currency_id, currency_id, account_id, date, move_name,
                   parent_state, display_type, debit, credit, balance, amount_currency,
                   quantity)
               SELECT %(first)s + (n - 1) / 100, %(journal)s, %(company)s, %(money)s,
                      %(money)s,
                      CASE WHEN n %% 4 = 0
                           THEN (%(others)s)[1 + (n * 7919) %% %(other_count)s]
                           ELSE (%(own)s)[1 + (n * 104729) %% %(own_count)s] END,
                      move.date, move.name, 'posted', 'product',
                      GREATEST(amount, 0), GREATEST(-amount, 0), amount, amount, 1
               FROM (SELECT n, ((n * 7) %% 20001 - 10000) / 100.0 AS amount
                     FROM generate_series(1, %(count)s::bigint) AS n) AS made
               JOIN account_move move ON move.id = %(first)s + (n - 1) / 100""",
            {
                "first": first,
                "journal": self.journal.id,
                "company": self.company.id,
                "money": self.company.currency_id.id,
                "others": self.others.ids,
                "other_count": len(self.others),
                "own": self.accounts.ids,
                "own_count": len(self.accounts),
                "count": moves * 100,
            },
        )


class RuledBooks(Books):
    """Few accounts; items are told apart by an analytic account or by a partner.

    Every second account is of the one kind or the other. One entry in ten is shared
    between two analytic accounts, one in ten is of a partner whom no item names.
    """

    year = YEAR + 2
    code = "R"

    def _account_count(self, items):
        return items // RULES

    def _item_vals(self):
        plan = self.env["account.analytic.plan"].create({"name": "Bench"})
        self.analytics = self.env["account.analytic.account"].create(
            [{"name": f"Bench {n}", "plan_id": plan.id} for n in range(RULES)]
        )
        self.partners = self.env["res.partner"].create(
            [{"name": f"Bench {n}"} for n in range(RULES)]
        )
        self.strangers = self.env["res.partner"].create(
            [{"name": f"Bench stranger {n}"} for n in range(STRANGERS)]
        )
        return [
            {
                "name": f"{account.name}/{rule}",
                "kind": account.account_type,
                "account_ids": [Command.set(account.ids)],
                "partner_ids"
                if self._by_partner(account)
                else "analytic_account_ids": [
                    Command.set(
                        (
                            self.partners
                            if self._by_partner(account)
                            else self.analytics
                        )[rule].ids
                    )
                ],
            }
            for account in self.accounts
            for rule in range(RULES)
        ]

    def _by_partner(self, account):
        return int(account.code[-1]) % 2 == 1

    def _write(self, count):
        """Give the entries partners and analytic accounts; sums that halve evenly."""
        super()._write(count)
        self.env.cr.execute(
            """UPDATE account_move_line line SET
                   balance = balance * 5, amount_currency = balance * 5,
                   debit = debit * 5, credit = credit * 5,
                   partner_id = CASE WHEN is_odd
                       THEN (%(strangers)s)[1 + number %% %(stranger_count)s]
                       ELSE (%(partners)s)[1 + number %% %(rules)s] END,
                   analytic_distribution = CASE
                       WHEN line.account_id = ANY(%(by_partner)s) THEN NULL
                       WHEN is_odd THEN jsonb_build_object(
                           (%(analytics)s)[1 + number %% %(rules)s]::text, 60,
                           (%(analytics)s)[1 + (number + 1) %% %(rules)s]::text, 40)
                       ELSE jsonb_build_object(
                           (%(analytics)s)[1 + number %% %(rules)s]::text, 100) END
               FROM (SELECT id, hashint4(id) & 65535 AS number,
                            (hashint4(-id) & 65535) < 6554 AS is_odd
                     FROM account_move_line WHERE account_id = ANY(%(accounts)s)
                    ) AS drawn
               WHERE drawn.id = line.id""",
            {
                "accounts": self.accounts.ids,
                "by_partner": self.accounts.filtered(self._by_partner).ids,
                "partners": self.partners.ids,
                "strangers": self.strangers.ids,
                "stranger_count": STRANGERS,
                "analytics": self.analytics.ids,
                "rules": RULES,
            },
        )


class Ways:
    """The same figures, read in several ways; each returns ``{(item, month): sum}``."""

    def __init__(self, books):
        self.books = books
        self.env = books.env
        self._learn()
        self.natures = books.budget._account_natures(
            books.company, books.items._rules()
        )

    def _learn(self):
        books = self.books
        self.item_of = dict(zip(books.accounts.ids, books.items.ids, strict=True))
        self.sign_of = {
            account.id: -1 if account.account_type == "income" else 1
            for account in books.accounts
        }

    def _period(self):
        return date(self.books.year, 1, 1), date(self.books.year, 12, 31)

    def lines(self):
        """As the grid and the lists ask: every line's actual figure."""
        lines = self.books.budget.line_ids
        return {(line.item_id.id, line.month): round(line.actual, 2) for line in lines}

    def sums(self):
        """The grouped read and its sorting by rules, without any record of a line."""
        sums = self.books.budget._actuals()[self.books.budget.id]
        return {
            (item, month): amount / 100
            for (item, _branch, month), amount in sums.items()
            if item in set(self.books.items.ids)
        }

    def sql(self):
        """What an experienced person would type, over the same accounts."""
        self.env.cr.execute(
            """SELECT account_id, date_trunc('month', date)::date, SUM(balance)
               FROM account_move_line
               WHERE parent_state = 'posted' AND company_id = %s
               AND date >= %s AND date <= %s AND account_id = ANY(%s)
               GROUP BY 1, 2""",
            (
                self.books.company.id,
                *self._period(),
                list(self.natures),
            ),
        )
        return {
            (self.item_of[account], month): round(
                self.sign_of[account] * float(total), 2
            )
            for account, month, total in self.env.cr.fetchall()
            if account in self.item_of
        }

    def count(self):
        """Return how many entries these figures are of: no sums, months, accounts."""
        self.env.cr.execute(
            """SELECT COUNT(*) FROM account_move_line
               WHERE parent_state = 'posted' AND company_id = %s
               AND date >= %s AND date <= %s AND account_id = ANY(%s)""",
            (
                self.books.company.id,
                *self._period(),
                list(self.natures),
            ),
        )
        return self.env.cr.fetchone()[0]

    def one_by_one(self, items):
        """A read for each item and month, as budgets for Odoo have done it."""
        found = {}
        model = self.env["account.move.line"]
        for item in items:
            for month in range(1, 13):
                first = date(self.books.year, month, 1)
                after = date(self.books.year + month // 12, month % 12 + 1, 1)
                total = self._one(
                    model,
                    item,
                    [
                        ("parent_state", "=", "posted"),
                        ("company_id", "=", self.books.company.id),
                        ("account_id", "in", item.account_ids.ids),
                        ("date", ">=", first),
                        ("date", "<", after),
                    ],
                )
                sign = -1 if item.kind == "income" else 1
                found[item.id, first] = round(sign * total, 2)
        return found

    def _one(self, model, item, domain):
        [(total,)] = model._read_group(domain, aggregates=["balance:sum"])
        return total


class RuledWays(Ways):
    def _learn(self):
        self.item_of, self.sign_of = {}, {}
        for item in self.books.items:
            key = item.partner_ids.id or -item.analytic_account_ids.id
            self.item_of[item.account_ids.id, key] = item.id
            self.sign_of[item.account_ids.id] = -1 if item.kind == "income" else 1

    def sql(self):
        """What an experienced person would type: shares of analytic accounts, too."""
        self.env.cr.execute(
            """SELECT line.account_id,
                      COALESCE(-share.key::int, line.partner_id) AS told_by,
                      date_trunc('month', line.date)::date,
                      SUM(line.balance * COALESCE(share.value::numeric, 100)) / 100
               FROM account_move_line line
               LEFT JOIN LATERAL jsonb_each_text(line.analytic_distribution) share
                   ON true
               WHERE line.parent_state = 'posted' AND line.company_id = %s
               AND line.date >= %s AND line.date <= %s AND line.account_id = ANY(%s)
               GROUP BY 1, 2, 3""",
            (self.books.company.id, *self._period(), list(self.natures)),
        )
        return {
            (self.item_of[account, key], month): round(
                self.sign_of[account] * float(total), 2
            )
            for account, key, month, total in self.env.cr.fetchall()
            if (account, key) in self.item_of
        }

    def _one(self, model, item, domain):
        if item.partner_ids:
            domain = [*domain, ("partner_id", "in", item.partner_ids.ids)]
            return super()._one(model, item, domain)
        analytic = item.analytic_account_ids
        domain = [*domain, ("analytic_distribution", "in", analytic.ids)]
        return sum(
            json.loads(shares)[str(analytic.id)] * total / 100
            for shares, total in model._read_group(
                domain, ["clinic_budget_shares"], ["balance:sum"]
            )
        )


def measure(env, function, *args):
    """Return the median time, the queries, the journal items' queries, the result."""
    times, queries = [], 0
    for _run in range(RUNS):
        env.invalidate_all()
        gc.collect()
        count = env.cr.sql_log_count
        begun = time.perf_counter()
        result = function(*args)
        times.append(time.perf_counter() - begun)
        queries = env.cr.sql_log_count - count
    return statistics.median(times), queries, result


def without_our_index(env, function, *args):
    """Measure as in books that have only Odoo's own indexes."""
    with env.cr.savepoint(flush=False) as savepoint:
        env.cr.execute("DROP INDEX account_move_line_clinic_budget_idx")
        function(*args)
        result = measure(env, function, *args)
        savepoint.rollback()
    return result


def of_books(env, function):
    """Return how many queries read journal items."""
    seen = []
    model = type(env["account.move.line"])
    original = model._read_group

    def counted(self, *args, **kwargs):
        seen.append(1)
        return original(self, *args, **kwargs)

    model._read_group = counted
    try:
        env.invalidate_all()
        function()
    finally:
        model._read_group = original
    return len(seen)


def main(env, count=1_000_000, items=200):
    numbers = of_layout(env, Books(env, count, items), Ways, items)
    numbers["ruled"] = of_layout(env, RuledBooks(env, count, items), RuledWays, items)
    print("RESULT " + json.dumps(numbers))


def of_layout(env, books, ways_class, items):
    """Return the numbers of one kind of books."""
    ways = ways_class(books)
    # Warm for all alike: pages of the table, plans, code.
    ways.sql()
    sql_s, _queries, by_sql = measure(env, ways.sql)
    count_s, _queries, counted = measure(env, ways.count)
    sums_s, sums_queries, by_sums = measure(env, ways.sums)
    lines_s, lines_queries, by_lines = measure(env, ways.lines)
    sample = books.items[:: max(items // SAMPLE_ITEMS, 1)]
    one_s, one_queries, by_one = measure(env, ways.one_by_one, sample)
    bare_s, _queries, _found = without_our_index(env, ways.one_by_one, sample)
    factor = items / len(sample)
    env.cr.execute(
        "SELECT COUNT(*) FROM account_move_line WHERE date >= %s",
        (date(books.year, 1, 1),),
    )
    [(total,)] = env.cr.fetchall()
    cells = {
        (item.id, date(books.year, month, 1))
        for item in books.items
        for month in range(1, 13)
    }
    numbers = {
        "journal_items": total,
        "items": items,
        "cells": len(cells),
        "counted": counted,
        "count_ms": count_s * 1000,
        "sql_ms": sql_s * 1000,
        "sums_ms": sums_s * 1000,
        "sums_queries": sums_queries,
        "lines_ms": lines_s * 1000,
        "lines_queries": lines_queries,
        "reads_of_books": of_books(env, ways.lines),
        "one_by_one_ms": one_s * factor * 1000,
        "bare_ms": bare_s * factor * 1000,
        "bare_queries": round(one_queries * factor),
        "one_by_one_queries": round(one_queries * factor),
        "sampled": len(sample),
        "unequal": sum(
            abs(by_sql.get(cell, 0) - other.get(cell, 0)) > 0.004
            for other in (by_sums, by_lines)
            for cell in cells
        )
        + sum(
            abs(by_sql.get(cell, 0) - amount) > 0.004 for cell, amount in by_one.items()
        ),
    }
    env.cr.rollback()
    return numbers
