"""Indicators over 3.34 million bars against TA-Lib, in turns on the same arrays."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import talib

from engine.clock import SYSTEM_CLOCK
from engine.rules.machine import bar_columns, run_series
from engine.rules.series import series_program
from tests.benchmarks.backtest import minutes
from tests.benchmarks.harness import report

ROUNDS = 7
#: ours: every output that theirs computes in one call
CASES: dict[str, tuple[list[str], Callable[..., Any]]] = {
    "SMA(20)": (["SMA(20)"], lambda o, h, low, c: talib.SMA(c, 20)),
    "EMA(20)": (["EMA(20)"], lambda o, h, low, c: talib.EMA(c, 20)),
    "RSI(14)": (["RSI(14)"], lambda o, h, low, c: talib.RSI(c, 14)),
    "ATR(14)": (["ATR(14)"], lambda o, h, low, c: talib.ATR(h, low, c, 14)),
    "MACD(12, 26, 9)": (
        ["MACD(12, 26, 9).line", "MACD(12, 26, 9).signal", "MACD(12, 26, 9).histogram"],
        lambda o, h, low, c: talib.MACD(c),
    ),
    "BBANDS(20, 2)": (
        ["BBANDS(20, 2).upper", "BBANDS(20, 2).middle", "BBANDS(20, 2).lower"],
        lambda o, h, low, c: talib.BBANDS(c, 20),
    ),
    "highest(high, 55)": (["highest(high, 55)"], lambda o, h, low, c: talib.MAX(h, 55)),
    "lowest(low, 55)": (["lowest(low, 55)"], lambda o, h, low, c: talib.MIN(low, 55)),
}


def _ns(work: Callable[[], Any], bars: int) -> float:
    began = SYSTEM_CLOCK.monotonic_ns()
    work()
    return (SYSTEM_CLOCK.monotonic_ns() - began) / bars


def run() -> dict[str, Any]:
    """value: worst ratio of medians, ours / theirs; below 1 is faster than TA-Lib."""
    bars, source = minutes()
    index = np.asarray(bars["ts"]) // 60_000
    columns = bar_columns(bars)
    prices = [np.ascontiguousarray(columns[k]) for k in range(4)]
    figures: dict[str, Any] = {}
    worst = 0.0
    for name, (expressions, theirs) in CASES.items():
        program = series_program(expressions)
        run_series(program, index, columns)
        theirs(*prices)
        ours_of, theirs_of = partial(run_series, program, index, columns), partial(theirs, *prices)
        pairs = [(_ns(ours_of, len(bars)), _ns(theirs_of, len(bars))) for _ in range(ROUNDS)]
        ours, other = (statistics.median(p[k] for p in pairs) for k in (0, 1))
        figures[name] = {"ns": round(ours, 2), "talib_ns": round(other, 2), "ratio": round(ours / other, 3)}
        worst = max(worst, ours / other)
    figures |= {"worst_ratio": round(worst, 3), "bars": len(bars), "data": source}
    return report("indicators", worst, figures, f"TA-Lib {talib.__version__}")
