"""Oscillators of price change."""

from __future__ import annotations

from collections.abc import Mapping

from engine.indicators import graph as g
from engine.indicators.graph import Node
from engine.indicators.spec import PANE, SOURCE, Indicator, bars


def _rsi(p: Mapping[str, float], x: Mapping[str, Node]) -> dict[str, Node]:
    n, zero = int(p["n"]), g.const(0.0)
    change = g.sub(x[SOURCE], g.lag(x[SOURCE], 1))
    up = g.wilder(g.maximum(change, zero), n)
    total = g.add(up, g.wilder(g.maximum(g.neg(change), zero), n))
    share = g.div(g.mul(g.const(100.0), up), total)
    return {"value": g.where(g.greater_equal(zero, total), g.const(50.0), share)}


def _macd(p: Mapping[str, float], x: Mapping[str, Node]) -> dict[str, Node]:
    line = g.sub(g.ema(x[SOURCE], int(p["fast"])), g.ema(x[SOURCE], int(p["slow"])))
    signal = g.ema(line, int(p["signal"]))
    return {"line": line, "signal": signal, "histogram": g.sub(line, signal)}


INDICATORS = (
    Indicator(
        name="RSI",
        title="Relative strength index",
        family="oscillators",
        params=(bars("n", 14),),
        inputs=(SOURCE,),
        outputs=("value",),
        scale=PANE,
        range=(0.0, 100.0),
        formula="100 U / (U + D), U and D Wilder's averages of rises and falls (Wilder 1978); 50 where nothing moved",
        build=_rsi,
    ),
    Indicator(
        name="MACD",
        title="Moving average convergence/divergence",
        family="oscillators",
        params=(bars("fast", 12), bars("slow", 26), bars("signal", 9)),
        inputs=(SOURCE,),
        outputs=("line", "signal", "histogram"),
        scale=PANE,
        formula="line = EMA(fast) - EMA(slow); signal = EMA(signal) of line; histogram = line - signal (Appel 1979)",
        build=_macd,
    ),
)
