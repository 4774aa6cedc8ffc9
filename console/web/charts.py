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


class Curve(NamedTuple):
    """Points of a polyline, the value range it was scaled to, and where a band lies in it."""

    points: str
    low: int
    high: int
    top: float
    """Of the band; with no band it has no height."""
    height: float


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


def curve(points: Sequence[tuple[float, int]], band: tuple[int, int] | None) -> Curve | None:
    """Return a curve through (0 to 1 across, value) points, with a band of values behind it.

    ``None`` for fewer than two points: there is nothing to draw.
    """
    if len(points) < 2:
        return None
    values = [value for _, value in points]
    low, high = min([*values, *(band or ())]), max([*values, *(band or ())])
    span = max(1, high - low)

    def y(value: int) -> float:
        return float(round(HEIGHT - 4 - (HEIGHT - 8) * (value - low) / span, 1))

    drawn = " ".join(f"{across * WIDTH:.1f},{y(value):.1f}" for across, value in points)
    top, bottom = (y(band[1]), y(band[0])) if band else (0.0, 0.0)
    return Curve(drawn, min(values), max(values), top, round(bottom - top, 1))
