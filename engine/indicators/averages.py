"""Moving averages and the regression line."""

from __future__ import annotations

import math

from engine.indicators import graph as g
from engine.indicators.common import ONE, TWO, ZERO, change, clamp, scaled, share, weighted_mean
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
    "WMA",
    "Weighted moving average",
    bars("n", 20),
    scale=OVERLAY,
    formula="weights n (newest) ... 1 (oldest), divided by n(n+1)/2",
)
def wma(x: Inputs, n: int) -> Node:
    return weighted_mean(x.source, n)


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


@family.add(
    "HMA",
    "Hull moving average",
    bars("n", 20, low=2),
    scale=OVERLAY,
    formula="WMA(sqrt n) of 2 WMA(n/2) - WMA(n), lengths rounded down (Hull 2005)",
)
def hma(x: Inputs, n: int) -> Node:
    fast, slow = weighted_mean(x.source, n // 2), weighted_mean(x.source, n)
    return weighted_mean(g.sub(g.mul(TWO, fast), slow), math.isqrt(n))


def efficiency(a: Node, n: int, neutral: float) -> Node:
    """|a - a[n]| / sum of the n absolute changes, 0..1; `neutral` where nothing moved (Kaufman)."""
    return g.minimum(ONE, share(g.absolute(change(a, n)), g.rolling_sum(g.absolute(change(a)), n), neutral))


@family.add(
    "KAMA",
    "Kaufman's adaptive moving average",
    bars("n", 10),
    bars("fast", 2, high=100),
    bars("slow", 30, high=500),
    scale=OVERLAY,
    formula="y += (e (2/(fast+1) - 2/(slow+1)) + 2/(slow+1))^2 (x - y), e = |x - x[n]| / sum of |changes| over n, 1 "
    "where nothing moved (Kaufman 1995; as TA-Lib). Values older than about 40 steps of its speed at e = 0.1 are "
    "forgotten.",
)
def kama(x: Inputs, n: int, fast: int, slow: int) -> Node:
    quick, sluggish = 2.0 / (fast + 1), 2.0 / (slow + 1)
    speed = g.add(g.mul(efficiency(x.source, n, 1.0), g.const(quick - sluggish)), g.const(sluggish))
    usual = (0.1 * quick + 0.9 * sluggish) ** 2
    return g.adaptive(x.source, g.mul(speed, speed), math.ceil(g.FORGET / usual))


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


@family.add(
    "LINREG",
    "Linear regression over n bars",
    bars("n", 14, low=2),
    outputs=("value", "slope", "intercept", "r2", "error"),
    scale=OVERLAY,
    apart=("slope", "r2", "error"),
    formula="least squares line through the last n values: its value at this bar, slope per bar, value at the oldest "
    "bar, R squared (0 where the values are equal), standard error of the fit (n - 2 degrees of freedom)",
)
def linreg(x: Inputs, n: int) -> tuple[Node, ...]:
    mean = g.rolling_mean(x.source, n)
    # positions 0 (oldest) .. n-1: the weights of weighted_sum are the positions + 1, their mean is (n + 1) / 2
    spread = n * (n * n - 1.0) / 12.0
    slope = scaled(1.0 / spread, g.sub(g.weighted_sum(x.source, n), scaled(n * (n + 1) / 2.0, mean)))
    half = scaled((n - 1) / 2.0, slope)
    squares = g.rolling_squares(x.source, n)
    explained = scaled(spread, g.mul(slope, slope))
    r2 = clamp(share(explained, squares, 0.0), 0.0, 1.0)
    left = scaled(1.0 / max(1, n - 2), g.maximum(g.sub(squares, explained), ZERO))
    return g.add(mean, half), slope, g.sub(mean, half), r2, g.sqrt(left)
