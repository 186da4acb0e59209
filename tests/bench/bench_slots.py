"""Free windows: the search beside OCA's resource_booking and Odoo's working hours."""

import json
from pathlib import Path

TEMPLATE = "bench"
INSIDE = Path(__file__).resolve().parent / "inside"
TARGETS = (
    ("own ÷ OCA, times faster", "oca_ms", "own_ms", 100, True),
    ("joint ranked 20 ÷ working hours", "ranked_ms", "odoo_ms", 2.0, False),
    ("first 20 offers ÷ working hours", "offers_ms", "odoo_ms", 0.6, False),
)


def run(server):
    script = (
        f"import sys; sys.path.insert(0, {str(INSIDE)!r})\n"
        "import measure_slots\n"
        "measure_slots.main(env)\n"
    )
    output = server.shell(script)
    return json.loads(output.rpartition("RESULT ")[2].splitlines()[0])


def report(numbers):
    """Return the table, the ratios beside their targets, and the check."""
    title = (
        "{specialists} specialists, {rooms} rooms, {bookings:,} bookings "
        "({claims:,} claims), {days} days; median, cold record cache"
    )
    lines = [
        title.format(**numbers),
        "",
        f"{'what is asked':<52}{'ms':>10}{'queries':>9}",
    ]
    lines += [
        f"{words:<52}{numbers[name + '_ms']:>10,.1f}{numbers[name + '_queries']:>9}"
        for name, words in (
            ("oca", "OCA resource_booking: when anybody is free (30 min)"),
            ("odoo", "Odoo _work_intervals_batch: working hours only"),
            ("own", "ours: all free windows, by specialist"),
            ("ranked", "ours: specialist+room+device+patient, best 20"),
            ("offers", "ours: first 20 offers, for a regular"),
            ("newcomer", "ours: first 20 offers, for a newcomer"),
            ("soonest", "ours: the soonest 20 starts"),
        )
        if f"{name}_ms" in numbers
    ]
    lines.append("")
    for words, over, under, target, is_least in TARGETS:
        if over in numbers:
            ratio = numbers[over] / numbers[under]
            good = ratio >= target if is_least else ratio <= target
            sign = "≥" if is_least else "≤"
            verdict = "met" if good else "NOT met"
            lines.append(
                f"{words:<40}{ratio:>8.2f}   target {sign} {target}: {verdict}"
            )
    lines.append(
        f"queries of ours: at most "
        f"{max(numbers[one + '_queries'] for one in ('own', 'ranked', 'offers'))}"
        f" (target ≤ 4)"
    )
    lines.append(
        "against brute force: {own_false} false, {own_hidden} hidden of {own_tried:,} "
        "own starts; {joint_false} false, {joint_hidden} hidden of {joint_tried:,} "
        "with room and device".format(**numbers)
    )
    return "\n".join(lines)
