"""Measures of range and deviation, and bands made of them."""

from __future__ import annotations

import math

from engine.indicators import graph as g
from engine.indicators.averages import efficiency as path_efficiency
from engine.indicators.common import (
    HALF,
    ZERO,
    atr,
    clamp,
    log_ratio,
    log_return,
    percent,
    place,
    scaled,
    share,
    true_high,
    true_low,
    true_range,
)
from engine.indicators.graph import Node
from engine.indicators.momentum import rate
from engine.indicators.spec import OVERLAY, Family, Inputs, bars, number

family = Family("volatility")
PRICES = ("high", "low", "close")
ALL_PRICES = ("open", "high", "low", "close")


@family.add(
    "ATR",
    "Average true range",
    bars("n", 14),
    inputs=PRICES,
    formula="Wilder's average of max(high, close[1]) - min(low, close[1]) (Wilder 1978)",
)
def average_true_range(x: Inputs, n: int) -> Node:
    return atr(x, n)


@family.add(
    "NATR",
    "Normalised average true range",
    bars("n", 14),
    inputs=PRICES,
    formula="100 ATR(n) / close",
)
def natr(x: Inputs, n: int) -> Node:
    return percent(atr(x, n), x.close, 0.0)


@family.add("TRANGE", "True range", inputs=PRICES, formula="max(high, close[1]) - min(low, close[1]) (Wilder 1978)")
def trange(x: Inputs) -> Node:
    return true_range(x)


def _bands(x: Inputs, n: int, k: float) -> tuple[Node, Node, Node]:
    centre = g.rolling_mean(x.source, n)
    away = scaled(k, g.rolling_std(x.source, n))
    return g.add(centre, away), centre, g.sub(centre, away)


@family.add(
    "BBANDS",
    "Bollinger bands",
    bars("n", 20, low=2),
    number("k", 2.0),
    outputs=("upper", "middle", "lower"),
    scale=OVERLAY,
    formula="middle = SMA(n); upper, lower = middle +- k population standard deviations (Bollinger 2001)",
)
def bbands(x: Inputs, n: int, k: float) -> tuple[Node, Node, Node]:
    return _bands(x, n, k)


@family.add(
    "PERCENT_B",
    "Bollinger %b",
    bars("n", 20, low=2),
    number("k", 2.0),
    formula="(x - lower) / (upper - lower) of the Bollinger bands; 1/2 where they meet",
)
def percent_b(x: Inputs, n: int, k: float) -> Node:
    upper, _, lower = _bands(x, n, k)
    return place(x.source, lower, upper, 0.5)


@family.add(
    "BANDWIDTH",
    "Bollinger bandwidth",
    bars("n", 20, low=2),
    number("k", 2.0),
    formula="(upper - lower) / middle of the Bollinger bands",
)
def bandwidth(x: Inputs, n: int, k: float) -> Node:
    upper, centre, lower = _bands(x, n, k)
    return share(g.sub(upper, lower), centre, 0.0)


@family.add(
    "KELTNER",
    "Keltner channel",
    bars("n", 20),
    bars("atr", 10),
    number("k", 2.0),
    inputs=PRICES,
    outputs=("upper", "middle", "lower"),
    scale=OVERLAY,
    formula="middle = EMA(n) of the close; upper, lower = middle +- k ATR(atr) (Raschke's form)",
)
def keltner(x: Inputs, n: int, atr: int, k: float) -> tuple[Node, Node, Node]:
    centre, away = g.ema(x.close, n), scaled(k, g.wilder(true_range(x), atr))
    return g.add(centre, away), centre, g.sub(centre, away)


@family.add(
    "DONCHIAN",
    "Donchian channel",
    bars("n", 20),
    inputs=("high", "low"),
    outputs=("upper", "middle", "lower"),
    scale=OVERLAY,
    formula="highest high and lowest low of the last n bars, this one included; middle = their mean (Donchian)",
)
def donchian(x: Inputs, n: int) -> tuple[Node, Node, Node]:
    upper, lower = g.highest(x.high, n), g.lowest(x.low, n)
    return upper, g.mul(HALF, g.add(upper, lower)), lower


@family.add(
    "STDEV",
    "Standard deviation",
    bars("n", 20, low=2),
    formula="population standard deviation of the last n values",
)
def stdev(x: Inputs, n: int) -> Node:
    return g.rolling_std(x.source, n)


@family.add(
    "ZSCORE",
    "Z-score",
    bars("n", 20, low=2),
    formula="(x - SMA(n)) / STDEV(n); 0 where the values are equal",
)
def zscore(x: Inputs, n: int) -> Node:
    return share(g.sub(x.source, g.rolling_mean(x.source, n)), g.rolling_std(x.source, n), 0.0)


@family.add(
    "HV",
    "Historical volatility",
    bars("n", 20, low=2),
    formula="sample standard deviation (ddof 1) of the last n log returns, per bar",
)
def hv(x: Inputs, n: int) -> Node:
    return g.sqrt(scaled(1.0 / (n - 1), g.rolling_squares(log_return(x.source), n)))


@family.add(
    "PARKINSON",
    "Parkinson volatility",
    bars("n", 20),
    inputs=("high", "low"),
    formula="sqrt of the mean over n of ln(high / low)^2 / (4 ln 2), per bar (Parkinson 1980)",
)
def parkinson(x: Inputs, n: int) -> Node:
    ranged = log_ratio(x.high, x.low)
    return g.sqrt(scaled(1.0 / (4.0 * math.log(2.0)), g.rolling_mean(g.mul(ranged, ranged), n)))


@family.add(
    "GARMAN_KLASS",
    "Garman-Klass volatility",
    bars("n", 20),
    inputs=ALL_PRICES,
    formula="sqrt of the mean over n of ln(high / low)^2 / 2 - (2 ln 2 - 1) ln(close / open)^2, per bar (Garman & "
    "Klass 1980)",
)
def garman_klass(x: Inputs, n: int) -> Node:
    ranged, moved = log_ratio(x.high, x.low), log_ratio(x.close, x.open)
    parts = g.sub(g.mul(HALF, g.mul(ranged, ranged)), scaled(2.0 * math.log(2.0) - 1.0, g.mul(moved, moved)))
    return g.sqrt(g.maximum(g.rolling_mean(parts, n), ZERO))


@family.add(
    "YANG_ZHANG",
    "Yang-Zhang volatility",
    bars("n", 20, low=2),
    inputs=ALL_PRICES,
    formula="sqrt(V(open / close[1]) + w V(close / open) + (1 - w) R) of logs over n, V the sample variance, R the "
    "mean of h (h - c) + l (l - c) with h, l, c = high, low, close / open, w = 0.34 / (1.34 + (n+1)/(n-1)), per bar "
    "(Yang & Zhang 2000)",
)
def yang_zhang(x: Inputs, n: int) -> Node:
    gap, moved = log_ratio(x.open, g.lag(x.close, 1)), log_ratio(x.close, x.open)
    up, down = log_ratio(x.high, x.open), log_ratio(x.low, x.open)
    weight = 0.34 / (1.34 + (n + 1) / (n - 1))
    rogers = g.rolling_mean(g.add(g.mul(up, g.sub(up, moved)), g.mul(down, g.sub(down, moved))), n)
    variance = g.add(
        scaled(1.0 / (n - 1), g.rolling_squares(gap, n)), scaled(weight / (n - 1), g.rolling_squares(moved, n))
    )
    return g.sqrt(g.maximum(g.add(variance, scaled(1.0 - weight, rogers)), ZERO))


@family.add(
    "CHOP",
    "Choppiness",
    bars("n", 14, low=2),
    inputs=PRICES,
    range=(0.0, 100.0),
    formula="100 log(sum of the true range over n / (highest true high - lowest true low)) / log n; 100 where there "
    "was no range (Dreiss 1993)",
)
def chop(x: Inputs, n: int) -> Node:
    span = g.sub(g.highest(true_high(x), n), g.lowest(true_low(x), n))
    walked = share(g.rolling_sum(true_range(x), n), span, float(n))
    return clamp(scaled(100.0 / math.log(n), g.log(walked)), 0.0, 100.0)


@family.add(
    "MASS",
    "Mass index",
    bars("ema", 9),
    bars("n", 25),
    inputs=("high", "low"),
    formula="sum over n of EMA(ema) of high - low / EMA(ema) of the same EMA, 1 where there was no range (Dorsey 1992)",
)
def mass(x: Inputs, ema: int, n: int) -> Node:
    once = g.ema(g.sub(x.high, x.low), ema)
    return g.rolling_sum(share(once, g.ema(once, ema), 1.0), n)


@family.add(
    "CHAIKIN_VOL",
    "Chaikin volatility",
    bars("n", 10),
    bars("roc", 10),
    inputs=("high", "low"),
    formula="change in percent over `roc` bars of EMA(n) of high - low; 0 where there was no range (Chaikin)",
)
def chaikin_vol(x: Inputs, n: int, roc: int) -> Node:
    return rate(g.ema(g.sub(x.high, x.low), n), roc)


@family.add(
    "ULCER",
    "Ulcer index",
    bars("n", 14),
    formula="sqrt of the mean over n of the squared percent that x lies below its highest of n (Martin 1987)",
)
def ulcer(x: Inputs, n: int) -> Node:
    top = g.highest(x.source, n)
    below = percent(g.sub(x.source, top), top, 0.0)
    return g.sqrt(g.rolling_mean(g.mul(below, below), n))


@family.add(
    "EFFICIENCY",
    "Efficiency ratio",
    bars("n", 10),
    range=(0.0, 1.0),
    formula="|x - x[n]| / sum of the n absolute changes; 0 where nothing moved (Kaufman 1995)",
)
def efficiency(x: Inputs, n: int) -> Node:
    return path_efficiency(x.source, n, 0.0)
