"""Matching: thousands of open payments and invoices, beside Odoo's one at a time.

On top of as many matched ones, 5,000 payments meet 5,000 invoices of 300 people: 40 %
name the invoice, 20 % have its amount, 25 % pay a part, 15 % pay too much. The
documents are copies, by SQL, of an invoice and a payment that Odoo posted. All arms
work on the same open items in one transaction that is rolled back in between:

* ours: the mass run, 150 payers a portion, each match with its rule written down;
* Odoo, one at a time: ``js_assign_outstanding_line``, what the button on an invoice
  does, from the oldest payment and invoice on, with our own logging switched off;
* Odoo, ``reconcile()`` of all open items of a person at once, also without our logging.

``CLINIC_BENCH_MATCH`` is the number of payments (5,000). The one-at-a-time arm takes a
quarter of an hour then; ``CLINIC_BENCH_MATCH_RIVAL=60`` runs it and ours for comparison
on that many people only, and the table says so.
"""

import json
import os
from pathlib import Path

INSIDE = Path(__file__).resolve().parent / "inside"
TARGETS = (
    ("wall time: one at a time ÷ ours", "js", "seconds", 25),
    ("queries: one at a time ÷ ours", "js", "queries", 300),
    ("wall time: reconcile() a person ÷ ours", "person", "seconds", 3),
)


def run(server):
    payments = int(os.environ.get("CLINIC_BENCH_MATCH", "5000"))
    rivals = int(os.environ.get("CLINIC_BENCH_MATCH_RIVAL", "0"))
    output = server.shell(script(payments, rivals))
    return json.loads(output.rpartition("RESULT ")[2].splitlines()[0])


def script(payments, rivals):
    return (
        f"import sys; sys.path.insert(0, {str(INSIDE)!r})\n"
        "import measure_match\n"
        f"measure_match.main(env, {payments}, {rivals})\n"
    )


def report(numbers):
    """Return the table, the ratios beside their targets, and the checks."""
    lines = [
        "{payments:,} payments and {payments:,} invoices of {people} people, on top of "
        "{history:,} matched ones".format(**numbers),
        "",
        f"{'':<44}{'seconds':>10}{'CPU s':>10}{'queries':>10}{'matches':>10}",
    ]
    for name, words in (
        ("ours", "ours: mass run, each match with its reason"),
        ("person", "Odoo: reconcile() of a person's open items"),
        ("js", "Odoo: js_assign_outstanding_line, one by one"),
        ("core", "  of ours: the plan alone (pure Python)"),
    ):
        arm = numbers[name]
        lines.append(
            f"{words:<44}{arm['seconds']:>10,.1f}{arm['cpu']:>10,.1f}"
            f"{arm['queries']:>10,}{arm['matches']:>10,}"
        )
    if numbers["sample"]:
        lines.append(
            f"  NOT the whole: the one-by-one arm ran for {numbers['sample']} of "
            f"{numbers['people']} people; its ratios are to ours for the same people"
        )
    lines.append("")
    for words, rival, measure, target in TARGETS:
        ours = numbers["ours_sample" if rival == "js" else "ours"]
        ratio = numbers[rival][measure] / ours[measure]
        verdict = "met" if ratio >= target else "NOT met"
        lines.append(f"{words:<44}{ratio:>10,.1f}   target ≥ {target}: {verdict}")
    lines.append(
        "written matches beside the plan of the whole: {planned:,} planned, "
        "{missing} missing, {extra} not planned, {unexplained} without a reason; "
        "a second run matched {again}".format(**numbers)
    )
    event = numbers["event"]
    lines.append(
        f"one payment of a person with ten open invoices (create, post, match two, "
        f"log): median "
        f"{event['median_ms']:.0f} ms, p95 {event['p95_ms']:.0f} ms, at most "
        f"{event['queries']} queries (target ≤ 90); the first, on a cold cache: "
        f"{event['cold']}"
    )
    event = numbers["odoo_event"]
    lines.append(
        f"the same by Odoo alone, with nothing of ours: median "
        f"{event['median_ms']:.0f} ms, at most {event['queries']} queries; the first, "
        f"on a cold cache: {event['cold']}"
    )
    rules = ", ".join(f"{rule} {count:,}" for rule, count in numbers["rules"].items())
    lines.append(f"rules: {rules}")
    return "\n".join(lines)
