"""What worker processes (and the command line without an engine) do: back-tests, imports, chart reads, SQL.

What a kind of task needs is loaded with its first: the process that reads for charts must answer soon after its start.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from engine.candles.minutes import aggregate
from engine.clock import SYSTEM_CLOCK
from engine.contracts.backtests import BacktestResult, BacktestSpec
from engine.contracts.commands import Candles, DataList, Ok, SqlResult
from engine.contracts.dtypes import PRICE_COLUMNS
from engine.contracts.errors import BadInput
from engine.contracts.timeframes import timeframe_ms
from engine.runtime.kept import Report, TaskContext
from engine.runtime.strategies import every, strategy
from engine.runtime.worker_wire import (
    AnyTask,
    BacktestTask,
    ChartTask,
    CheckTask,
    CompactTask,
    CompareTask,
    CoverageTask,
    DataTask,
    EstimateTask,
    ExportRunTask,
    FoldTask,
    HistoryTask,
    JudgeTask,
    KernelsTask,
    ListTask,
    MatrixTask,
    MonteCarloTask,
    ParityTask,
    PeekTask,
    PortfolioTask,
    ReplayTask,
    ReportTask,
    SqlTask,
    StudyTask,
    WalkPageTask,
    WalkTask,
    WhyTask,
)
from engine.store.chart_bars import chart_bars

Stopped = Callable[[], bool]


def perform(
    task: AnyTask, context: TaskContext, report: Report, stopped: Stopped, part: Callable[[Any], None] = lambda _: None
) -> Any:
    """Do one task; returns its reply type. part: told what is done of it before. Raises PyroError, BadInput or
    Cancelled."""
    if isinstance(task, ChartTask):
        return chart(task, context)
    if isinstance(task, HistoryTask):
        from engine.runtime.chart_files import whole_history

        return whole_history(task, context, stopped)
    if isinstance(task, StudyTask):
        from engine.runtime import study

        return study.perform(task.ask, context, stopped)
    if isinstance(task, ListTask):
        return DataList(series=list(context.lake.list()))
    if isinstance(task, CompactTask):
        context.lake.compact(task.symbol, task.timeframe)
        return Ok()
    if isinstance(task, SqlTask):
        return query(task.query, task.limit, context, task.timeout_s, stopped)
    if isinstance(task, WhyTask):
        from engine.runtime.why import why

        return why(task.ask, context)
    if isinstance(task, BacktestTask):
        return backtest(task.spec, context, report, stopped)
    if isinstance(task, PortfolioTask):
        from engine.runtime.tasks_portfolio import portfolio

        return portfolio(task.spec, context, report, stopped)
    if isinstance(task, ReportTask | CompareTask | ExportRunTask):
        from engine.runtime import tasks_reports

        return tasks_reports.perform(task, context)
    if isinstance(task, DataTask | CoverageTask | PeekTask):
        return _data(task, context, report, stopped)
    return _rarely(task, context, report, stopped, part)


def _data(task: DataTask | CoverageTask | PeekTask, context: TaskContext, report: Report, stopped: Stopped) -> Any:
    from engine.runtime import tasks_data

    if isinstance(task, CoverageTask):
        return tasks_data.map_of_lake(context, stopped)
    if isinstance(task, PeekTask):
        return tasks_data.peek_file(task.ask)
    return tasks_data.perform(task, context, report, stopped)


def _rarely(task: AnyTask, context: TaskContext, report: Report, stopped: Stopped, part: Callable[[Any], None]) -> Any:
    """Walk-forwards, checks and replays, which take long anyway."""
    from engine.runtime import tasks_replay, tasks_walk_more, tasks_walk_views

    if isinstance(task, WalkTask | EstimateTask):
        from engine.runtime.tasks_walkforward import perform_walk

        return perform_walk(task, context, report, stopped, part)
    if isinstance(task, MonteCarloTask):
        return tasks_walk_more.monte_carlo(task.ask, context, report, stopped)
    if isinstance(task, MatrixTask):
        return tasks_walk_more.matrix(task.ask, context, report, stopped)
    if isinstance(task, WalkPageTask):
        return tasks_walk_more.write_page(task.ask, context)
    if isinstance(task, JudgeTask | FoldTask):
        return tasks_walk_views.perform(task, context, report, stopped)
    if isinstance(task, KernelsTask):
        from engine.runtime.research_kernels import load_quietly

        return load_quietly()
    if isinstance(task, CheckTask):
        from engine.runtime.checks import check_strategies

        return check_strategies([strategy(s) for s in task.strategies] or every(), SYSTEM_CLOCK, progress=report)
    if isinstance(task, ParityTask):
        from engine.runtime.parity import compare

        tasks_replay.give_way()
        return compare(context, task.ask, task.timeframes, SYSTEM_CLOCK, report, stopped)
    if isinstance(task, ReplayTask):
        return tasks_replay.perform(task, context)
    raise BadInput(f"{type(task).__name__} is not a task for a worker")


def backtest(spec: BacktestSpec, context: TaskContext, report: Report, stopped: Stopped) -> BacktestResult:
    from engine.runtime import tasks_backtest

    return tasks_backtest.backtest(spec, context, report, stopped)


def query(
    text: str, limit: int, context: TaskContext, timeout_s: float = 30.0, stopped: Stopped = lambda: False
) -> SqlResult:
    from engine.store.query import sql

    return sql(context.lake, context.state, text, limit=limit, timeout_s=timeout_s, stopped=stopped)


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
