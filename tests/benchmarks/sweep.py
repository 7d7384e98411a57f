"""Every lane with new prices: the candle book takes them and the pipeline previews all strategies."""

from __future__ import annotations

import statistics
from typing import Any

import numpy as np

from engine.clock import SYSTEM_CLOCK
from engine.contracts.dtypes import CANDLE_DTYPE, KLINE_RUNNING, TICK_DTYPE
from engine.contracts.instruments import Instrument
from engine.runtime.core import MarketCore
from engine.runtime.strategies import built_in, market_programs
from tests.benchmarks.harness import report

ROWS, TIMEFRAMES, HISTORY, RUNS = 1_024, ("1m", "5m", "15m", "1h"), 7_200, 200
START_MS = 1_790_000_000_000 // 3_600_000 * 3_600_000


def _core() -> tuple[MarketCore, np.ndarray, int]:
    """A core whose lanes are all warm, the last closes, and strategies in it."""
    programs = market_programs(built_in(), TIMEFRAMES)
    names = [f"S{k}USDT" for k in range(ROWS)]
    listed = [
        Instrument(market="binance-spot", name=n, base=n[:-4], quote="USDT", tick_size=0.001, lot_size=0.1)
        for n in names
    ]
    core = MarketCore(listed, TIMEFRAMES, programs, SYSTEM_CLOCK)
    rng = np.random.default_rng(3)
    bars = np.zeros(HISTORY, CANDLE_DTYPE)
    bars["ts"] = START_MS + np.arange(-HISTORY, 0) * 60_000
    closes = np.empty(ROWS)
    for row in range(ROWS):
        close = np.round(100 * np.exp(np.cumsum(rng.normal(0, 5e-4, HISTORY))), 3)
        bars["close"], bars["open"] = close, np.r_[close[:1], close[:-1]]
        bars["high"] = np.maximum(bars["open"], close) + 0.01
        bars["low"] = np.minimum(bars["open"], close) - 0.01
        bars["volume"] = 10.0
        core.warm(row, bars, {})
        closes[row] = close[-1]
    return core, closes, len(programs[0].bounds)


def _ticks(price: np.ndarray, run: int) -> np.ndarray:
    ticks = np.zeros(ROWS, TICK_DTYPE)
    ticks["row"], ticks["kind"], ticks["ts"] = np.arange(ROWS), KLINE_RUNNING, START_MS
    for column in ("open", "high", "low", "close"):
        ticks[column] = price
    ticks["volume"], ticks["first_id"], ticks["last_id"], ticks["n"] = run + 1, 1, run + 1, run + 1
    ticks["event_ms"], ticks["recv_ns"] = START_MS + run, SYSTEM_CLOCK.now_ns()
    return ticks


def run() -> dict[str, Any]:
    """value: median ms of one sweep: apply, preview, edges and messages."""
    core, price, strategies = _core()
    rng = np.random.default_rng(4)
    taken, lanes, signals = [], 0, 0
    for k in range(RUNS + 10):
        price = np.round(price * (1 + rng.normal(0, 1e-4, ROWS)), 3)
        ticks = _ticks(price, k)
        began = SYSTEM_CLOCK.monotonic_ns()
        outcome = core.sweep(ticks)
        taken.append((SYSTEM_CLOCK.monotonic_ns() - began) / 1e6)
        lanes = len(outcome.dirty)
        signals += len(outcome.signals)
    value = statistics.median(taken[10:])
    figures = {
        "median_ms": round(value, 3),
        "p99_ms": round(float(np.percentile(taken[10:], 99)), 3),
        "lanes": lanes,
        "still_warming": int(core.pipeline.warming().sum()),
        "strategies": strategies,
        "signals": signals,
    }
    return report("sweep", value, figures, "design: 4 ms for 1,200 operations and 160 indicators on 4,096 lanes")
