"""A year's budget of 200 items over a million journal items, read in four ways.

Runs inside Odoo, in one transaction that is rolled back. The books are written by SQL:
it is the reading that is measured.
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


class Books:
    """``count`` posted items of one company; three quarters on budget accounts."""

    def __init__(self, env, count, items):
        self.env = env(context={**env.context, "tracking_disable": True})
        self.company = env.company
        self.journal = env["account.journal"].search(
            [("type", "=", "general"), ("company_id", "=", self.company.id)], limit=1
        )
        self.accounts = env["account.account"].create(
            [
                {
                    "code": f"BB{number:04}",
                    "name": f"Bench {number}",
                    "account_type": "income" if number % 5 == 0 else "expense",
                }
                for number in range(items)
            ]
        )
        self.others = env["account.account"].create(
            [
                {
                    "code": f"BO{number:04}",
                    "name": f"Bench other {number}",
                    "account_type": "asset_current",
                }
                for number in range(OTHERS)
            ]
        )
        self.items = env["clinic.budget.item"].create(
            [
                {
                    "name": account.name,
                    "kind": account.account_type,
                    "account_ids": [Command.set(account.ids)],
                }
                for account in self.accounts
            ]
        )
        self.budget = env["clinic.budget"].create(
            {
                "name": "Bench",
                "date_from": date(YEAR, 1, 1),
                "date_to": date(YEAR, 12, 31),
                "line_ids": [
                    Command.create(
                        {
                            "item_id": item.id,
                            "month": date(YEAR, month, 1),
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
        env.cr.execute("ANALYZE account_move_line")
        env.cr.execute("ANALYZE account_move")
        env.invalidate_all()

    def _undress(self):
        """Take off what makes a million rows slow to write; return the indexes.

        All is rolled back in the end, the foreign keys with it.
        """
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
               SELECT 'BENCH/' || n, %s::date + n %% 547, %s, %s, 'posted', 'entry',
                      %s, 'no', 'BENCH/', n
               FROM generate_series(1, %s) AS n RETURNING id""",
            (
                date(YEAR, 1, 1),
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


class Ways:
    """The same figures, read in four ways; each returns ``{(item, month): sum}``."""

    def __init__(self, books):
        self.books = books
        self.env = books.env
        self.item_of = dict(zip(books.accounts.ids, books.items.ids, strict=True))
        self.sign_of = {
            account.id: -1 if account.account_type == "income" else 1
            for account in books.accounts
        }
        self.natures = books.budget._account_natures(books.company, [])

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
            if item in self.item_of.values()
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
                date(YEAR, 1, 1),
                date(YEAR, 12, 31),
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

    def one_by_one(self, items):
        """A read for each item and month, as budgets for Odoo have done it."""
        found = {}
        model = self.env["account.move.line"]
        for item in items:
            for month in range(1, 13):
                first = date(YEAR, month, 1)
                after = date(YEAR + month // 12, month % 12 + 1, 1)
                [(total,)] = model._read_group(
                    [
                        ("parent_state", "=", "posted"),
                        ("company_id", "=", self.books.company.id),
                        ("account_id", "in", item.account_ids.ids),
                        ("date", ">=", first),
                        ("date", "<", after),
                    ],
                    aggregates=["balance:sum"],
                )
                sign = -1 if item.kind == "income" else 1
                found[item.id, first] = round(sign * total, 2)
        return found


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
    books = Books(env, count, items)
    ways = Ways(books)
    # Warm for all alike: pages of the table, plans, code.
    ways.sql()
    sql_s, _queries, by_sql = measure(env, ways.sql)
    sums_s, sums_queries, by_sums = measure(env, ways.sums)
    lines_s, lines_queries, by_lines = measure(env, ways.lines)
    sample = books.items[:: max(items // SAMPLE_ITEMS, 1)]
    one_s, one_queries, by_one = measure(env, ways.one_by_one, sample)
    factor = items / len(sample)
    env.cr.execute(SQL("SELECT COUNT(*) FROM account_move_line"))
    [(total,)] = env.cr.fetchall()
    cells = {(item.id, date(YEAR, m, 1)) for item in books.items for m in range(1, 13)}
    numbers = {
        "journal_items": total,
        "items": items,
        "cells": len(cells),
        "sql_ms": sql_s * 1000,
        "sums_ms": sums_s * 1000,
        "sums_queries": sums_queries,
        "lines_ms": lines_s * 1000,
        "lines_queries": lines_queries,
        "reads_of_books": of_books(env, ways.lines),
        "one_by_one_ms": one_s * factor * 1000,
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
    print("RESULT " + json.dumps(numbers))
