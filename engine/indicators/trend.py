"""Direction and strength of a trend, and stops that follow it."""

from __future__ import annotations

from engine.indicators import graph as g
from engine.indicators.common import (
    HALF,
    HUNDRED,
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
from engine.indicators.graph import LONGEST, Node
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
    "AROON",
    "Aroon",
    bars("n", 25, high=LONGEST - 1),
    inputs=("high", "low"),
    outputs=("up", "down", "oscillator"),
    range=(-100.0, 100.0),
    formula="up = 100 (n - bars since the highest high of n + 1) / n, down of the lowest low, the newest of equals; "
    "oscillator = up - down (Chande 1995)",
)
def aroon(x: Inputs, n: int) -> tuple[Node, Node, Node]:
    length = g.const(n)
    up = g.div(g.mul(HUNDRED, g.sub(length, g.age_of_highest(x.high, n + 1))), length)
    down = g.div(g.mul(HUNDRED, g.sub(length, g.age_of_lowest(x.low, n + 1))), length)
    return up, down, g.sub(up, down)


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
    "SUPERTREND",
    "SuperTrend",
    bars("n", 10),
    number("k", 3.0),
    inputs=PRICES,
    outputs=("line", "side"),
    scale=OVERLAY,
    apart=("side",),
    formula="bands (high + low) / 2 -+ k ATR(n) that only tighten while the close stays beyond the one before; line = "
    "the lower band while up (side 1), the upper while down (side -1) (Seban)",
)
def supertrend(x: Inputs, n: int, k: float) -> tuple[Node, Node]:
    centre, away = middle(x), scaled(k, atr(x, n))
    bands = x.close, g.add(centre, away), g.sub(centre, away)
    return g.ratchet(*bands, PATH_CHUNK), g.ratchet_side(*bands, PATH_CHUNK)


@family.add(
    "SAR",
    "Parabolic stop and reverse",
    number("step", 0.02, 0.0001, 1.0),
    number("max", 0.2, 0.0001, 1.0),
    inputs=("high", "low"),
    outputs=("value", "side"),
    scale=OVERLAY,
    apart=("side",),
    formula="sar += af (ep - sar), held outside the last two bars, af grows by `step` to `max` at each new extreme ep, "
    "turns where the price passes it (Wilder 1978; as TA-Lib after the first turn); side = 1 while it is below the "
    "bars, -1 while above",
)
def sar(x: Inputs, step: float, max: float) -> tuple[Node, Node]:
    prices = x.high, x.low, step, max, PATH_CHUNK
    return g.sar(*prices), g.sar_side(*prices)


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
