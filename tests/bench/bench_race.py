"""Races: eight processes book at once, beside OCA's resource_booking.

Every attempt goes through Odoo's own RPC path (``odoo.service.model.execute_cr``:
``call_kw`` inside ``retrying``, a transaction of its own, the rights of a receptionist,
mail and tracking on), in eight processes of their own on one database; not over HTTP,
for the web server's workers would be measured then. Three parts:

* disjoint: everybody books another specialist, which measures bookings per second;
* stampede: all eight want the same window at the same moment, one window after another;
* contended: bookings, holds, moves and cancellations at random times of few
  specialists, with shared rooms, two devices, a group service, buffers and limits of a
  day, so that everything that can be taken is fought for.

What came of it is counted by SQL from the appointments, not from the ledger that
should have prevented it. ``CLINIC_BENCH_RACE`` is the number of stampede and contended
attempts (100,000).
"""

import json
import os
from pathlib import Path

TEMPLATE = "bench"
SCRIPT = Path(__file__).with_name("race_in_odoo.py")


def run(server):
    attempts = int(os.environ.get("CLINIC_BENCH_RACE", "100000"))
    script = SCRIPT.read_text().replace("ATTEMPTS = 800\n", f"ATTEMPTS = {attempts}\n")
    output = server.shell(script)
    return json.loads(output.rpartition("RESULT ")[2].splitlines()[0])


def report(numbers):
    """Return the table, with OCA's figures beside ours where there are any."""
    lines = [
        f"race: {numbers['processes']} processes, Odoo's RPC path, "
        f"{numbers['attempts']:,} stampede and contended attempts",
        "",
        f"{'':<44}{'clinic':>12}{'OCA':>12}",
    ]

    def row(label, ours, theirs=""):
        lines.append(f"{label:<44}{_number(ours):>12}{_number(theirs):>12}".rstrip())

    row("one booking, queries", numbers["queries"], numbers["oca_queries"])
    row("one booking, ms", numbers["booking_ms"], numbers["oca_booking_ms"])
    row("disjoint, bookings/s", numbers["disjoint"], numbers["oca_disjoint"])
    row("  ratio", numbers["ratio"])
    for phase in ("stampede", "contended"):
        found = numbers[phase]
        row(f"{phase}, attempts", found["attempts"])
        row("  attempts/s", found["per_second"])
        row("  booked", found["won"])
        row("  refused with a sentence", found["refused"])
        row("  of these with what is free instead", found["alternatives"])
        row("  loser's median, ms", found["loser_p50"])
        row("  loser's p99, ms", found["loser_p99"], numbers["oca_booking_ms"])
        row("  longest, ms", found["longest"])
        row("  retries by Odoo", found["retries"])
        row("  tracebacks", found["tracebacks"])
    row("windows with two winners", numbers["double_winners"], numbers["oca_double"])
    row("windows without a winner", numbers["no_winner"])
    row("overlaps found by SQL", sum(numbers["overlaps"].values()))
    row("deadlocks (pg_stat_database)", numbers["deadlocks"], numbers["oca_deadlocks"])
    return "\n".join(lines)


def _number(value):
    if isinstance(value, float):
        return f"{value:,.1f}"
    return f"{value:,}" if isinstance(value, int) else str(value)
