"""Replay: notices of payments, each sent several times, to two processes that die.

A provider repeats a notice until it is answered, a bank file is imported twice, a
cashier presses the button again. Each of ``CLINIC_BENCH_REPLAY`` notices (10,000) is
of one of four times fewer payments; two processes work on them in a wild order, and
are killed by ``kill -9`` between the steps of the work: after the order was written
down, after the payment was posted, after the provider's word was committed and before
the books followed, after all was done and before the answer. What was not answered is
sent again. At the end SQL counts what the books hold.
"""

import json
import os
from pathlib import Path

SCRIPT = Path(__file__).with_name("replay_in_odoo.py")


def run(server):
    notices = int(os.environ.get("CLINIC_BENCH_REPLAY", "10000"))
    script = SCRIPT.read_text().replace("NOTICES = 200\n", f"NOTICES = {notices}\n")
    output = server.shell(script)
    return json.loads(output.rpartition("RESULT ")[2].splitlines()[0])


def report(numbers):
    lines = [
        f"replay: {numbers['notices']:,} notices of {numbers['payments']:,} payments, "
        f"2 processes, {numbers['seconds']:.0f} s",
        "",
    ]
    for label, name in (
        ("killed with -9", "kills"),
        ("notices sent again for want of an answer", "again"),
        ("repeats that got the first result", "repeats"),
        ("booked by the sweeper in the end", "swept"),
        ("retries after a clash in the database", "retries"),
        ("payments doubled", "doubled"),
        ("payments lost", "lost"),
        ("kopecks too much or too little in the books", "kopecks_off"),
        ("orders without their payment", "orders_open"),
        ("matches beyond a payment or an invoice", "overmatched"),
        ("other errors", "errors"),
    ):
        lines.append(f"{label:<46}{numbers[name]:>10,}")
    for where, times in sorted(numbers["killed_at"].items()):
        lines.append(f"  killed {where:<37}{times:>10,}")
    lines.append(f"{'one payment, median ms':<46}{numbers['median_ms']:>10.1f}")
    lines.append(f"{'one payment, p95 ms':<46}{numbers['p95_ms']:>10.1f}")
    return "\n".join(lines)
