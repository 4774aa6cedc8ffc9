"""Charts as geometry; the templates draw them as SVG, with the numbers in words beside them."""

from collections.abc import Sequence
from typing import NamedTuple

WIDTH, HEIGHT = 480.0, 72.0
GAP = 0.2
"""Part of a bar's place that stays empty."""


class Bar(NamedTuple):
    x: float
    y: float
    width: float
    height: float
    title: str


class Line(NamedTuple):
    """Points of a polyline, and the value range they were scaled to."""

    points: str
    low: int
    high: int


def bars(values: Sequence[int], titles: Sequence[str]) -> list[Bar]:
    """Return one bar a value, the largest filling the height; a value above 0 is always seen."""
    place = WIDTH / max(1, len(values))
    most = max([*values, 1])
    drawn = []
    for at, (value, title) in enumerate(zip(values, titles, strict=True)):
        height = max(2.0, HEIGHT * value / most) if value else 0.0
        x = at * place + place * GAP / 2
        drawn.append(
            Bar(round(x, 1), round(HEIGHT - height, 1), round(place * (1 - GAP), 1), height, title)
        )
    return drawn


def line(values: Sequence[int]) -> Line | None:
    """Return a curve through the values, evenly spaced; ``None`` for fewer than two."""
    if len(values) < 2:
        return None
    low, high = min(values), max(values)
    span = max(1, high - low)
    step = WIDTH / (len(values) - 1)
    points = (
        f"{at * step:.1f},{HEIGHT - 4 - (HEIGHT - 8) * (value - low) / span:.1f}"
        for at, value in enumerate(values)
    )
    return Line(" ".join(points), low, high)
