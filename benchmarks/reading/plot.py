"""The plot: for each case a line of dots, one for each contestant, by answers per second."""

from collections.abc import Sequence
from html import escape
from math import ceil, floor, log10

from benchmarks.reading.asks import (
    DATASETTE,
    EVERYONE,
    FASTAPI,
    KEPT,
    L1,
    L2,
    NINJA,
    OURS,
    PLAIN,
    Case,
)
from benchmarks.reading.race import Measured

# Pixels.
LEFT, RIGHT, TOP, ROW, BOTTOM, WIDTH = 280, 40, 64, 26, 44, 960
LEGEND, LINE = 116, 18
# Told apart by the colour-blind, on white and on black.
COLOURS = {
    OURS: "#d55e00",
    KEPT: "#e69f00",
    L1: "#7f7f7f",
    L2: "#b0b0b0",
    PLAIN: "#0072b2",
    NINJA: "#56b4e9",
    FASTAPI: "#009e73",
    DATASETTE: "#cc79a7",
}


def plot(cases: Sequence[Case], measured: Measured, connections: int, title: str) -> str:
    """Return the plot as SVG. Whoever gave no answer has no dot."""
    rates = {
        (case.name, name): rate
        for case in cases
        for name in case.contestants
        if (rate := _rate(measured, case, name, connections))
    }
    low = floor(log10(min(rates.values(), default=1)))
    high = max(ceil(log10(max(rates.values(), default=10))), low + 1)
    height = TOP + ROW * len(cases) + BOTTOM
    scale = (WIDTH - LEFT - RIGHT) / (high - low)

    def x(rate: float) -> float:
        return LEFT + scale * (log10(rate) - low)

    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
        f'font-family="sans-serif" font-size="12" aria-label="{escape(title)}">'
    )
    parts = [
        head,
        # Its own ground, for pages in the dark.
        f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>',
        f'<text x="16" y="20" font-size="14" font-weight="bold">{escape(title)}</text>',
        *_legend(),
        *(_tick(x(10**power), 10**power, height) for power in range(low, high + 1)),
    ]
    for number, case in enumerate(cases):
        y = TOP + ROW * number + ROW / 2
        label = escape(f"{case.name} {case.title}")
        parts.append(f'<text x="{LEFT - 10}" y="{y + 4:.0f}" text-anchor="end">{label}</text>')
        parts.append(f'<path d="M{LEFT} {y:.0f}H{WIDTH - RIGHT}" stroke="#e4e4e4"/>')
        # Ours last, over the others.
        parts += [
            _dot(x(rates[case.name, name]), y, name, f"{case.name}, {name}")
            for name in reversed(case.contestants)
            if (case.name, name) in rates
        ]
    return "\n".join([*parts, "</svg>", ""])


def _rate(measured: Measured, case: Case, name: str, connections: int) -> float | None:
    return measured.middle(case.name, name, connections, lambda sample: sample.load.rate)


def _legend() -> list[str]:
    parts = []
    for number, name in enumerate(EVERYONE):
        left = 24 + number * LEGEND + (LINE if number > EVERYONE.index(FASTAPI) else 0)
        parts.append(_dot(left, 42, name, name))
        parts.append(f'<text x="{left + 10}" y="46">{escape(name)}</text>')
    return parts


def _tick(left: float, rate: float, height: int) -> str:
    bottom = height - BOTTOM + 4
    return (
        f'<path d="M{left:.1f} {TOP}V{bottom}" stroke="#ccc"/>'
        f'<text x="{left:.1f}" y="{bottom + 16}" text-anchor="middle">{rate:,g}/s</text>'
    )


def _dot(left: float, top: float, name: str, title: str) -> str:
    radius = 6 if name == OURS else 4.5
    return (
        f'<circle cx="{left:.1f}" cy="{top:.1f}" r="{radius}" fill="{COLOURS[name]}">'
        f"<title>{escape(title)}</title></circle>"
    )
