"""The whole chain of one back-test: minutes in memory -> decisions -> fills, costs, marking, figures, provenance."""

from __future__ import annotations

import asyncio
import statistics
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from engine.backtest.data import BarData, Window, bar_data
from engine.backtest.run import conditions, run_backtest
from engine.backtest.simulation import Decided, simulate
from engine.clock import SYSTEM_CLOCK
from engine.contracts.backtests import BacktestResult, BacktestSpec
from engine.contracts.dtypes import CANDLE_DTYPE
from engine.contracts.markets import market
from engine.rules.strategy import compile_strategies
from engine.runtime.folder import DataFolder
from engine.runtime.kept import guessed_instrument
from engine.runtime.strategies import strategy
from engine.runtime.worker import WorkerProcess
from engine.runtime.worker_wire import BacktestTask
from engine.signals.history import Stream, decide
from engine.store.lake import Lake
from tests.benchmarks.chart_data import walk
from tests.benchmarks.harness import report
from tests.shared import root

SYMBOL, STRATEGY, BARS = "binance-spot:BTCUSDT", "turtle_slow", 3_340_000
RUNS = 7
PEERS = (
    "per bar: vectorbt (Rust engine) 75 ns, raptorbt (Rust) 151 ns, backtesting.py 17,000 ns; TA-Lib's RSI alone 5 ns"
)


def minutes() -> tuple[np.ndarray, str]:
    """Real minutes of BTCUSDT where the shared data lies, else a walk of the same length."""
    base = root()
    folder: Path | None = base / "data/candles/binance-spot/BTCUSDT" if base else None
    found = sorted(folder.rglob("1m.parquet")) if folder and folder.is_dir() else []
    if not found:
        return walk(BARS), "random walk"
    frame = pl.read_parquet(found[0])
    bars = np.empty(len(frame), CANDLE_DTYPE)
    for name in CANDLE_DTYPE.names or ():
        column = frame[name if name in frame.columns else "open_time"]
        bars[name] = column.dt.epoch("ms").to_numpy() if column.dtype.is_temporal() else column.to_numpy()
    # the file has some bars off the minute's grid, which the lake refuses
    return bars[bars["ts"] % 60_000 == 0], "BTCUSDT spot"


def timed(work: Callable[[], Any], runs: int = RUNS) -> float:
    """Median seconds; the first run, which compiles, is left out."""
    work()
    taken = []
    for _ in range(runs):
        began = SYSTEM_CLOCK.monotonic_ns()
        work()
        taken.append((SYSTEM_CLOCK.monotonic_ns() - began) / 1e9)
    return statistics.median(taken)


async def command_ms(bars: np.ndarray, spec: BacktestSpec) -> float:
    """Median ms of the same back-test asked of a worker process that has done it once."""
    with tempfile.TemporaryDirectory() as folder:
        root = DataFolder(Path(folder))
        root.prepare()
        Lake(root.lake).write(SYMBOL, "1m", bars)
        worker = WorkerProcess("jobs", folder)
        try:
            taken = []
            for number in range(RUNS + 1):
                began = SYSTEM_CLOCK.monotonic_ns()
                await worker.run(BacktestTask(id=str(number), spec=spec), BacktestResult)
                taken.append((SYSTEM_CLOCK.monotonic_ns() - began) / 1e6)
        finally:
            await worker.close()
    return statistics.median(taken[1:])


def run() -> dict[str, Any]:
    """value: ns a bar in the kernels, over bars that a warm process has checked and opened before: indicators, rules,
    fills with costs and stop, equity of every bar. whole_ns_per_bar: with every figure and hash; first_ns_per_bar: the
    same where the bars are new to the process; command_ms: from the command to its result in a warm jobs process, for
    the whole history."""
    bars, source = minutes()
    bound = strategy(STRATEGY).bind({}, "1m")
    program = compile_strategies([bound])
    instrument = guessed_instrument("binance-spot", "BTCUSDT", bars)
    spec = BacktestSpec(strategy=STRATEGY, symbol=SYMBOL, timeframe="1m", params=dict(bound.params))

    def test(data: BarData, decisions: Decided) -> BacktestResult:
        return run_backtest(
            spec,
            data=data,
            decisions=decisions,
            instrument=instrument,
            market=market("binance-spot"),
            strategy_text=bound.strategy.text(),
            code_version="benchmark",
            clock=SYSTEM_CLOCK,
            warmup=program.program.warmup,
        )

    def first() -> BacktestResult:
        return test(bar_data(SYMBOL, "1m", bars), Stream(bound))

    result = first()
    (decisions,) = decide(program, bars, "1m")
    known = bar_data(SYMBOL, "1m", bars)
    known.fingerprint(len(bars))
    scale = 1e9 / len(bars)

    def decided() -> None:
        for _ in Stream(bound).blocks(known.bars, "1m"):
            pass

    window = Window(0, len(bars) - 1)
    terms = conditions(spec, known, window, Stream(bound), instrument, market("binance-spot")).terms
    value = timed(lambda: simulate(known, window, Stream(bound), terms, spec.sizing.cash)) * scale
    figures = {
        "ns_per_bar": round(value, 2),
        "whole_ns_per_bar": round(timed(lambda: test(known, Stream(bound))) * scale, 2),
        "command_ms": round(asyncio.run(command_ms(bars, spec)), 1),
        "first_ns_per_bar": round(timed(first) * scale, 2),
        "decide_ns": round(timed(decided) * scale, 2),
        "checks_and_fingerprint_ns": round(timed(lambda: bar_data(SYMBOL, "1m", bars)) * scale, 2),
        "simulate_and_figures_ns": round(timed(lambda: test(known, decisions)) * scale, 2),
        "bars": len(bars),
        "trades": int(result.metrics["trades"]) if "trades" in result.metrics else -1,
        "strategy": STRATEGY,
        "data": source,
    }
    return report("backtest", value, figures, PEERS)
