"""A closer look at one strategy of a walk-forward: Monte Carlo, lengths of train and test, the page to print."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np

from engine.backtest.data import bar_data
from engine.contracts.backtests import BacktestSpec
from engine.contracts.commands_base import Ok
from engine.contracts.dtypes import TRADE_DTYPE
from engine.contracts.errors import BadInput, Cancelled, PyroError
from engine.contracts.robustness import MonteCarloFan
from engine.contracts.timeframes import timeframe_ms
from engine.contracts.walkforward import (
    FoldResult,
    GetMonteCarlo,
    GetWalkMatrix,
    GetWalkPage,
    MatrixCell,
    WalkForwardResult,
    WalkMatrix,
    WalkResult,
)
from engine.runtime import walk_jobs
from engine.runtime.kept import TaskContext
from engine.runtime.strategies import strategy
from engine.runtime.tasks_backtest import backtest
from engine.runtime.tasks_walkforward import jobs_of
from engine.store.files import publish
from engine.walkforward.montecarlo import bootstrap_fan, candle_paths, fan_of_runs, trade_fan
from engine.walkforward.report import Extras, page
from engine.walkforward.run import Ground, Walked, walk_strategy
from engine.walkforward.sets import sets_to_try
from engine.walkforward.windows import cut

Stopped = Callable[[], bool]
#: walks on made-up candles at most, and the mean length of a block of them, ms
MOST_CANDLE_PATHS, BLOCK_MS = 200, 5 * 86_400_000
#: strategies of a page that names none, and paths of its fans
PAGE_WALKS, PAGE_PATHS = 10, 1_000


def monte_carlo(
    ask: GetMonteCarlo, context: TaskContext, report: Callable[[float], None], stopped: Stopped
) -> MonteCarloFan:
    """The fan that is asked for; the same seed gives the same fan."""
    store = context.state.walkforwards
    result, walk = store.result(ask.job), store.walk(ask.job, ask.strategy)
    if walk.summary.error:
        raise BadInput(f"the walk of {ask.strategy} failed: {walk.summary.error}", where=ask.job)
    if ask.kind == "bootstrap":
        return bootstrap_fan(np.frombuffer(walk.returns, "<f8"), ask.paths, seed=ask.seed, cancelled=stopped)
    if ask.kind == "candles":
        return _on_other_candles(result, walk, ask, context, report, stopped)
    return trade_fan(
        gains(result, walk, context, report, stopped), ask.paths, seed=ask.seed, kind=ask.kind, cancelled=stopped
    )


def gains(
    result: WalkForwardResult,
    walk: WalkResult,
    context: TaskContext,
    report: Callable[[float], None],
    stopped: Stopped,
) -> np.ndarray:
    """float64[trades]: each trade out of sample as a fraction of the equity before it."""
    parts = [np.empty(0)]
    folds = [fold for fold in walk.folds if fold.chosen >= 0]
    for number, fold in enumerate(folds):
        made = backtest(fold_spec(result, walk, fold), context, lambda *_: None, stopped)
        pnl = np.frombuffer(made.trades, TRADE_DTYPE)["pnl"].astype(np.float64)
        before = made.spec.sizing.cash + np.concatenate([[0.0], np.cumsum(pnl)[:-1]]) if len(pnl) else pnl
        parts.append(np.divide(pnl, before, out=np.full(len(pnl), -1.0), where=before > 0))
        report((number + 1) / len(folds))
    return np.concatenate(parts)


def fold_spec(result: WalkForwardResult, walk: WalkResult, fold: FoldResult) -> BacktestSpec:
    """The test part of a window as a back-test of its own: the trades that the walk-forward stands on."""
    return BacktestSpec(
        strategy=walk.summary.strategy,
        symbol=result.spec.symbol,
        timeframe=walk.summary.timeframe,
        from_ms=fold.test_from_ms,
        to_ms=fold.test_to_ms,
        params=fold.params,
        costs=result.spec.costs,
        sizing=result.spec.sizing,
        direction=result.spec.direction,
    )


def _on_other_candles(
    result: WalkForwardResult,
    walk: WalkResult,
    ask: GetMonteCarlo,
    context: TaskContext,
    report: Callable[[float], None],
    stopped: Stopped,
) -> MonteCarloFan:
    """The strategy walked forward anew on candles made of the real ones; stops are resolved on the bars themselves."""
    paths = min(ask.paths, MOST_CANDLE_PATHS)
    spec = msgspec.structs.replace(result.spec, timeframe=walk.summary.timeframe)
    (job,) = jobs_of(spec, [strategy(ask.strategy)], context)
    ground = walk_jobs.ground_of(job)
    step = timeframe_ms(ground.timeframe)
    curves = []
    made_up = candle_paths(ground.data.bars, step, paths, seed=ask.seed, block=max(BLOCK_MS / step, 1.0))
    for number, bars in enumerate(made_up):
        if stopped():
            raise Cancelled("the Monte Carlo was stopped", where=f"path {number} of {paths}")
        other = ground._replace(data=bar_data(result.spec.symbol, ground.timeframe, bars), rates=None)
        curves.append(_equity(_walked(ask.strategy, other, result).stitched))
        report((number + 1) / paths)
    real = _equity(np.frombuffer(walk.returns, "<f8"))
    days = min(len(real), *(len(c) for c in curves))
    return fan_of_runs(np.array([c[:days] for c in curves]), real[:days], seed=ask.seed, block=BLOCK_MS / step)


def _walked(strategy_id: str, ground: Ground, result: WalkForwardResult) -> Walked:
    chosen = strategy(strategy_id)
    return walk_strategy(chosen, sets_to_try(chosen, result.spec.search), ground, result.spec.search)


def _equity(returns: np.ndarray) -> np.ndarray:
    return np.concatenate([[1.0], np.cumprod(1.0 + returns)])


def matrix(ask: GetWalkMatrix, context: TaskContext, report: Callable[[float], None], stopped: Stopped) -> WalkMatrix:
    """Every pair of lengths; one that does not fit the range says why."""
    spec = msgspec.structs.replace(ask.spec, symbol=context.resolve(ask.spec.symbol))
    if len(spec.strategies) != 1:
        raise BadInput("a matrix is of one strategy.", where="walk-forward", fix="Name exactly one.")
    chosen = strategy(spec.strategies[0])
    (job,) = jobs_of(spec, [chosen], context)
    ground = walk_jobs.ground_of(job)
    ts = ground.data.bars["ts"]
    first = 0 if spec.from_ms is None else int(np.searchsorted(ts, spec.from_ms))
    cells: list[list[MatrixCell]] = []
    for train in ask.trains:
        row = []
        for test in ask.tests:
            if stopped():
                raise Cancelled("the matrix was stopped", where=chosen.id)
            lengths = msgspec.structs.replace(spec.windows, mode="advanced", train=train, test=test, step="")
            try:
                other = ground._replace(folds=cut(lengths, ts, first, len(ts), ground.market))
                walk_jobs.check_warmup(chosen, other)
                walked = walk_strategy(chosen, sets_to_try(chosen, spec.search), other, spec.search).walk
                summary = walked.summary
                row.append(MatrixCell(train=train, test=test, windows=summary.windows, metrics=summary.metrics))
            except Cancelled:
                raise
            except PyroError as error:
                row.append(MatrixCell(train=train, test=test, note=str(error)))
            report((len(cells) * len(ask.tests) + len(row)) / (len(ask.trains) * len(ask.tests)))
        cells.append(row)
    return WalkMatrix(
        strategy=chosen.id,
        symbol=spec.symbol,
        timeframe=ground.timeframe,
        trains=ask.trains,
        tests=ask.tests,
        cells=cells,
    )


def write_page(ask: GetWalkPage, context: TaskContext) -> Ok:
    """The walk-forward as one HTML page with the Monte Carlo of each strategy on it."""
    store = context.state.walkforwards
    result = store.result(ask.job)
    names = ask.strategies or [row.strategy for row in result.rows[:PAGE_WALKS]]
    walks = [store.walk(ask.job, name) for name in names]
    extras = {
        walk.summary.strategy: Extras(fans=[bootstrap_fan(np.frombuffer(walk.returns, "<f8"), PAGE_PATHS)])
        for walk in walks
        if not walk.summary.error
    }
    path = Path(ask.path).expanduser()
    publish(path, page(result, walks, extras).encode())
    return Ok(text=str(path))
