"""Draws docs/data-model.svg: which records there are, and how they hang together.

.venv/bin/python docs/draw_data_model.py writes it anew; a test compares it.
"""

from html import escape
from pathlib import Path

WIDTH, HEIGHT = 860, 440
BOX = (150, 58)

# Left, top, name, what it is.
BOXES = {
    "dataset": (20, 20, "Dataset", "licence, citation"),
    "release": (230, 20, "Release", "what was loaded, when"),
    "type": (460, 20, "Event type", "PLOVER, with codes"),
    "place": (20, 180, "Place", "names, point, holders"),
    "event": (340, 180, "Event", "what, when, how sure"),
    "agreement": (690, 100, "Agreement", "parties, status"),
    "provision": (690, 260, "Provision", "who owes what, by when"),
    "actor": (20, 350, "Actor", "names, offices"),
    "source": (340, 350, "Source", "a document"),
    "publisher": (690, 350, "Publisher", "who brought it out"),
}
# From, to, what it says; where its words stand, from the middle of the line.
LINES = [
    ("dataset", "release", "", 0, 0),
    ("release", "event", "as of", 10, -4),
    ("event", "type", "is a", 8, 0),
    ("event", "place", "where, how exactly", 0, -8),
    ("event", "actor", "participants, in roles", 22, 0),
    ("event", "agreement", "about", 0, -10),
    ("event", "provision", "fulfils, breaches", 0, 20),
    ("agreement", "provision", "clauses", 8, 4),
    ("event", "source", "citations: which passage, who says so", 8, 4),
    ("source", "publisher", "", 0, 0),
]
# What refers to others of its kind: the words beside the box, and how far right of it they begin.
LOOPS = [("place", "lies within a place", 0), ("event", "part of, follows", -142)]

STYLE = """
text { font: 13px sans-serif; fill: #24292f }
.name { font-weight: bold; font-size: 15px }
.line, .small { fill: #57606a; font-size: 12px }
rect { fill: #f6f8fa; stroke: #57606a }
#event rect { fill: #ddf4ff; stroke: #0969da }
#ground { fill: #ffffff; stroke: none }
path { stroke: #57606a; fill: none }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 }
  .line, .small { fill: #9da7b1 }
  rect { fill: #161b22; stroke: #9da7b1 }
  #event rect { fill: #0c2d4a; stroke: #58a6ff }
  #ground { fill: #0d1117 }
  path { stroke: #9da7b1 }
}
"""


def middle(name: str) -> tuple[float, float]:
    """Return the middle of a box."""
    left, top, *_ = BOXES[name]
    return left + BOX[0] / 2, top + BOX[1] / 2


def edge(name: str, other: str) -> tuple[float, float]:
    """Return where the line from the middle of a box to that of another leaves it."""
    (x, y), (to_x, to_y) = middle(name), middle(other)
    over, down = to_x - x, to_y - y
    share = min(
        BOX[0] / 2 / abs(over) if over else 1,
        BOX[1] / 2 / abs(down) if down else 1,
    )
    return x + over * share, y + down * share


def draw() -> str:
    """Return the picture as SVG."""
    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
            'aria-labelledby="title">'
        ),
        (
            '<title id="title">Events, and what they refer to: places, actors, agreements, provisions, '
            "sources, types and datasets</title>"
        ),
        f"<style>{STYLE}</style>",
        '<rect id="ground" width="100%" height="100%"/>',
    ]
    for start, end, words, right, down in LINES:
        (x, y), (to_x, to_y) = edge(start, end), edge(end, start)
        parts.append(f'<path d="M{x:.0f} {y:.0f}L{to_x:.0f} {to_y:.0f}"/>')
        if words:
            at_x, at_y = (x + to_x) / 2 + right, (y + to_y) / 2 + down
            anchor = "start" if right > 0 else "middle"
            parts.append(_text(at_x, at_y, words, "line", anchor))
    for name, words, right in LOOPS:
        left, top, *_ = BOXES[name]
        parts.append(
            f'<path d="M{left + 20} {top}v-16h26v16"/>'
            + _text(left + 54 + right, top - 10, words, "line", "start")
        )
    for name, (left, top, title, what) in BOXES.items():
        parts.append(
            f'<g id="{name}"><rect x="{left}" y="{top}" width="{BOX[0]}" height="{BOX[1]}" rx="6"/>'
            + _text(left + BOX[0] / 2, top + 25, title, "name", "middle")
            + _text(left + BOX[0] / 2, top + 44, what, "small", "middle")
            + "</g>"
        )
    return "\n".join([*parts, "</svg>"]) + "\n"


def _text(x: float, y: float, words: str, kind: str, anchor: str) -> str:
    at = f'x="{x:.0f}" y="{y:.0f}"'
    return f'<text {at} class="{kind}" text-anchor="{anchor}">{escape(words)}</text>'


if __name__ == "__main__":
    Path(__file__).with_name("data-model.svg").write_text(draw(), encoding="utf-8")
