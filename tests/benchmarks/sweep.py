"""Every lane with new prices: the candle book takes them and the pipeline previews all strategies and a bank.

The strategies are all built-in ones, on all four timeframes; the bank is ten periodic indicators x 16 periods, each
output with a comparison behind it that is never true, so that it is computed whether a strategy needs it or not.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from engine.clock import SYSTEM_CLOCK
from engine.contracts.dtypes import CANDLE_DTYPE, KLINE_RUNNING, TICK_DTYPE
from engine.contracts.instruments import Instrument
from engine.contracts.timeframes import timeframe_ms
from engine.indicators.bank import bank
from engine.indicators.graph import Node
from engine.rules import api
from engine.rules.expressions import Expression
from engine.rules.machine import bar_columns
from engine.rules.preview import one_by_one
from engine.rules.program import _order
from engine.rules.strategy import Strategy, StrategyProgram
from engine.runtime.core import MarketCore
from engine.runtime.side_by_side import SideBySide
from engine.runtime.strategies import built_in, market_programs
from engine.signals.pipeline import Pipeline
from tests.benchmarks.harness import report

ROWS, TIMEFRAMES, HISTORY, RUNS = 1_024, ("1m", "5m", "15m", "1h"), 7_200, 200
SIZES = (256, 512, 1_024, 2_048, 4_096)
START_MS = 1_790_000_000_000 // 3_600_000 * 3_600_000
PERIODS = (2, 3, 5, 7, 9, 11, 14, 17, 21, 25, 30, 40, 50, 75, 100, 200)
BANK = ("SMA", "EMA", "RSI", "ATR", "ROC", "WILLR", "STDEV", "CMF", "ADX", "DONCHIAN")
#: series that are made; more rows get the state of one of them, and prices of their own
SERIES = 32


def bank_strategies() -> list[Strategy]:
    """One an indicator and period of the bank: its outputs against a level that they never reach."""
    return [
        Strategy(
            id=f"bank_{name.lower()}_{n}",
            title=f"{name}({n})",
            family="bank",
            idea="Keeps the bank computed.",
            source="benchmark",
            timeframe="1m",
            direction="long",
            long_entry=_any([out > 1e15 for out in _outputs(name, n)]),
            stop=1,
        )
        for name in BANK
        for n in PERIODS
        if bank([name], [n])
    ]


def _outputs(name: str, n: int) -> list[Any]:
    call = getattr(api, name)(n)
    outputs = sorted({key[2] for key in bank([name], [n])})
    return [call if outputs == ["value"] else getattr(call, output) for output in outputs]


def _any(parts: list[Any]) -> Expression:
    while len(parts) > 1:
        parts = [parts[k] | parts[k + 1] if k + 1 < len(parts) else parts[k] for k in range(0, len(parts), 2)]
    return parts[0]


def _walk(seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    bars = np.zeros(HISTORY, CANDLE_DTYPE)
    bars["ts"] = START_MS + np.arange(-HISTORY, 0) * 60_000
    close = np.round(100 * np.exp(np.cumsum(rng.normal(0, 5e-4, HISTORY))), 3)
    bars["close"], bars["open"] = close, np.r_[close[:1], close[:-1]]
    above, below = np.round(rng.random((2, HISTORY)) * 0.05, 3)
    bars["high"] = np.maximum(bars["open"], close) + above
    bars["low"] = np.minimum(bars["open"], close) - below
    bars["volume"] = np.round(rng.random(HISTORY) * 20, 1)
    return bars


def _older(minutes: np.ndarray, timeframe: str) -> np.ndarray:
    """Bars of a higher timeframe before the minutes, so that its lanes are as full as those of the lowest."""
    length = timeframe_ms(timeframe)
    older = minutes.copy()
    older["ts"] = int(minutes["ts"][0]) // length * length + np.arange(-len(minutes), 0) * length
    return older


def warm_core(programs: list[StrategyProgram], rows: int, each: Callable[..., None]) -> tuple[MarketCore, np.ndarray]:
    """A core whose lanes are warm, and the last closes."""
    names = [f"S{k}USDT" for k in range(rows)]
    listed = [
        Instrument(market="binance-spot", name=n, base=n[:-4], quote="USDT", tick_size=0.001, lot_size=0.1)
        for n in names
    ]

    def server_ms() -> int:
        return SYSTEM_CLOCK.now_ns() // 1_000_000

    core = MarketCore(listed, TIMEFRAMES, programs, SYSTEM_CLOCK, server_ms, each=each)
    closes = np.empty(rows)
    for row in range(rows):
        minutes = _walk(row % SERIES)
        closes[row] = minutes["close"][-1]
        if row < SERIES:
            core.warm(row, minutes, {t: _older(minutes, t) for t in TIMEFRAMES[1:]})
        else:
            core.book.seed(row, minutes)
    copy_lanes(core.pipeline, rows)
    return core, closes


def copy_lanes(pipeline: Pipeline, rows: int) -> None:
    """The rows from SERIES on get the state of the first ones."""
    to = np.arange(SERIES, rows)
    count = len(pipeline.timeframes)
    for machine in pipeline.machines:
        machine.state()[:, to] = machine.state()[:, to % SERIES]
        machine.bars_seen[to] = machine.bars_seen[to % SERIES]
    lanes = np.arange(SERIES * count, rows * count)
    for column in (pipeline.active, pipeline.last_ts):
        column[lanes] = column[lanes % (SERIES * count)]


def _ticks(price: np.ndarray, run: int) -> np.ndarray:
    ticks = np.zeros(len(price), TICK_DTYPE)
    ticks["row"], ticks["kind"], ticks["ts"] = np.arange(len(price)), KLINE_RUNNING, START_MS
    for column in ("open", "high", "low", "close"):
        ticks[column] = price
    ticks["volume"], ticks["first_id"], ticks["last_id"], ticks["n"] = run + 1, 1, run + 1, run + 1
    ticks["event_ms"], ticks["recv_ns"] = START_MS + run, SYSTEM_CLOCK.now_ns()
    return ticks


def _running(price: np.ndarray) -> np.ndarray:
    """Running bars of all lanes of these rows."""
    bars = np.zeros(len(price) * len(TIMEFRAMES), CANDLE_DTYPE)
    bars["ts"] = START_MS
    for column in ("open", "high", "low", "close"):
        bars[column] = np.repeat(price, len(TIMEFRAMES))
    bars["volume"] = 5.0
    return bars


class Timed(NamedTuple):
    median_ms: float
    p99_ms: float


def _timed(work: Callable[[int], Any], runs: int = RUNS) -> Timed:
    taken = []
    for k in range(runs + 10):
        began = SYSTEM_CLOCK.monotonic_ns()
        work(k)
        taken.append((SYSTEM_CLOCK.monotonic_ns() - began) / 1e6)
    return Timed(round(statistics.median(taken[10:]), 3), round(float(np.percentile(taken[10:], 99)), 3))


def _swept(core: MarketCore, price: np.ndarray, first: int = 0) -> tuple[Timed, int]:
    """A whole sweep: apply, preview, edges and messages; and the signals that there were. first: number of the first
    update, later than all before."""
    rng = np.random.default_rng(4)
    batches = [_ticks(np.round(price * (1 + rng.normal(0, 1e-4, len(price))), 3), first + k) for k in range(RUNS + 10)]
    signals: list[int] = []
    timed = _timed(lambda k: signals.append(len(core.sweep(batches[k]).signals)))
    return timed, sum(signals)


def _previewed(pipeline: Pipeline, price: np.ndarray, runs: int = 60) -> Timed:
    """The preview of all lanes alone."""
    rng = np.random.default_rng(5)
    lanes = np.arange(len(price) * len(TIMEFRAMES))
    stamps = np.zeros(len(lanes), np.int64)
    some = [_running(np.round(price * (1 + rng.normal(0, 1e-4, len(price))), 3)) for _ in range(8)]
    return _timed(lambda k: pipeline.preview(lanes, some[k % 8], stamps, stamps), runs)


def _equal(pipeline: Pipeline, price: np.ndarray) -> tuple[bool, int]:
    """Whether the previews of random lanes are those of the machine without operands; and how many are true."""
    rng, count, true = np.random.default_rng(6), len(TIMEFRAMES), 0
    bars = _running(np.round(price * (1 + rng.normal(0, 1e-3, len(price))), 3))
    for tf, preview in enumerate(pipeline.previews):
        rows = np.sort(rng.choice(len(price), min(100, len(price)), replace=False))
        chosen = bars[rows * count + tf]
        at, columns = chosen["ts"] // pipeline.lengths[tf], bar_columns(chosen, pipeline.funding[rows])
        preview.set_given(rows)
        preview.run(rows, at, columns)
        expected, _ = pipeline.machines[tf].run(rows, at[:, None], columns[:, :, None], commit=False)
        if not np.array_equal(preview.given(rows), expected[:, :, 0]):
            return False, true
        true += int(expected.sum())
    return True, true


def _bar_work(pipeline: Pipeline, price: np.ndarray) -> tuple[float, float]:
    """ms once a bar for all lanes of all timeframes at once: operands, commit."""
    rows, prepared, committed = np.arange(len(price)), [], []
    for turn in range(5):
        began = SYSTEM_CLOCK.monotonic_ns()
        for tf, preview in enumerate(pipeline.previews):
            preview.prepare(rows, np.full(len(rows), START_MS // pipeline.lengths[tf] + turn))
        prepared.append((SYSTEM_CLOCK.monotonic_ns() - began) / 1e6)
        columns = bar_columns(_running(price)[:: len(TIMEFRAMES)])[:, :, None]
        began = SYSTEM_CLOCK.monotonic_ns()
        for tf, machine in enumerate(pipeline.machines):
            at = np.full((len(rows), 1), START_MS // pipeline.lengths[tf] + turn)
            machine.run(None, at, columns, commit=True)
        committed.append((SYSTEM_CLOCK.monotonic_ns() - began) / 1e6)
    return round(statistics.median(prepared), 2), round(statistics.median(committed), 2)


def _operations(programs: list[StrategyProgram], pipeline: Pipeline) -> dict[str, Any]:
    """Of the first timeframe: before sharing (each strategy alone), after, and what a preview still has to do."""
    alone = [_count(list(b.conditions)) for b in programs[0].bounds]
    preview = pipeline.previews[0].program
    return {
        "strategies": sum(b.strategy.family != "bank" for b in programs[0].bounds),
        "bank": f"{len(BANK)} x {len(PERIODS)}",
        "operations_before_sharing": sum(alone),
        "operations_after_sharing": _count([c for b in programs[0].bounds for c in b.conditions]),
        "operations_of_a_preview": len(preview.code),
        "conditions": len(preview.outputs),
        "operands": preview.operands,
        "bytes_a_lane": {
            "state": pipeline.machines[0].program.n_state * 8,
            "operands": round(sum(p.nbytes for p in pipeline.previews) / pipeline.lanes),
        },
    }


def _count(roots: list[Node]) -> int:
    return sum(bool(node.args) or bool(node.params and not node.is_const) for node in _order(roots))


def run() -> dict[str, Any]:
    """value: median ms of one sweep on both cores: apply, preview, edges and messages."""
    programs = market_programs([*built_in(), *bank_strategies()], TIMEFRAMES)
    threads = SideBySide(1, "sweep")
    figures: dict[str, Any] = {}
    core, price = warm_core(programs, ROWS, threads)
    value, signals = _swept(core, price)
    equal, true = _equal(core.pipeline, price)
    figures |= {"median_ms": value.median_ms, "p99_ms": value.p99_ms, "lanes": core.pipeline.lanes, "signals": signals}
    figures |= {"equal_to_the_machine_on_random_lanes": equal, "true_there": true}
    figures |= {"still_warming": int(core.pipeline.warming().sum())} | _operations(programs, core.pipeline)
    core.pipeline.run_with(one_by_one)
    figures["one_core_ms"] = _swept(core, price, RUNS + 10)[0].median_ms
    for rows in SIZES:
        pipeline = core.pipeline if rows == ROWS else warm_core(programs, rows, one_by_one)[0].pipeline
        some = np.resize(price, rows)
        for name, each in (("one_core", one_by_one), ("two_cores", threads)):
            pipeline.run_with(each)
            figures[f"preview_{rows}_symbols_{name}_ms"] = _previewed(pipeline, some).median_ms
        del pipeline
    figures["prepare_all_ms"], figures["commit_all_ms"] = _bar_work(core.pipeline, price)
    threads.shutdown()
    if not equal:
        raise AssertionError("a preview differs from the machine")
    return report("sweep", value.median_ms, figures, "FerroQuant's published figure for signals: 100 ms")
