"""Fifty visitors at once on the web site: screening, search, a held window, payment.

Each is a session of its own over HTTP, on a server with two workers; all of them want
the earliest windows. ``CLINIC_BENCH_VISITORS`` is their number (50). How they walk is
in ``tests/e2e/crowd.py``; a test walks it with a few.
"""

import os


def run(server):
    from tests.e2e.crowd import come

    return come(server, int(os.environ.get("CLINIC_BENCH_VISITORS", "50")))


def report(numbers):
    lines = [
        f"visitors: {numbers['visitors']} at once, done in {numbers['seconds']} s",
        f"  errors              {numbers['errors']} {numbers['kinds'] or ''}".rstrip(),
        f"  windows held        {numbers['held']}",
        f"  told it was taken   {numbers['refused']} times",
        f"  booked, paid        {numbers['booked']}, {numbers['paid']}",
        f"  lost payments       {numbers['lost']}",
        f"  double bookings     {numbers['doubles']}",
        "",
        f"  {'step':<12}{'median, s':>10}{'p95, s':>10}{'times':>8}",
    ]
    for name, (median, late, count) in numbers["times"].items():
        lines.append(f"  {name:<12}{median:>10.2f}{late:>10.2f}{count:>8}")
    return "\n".join(lines)
