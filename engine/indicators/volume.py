"""Indicators of volume. A level that would depend on the first bar ever is given as its change over n bars."""

from __future__ import annotations

from engine.indicators import graph as g
from engine.indicators.common import (
    ZERO,
    change,
    log_return,
    middle,
    money_flow,
    scaled,
    share,
    signed,
    typical,
)
from engine.indicators.graph import Node
from engine.indicators.spec import OVERLAY, Family, Inputs, bars

family = Family("volume")
BAR = ("high", "low", "close", "volume")


@family.add(
    "OBV",
    "On-balance volume",
    bars("n", 100),
    inputs=("close", "volume"),
    formula="sum over n of the volume of bars that closed higher less that of bars that closed lower: the change of "
    "on-balance volume over n bars (Granville 1963)",
)
def obv(x: Inputs, n: int) -> Node:
    return g.rolling_sum(signed(change(x.close), x.volume), n)


@family.add(
    "AD",
    "Accumulation/distribution",
    bars("n", 100),
    inputs=BAR,
    formula="sum over n of volume ((close - low) - (high - close)) / (high - low), 0 where high = low: the change "
    "of the accumulation/distribution line over n bars (Chaikin)",
)
def ad(x: Inputs, n: int) -> Node:
    return g.rolling_sum(money_flow(x), n)


@family.add(
    "CMF",
    "Chaikin money flow",
    bars("n", 20),
    inputs=BAR,
    range=(-1.0, 1.0),
    formula="sum over n of volume ((close - low) - (high - close)) / (high - low) / sum of volume; 0 where there "
    "was none",
)
def cmf(x: Inputs, n: int) -> Node:
    return share(g.rolling_sum(money_flow(x), n), g.rolling_sum(x.volume, n), 0.0)


def _lead(flow: Node, n: int) -> Node:
    """S - EMA(n) of S for S the running sum of flow, without the sum: (1 - a) / a EMA(n) of flow, a = 2 / (n + 1)."""
    return scaled((n - 1) / 2.0, g.ema(flow, n))


@family.add(
    "ADOSC",
    "Chaikin oscillator",
    bars("fast", 3),
    bars("slow", 10),
    inputs=BAR,
    formula="EMA(fast) - EMA(slow) of the accumulation/distribution line, by way of (1-a)/a EMA of its flows (Chaikin)",
)
def adosc(x: Inputs, fast: int, slow: int) -> Node:
    flow = money_flow(x)
    return g.sub(_lead(flow, slow), _lead(flow, fast))


@family.add(
    "VWAP",
    "Volume-weighted average price of the day",
    inputs=BAR,
    outputs=("value", "upper", "lower"),
    scale=OVERLAY,
    formula="sum of t volume / sum of volume since the trading day began, t = (high + low + close) / 3; upper, lower = "
    "value +- the volume-weighted standard deviation of t; t itself before there is volume",
)
def vwap(x: Inputs) -> tuple[Node, Node, Node]:
    key, most = x.place.clock("day_number"), x.place.most_bars(1)
    price = typical(x)
    # distances from the day's first price: sums of squares of the prices themselves would lose the small ones
    first = g.anchored("first", price, key, most)
    away = g.sub(price, first)
    weighted = g.mul(away, x.volume)
    volume = g.anchored("sum", x.volume, key, most)
    mean = share(g.anchored("sum", weighted, key, most), volume, away)
    square = share(g.anchored("sum", g.mul(weighted, away), key, most), volume, g.mul(away, away))
    deviation = g.sqrt(g.maximum(g.sub(square, g.mul(mean, mean)), ZERO))
    value = g.add(first, mean)
    return value, g.add(value, deviation), g.sub(value, deviation)


@family.add(
    "FORCE",
    "Force index",
    bars("n", 13),
    inputs=("close", "volume"),
    formula="EMA(n) of (close - close[1]) volume (Elder 1993)",
)
def force(x: Inputs, n: int) -> Node:
    return g.ema(g.mul(change(x.close), x.volume), n)


@family.add(
    "VOLUME_Z",
    "Volume z-score",
    bars("n", 20, low=2),
    inputs=("volume",),
    formula="(volume - its SMA(n)) / its STDEV(n); 0 where the volumes are equal",
)
def volume_z(x: Inputs, n: int) -> Node:
    return share(g.sub(x.volume, g.rolling_mean(x.volume, n)), g.rolling_std(x.volume, n), 0.0)


@family.add(
    "EMV",
    "Ease of movement",
    bars("n", 14),
    inputs=("high", "low", "volume"),
    formula="SMA(n) of (m - m[1]) (high - low) / volume, m = (high + low) / 2, 0 where there was no volume (Arms 1989, "
    "without his scale factor)",
)
def emv(x: Inputs, n: int) -> Node:
    moved = g.mul(change(middle(x)), g.sub(x.high, x.low))
    return g.rolling_mean(share(moved, x.volume, g.mul(ZERO, moved)), n)


@family.add(
    "KLINGER",
    "Klinger volume oscillator",
    bars("fast", 34),
    bars("slow", 55),
    bars("signal", 13),
    inputs=BAR,
    outputs=("line", "signal"),
    formula="line = EMA(fast) - EMA(slow) of the volume signed by the change of high + low + close; signal = "
    "EMA(signal) of line (Klinger 1997, in the usual short form without the trend's cumulative range)",
)
def klinger(x: Inputs, fast: int, slow: int, signal: int) -> tuple[Node, Node]:
    flow = signed(change(typical(x)), x.volume)
    line = g.sub(g.ema(flow, fast), g.ema(flow, slow))
    return line, g.ema(line, signal)


@family.add(
    "NVI",
    "Negative volume index against its average",
    bars("n", 255),
    inputs=("close", "volume"),
    formula="N - EMA(n) of N, N the running sum of the log returns of bars with less volume than the bar before, by "
    "way of (1-a)/a EMA of the returns (Fosback 1976, in logs)",
)
def nvi(x: Inputs, n: int) -> Node:
    moved = log_return(x.close)
    quiet = g.greater(g.lag(x.volume, 1), x.volume)
    return _lead(g.where(quiet, moved, g.mul(ZERO, moved)), n)
