"""Balances of 10,000 patients on a million journal items, and a statement of 2,000.

The items are copies, by SQL, of an invoice and a payment that Odoo posted, half of
them settled, half open; the balances are compared with plain SQL over the same items.
The rival is Odoo's own ``res.partner.credit`` of the same people. The statement is
read as its list in the browser reads it: the first page and the number of the rest.
``CLINIC_BENCH_LEDGER`` is the number of journal items on the customers' account
(1,000,000).
"""

import json
import os
from pathlib import Path

INSIDE = Path(__file__).resolve().parent / "inside"


def run(server):
    items = int(os.environ.get("CLINIC_BENCH_LEDGER", "1000000"))
    output = server.shell(script(items))
    return json.loads(output.rpartition("RESULT ")[2].splitlines()[0])


def script(items):
    return (
        f"import sys; sys.path.insert(0, {str(INSIDE)!r})\n"
        "import measure_ledger\n"
        f"measure_ledger.main(env, {items})\n"
    )


def report(numbers):
    """Return the table and what was compared."""
    lines = [
        "{items:,} journal items of {people:,} patients".format(**numbers),
        "",
        f"{'':<56}{'ms':>10}{'queries':>9}",
    ]
    lines += [
        f"{words:<56}{numbers[name + '_ms']:>10,.1f}{numbers[name + '_queries']:>9}"
        for name, words in (
            ("ours", "ours: balances of everybody"),
            ("sql", "plain SQL of the same"),
            ("odoo", "Odoo: credit of the same people"),
            ("statement", "ours: a statement of {rows:,} rows, all read"),
            ("screen", "ours: its first 80 rows and their number, as on screen"),
        )
    ]
    lines = [line.format(**numbers) if "{" in line else line for line in lines]
    lines += [
        "",
        "{wrong} of the balances differ from plain SQL; the statement ends with the "
        "balance: {agrees}; a statement on screen: target ≤ 200 ms".format(**numbers),
    ]
    return "\n".join(lines)
