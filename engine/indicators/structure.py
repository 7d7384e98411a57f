"""Price structure: levels of the day before, confirmed swings, gaps, the day's range and the calendar."""

from __future__ import annotations

from engine.indicators import graph as g
from engine.indicators.common import TWO, percent, total
from engine.indicators.graph import Node
from engine.indicators.spec import OVERLAY, Family, Inputs, Place, bars

family = Family("price structure")
#: bars for which a swing is remembered
SWING_MEMORY = 500


def of_day(kind: str, a: Node, place: Place) -> Node:
    """sum, max, min, first or count of `a` over the trading day so far, this bar included."""
    return g.anchored(kind, a, place.clock("day_number"), place.most_bars(1))


def of_day_before(kind: str, a: Node, place: Place) -> Node:
    """The same of the whole trading day before."""
    return g.anchored(kind, a, place.clock("day_number"), place.most_bars(1), before=True)


@family.add(
    "PIVOTS",
    "Floor pivots of the day before",
    inputs=("high", "low", "close"),
    outputs=("p", "r1", "r2", "r3", "s1", "s2", "s3"),
    scale=OVERLAY,
    formula="p = (H + L + C) / 3 of the trading day before; r1 = 2 p - L, s1 = 2 p - H, r2 = p + H - L, s2 = p - (H "
    "- L), r3 = H + 2 (p - L), s3 = L - 2 (H - p)",
)
def pivots(x: Inputs) -> tuple[Node, ...]:
    high = of_day_before("max", x.high, x.place)
    low = of_day_before("min", x.low, x.place)
    close = of_day_before("last", x.close, x.place)
    p = g.div(total(high, low, close), g.const(3.0))
    span, twice = g.sub(high, low), g.mul(TWO, p)
    r3 = g.add(high, g.mul(TWO, g.sub(p, low)))
    s3 = g.sub(low, g.mul(TWO, g.sub(high, p)))
    return p, g.sub(twice, low), g.add(p, span), r3, g.sub(twice, high), g.sub(p, span), s3


def _swing(a: Node, age: Node, right: int) -> Node:
    """`a` of the newest bar that is known as an extreme; age: bars since the extreme of the window around it."""
    at = g.const(right)
    confirmed = g.both(g.greater_equal(age, at), g.greater_equal(at, age))
    return g.value_at(confirmed, g.lag(a, right), SWING_MEMORY)


@family.add(
    "SWING",
    "Last confirmed swing high and low",
    bars("left", 3, high=500),
    bars("right", 3, high=500),
    inputs=("high", "low"),
    outputs=("high", "low"),
    scale=OVERLAY,
    formula="the high `right` bars ago once no high of the `left` bars before it is above it and all of the `right` "
    "bars after it are below; likewise the low. Undefined while there was none within 500 bars",
)
def swing(x: Inputs, left: int, right: int) -> tuple[Node, Node]:
    n = left + right + 1
    return _swing(x.high, g.age_of_highest(x.high, n), right), _swing(x.low, g.age_of_lowest(x.low, n), right)


@family.add(
    "GAP",
    "Gap of the open",
    inputs=("open", "close"),
    formula="100 (open - close[1]) / close[1]",
)
def gap(x: Inputs) -> Node:
    before = g.lag(x.close, 1)
    return percent(g.sub(x.open, before), before, 0.0)


@family.add(
    "DAY_RANGE",
    "Range of the day so far",
    inputs=("high", "low"),
    formula="highest high - lowest low since the trading day began, this bar included",
)
def day_range(x: Inputs) -> Node:
    return g.sub(of_day("max", x.high, x.place), of_day("min", x.low, x.place))


@family.add(
    "WEEKDAY", "Day of the week", inputs=(), range=(1.0, 7.0), formula="1 Monday ... 7 Sunday, UTC, of the bar's open"
)
def weekday(x: Inputs) -> Node:
    return x.place.clock("weekday")


@family.add("HOUR", "Hour of the day", inputs=(), range=(0.0, 23.0), formula="0 ... 23, UTC, of the bar's open")
def hour(x: Inputs) -> Node:
    return x.place.clock("hour")
