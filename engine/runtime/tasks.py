"""What worker processes (and the command line without an engine) do: back-tests, imports, chart reads, SQL."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np

from engine import __version__
from engine.backtest.costs import known_rates
from engine.backtest.data import BarData, bar_data
from engine.backtest.run import run_backtest
from engine.candles.minutes import aggregate
from engine.clock import SYSTEM_CLOCK, iso
from engine.contracts.backtests import BacktestResult, BacktestSpec
from engine.contracts.commands import Candles, DataList, Ok, SqlResult
from engine.contracts.dtypes import PRICE_COLUMNS
from engine.contracts.errors import BadInput
from engine.contracts.markets import market, split_symbol
from engine.contracts.timeframes import timeframe_ms
from engine.rules.strategy import Bound
from engine.runtime import tasks_data, tasks_reports
from engine.runtime.checks import check_strategies
from engine.runtime.kept import Report, TaskContext, all_minutes
from engine.runtime.known import known_of
from engine.runtime.strategies import day_of, every, strategy
from engine.runtime.tasks_walkforward import perform_walk
from engine.runtime.why import why
from engine.runtime.worker_wire import (
    AnyTask,
    BacktestTask,
    ChartTask,
    CheckTask,
    CompactTask,
    DataTask,
    EstimateTask,
    ListTask,
    SqlTask,
    WalkTask,
    WhyTask,
)
from engine.signals.history import Stream
from engine.store.query import chart_bars, sql
from engine.store.recent import history

Stopped = Callable[[], bool]


def perform(
    task: AnyTask, context: TaskContext, report: Report, stopped: Stopped, part: Callable[[Any], None] = lambda _: None
) -> Any:
    """Do one task; returns its reply type. part: told what is done of it before. Raises PyroError, BadInput or
    Cancelled."""
    if isinstance(task, BacktestTask):
        return backtest(task.spec, context, report, stopped)
    if isinstance(task, DataTask):
        return tasks_data.perform(task, context, report, stopped)
    if isinstance(task, ChartTask):
        return chart(task, context)
    if isinstance(task, WhyTask):
        return why(task.ask, context)
    if isinstance(task, CheckTask):
        return check_strategies([strategy(s) for s in task.strategies] or every(), SYSTEM_CLOCK, progress=report)
    if isinstance(task, SqlTask):
        return query(task.query, task.limit, context)
    if isinstance(task, tasks_reports.ReportTasks):
        return tasks_reports.perform(task, context)
    if isinstance(task, ListTask):
        return DataList(series=list(context.lake.list()))
    if isinstance(task, WalkTask | EstimateTask):
        return perform_walk(task, context, report, stopped, part)
    if isinstance(task, CompactTask):
        context.lake.compact(task.symbol, task.timeframe)
        return Ok()
    raise BadInput(f"{type(task).__name__} is not a task for a worker")


def query(text: str, limit: int, context: TaskContext, timeout_s: float = 30.0) -> SqlResult:
    return sql(context.lake, context.state, text, limit=limit, timeout_s=timeout_s)


def backtest(spec: BacktestSpec, context: TaskContext, report: Report, stopped: Stopped) -> BacktestResult:
    """One run over what lake and state hold; indicators warm from all earlier bars.

    The same function serves the window, the command line and tests, so their trade hashes are equal.
    """
    if spec.from_ms is not None and spec.to_ms is not None and spec.from_ms >= spec.to_ms:
        raise BadInput(
            f"the range from {iso(spec.from_ms)} to {iso(spec.to_ms)} is empty.", fix="The end must be after the start."
        )
    symbol = context.resolve(spec.symbol)
    bound = _bound(spec, symbol)
    length = timeframe_ms(spec.timeframe)
    minutes = all_minutes(context, symbol)
    if not len(minutes):
        return _backtest_native(spec, symbol, context, report, stopped)
    # everything after the window's end is out of sight, down to the bar that would still be forming there
    if spec.to_ms is not None:
        first = int(minutes["ts"][0])
        minutes = minutes[: np.searchsorted(minutes["ts"], spec.to_ms)]
        if not len(minutes):
            raise BadInput(
                f"There are no candles before {iso(spec.to_ms)}.",
                where=symbol,
                fix=f"They begin at {iso(first)}: choose a later range, or import older ones.",
            )
    bars = aggregate(minutes, spec.timeframe)
    if length != 60_000 and len(bars):
        minutes = minutes[: np.searchsorted(minutes["ts"], int(bars["ts"][-1]) + length)]
    report(0.1)
    data = bar_data(symbol, spec.timeframe, bars, minutes)
    return _run(spec, symbol, bound, data, context, lambda f: report(0.1 + 0.9 * f), stopped)


def _run(
    spec: BacktestSpec,
    symbol: str,
    bound: Bound,
    data: BarData,
    context: TaskContext,
    progress: Callable[[float], None],
    stopped: Stopped,
) -> BacktestResult:
    """With all that the stores know of the symbol; the rules read the same funding that positions pay."""
    instrument = context.instrument(symbol, data.bars)
    known = known_of(context, spec, data, instrument)
    rates = None
    if known.funding is not None:
        rates = known_rates(known.funding, data.bars, timeframe_ms(spec.timeframe))
    return run_backtest(
        msgspec.structs.replace(spec, symbol=symbol, params=dict(bound.params)),
        data=data,
        decisions=Stream(bound, rates),
        instrument=instrument,
        market=market(split_symbol(symbol)[0]),
        strategy_text=bound.strategy.text(),
        code_version=__version__,
        clock=SYSTEM_CLOCK,
        warmup=bound.warmup,
        known=known,
        progress=progress,
        cancelled=stopped,
    )


def _bound(spec: BacktestSpec, symbol: str) -> Bound:
    day = day_of(market(split_symbol(symbol)[0]))
    return strategy(spec.strategy).bind(spec.params, spec.timeframe, day)


def _backtest_native(
    spec: BacktestSpec, symbol: str, context: TaskContext, report: Report, stopped: Stopped
) -> BacktestResult:
    """A symbol of which only higher bars were imported: stops are resolved on those, and the result says so."""
    bars = history(context.state, context.lake, symbol, spec.timeframe, to_ms=spec.to_ms)
    if not len(bars):
        have = sorted({t for s, t in context.lake.names() if s == symbol})
        raise BadInput(
            f"there are no 1-minute or {spec.timeframe} bars of {symbol}.",
            fix=f"It has {', '.join(have)}."
            if have
            else "Import some: pyroquant data import FILE --symbol MARKET:NAME",
        )
    data = bar_data(symbol, spec.timeframe, bars, None)
    return _run(spec, symbol, _bound(spec, symbol), data, context, report, stopped)


def chart(task: ChartTask, context: TaskContext) -> Candles:
    """Final bars as asked; timeframes that are not stored are aggregated from the minutes."""
    length = timeframe_ms(task.timeframe)
    if task.timeframe == "1m":
        bars, more = chart_bars(
            context.state, context.lake, task.symbol, "1m", task.limit, task.before_ms, task.from_ms
        )
    else:
        factor = length // 60_000
        before = None if task.before_ms is None else task.before_ms - task.before_ms % length
        start = None if task.from_ms is None else task.from_ms - task.from_ms % length
        minutes, more = chart_bars(
            context.state, context.lake, task.symbol, "1m", (task.limit + 1) * factor, before, start
        )
        bars = aggregate(minutes, task.timeframe)
        if len(bars) and bars["ts"][0] < minutes["ts"][0]:
            bars = bars[1:]
        more = more or len(bars) > task.limit
        bars = bars[: task.limit] if task.from_ms is not None else bars[-task.limit :]
        if not len(bars):
            bars, more = chart_bars(
                context.state, context.lake, task.symbol, task.timeframe, task.limit, task.before_ms, task.from_ms
            )
    assert set(PRICE_COLUMNS) <= set(bars.dtype.names or ())
    return Candles(symbol=task.symbol, timeframe=task.timeframe, bars=np.ascontiguousarray(bars).tobytes(), more=more)
