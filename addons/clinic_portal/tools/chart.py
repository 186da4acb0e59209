"""A line chart as plain numbers, drawn by the page as SVG: no script, no library."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil, floor, log10

WIDTH, HEIGHT = 640, 260
LEFT, RIGHT, TOP, BOTTOM = 44, 12, 12, 30
STEPS = (1, 2, 5, 10)
LINES_WANTED = 4
# what differs by less is one value to the eye
LEAST_SPAN = 0.01


@dataclass(frozen=True, slots=True)
class Reading:
    """One value at a moment; ``own`` tells what the patient measured himself."""

    moment: datetime
    value: float
    own: bool = False


def ticks(low: float, high: float) -> list[float]:
    """Return round numbers that enclose the values, a few of them.

    The first is at most ``low``, the last at least ``high``, the steps are 1, 2 or 5
    times a power of ten.
    """
    if high - low < LEAST_SPAN:
        low, high = low - 1, high + 1
    rough = (high - low) / LINES_WANTED
    power = 10 ** floor(log10(rough))
    step = next(s * power for s in STEPS if s * power >= rough * (1 - 1e-9))
    first, last = floor(low / step + 1e-9), ceil(high / step - 1e-9)
    return [round(number * step, 6) for number in range(first, last + 1)]


def draw(series: Sequence[Sequence[Reading]]) -> dict | None:
    """Place the readings of each series on one picture, or None without any.

    :return: ``width``, ``height``, ``lines`` (``y`` and ``label`` of the grid),
        ``days`` (``x`` and ``moment`` of the first and last reading) and ``series``:
        for each one its ``path`` and ``points`` (``x``, ``y``, ``own``)
    """
    every = [reading for readings in series for reading in readings]
    if not every:
        return None
    first = min(reading.moment for reading in every)
    last = max(reading.moment for reading in every)
    span = (last - first) or timedelta(hours=1)
    grid = ticks(min(r.value for r in every), max(r.value for r in every))
    bottom, top = grid[0], grid[-1]

    def x(moment: datetime) -> float:
        share = (moment - first) / span if last > first else 0.5
        return round(LEFT + share * (WIDTH - LEFT - RIGHT), 1)

    def y(value: float) -> float:
        share = (value - bottom) / (top - bottom)
        return round(HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM), 1)

    placed = []
    for readings in series:
        points = [
            {"x": x(r.moment), "y": y(r.value), "own": r.own}
            for r in sorted(readings, key=lambda r: r.moment)
        ]
        path = " ".join(f"{point['x']},{point['y']}" for point in points)
        placed.append({"path": path, "points": points})
    moments = [first, last] if last > first else [first]
    return {
        "width": WIDTH,
        "height": HEIGHT,
        "left": LEFT,
        "right": WIDTH - RIGHT,
        "lines": [{"y": y(value), "label": f"{value:g}"} for value in grid],
        "days": [{"x": x(moment), "moment": moment} for moment in moments],
        "series": placed,
    }
