"""Candlestick patterns by plain definitions: +1 bullish, -1 bearish, 0 none.

All sizes are relative to the bars of the pattern itself, so a pattern depends on at most six bars. (TA-Lib compares
with averages of earlier bars and differs therefore.) Names: body = |close - open|, range = high - low, upper and lower
= the shadows. Markets that trade round the clock have no gaps, so an open at the close before counts as beyond it.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from engine.indicators import graph as g
from engine.indicators.common import HALF, ONE, ZERO, scaled
from engine.indicators.graph import Node
from engine.indicators.spec import Family, Inputs

family = Family("patterns")
BAR = ("open", "high", "low", "close")
SIDES = (-1.0, 1.0)
#: bars among which a hammer is the lowest, a shooting star the highest
SWING = 5


@dataclass(frozen=True)
class Bar:
    """The bar k bars ago."""

    open: Node
    high: Node
    low: Node
    close: Node

    @property
    def body(self) -> Node:
        return g.absolute(g.sub(self.close, self.open))

    @property
    def top(self) -> Node:
        return g.maximum(self.open, self.close)

    @property
    def bottom(self) -> Node:
        return g.minimum(self.open, self.close)

    @property
    def range(self) -> Node:
        return g.sub(self.high, self.low)

    @property
    def upper(self) -> Node:
        return g.sub(self.high, self.top)

    @property
    def lower(self) -> Node:
        return g.sub(self.bottom, self.low)

    @property
    def half(self) -> Node:
        """The middle of the body."""
        return g.mul(HALF, g.add(self.open, self.close))

    @property
    def rose(self) -> Node:
        return g.greater(self.close, self.open)

    @property
    def fell(self) -> Node:
        return g.greater(self.open, self.close)

    @property
    def long(self) -> Node:
        """The body is at least half of the range, and there is one."""
        return both(g.greater(self.body, ZERO), g.greater_equal(self.body, g.mul(HALF, self.range)))


def bar(x: Inputs, k: int = 0) -> Bar:
    return Bar(*(g.lag(column, k) for column in (x.open, x.high, x.low, x.close)))


def both(*conditions: Node) -> Node:
    result = conditions[0]
    for condition in conditions[1:]:
        result = g.both(result, condition)
    return result


def sided(bull: Node, bear: Node) -> Node:
    return g.where(bull, ONE, g.where(bear, g.neg(ONE), ZERO))


@family.add(
    "DOJI", "Doji", inputs=BAR, range=(0.0, 1.0), formula="1 where body <= range / 10 and the bar has a range, else 0"
)
def doji(x: Inputs) -> Node:
    now = bar(x)
    return g.number_of(both(g.greater(now.range, ZERO), g.greater_equal(scaled(0.1, now.range), now.body)))


def _pin(now: Bar, shadow: Node, other: Node) -> Node:
    """A long shadow on one side of a small body, hardly one on the other."""
    return both(
        g.greater(now.body, ZERO),
        g.greater_equal(shadow, scaled(2.0, now.body)),
        g.greater_equal(scaled(0.1, now.range), other),
    )


@family.add(
    "HAMMER",
    "Hammer",
    inputs=BAR,
    range=SIDES,
    formula="+1 where 0 < 2 body <= lower, upper <= range / 10 and the low is the lowest of 5 bars",
)
def hammer(x: Inputs) -> Node:
    now = bar(x)
    lowest = g.greater_equal(g.lowest(x.low, SWING), x.low)
    return g.number_of(both(_pin(now, now.lower, now.upper), lowest))


@family.add(
    "SHOOTING_STAR",
    "Shooting star",
    inputs=BAR,
    range=SIDES,
    formula="-1 where 0 < 2 body <= upper, lower <= range / 10 and the high is the highest of 5 bars",
)
def shooting_star(x: Inputs) -> Node:
    now = bar(x)
    highest = g.greater_equal(x.high, g.highest(x.high, SWING))
    return g.where(both(_pin(now, now.upper, now.lower), highest), g.neg(ONE), ZERO)


@family.add(
    "ENGULFING",
    "Engulfing",
    inputs=("open", "close"),
    range=SIDES,
    formula="the body covers the body before it, is larger, and goes the other way",
)
def engulfing(x: Inputs) -> Node:
    now, before = bar(x), bar(x, 1)
    covers = both(
        g.greater_equal(now.top, before.top),
        g.greater_equal(before.bottom, now.bottom),
        g.greater(now.body, before.body),
    )
    return sided(both(covers, now.rose, before.fell), both(covers, now.fell, before.rose))


@family.add(
    "HARAMI",
    "Harami",
    inputs=BAR,
    range=SIDES,
    formula="a body inside a long body before it (body >= range / 2), at most half as large, that goes the other way",
)
def harami(x: Inputs) -> Node:
    now, before = bar(x), bar(x, 1)
    inside = both(
        g.greater_equal(before.top, now.top),
        g.greater_equal(now.bottom, before.bottom),
        g.greater_equal(g.mul(HALF, before.body), now.body),
        before.long,
    )
    return sided(both(inside, now.rose, before.fell), both(inside, now.fell, before.rose))


@family.add(
    "PIERCING",
    "Piercing line, dark cloud cover",
    inputs=BAR,
    range=SIDES,
    formula="+1: after a long falling bar, open <= its close, close above the middle of its body and below its "
    "open; -1: the mirror image after a long rising bar",
)
def piercing(x: Inputs) -> Node:
    now, before = bar(x), bar(x, 1)
    up = both(
        before.fell,
        g.greater_equal(before.close, now.open),
        g.greater(now.close, before.half),
        g.greater(before.open, now.close),
    )
    down = both(
        before.rose,
        g.greater_equal(now.open, before.close),
        g.greater(before.half, now.close),
        g.greater(now.close, before.open),
    )
    return sided(both(up, before.long), both(down, before.long))


@family.add(
    "STAR",
    "Morning star, evening star",
    inputs=BAR,
    range=SIDES,
    formula="+1: a long falling bar, then a body of at most 0.3 of its body below the middle of it, then a rising "
    "bar that closes above that middle; -1: the mirror image",
)
def star(x: Inputs) -> Node:
    now, small, first = bar(x), bar(x, 1), bar(x, 2)
    turn = both(first.long, g.greater_equal(scaled(0.3, first.body), small.body))
    up = both(turn, first.fell, g.greater(first.half, small.top), now.rose, g.greater(now.close, first.half))
    down = both(turn, first.rose, g.greater(small.bottom, first.half), now.fell, g.greater(first.half, now.close))
    return sided(up, down)


@family.add(
    "THREE_SOLDIERS",
    "Three white soldiers, three black crows",
    inputs=BAR,
    range=SIDES,
    formula="+1: three long rising bars, each closing above the one before and opening within its body; -1: the mirror "
    "image",
)
def three_soldiers(x: Inputs) -> Node:
    days = [bar(x, k) for k in range(3)]
    parts = [day.long for day in days]
    up, down = [day.rose for day in days], [day.fell for day in days]
    for now, before in pairwise(days):
        parts += [g.greater_equal(before.top, now.open), g.greater_equal(now.open, before.bottom)]
        up.append(g.greater(now.close, before.close))
        down.append(g.greater(before.close, now.close))
    return sided(both(*parts, *up), both(*parts, *down))


@family.add(
    "MARUBOZU", "Marubozu", inputs=BAR, range=SIDES, formula="body >= 0.95 range > 0, by the direction of the body"
)
def marubozu(x: Inputs) -> Node:
    now = bar(x)
    full = g.greater_equal(now.body, scaled(0.95, now.range))
    return sided(both(full, now.rose), both(full, now.fell))


@family.add(
    "SPINNING_TOP",
    "Spinning top",
    inputs=BAR,
    range=SIDES,
    formula="range / 10 < body <= 0.3 range and both shadows >= body, by the direction of the body",
)
def spinning_top(x: Inputs) -> Node:
    now = bar(x)
    small = both(
        g.greater(now.body, scaled(0.1, now.range)),
        g.greater_equal(scaled(0.3, now.range), now.body),
        g.greater_equal(now.upper, now.body),
        g.greater_equal(now.lower, now.body),
    )
    return sided(both(small, now.rose), both(small, now.fell))


@family.add(
    "INSIDE_BAR",
    "Inside bar",
    inputs=BAR,
    range=SIDES,
    formula="high below the high and low above the low before; +1 where close >= open, else -1",
)
def inside_bar(x: Inputs) -> Node:
    now, before = bar(x), bar(x, 1)
    inside = both(g.greater(before.high, now.high), g.greater(now.low, before.low))
    return sided(both(inside, g.negate(now.fell)), inside)


@family.add(
    "OUTSIDE_BAR",
    "Outside bar",
    inputs=BAR,
    range=SIDES,
    formula="high above the high and low below the low before; +1 where close >= open, else -1",
)
def outside_bar(x: Inputs) -> Node:
    now, before = bar(x), bar(x, 1)
    outside = both(g.greater(now.high, before.high), g.greater(before.low, now.low))
    return sided(both(outside, g.negate(now.fell)), outside)


@family.add(
    "TWEEZER",
    "Tweezer bottom, tweezer top",
    inputs=BAR,
    range=SIDES,
    formula="+1: a falling, then a rising bar whose lows differ by at most 0.05 of the larger range; -1: a rising, "
    "then a falling bar whose highs do",
)
def tweezer(x: Inputs) -> Node:
    now, before = bar(x), bar(x, 1)
    close = scaled(0.05, g.maximum(now.range, before.range))
    bottoms = g.greater_equal(close, g.absolute(g.sub(now.low, before.low)))
    tops = g.greater_equal(close, g.absolute(g.sub(now.high, before.high)))
    return sided(both(before.fell, now.rose, bottoms), both(before.rose, now.fell, tops))


@family.add(
    "HIKKAKE",
    "Hikkake",
    inputs=("high", "low"),
    range=SIDES,
    formula="the bar before was inside the one before it; +1 where this bar has a lower high and low than it (a "
    "false break down), -1 where both are higher (Chesler 2003, unconfirmed)",
)
def hikkake(x: Inputs) -> Node:
    now, inside, first = bar(x), bar(x, 1), bar(x, 2)
    set_up = both(g.greater(first.high, inside.high), g.greater(inside.low, first.low))
    down = both(g.greater(inside.high, now.high), g.greater(inside.low, now.low))
    up = both(g.greater(now.high, inside.high), g.greater(now.low, inside.low))
    return sided(both(set_up, down), both(set_up, up))
