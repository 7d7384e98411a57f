"""Measures of range and deviation, and bands made of them."""

from __future__ import annotations

from collections.abc import Mapping

from engine.indicators import graph as g
from engine.indicators.graph import Node
from engine.indicators.spec import OVERLAY, PANE, SOURCE, Indicator, Param, bars


def true_range(x: Mapping[str, Node]) -> Node:
    """max(high - low, |high - previous close|, |low - previous close|), defined from the second bar on."""
    before = g.lag(x["close"], 1)
    return g.sub(g.maximum(x["high"], before), g.minimum(x["low"], before))


def _atr(p: Mapping[str, float], x: Mapping[str, Node]) -> dict[str, Node]:
    return {"value": g.wilder(true_range(x), int(p["n"]))}


def _bbands(p: Mapping[str, float], x: Mapping[str, Node]) -> dict[str, Node]:
    n = int(p["n"])
    middle = g.rolling_mean(x[SOURCE], n)
    away = g.mul(g.const(p["k"]), g.rolling_std(x[SOURCE], n))
    return {"upper": g.add(middle, away), "middle": middle, "lower": g.sub(middle, away)}


INDICATORS = (
    Indicator(
        name="ATR",
        title="Average true range",
        family="volatility",
        params=(bars("n", 14),),
        inputs=("high", "low", "close"),
        outputs=("value",),
        scale=PANE,
        formula="Wilder's average of max(high, close[1]) - min(low, close[1]) (Wilder 1978)",
        build=_atr,
    ),
    Indicator(
        name="BBANDS",
        title="Bollinger bands",
        family="volatility",
        params=(bars("n", 20, low=2), Param("k", 2.0, 0.0, 100.0, whole=False)),
        inputs=(SOURCE,),
        outputs=("upper", "middle", "lower"),
        scale=OVERLAY,
        formula="middle = SMA(n); upper, lower = middle +- k population standard deviations (Bollinger 2001)",
        build=_bbands,
    ),
)
