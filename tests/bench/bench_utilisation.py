"""A simulated year: pre-cut slots, first-fit windows and our ranking, same demand."""

import os
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
# The product's own pure modules, without Odoo around them.
sys.path[:0] = [str(HERE), str(HERE.parents[1] / "addons" / "clinic_schedule")]

from agenda_simulation import POLICIES, Settings, World, simulate  # noqa: E402

# Needs no server.
TEMPLATE = None
LOADS = (0.85, 1.0, 1.15)
MEASURES = (
    ("served", "visits served", "{:,.0f}"),
    ("refused", "nothing acceptable found", "{:,.0f}"),
    ("utilisation", "of shift time with patients", "{:.1%}"),
    ("idle_hours", "idle hours", "{:,.0f}"),
    ("dead_gap_hours", "of them gaps under 15 min", "{:,.0f}"),
    ("no_show_hours", "of them nobody came", "{:,.0f}"),
    ("usual_hour", "regulars at their usual hour", "{:.1%}"),
    ("waited_per_visit", "minutes waited a visit", "{:.1f}"),
    ("overtime_hours", "overtime hours", "{:,.0f}"),
)


def run(_server):
    weeks = int(os.environ.get("CLINIC_BENCH_WEEKS", "52"))
    result = {}
    for load in LOADS:
        world = World(Settings(load=load, weeks=weeks))
        for policy in POLICIES:
            for measure, number in simulate(world, policy).items():
                result[f"{load:.2f}|{policy.name}|{measure}"] = number
    return result


def report(numbers):
    """Return one table for each load, the policies side by side."""
    names = [policy.name for policy in POLICIES]
    lines = []
    for load in LOADS:
        lines += [
            f"Demand {load:.0%} of the shifts' time",
            f"{'':30}" + "".join(f"{name:>20}" for name in names),
        ]
        for measure, words, pattern in MEASURES:
            cells = [
                pattern.format(numbers[f"{load:.2f}|{name}|{measure}"])
                for name in names
            ]
            lines.append(f"{words:30}" + "".join(f"{cell:>20}" for cell in cells))
        lines.append("")
    return "\n".join(lines)


# The plot -----------------------------------------------------------------------------

PANELS = (
    ("served", "Visits served", "{:,.0f}"),
    ("idle_hours", "Idle hours of specialists", "{:,.0f}"),
    ("usual_hour", "Regulars at their usual hour", "{:.0%}"),
)
COLOURS = ("#9aa5b1", "#5b8def", "#0b7285")
WIDTH, PANEL, BAR, TOP = 760, 200, 44, 70


def plot(numbers):
    """Return the figures as bars in SVG: a panel a measure, a group a load."""
    names = [policy.name for policy in POLICIES]
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}"'
        f' height="{TOP + len(PANELS) * (PANEL + 50)}" font-family="sans-serif"'
        ' font-size="13" role="img" aria-label="Three ways of offering times">'
        '<rect width="100%" height="100%" fill="#fff"/>'
    ]
    for place, (name, colour) in enumerate(zip(names, COLOURS, strict=True)):
        x = 20 + place * 190
        parts.append(
            f'<rect x="{x}" y="20" width="14" height="14" fill="{colour}"/>'
            f'<text x="{x + 20}" y="32">{name}</text>'
        )
    for row, (measure, title, pattern) in enumerate(PANELS):
        parts += _panel(numbers, names, measure, title, pattern, TOP + row * 250)
    return "\n".join([*parts, "</svg>"])


def _panel(numbers, names, measure, title, pattern, top):
    values = [numbers[f"{load:.2f}|{n}|{measure}"] for load in LOADS for n in names]
    highest = max(values) or 1
    floor = top + PANEL
    yield f'<text x="20" y="{top}" font-weight="bold">{title}</text>'
    yield f'<line x1="20" y1="{floor}" x2="{WIDTH - 20}" y2="{floor}" stroke="#999"/>'
    for group, load in enumerate(LOADS):
        left = 40 + group * 240
        yield (
            f'<text x="{left + 1.5 * BAR}" y="{floor + 18}" text-anchor="middle">'
            f"demand {load:.0%}</text>"
        )
        for place, name in enumerate(names):
            number = numbers[f"{load:.2f}|{name}|{measure}"]
            height = round((PANEL - 40) * number / highest)
            x = left + place * BAR
            yield (
                f'<rect x="{x}" y="{floor - height}" width="{BAR - 6}"'
                f' height="{height}" fill="{COLOURS[place]}"/>'
                f'<text x="{x + BAR / 2 - 3}" y="{floor - height - 5}"'
                f' text-anchor="middle" font-size="11">{pattern.format(number)}</text>'
            )


if __name__ == "__main__":
    found = run(None)
    print(report(found))
    if len(sys.argv) > 1:
        Path(sys.argv[1]).write_text(plot(found), encoding="utf-8")
