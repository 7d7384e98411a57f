"""A kept walk-forward judged by other limits, and one of its windows as a back-test with its trades."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import numpy as np

from engine.contracts.backtests import BacktestResult
from engine.contracts.errors import BadInput
from engine.contracts.markets import market, split_symbol
from engine.contracts.robustness import Evidence, Limits, Verdict
from engine.contracts.walk_views import GetFold, Judged, JudgeWalkForward
from engine.contracts.walkforward import WalkResult, WalkSummary
from engine.runtime.kept import Report, TaskContext
from engine.runtime.tasks_backtest import backtest
from engine.runtime.tasks_walk_more import fold_spec
from engine.runtime.worker_wire import FoldTask, JudgeTask
from engine.walkforward.judge import evidence_of
from engine.walkforward.statistics import sharpe_facts
from engine.walkforward.verdict import checked_limits, judge

NAN = float("nan")


def perform(
    task: JudgeTask | FoldTask, context: TaskContext, report: Report, stopped: Callable[[], bool]
) -> Judged | BacktestResult:
    """A worker's task."""
    return judge_anew(task.ask, context) if isinstance(task, JudgeTask) else fold(task.ask, context, report, stopped)


def judge_anew(ask: JudgeWalkForward, context: TaskContext) -> Judged:
    """Every strategy that is done, by other limits."""
    checked_limits(ask.limits)
    store = context.state.walkforwards
    result = store.result(ask.job)
    days = market(split_symbol(result.spec.symbol)[0]).days_per_year
    found = {walk.summary.strategy: walk for walk in store.walks(ask.job)}
    order = {row.strategy: place for place, row in enumerate(result.rows)}
    rows: list[WalkSummary] = []
    verdicts: dict[str, Verdict] = {}
    for name in sorted(found, key=lambda n: (order.get(n, len(order)), n)):
        walk = found[name]
        if not walk.summary.error:
            said = _judged(walk, ask.limits, days)
            summary = msgspec.structs.replace(walk.summary, passed=said.passed, level=said.level, words=said.words)
            walk = msgspec.structs.replace(walk, summary=summary)
            if name in ask.strategies:
                verdicts[name] = said
        rows.append(walk.summary)
    return Judged(job=ask.job, limits=ask.limits, rows=rows, verdicts=verdicts)


def _judged(walk: WalkResult, limits: Limits, days_per_year: int) -> Verdict:
    """By the figures that were kept: a ledger that has grown since does not change them."""
    figures = walk.summary.metrics
    facts = sharpe_facts(
        np.frombuffer(walk.returns, "<f8"),
        days_per_year,
        trials=int(figures.get("trials", 1.0)),
        effective=figures.get("trials_effective"),
        trial_days=int(figures["whole_days"]),
    )
    kept = {name: figures[name] for name in ("psr", "dsr", "dsr_effective", "luck") if name in figures}
    evidence: Evidence = evidence_of(walk, msgspec.structs.replace(facts, **kept))
    return judge(evidence, limits)


def fold(ask: GetFold, context: TaskContext, report: Report, stopped: Callable[[], bool]) -> BacktestResult:
    """The trades that one window of the walk-forward stands on."""
    store = context.state.walkforwards
    result, walk = store.result(ask.job), store.walk(ask.job, ask.strategy)
    if not 0 <= ask.fold < len(walk.folds):
        raise BadInput(
            f"There is no window {ask.fold + 1} of {ask.strategy}; there are {len(walk.folds)}.", where=ask.job
        )
    chosen = walk.folds[ask.fold]
    if chosen.chosen < 0:
        raise BadInput(
            f"No parameter set was chosen in window {ask.fold + 1}: its test stayed in cash.", where=ask.strategy
        )
    return backtest(fold_spec(result, walk, chosen), context, report, stopped)
