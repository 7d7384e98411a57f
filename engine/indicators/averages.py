"""Moving averages and the regression line."""

from __future__ import annotations

from engine.indicators import graph as g
from engine.indicators.common import ONE, TWO, change, scaled, share
from engine.indicators.graph import Node
from engine.indicators.spec import OVERLAY, SOURCE, Family, Inputs, bars

family = Family("averages")


@family.add(
    "SMA",
    "Simple moving average",
    bars("n", 20),
    scale=OVERLAY,
    formula="sum of the last n values / n",
)
def sma(x: Inputs, n: int) -> Node:
    return g.rolling_mean(x.source, n)


@family.add(
    "EMA",
    "Exponential moving average",
    bars("n", 20),
    scale=OVERLAY,
    formula="y += 2/(n+1) (x - y), seeded by the mean of the first n values (as TA-Lib)",
)
def ema(x: Inputs, n: int) -> Node:
    return g.ema(x.source, n)


@family.add(
    "RMA",
    "Wilder's moving average",
    bars("n", 14),
    scale=OVERLAY,
    formula="y += 1/n (x - y), seeded by the mean of the first n values (Wilder 1978)",
)
def rma(x: Inputs, n: int) -> Node:
    return g.wilder(x.source, n)


@family.add(
    "DEMA",
    "Double exponential moving average",
    bars("n", 20),
    scale=OVERLAY,
    formula="2 EMA(n) - EMA(n) of EMA(n) (Mulloy 1994)",
)
def dema(x: Inputs, n: int) -> Node:
    once = g.ema(x.source, n)
    return g.sub(g.mul(TWO, once), g.ema(once, n))


@family.add(
    "TEMA",
    "Triple exponential moving average",
    bars("n", 20),
    scale=OVERLAY,
    formula="3 e1 - 3 e2 + e3, each the EMA(n) of the one before (Mulloy 1994)",
)
def tema(x: Inputs, n: int) -> Node:
    once = g.ema(x.source, n)
    twice = g.ema(once, n)
    return g.add(scaled(3.0, g.sub(once, twice)), g.ema(twice, n))


def efficiency(a: Node, n: int, neutral: float) -> Node:
    """|a - a[n]| / sum of the n absolute changes, 0..1; `neutral` where nothing moved (Kaufman)."""
    return g.minimum(ONE, share(g.absolute(change(a, n)), g.rolling_sum(g.absolute(change(a)), n), neutral))


@family.add(
    "VWMA",
    "Volume-weighted moving average",
    bars("n", 20),
    inputs=(SOURCE, "volume"),
    scale=OVERLAY,
    formula="sum of x volume / sum of volume over n; the SMA(n) where there was no volume",
)
def vwma(x: Inputs, n: int) -> Node:
    volume = g.rolling_sum(x.volume, n)
    return share(g.rolling_sum(g.mul(x.source, x.volume), n), volume, g.rolling_mean(x.source, n))


@family.add(
    "ZLEMA",
    "Zero-lag exponential moving average",
    bars("n", 20),
    scale=OVERLAY,
    formula="EMA(n) of 2 x - x[(n-1)/2], rounded down (Ehlers & Way 2010)",
)
def zlema(x: Inputs, n: int) -> Node:
    return g.ema(g.sub(g.mul(TWO, x.source), g.lag(x.source, (n - 1) // 2)), n)
