"""What stands on a price axis: round labels in each mode of the scale, how they are written, and tags pushed apart."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from widgets.chart.ticks import linear_ticks, log_ticks, price_text
from widgets.chart.view import INDEXED, LINEAR, LOG, PERCENT, Scale
from widgets.texts import mark

#: mode -> what it is called
NAMES = {
    LINEAR: mark("Linear"),
    LOG: mark("Logarithmic"),
    PERCENT: mark("Percent from the first bar in view"),
    INDEXED: mark("Indexed to 100"),
}


def scale_ticks(scale: Scale, count: float) -> tuple[list[float], int]:
    """Values (in the pane's own unit) that are round as they are written, and the decimals of what is written."""
    low, high = scale.ends()
    if scale.relative:
        ends = sorted((scale.shown(low), scale.shown(high)))
        shown, decimals = linear_ticks(*ends, count)
        return [scale.value_of(v) for v in shown], decimals
    return (log_ticks if scale.log else linear_ticks)(low, high, count)


def axis_text(scale: Scale, value: float, decimals: int) -> str:
    """A value as the axis writes it."""
    if not scale.relative:
        return price_text(value, decimals)
    number = scale.shown(value)
    if not math.isfinite(number):
        return "–"
    if scale.mode == PERCENT:
        # what rounds to nothing has no sign
        return f"{number + 0.0:+.{decimals}f} %" if abs(number) >= 0.5 * 10.0**-decimals else f"{0:.{decimals}f} %"
    return f"{number:.{decimals}f}"


def base_of(closes: Sequence[float]) -> float:
    """The value that percent and indexed scales count from: the first close that is a number other than nothing."""
    return next((float(c) for c in closes if math.isfinite(c) and c != 0.0), math.nan)


@dataclass(frozen=True, slots=True)
class AxisTag:
    """A filled label on the price axis. weight: the heaviest stands where it belongs, lighter ones give way.

    text and under as written, '' under for one line; fill and ink are tokens of the theme; line: dash pattern of a
    line across the pane in the fill's colour, () for none; name: stands beside it in the pane.
    """

    value: float
    text: str
    fill: str
    weight: int
    ink: str = "tag_text"
    under: str = ""
    line: tuple[float, ...] = ()
    name: str = ""


def spread(wanted: Sequence[tuple[float, float, int]], height: float) -> list[float | None]:
    """Upper edges of tags that do not overlap. wanted: (middle of the first line at y, tag's height, weight).

    The heaviest keeps its place (inside the pane); the others are pushed away from it, those above upwards and those
    below downwards. None for those that there is no room for, the lightest first.
    """
    order = sorted(range(len(wanted)), key=lambda i: -wanted[i][2])
    for kept in range(len(order), 0, -1):
        tops = _placed([(i, *wanted[i]) for i in order[:kept]], height)
        if tops is not None:
            return [tops.get(i) for i in range(len(wanted))]
    return [None] * len(wanted)


def _placed(tags: list[tuple[int, float, float, int]], height: float) -> dict[int, float] | None:
    heaviest = tags[0][0]
    rising = sorted(tags, key=lambda t: (t[1], t[0]))
    at = next(k for k, t in enumerate(rising) if t[0] == heaviest)
    tops = {heaviest: _inside(rising[at][1], rising[at][2], height)}
    edge = tops[heaviest]
    for number, y, tall, _weight in reversed(rising[:at]):
        edge = tops[number] = min(_inside(y, tall, height), edge - tall)
    edge = tops[heaviest] + rising[at][2]
    for number, y, tall, _weight in rising[at + 1 :]:
        tops[number] = max(_inside(y, tall, height), edge)
        edge = tops[number] + tall
    fits = min(tops.values()) >= 0 and edge <= max(height, rising[at][2])
    return tops if fits or len(tags) == 1 else None


def _inside(y: float, tall: float, height: float) -> float:
    return min(max(0.0, round(y) - 9.0), max(0.0, height - tall))
