"""Budget: 12 months of 200 items over 1,000,000 journal items, in one grouped read.

Twice: with an account for each item, and as in a real clinic, where 20 accounts are
told apart by ten analytic accounts or partners each.
"""

import json
from pathlib import Path

INSIDE = Path(__file__).resolve().parent / "inside"
TARGETS = (
    ("our figures ÷ plain SQL", "sums_ms", "sql_ms", 1.5, False),
    ("item and month one by one ÷ our figures", "bare_ms", "sums_ms", 30, True),
    ("  the same, helped by our index", "one_by_one_ms", "sums_ms", 30, True),
)


def run(server):
    script = (
        f"import sys; sys.path.insert(0, {str(INSIDE)!r})\n"
        "import measure_budget\n"
        "measure_budget.main(env)\n"
    )
    output = server.shell(script)
    return json.loads(output.rpartition("RESULT ")[2].splitlines()[0])


def report(numbers):
    """Return a table for each kind of books."""
    return "\n\n\n".join(
        (
            "EACH ITEM HAS AN ACCOUNT OF ITS OWN\n" + table(numbers),
            "20 ACCOUNTS, EACH TOLD APART BY 10 ANALYTIC ACCOUNTS OR PARTNERS\n"
            + table(numbers["ruled"]),
        )
    )


def table(numbers):
    """Return the table, the ratios beside their targets, and the check."""
    title = "budget: {cells:,} figures of {items} items over {journal_items:,} entries"
    lines = [
        title.format(**numbers),
        "",
        f"{'read, median of 5, cold record cache':<52}{'ms':>10}{'queries':>9}",
        f"{'the floor: merely counting the same entries':<52}"
        f"{numbers['count_ms']:>10,.0f}{1:>9}",
        f"{'plain SQL by what tells items apart, and month':<52}"
        f"{numbers['sql_ms']:>10,.0f}{1:>9}",
    ]
    lines += [
        f"{words:<52}{numbers[name + '_ms']:>10,.0f}{numbers[name + '_queries']:>9,}"
        for name, words in (
            ("sums", "ours: all figures, sorted by the items' rules"),
            ("lines", "ours: with the record of each of the lines"),
            ("bare", "a read an item and month, Odoo's own indexes"),
            ("one_by_one", "  the same, helped by our index"),
        )
    ]
    lines.append("")
    for words, over, under, target, is_least in TARGETS:
        ratio = numbers[over] / numbers[under]
        good = ratio >= target if is_least else ratio <= target
        sign = "≥" if is_least else "≤"
        verdict = "met" if good else "NOT met"
        lines.append(f"{words:<44}{ratio:>8.2f}   target {sign} {target}: {verdict}")
    lines.append(
        "{:<44}{:>8.2f}   no reading of the {:,} entries can be faster".format(
            "item and month one by one ÷ the floor",
            numbers["one_by_one_ms"] / numbers["count_ms"],
            numbers["counted"],
        )
    )
    lines.append(
        f"reads of the books for all figures: {numbers['reads_of_books']}; "
        f"figures that differ between the ways: {numbers['unequal']}"
    )
    return "\n".join(lines)
