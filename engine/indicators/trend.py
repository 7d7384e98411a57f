"""Direction and strength of a trend, and stops that follow it."""

from __future__ import annotations

from engine.indicators import graph as g
from engine.indicators.common import (
    HALF,
    ZERO,
    atr,
    change,
    middle,
    percent,
    scaled,
    share,
    total,
    true_range,
)
from engine.indicators.graph import Node
from engine.indicators.spec import OVERLAY, Family, Inputs, bars, number

family = Family("trend")
PRICES = ("high", "low", "close")
#: bars within which two starts of a path-dependent line have met at one of its turns
PATH_CHUNK = 1000


@family.add(
    "ADX",
    "Directional movement",
    bars("n", 14),
    inputs=PRICES,
    outputs=("adx", "plus", "minus"),
    range=(0.0, 100.0),
    formula="plus, minus = 100 Wilder's average of the directional movement up, down / that of the true range; adx = "
    "Wilder's average of 100 |plus - minus| / (plus + minus), 0 where nothing moved (Wilder 1978)",
)
def adx(x: Inputs, n: int) -> tuple[Node, Node, Node]:
    up, down = change(x.high), g.neg(change(x.low))
    plus = g.wilder(g.where(g.greater(up, g.maximum(down, ZERO)), up, g.mul(ZERO, up)), n)
    minus = g.wilder(g.where(g.greater(down, g.maximum(up, ZERO)), down, g.mul(ZERO, down)), n)
    ranged = atr(x, n)
    directional = percent(g.absolute(g.sub(plus, minus)), g.add(plus, minus), 0.0)
    return g.wilder(directional, n), percent(plus, ranged, 0.0), percent(minus, ranged, 0.0)


@family.add(
    "VORTEX",
    "Vortex",
    bars("n", 14),
    inputs=PRICES,
    outputs=("plus", "minus"),
    formula="plus = sum over n of |high - low[1]| / sum of the true range, minus of |low - high[1]|; 1 where there "
    "was no range (Botes & Siepman 2010)",
)
def vortex(x: Inputs, n: int) -> tuple[Node, Node]:
    ranged = g.rolling_sum(true_range(x), n)
    up = g.rolling_sum(g.absolute(g.sub(x.high, g.lag(x.low, 1))), n)
    down = g.rolling_sum(g.absolute(g.sub(x.low, g.lag(x.high, 1))), n)
    return share(up, ranged, 1.0), share(down, ranged, 1.0)


def _channel_middle(x: Inputs, n: int) -> Node:
    return g.mul(HALF, g.add(g.highest(x.high, n), g.lowest(x.low, n)))


@family.add(
    "ICHIMOKU",
    "Ichimoku cloud",
    bars("tenkan", 9),
    bars("kijun", 26),
    bars("senkou", 52),
    inputs=("high", "low"),
    outputs=("tenkan", "kijun", "span_a", "span_b"),
    scale=OVERLAY,
    formula="the middle of the highest high and lowest low of n bars: tenkan, kijun, and the cloud over this bar, "
    "which is span_a = (tenkan + kijun) / 2 and span_b = the middle of `senkou` bars, both of `kijun` bars ago "
    "(Hosoda 1969)",
)
def ichimoku(x: Inputs, tenkan: int, kijun: int, senkou: int) -> tuple[Node, ...]:
    fast, slow = _channel_middle(x, tenkan), _channel_middle(x, kijun)
    span_a = g.lag(g.mul(HALF, g.add(fast, slow)), kijun)
    return fast, slow, span_a, g.lag(_channel_middle(x, senkou), kijun)


@family.add(
    "CHANDELIER",
    "Chandelier exit",
    bars("n", 22),
    number("k", 3.0),
    inputs=PRICES,
    outputs=("long", "short"),
    scale=OVERLAY,
    formula="long = highest high of n - k ATR(n); short = lowest low of n + k ATR(n) (Le Beau)",
)
def chandelier(x: Inputs, n: int, k: float) -> tuple[Node, Node]:
    away = scaled(k, atr(x, n))
    return g.sub(g.highest(x.high, n), away), g.add(g.lowest(x.low, n), away)


@family.add(
    "HEIKIN_ASHI",
    "Heikin-Ashi bars",
    inputs=("open", "high", "low", "close"),
    outputs=("open", "high", "low", "close"),
    scale=OVERLAY,
    formula="close = (open + high + low + close) / 4; open = (open[1] + close[1]) / 2 of the Heikin-Ashi bars; "
    "high, low = the extremes of high, low and these (Valcu 2004)",
)
def heikin_ashi(x: Inputs) -> tuple[Node, ...]:
    close = scaled(0.25, total(x.open, x.high, x.low, x.close))
    opened = g.recursion(g.lag(close, 1), 2, 0.5)
    high = g.maximum(x.high, g.maximum(opened, close))
    return opened, high, g.minimum(x.low, g.minimum(opened, close)), close


@family.add(
    "ALLIGATOR",
    "Alligator",
    bars("jaw", 13),
    bars("teeth", 8),
    bars("lips", 5),
    inputs=("high", "low"),
    outputs=("jaw", "teeth", "lips"),
    scale=OVERLAY,
    formula="Wilder's averages of (high + low) / 2 over `jaw`, `teeth` and `lips` bars, of 8, 5 and 3 bars ago "
    "(Williams 1995)",
)
def alligator(x: Inputs, jaw: int, teeth: int, lips: int) -> tuple[Node, ...]:
    price = middle(x)
    return tuple(g.lag(g.wilder(price, n), back) for n, back in ((jaw, 8), (teeth, 5), (lips, 3)))
